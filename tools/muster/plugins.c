/* SPDX-License-Identifier: Apache-2.0
 *
 * plugins.c - folders of plugins as seen from this program, wherever both were moved to. */
#include "plugins.h"

#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "tool.h"

char **mst_tool_plugin_folders(void)
{
    static const char *const from_program[] = {MST_PLUGINS_FROM_PROGRAM, "plugins"};
    const size_t count = sizeof from_program / sizeof from_program[0];
    char **folders = mst_tool_resize(NULL, (count + 1) * sizeof *folders);
    char *program = mst_tool_whole_path("/proc/self/exe");
    size_t found = 0;
    if (program)
        *strrchr(program, '/') = '\0';
    for (size_t i = 0; program && i < count; i++) {
        char *path = mst_tool_format("%s/%s", program, from_program[i]);
        char *folder = mst_tool_whole_path(path);
        free(path);
        if (folder)
            folders[found++] = folder;
    }
    free(program);
    folders[found] = NULL;
    return folders;
}

void mst_tool_free_plugin_folders(char **folders)
{
    for (size_t i = 0; folders[i]; i++)
        free(folders[i]);
    free(folders);
}
