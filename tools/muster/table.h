/* SPDX-License-Identifier: Apache-2.0
 *
 * table.h - rows of aligned columns, shown block by block, so that a table of any length takes
 * constant memory; columns only ever grow from one block to the next.
 * On a terminal the table fits its width: optional columns are left out (if so, from the first
 * block on), the last column is cut, then the widest of the others. Elsewhere nothing is cut. */
#ifndef MST_TOOL_TABLE_H
#define MST_TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define MST_TOOL_TABLE_MAX_COLUMNS 8

typedef struct mst_tool_column {
    const char *title;
    size_t min_width; /* is not cut below; of the last column: what it should have at least */
    bool is_right;    /* aligned to the right, as numbers are */
    bool is_optional; /* left out where the terminal is narrow */
    bool is_left_out;
    size_t natural_width; /* of the widest cell so far */
    size_t width;         /* what it is given */
} mst_tool_column;

typedef struct mst_tool_table {
    mst_tool_column columns[MST_TOOL_TABLE_MAX_COLUMNS];
    size_t column_count;
    size_t width_limit; /* 0: none */
    size_t indent;
    bool has_color, has_titles, is_fixed;
    struct mst_tool_cell *cells; /* of the block not shown yet */
    size_t cell_count, cell_capacity;
    char *texts;
    size_t texts_len, texts_capacity;
} mst_tool_table;

/* Columns are added in order, then rows cell by cell. */
void mst_tool_table_begin(mst_tool_table *table, size_t indent, bool has_titles);
mst_tool_column *mst_tool_table_column(mst_tool_table *table, const char *title);
void mst_tool_table_cell(mst_tool_table *table, const char *text, size_t len, const char *color);
void mst_tool_table_text(mst_tool_table *table, const char *text);
void mst_tool_table_count(mst_tool_table *table, unsigned long long value);
size_t mst_tool_table_rows(const mst_tool_table *table); /* not shown yet */

/* Adds a row of another table, which has its columns only in number. */
void mst_tool_table_copy(mst_tool_table *table, const mst_tool_table *from, size_t row);
void mst_tool_table_clear(mst_tool_table *table); /* forgets the rows */

/* Shows the rows so far, below the titles if they are the first. */
void mst_tool_table_show(mst_tool_table *table);
/* Shows what is left and releases the memory. */
void mst_tool_table_end(mst_tool_table *table);

#endif
