/* SPDX-License-Identifier: Apache-2.0
 *
 * release_table.h - the CSV table of releases: its rows, and rows that a catalogue adds. */
#ifndef MST_TOOL_RELEASE_TABLE_H
#define MST_TOOL_RELEASE_TABLE_H

#include "catalogue.h"

typedef struct mst_tool_release {
    char *date, *kind, *kb, *ubr, *versions, *baseline;
} mst_tool_release;

typedef struct mst_tool_releases {
    char *text; /* the file as it was read */
    size_t len;
    char **columns;
    size_t column_count;
    mst_tool_release *rows; /* those of the file, then those that were added */
    size_t row_count, file_count, capacity;
} mst_tool_releases;

/* An exit code; what is wrong is reported. */
int mst_tool_releases_read(mst_tool_releases *releases, const char *path);
void mst_tool_releases_free(mst_tool_releases *releases);

/* Adds a row for each update that the table lacks, newer than its first row. An update that the
 * table has otherwise is reported, and the table is believed. Returns how many those are. */
size_t mst_tool_releases_add(mst_tool_releases *releases, const mst_tool_catalogue *catalogue);

/* One row as a line of the file, without the newline, to be freed. */
char *mst_tool_release_line(const mst_tool_releases *releases, const mst_tool_release *row);

#endif
