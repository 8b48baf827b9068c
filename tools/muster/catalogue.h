/* SPDX-License-Identifier: Apache-2.0
 *
 * catalogue.h - from the catalogue of Windows updates, as Microsoft Graph writes it, to rows for
 * the table of releases. */
#ifndef MST_TOOL_CATALOGUE_H
#define MST_TOOL_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

/* One update of Windows 11 24H2 or 25H2. */
typedef struct mst_tool_update {
    char date[11]; /* 2026-09-08 */
    char kb[16];   /* KB5124008 */
    long ubr;
    bool on_24h2, on_25h2, is_hotpatch, is_monthly, is_security;
} mst_tool_update;

typedef struct mst_tool_catalogue {
    mst_tool_update *list; /* by date, hotpatches first */
    size_t count, capacity;
    size_t left_out; /* revisions of other products and builds */
} mst_tool_catalogue;

/* Reads `path`: an answer of Graph, or the file that the source `autopatch` writes. What is no
 * catalogue, or lacks what a row needs, is reported. An exit code. */
int mst_tool_catalogue_read(mst_tool_catalogue *catalogue, const char *path);
void mst_tool_catalogue_free(mst_tool_catalogue *catalogue);

#endif
