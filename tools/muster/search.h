/* SPDX-License-Identifier: Apache-2.0
 *
 * search.h - the folders in which the imports of one module are looked for (see rules.h). */
#ifndef MST_TOOL_SEARCH_H
#define MST_TOOL_SEARCH_H

#include <stddef.h>

#include "rules.h"

typedef struct mst_tool_folders {
    char **list;
    size_t count, capacity;
} mst_tool_folders;

/* `root` is the folder below which the module's own name fits, or NULL; it is taken over. */
void mst_tool_search_path(mst_tool_folders *folders, const mst_tool_search *search, char *root);
void mst_tool_free_search_path(mst_tool_folders *folders);

#endif
