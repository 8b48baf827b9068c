/* SPDX-License-Identifier: Apache-2.0
 *
 * table.c - aligned columns. Cells are tamed when they come in: a device may not steer the
 * terminal of who looks at it. */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "terminal.h"
#include "tool.h"

#define GAP 2             /* blanks between columns */
#define ELLIPSIS "\u2026" /* one column wide */

struct mst_tool_cell {
    size_t start, len; /* in texts */
    size_t width;
    const char *color;
};

void mst_tool_table_begin(mst_tool_table *table, size_t indent, bool has_titles)
{
    *table = (mst_tool_table){
        .width_limit = mst_tool_width(),
        .indent = indent,
        .has_titles = has_titles,
        .has_color = mst_tool_wants_color(STDOUT_FILENO),
    };
}

mst_tool_column *mst_tool_table_column(mst_tool_table *table, const char *title)
{
    mst_tool_column *column = &table->columns[table->column_count++];
    *column = (mst_tool_column){.title = title, .min_width = SIZE_MAX};
    return column;
}

/* A cell at the end, with room for `len` bytes of text behind those of the others. */
static struct mst_tool_cell *add_cell(mst_tool_table *table, size_t len)
{
    while (table->texts_len + len > table->texts_capacity) {
        table->texts_capacity = table->texts_capacity > 0 ? table->texts_capacity * 2 : 4096;
        table->texts = mst_tool_resize(table->texts, table->texts_capacity);
    }
    table->cells =
        mst_tool_grow(table->cells, table->cell_count, &table->cell_capacity, sizeof *table->cells);
    return &table->cells[table->cell_count++];
}

void mst_tool_table_cell(mst_tool_table *table, const char *text, size_t len, const char *color)
{
    struct mst_tool_cell *cell = add_cell(table, len);
    char *kept = table->texts + table->texts_len;
    cell->start = table->texts_len;
    cell->len = mst_tool_text_tame(kept, text, len);
    cell->width = mst_tool_text_width(kept, cell->len);
    cell->color = color;
    table->texts_len += cell->len;
}

void mst_tool_table_copy(mst_tool_table *table, const mst_tool_table *from, size_t row)
{
    const struct mst_tool_cell *cells = from->cells + row * table->column_count;
    for (size_t c = 0; c < table->column_count; c++) {
        struct mst_tool_cell *cell = add_cell(table, cells[c].len);
        *cell = cells[c];
        cell->start = table->texts_len;
        if (cell->len > 0)
            memcpy(table->texts + cell->start, from->texts + cells[c].start, cell->len);
        table->texts_len += cell->len;
    }
}

void mst_tool_table_clear(mst_tool_table *table)
{
    table->cell_count = 0;
    table->texts_len = 0;
}

void mst_tool_table_text(mst_tool_table *table, const char *text)
{
    mst_tool_table_cell(table, text, strlen(text), NULL);
}

void mst_tool_table_count(mst_tool_table *table, unsigned long long value)
{
    char text[32];
    mst_tool_table_text(table, mst_tool_count_text(text, value));
}

size_t mst_tool_table_rows(const mst_tool_table *table)
{
    return table->cell_count / table->column_count;
}

/* ---- widths ------------------------------------------------------------------------------ */

static void measure_columns(mst_tool_table *table)
{
    for (size_t c = 0; c < table->column_count; c++) {
        mst_tool_column *column = &table->columns[c];
        size_t widest = table->has_titles ? strlen(column->title) : 0;
        for (size_t i = c; i < table->cell_count; i += table->column_count)
            if (table->cells[i].width > widest)
                widest = table->cells[i].width;
        if (widest > column->natural_width)
            column->natural_width = widest;
        column->width = column->is_left_out ? 0 : column->natural_width;
    }
}

/* What the row takes, its last column counted with at most what it should have at least. */
static size_t measure_row(const mst_tool_table *table)
{
    size_t width = table->indent, last = table->column_count - 1;
    for (size_t c = 0; c <= last; c++) {
        const mst_tool_column *column = &table->columns[c];
        bool is_cut = c == last && column->min_width < column->width;
        width += is_cut ? column->min_width : column->width;
        if (column->width > 0 && c < last)
            width += GAP;
    }
    return width;
}

