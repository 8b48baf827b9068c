/* SPDX-License-Identifier: Apache-2.0
 *
 * output.h - results on standard output: buffered, complete or reported.
 *
 * A write that fails (a full disk) is reported and ends the program with MST_TOOL_FAILED, so
 * callers need not look. A reader that went away (`| head`) ends the program quietly, as it ends
 * cat or grep: by SIGPIPE, or where the parent has that signal ignored, with MST_TOOL_FAILED. */
#ifndef MST_TOOL_OUTPUT_H
#define MST_TOOL_OUTPUT_H

#include <stddef.h>

void mst_tool_put(const char *text, size_t len);
void mst_tool_puts(const char *text);
void mst_tool_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mst_tool_flush(void);

/* A text that came from an image or from data, so that it cannot steer a terminal. */
void mst_tool_put_tame(const char *text, size_t len);
void mst_tool_puts_tame(const char *text);

/* A text as a JSON string, quotes included. */
void mst_tool_put_json(const char *text, size_t len);
/* A member of an object, "key":"text"; null where the text is NULL. */
void mst_tool_put_json_member(const char *key, const char *text);

#endif
