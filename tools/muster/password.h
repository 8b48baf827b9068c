/* SPDX-License-Identifier: Apache-2.0
 *
 * password.h - passwords: asked for on a terminal without showing them, or the first line of
 * standard input where that is no terminal, so that scripts can give them. */
#ifndef MST_TOOL_PASSWORD_H
#define MST_TOOL_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define MST_TOOL_PASSWORD_BYTES 1024

/* Into `password` (MST_TOOL_PASSWORD_BYTES). `is_new`: asked for twice on a terminal, and may not
 * be empty. MST_TOOL_GOOD or reported. */
int mst_tool_ask_password(const char *what, bool is_new, char *password);

#endif