/* Takes one from the widest column that may be cut; false if there is none. */
static bool narrow_one(mst_tool_table *table)
{
    mst_tool_column *widest = NULL;
    for (size_t c = 0; c + 1 < table->column_count; c++) {
        mst_tool_column *column = &table->columns[c];
        if (column->width > column->min_width && (!widest || column->width > widest->width))
            widest = column;
    }
    if (widest)
        widest->width--;
    return widest != NULL;
}

static void fit_columns(mst_tool_table *table)
{
    mst_tool_column *last = &table->columns[table->column_count - 1];
    if (table->width_limit == 0)
        return;
    for (size_t c = 0; c < table->column_count && !table->is_fixed; c++) {
        mst_tool_column *column = &table->columns[c];
        column->is_left_out = column->is_optional && measure_row(table) > table->width_limit;
        column->width = column->is_left_out ? 0 : column->width;
    }
    while (measure_row(table) > table->width_limit && narrow_one(table)) {
    }
    size_t others = measure_row(table);
    others -= last->min_width < last->width ? last->min_width : last->width;
    if (last->min_width < last->width && others + last->width > table->width_limit)
        last->width = others < table->width_limit ? table->width_limit - others : 1;
}

/* ---- rows -------------------------------------------------------------------------------- */

static void put_blanks(size_t count)
{
    for (; count > 0; count--)
        mst_tool_put(" ", 1);
}

static void put_colored(const mst_tool_table *table, const char *color, const char *text,
                        size_t len)
{
    if (!table->has_color)
        color = NULL;
    if (color)
        mst_tool_puts(color);
    mst_tool_put(text, len);
    if (color)
        mst_tool_puts(MST_TOOL_PLAIN);
}

/* One cell in its column; a column that does not end the row is filled up and has a gap. */
static void put_cell(const mst_tool_table *table, const mst_tool_column *column, const char *text,
                     const struct mst_tool_cell *cell, bool is_end)
{
    bool is_cut =
        table->width_limit > 0 && column->min_width != SIZE_MAX && cell->width > column->width;
    size_t len = is_cut ? mst_tool_text_fit(text, cell->len, column->width - 1) : cell->len;
    size_t width = is_cut ? mst_tool_text_width(text, len) + 1 : cell->width;
    size_t fill = width < column->width ? column->width - width : 0;
    if (column->is_right)
        put_blanks(fill);
    put_colored(table, cell->color, text, len);
    if (is_cut)
        mst_tool_puts(ELLIPSIS);
    if (!is_end)
        put_blanks((column->is_right ? 0 : fill) + GAP);
}

static bool ends_row(const mst_tool_table *table, const struct mst_tool_cell *row, size_t c)
{
    for (c++; c < table->column_count; c++)
        if (table->columns[c].width > 0 && row[c].len > 0)
            return false;
    return true;
}

static void put_row(const mst_tool_table *table, const struct mst_tool_cell *row)
{
    put_blanks(table->indent);
    for (size_t c = 0; c < table->column_count; c++) {
        const mst_tool_column *column = &table->columns[c];
        bool is_end = ends_row(table, row, c);
        if (column->width > 0)
            put_cell(table, column, table->texts + row[c].start, &row[c], is_end);
        if (is_end)
            break;
    }
    mst_tool_put("\n", 1);
}

static void put_titles(const mst_tool_table *table)
{
    struct mst_tool_cell cell = {.color = MST_TOOL_BOLD};
    size_t last = table->column_count - 1;
    while (last > 0 && table->columns[last].width == 0)
        last--;
    put_blanks(table->indent);
    for (size_t c = 0; c <= last; c++) {
        const mst_tool_column *column = &table->columns[c];
        cell.len = cell.width = strlen(column->title);
        if (column->width > 0)
            put_cell(table, column, column->title, &cell, c == last);
    }
    mst_tool_put("\n", 1);
}

void mst_tool_table_show(mst_tool_table *table)
{
    if (table->cell_count == 0)
        return;
    measure_columns(table);
    fit_columns(table);
    if (table->has_titles && !table->is_fixed)
        put_titles(table);
    table->is_fixed = true;
    for (size_t i = 0; i < table->cell_count; i += table->column_count)
        put_row(table, table->cells + i);
    mst_tool_table_clear(table);
}

void mst_tool_table_end(mst_tool_table *table)
{
    mst_tool_table_show(table);
    free(table->cells);
    free(table->texts);
    *table = (mst_tool_table){.column_count = 0};
}
