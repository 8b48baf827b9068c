/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.h - the parts of the agent source: reports of endpoints, files in a folder, into records
 * with the raw group `agent` of windows.from_agent. */
#ifndef MST_AGENT_AGENT_H
#define MST_AGENT_AGENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "muster_source.h"

#define AGENT_WHY_BYTES 256
#define AGENT_REPORT_MAX_BYTES ((size_t)MST_SOURCE_BATCH_MAX_BYTES)

/* agent_report.c: a report, JSON or text, as a record on one line, to be freed; NULL with why. The
 * bytes are changed. */
char *agent_report_read(char *bytes, size_t len, bool is_text, char why[AGENT_WHY_BYTES]);

/* agent_text.c: the parts of a text report, each a line at a time, into the members of `agent`.
 * False with why: no line of that part. */
bool agent_text_registry(json_t *agent, const char **group, char *line, char *why);
bool agent_text_device_guard(json_t *agent, char *line, char *why);
bool agent_text_dsregcmd(json_t *agent, char *line, char *why);
bool agent_text_update(json_t *agent, char *line, char *why);
/* Splits "Name : value", spaces around both taken off; false where it is none. */
bool agent_text_pair(char *line, char **name, char **value);

/* agent_folder.c: a file of the folder, as it was when it was read. */
struct agent_file {
    char name[256];
    ino_t inode;
    struct timespec changed;
};

/* Whether the name is one of a report: *.json or *.txt, not hidden. */
bool agent_folder_is_report(const char *name);
/* Reads a whole file, to be freed; NULL with why. */
char *agent_folder_read(const char *folder, const char *name, struct agent_file *file, size_t *len,
                        char why[AGENT_WHY_BYTES]);
/* Takes the file away, unless a newer one has its name by now. False with why. */
bool agent_folder_remove(const char *folder, const struct agent_file *file,
                         char why[AGENT_WHY_BYTES]);
/* Moves it to another folder, which is made. False with why. */
bool agent_folder_move(const char *folder, const char *name, const char *aside,
                       char why[AGENT_WHY_BYTES]);

#endif
