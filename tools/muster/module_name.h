/* SPDX-License-Identifier: Apache-2.0
 *
 * module_name.h - what can be told about a rule file without compiling it: the name in its first
 * line, and the folder that the name hangs below. */
#ifndef MST_TOOL_MODULE_NAME_H
#define MST_TOOL_MODULE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The name after `module` at the start of a rule text, to be freed; NULL if there is none. */
char *mst_tool_module_name(const char *text, size_t len);

/* Module names that end in "_test" are rule tests. */
bool mst_tool_is_test(const char *module);

/* "windows.hotpatch" ends like "hotpatch" and like "windows.hotpatch". */
bool mst_tool_name_ends(const char *module, const char *end);

/* For rules/windows/hotpatch.muster and windows.hotpatch: "rules", to be freed; "" is the
 * current folder. NULL where the path does not end like the name. */
char *mst_tool_root_folder(const char *path, const char *module);

/* windows.hotpatch below "rules": "rules/windows/hotpatch.muster", to be freed. */
char *mst_tool_module_path(const char *folder, const char *module);

/* Whether a text could be a module's name: dotted words. */
bool mst_tool_is_module_name(const char *text);

#endif
