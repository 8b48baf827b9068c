/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.h - what depends on a terminal being there: width, colour, the progress line. */
#ifndef MST_TOOL_TERMINAL_H
#define MST_TOOL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MST_TOOL_RED "\033[31m"
#define MST_TOOL_GREEN "\033[32m"
#define MST_TOOL_YELLOW "\033[33m"
#define MST_TOOL_BOLD "\033[1m"
#define MST_TOOL_PLAIN "\033[0m"

/* Columns of standard output; 0 where it is no terminal and lines may be as long as they are. */
size_t mst_tool_width(void);

/* Whether to colour what goes to this file descriptor: a terminal that can, or anything where
 * CLICOLOR_FORCE is set; nothing where NO_COLOR is. */
bool mst_tool_wants_color(int fd);

/* Shows how far the work is and how fast it goes, on standard error, if that is a terminal and the
 * work has taken more than a second. `total` 0: unknown. Cheap enough to be called for every block
 * of work. */
void mst_tool_progress(uint64_t records, uint64_t bytes, uint64_t total_bytes);
/* The same for work that is counted: "120 of 1,000 changes". */
void mst_tool_progress_of(uint64_t done, uint64_t total, const char *things);
void mst_tool_progress_clear(void);

/* Columns that a UTF-8 text takes on a terminal. */
size_t mst_tool_text_width(const char *text, size_t len);
/* The length of the longest start of the text that takes at most `columns`. */
size_t mst_tool_text_fit(const char *text, size_t len, size_t columns);
/* Copies a text that came from data or rules so that it cannot steer a terminal: control and
 * bidirectional characters become '?', line ends and tabs a blank. `to` has room for `len`. */
size_t mst_tool_text_tame(char *to, const char *text, size_t len);

/* 1234567 as "1,234,567"; `text` has room for 32 bytes. Returns text. */
char *mst_tool_count_text(char *text, uint64_t value);

#endif
