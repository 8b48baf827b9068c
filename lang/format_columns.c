/* SPDX-License-Identifier: Apache-2.0
 *
 * format_columns.c - lines whose parts stand below each other, and the blocks that hold them. */
#include "format.h"
#include "grammar.h"

/* Of cells that the others are aligned to: a longer one would push all else off the screen. */
#define WIDE_CELL 48
/* How much deeper the lines of a block begin. */
#define INDENT 2

struct mst_format_row *mst_format_add_row(struct mst_format *f, struct mst_format_rows *rows,
                                          struct mst_doc *doc)
{
    struct mst_format_row *items =
        mst_arena_grow(f->arena, rows->items, rows->count, &rows->capacity, sizeof *items);
    if (items == NULL)
        return NULL;
    rows->items = items;
    items[rows->count] = (struct mst_format_row){.doc = doc};
    return &items[rows->count++];
}

struct mst_doc *mst_format_cell(struct mst_format *f, struct mst_format_row *row)
{
    if (row == NULL)
        return NULL;
    if (row->count == MST_FORMAT_MAX_CELLS) {
        mst_format_space(f, row->cells[row->count - 1]);
        return row->cells[row->count - 1];
    }
    if (row->count > 0) {
        struct mst_doc *pad = mst_doc_new(&f->layout, MST_DOC_SPACES, 0);
        row->pads[row->count - 1] = mst_doc_add(row->doc, pad);
    }
    row->cells[row->count] = mst_format_sequence(f, row->doc, 0);
    return row->cells[row->count++];
}

static uint32_t column_width(const struct mst_format *f, const struct mst_format_row *rows,
                             size_t count, uint32_t column, uint32_t most)
{
    uint32_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].count <= column + 1)
            continue;
        uint32_t width = mst_doc_width(&f->layout, rows[i].cells[column]);
        if (column == 0 && rows[i].extra > 0)
            width = width > rows[i].extra ? width - rows[i].extra : 0;
        if (width > widest && width <= most)
            widest = width;
    }
    return widest;
}

static void pad_column(struct mst_format *f, struct mst_format_row *row, uint32_t column,
                       uint32_t widest)
{
    if (row->count <= column + 1 || row->pads[column] == NULL)
        return;
    uint32_t width = mst_doc_width(&f->layout, row->cells[column]);
    uint32_t wanted = widest + (column == 0 ? row->extra : 0);
    if (width == 0 && widest == 0)
        row->pads[column]->number = 0;
    else
        row->pads[column]->number = width < wanted ? wanted - width + 1 : 1;
}

void mst_format_align_rows(struct mst_format *f, struct mst_format_row *rows, size_t count,
                           uint32_t most)
{
    for (uint32_t column = 0; column + 1 < MST_FORMAT_MAX_CELLS; column++) {
        uint32_t widest = column_width(f, rows, count, column, most);
        for (size_t i = 0; i < count; i++)
            pad_column(f, &rows[i], column, widest);
    }
}

void mst_format_align_short_rows(struct mst_format *f, struct mst_format_row *rows, size_t count,
                                 uint32_t indent)
{
    bool all_fit = true;
    mst_format_align_rows(f, rows, count, MST_LAYOUT_COLUMNS);
    for (size_t i = 0; i < count; i++)
        all_fit = all_fit && mst_doc_width(&f->layout, rows[i].doc) + indent <= MST_LAYOUT_COLUMNS;
    for (size_t i = 0; i < count && !all_fit; i++)
        mst_format_align_rows(f, &rows[i], 1, 0);
}

/* ---- blocks ------------------------------------------------------------------------------ */

static void fill_short_block(struct mst_format *f, struct mst_doc *block, mst_format_part *part)
{
    struct mst_format_rows rows = {0};
    f->in_one_line = true;
    mst_format_take(f, block);
    while (mst_format_kind(f) != '}' && !f->arena->failed) {
        struct mst_doc *doc = mst_format_sequence(f, block, 0);
        if (rows.count > 0)
            mst_format_space(f, doc);
        mst_format_space(f, doc);
        struct mst_format_row *row = mst_format_add_row(f, &rows, mst_format_sequence(f, doc, 0));
        part(f, row);
        mst_format_align_rows(f, row, row != NULL, 0);
    }
    mst_format_space(f, block);
    mst_format_take(f, block);
    f->in_one_line = false;
}

static void fill_block(struct mst_format *f, struct mst_doc *block, mst_format_part *part)
{
    struct mst_format_rows rows = {0};
    mst_format_take(f, block);
    struct mst_doc *inner = mst_format_sequence(f, block, INDENT);
    bool is_first = true;
    while (mst_format_kind(f) != '}' && !f->arena->failed) {
        mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_BREAK, !is_first));
        part(f, mst_format_add_row(f, &rows, mst_format_sequence(f, inner, 0)));
        is_first = false;
    }
    mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_COMMENTS, f->at));
    mst_format_align_rows(f, rows.items, rows.count, WIDE_CELL);
    mst_doc_add(block, mst_doc_new(&f->layout, MST_DOC_BREAK, 0));
    mst_format_take(f, block);
}

void mst_format_block(struct mst_format *f, struct mst_doc *to, uint32_t width_before,
                      mst_format_part *part)
{
    uint32_t open = f->at, close = mst_format_closing(f, open);
    if (close > open + 1 && mst_format_is_one_line(f, open, close)) {
        struct mst_doc *block = mst_format_sequence(f, NULL, 0);
        fill_short_block(f, block, part);
        if (width_before + mst_doc_width(&f->layout, block) <= MST_LAYOUT_COLUMNS) {
            mst_doc_add(to, block);
            return;
        }
        f->at = open;
    }
    fill_block(f, mst_format_sequence(f, to, 0), part);
}
