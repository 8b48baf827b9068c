/* SPDX-License-Identifier: Apache-2.0
 *
 * instant.h - instants as people write them on a command line and read them in a table. */
#ifndef MST_TOOL_INSTANT_H
#define MST_TOOL_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#define MST_TOOL_INSTANT_BYTES 32

/* "2026-08-15T00:00:00Z", with "+02:00" for the "Z", or "2026-08-15" for its first second (UTC).
 * Seconds since 1970, years 1 to 9999. */
bool mst_tool_read_instant(const char *text, int64_t *instant);

typedef enum mst_tool_instant_form {
    MST_TOOL_INSTANT_FULL,   /* 2026-08-15T00:00:00Z */
    MST_TOOL_INSTANT_MINUTE, /* 2026-08-15 00:00 */
    MST_TOOL_INSTANT_DAY,    /* 2026-08-15 */
} mst_tool_instant_form;

/* Writes to `text` (MST_TOOL_INSTANT_BYTES) and returns it; MST_NEVER is "never". Seconds or
 * hours that a form has no room for are dropped, so the result is early rather than late. */
char *mst_tool_instant_text(char *text, int64_t instant, mst_tool_instant_form form);

/* A member of a JSON object on standard output; MST_NEVER is null. */
void mst_tool_put_json_instant(const char *key, int64_t instant);

/* The machine's clock. */
int64_t mst_tool_clock(void);

#endif
