/* SPDX-License-Identifier: Apache-2.0
 *
 * plugins.h - where the plugins are that a name without a path means: installed, or built. */
#ifndef MST_TOOL_PLUGINS_H
#define MST_TOOL_PLUGINS_H

/* Folders, ended by NULL. */
char **mst_tool_plugin_folders(void);
void mst_tool_free_plugin_folders(char **folders);

#endif
