/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - whole files in and out. What fails is said here, once, in one form:
 * "cannot open 'rules.muster': No such file or directory". */
#ifndef MST_TOOL_FILES_H
#define MST_TOOL_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* A larger rule file or image is refused: nobody writes one, and a wrong path may name a disk. */
#define MST_TOOL_FILE_MAX_BYTES ((size_t)64 << 20)

/* Opens a file to read; "-" is standard input. Below 0: reported. */
int mst_tool_open(const char *path);

/* Reads all of a file ("-": standard input) into memory to be freed, a zero byte behind it.
 * MST_TOOL_GOOD, or reported and MST_TOOL_FAILED. */
int mst_tool_read_file(const char *path, unsigned char **bytes, size_t *byte_count);

/* Is a read or write that has just failed to be tried again? It is if it was interrupted, or if
 * another program has set the pipe not to block: then this waits for `events`, as of poll(). */
bool mst_tool_try_again(int fd, short events);

/* Replaces a file in one step: readers see the old bytes or the new ones, never a part. */
int mst_tool_write_file(const char *path, const unsigned char *bytes, size_t byte_count);

bool mst_tool_is_folder(const char *path);
bool mst_tool_is_file(const char *path);    /* anything but a folder */
bool mst_tool_is_regular(const char *path); /* no device or pipe either */

/* The path from the root, links followed, to be freed; NULL where there is nothing. */
char *mst_tool_whole_path(const char *path);

/* The .muster files below a folder, in the order of their paths; entries that begin with a dot
 * and links to folders are left out. The list and its paths are to be freed. */
int mst_tool_list_rules(const char *folder, char ***paths, size_t *count);
void mst_tool_free_list(char **paths, size_t count);

#endif
