/* SPDX-License-Identifier: Apache-2.0
 *
 * format_items.c - layout of what declares: imports, enums, facts, tables, lets and defs. */
#include "format.h"
#include "grammar.h"

static void take_all(struct mst_format *f, struct mst_doc *to, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            mst_format_space(f, to);
        mst_format_take(f, to);
    }
}

/* The width of what stands before a block, for the question whether both fit on a line. */
static uint32_t width_of(const struct mst_format *f, const struct mst_doc *doc)
{
    return mst_doc_width(&f->layout, doc);
}

/* ---- enums ------------------------------------------------------------------------------- */

static void put_member(struct mst_format *f, struct mst_format_row *row)
{
    mst_format_take(f, mst_format_cell(f, row));
    if (mst_format_kind(f) != '=')
        return;
    struct mst_doc *spellings = mst_format_cell(f, row);
    mst_format_take(f, spellings);
    mst_format_space(f, spellings);
    mst_format_take(f, spellings);
    while (mst_format_kind(f) == '|') {
        mst_format_space(f, spellings);
        mst_format_take(f, spellings);
        mst_format_space(f, spellings);
        mst_format_take(f, spellings);
    }
}

/* Parts between brackets and commas, one a line, their cells below each other; or all on one line,
 * `spaced` from the brackets by a blank. */
static void put_listed(struct mst_format *f, struct mst_doc *to, mst_format_part *part,
                       bool in_one_line, bool spaced)
{
    struct mst_format_rows rows = {0};
    f->in_one_line = in_one_line;
    mst_format_take(f, to);
    struct mst_doc *inner = mst_format_sequence(f, to, in_one_line ? 0 : 2), *line;
    do {
        if (!in_one_line)
            mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_BREAK, rows.count > 0));
        else if (spaced || rows.count > 0)
            mst_format_space(f, inner);
        line = mst_format_sequence(f, inner, 0);
        part(f, mst_format_add_row(f, &rows, line));
    } while (mst_format_take_comma(f, line));
    mst_format_align_rows(f, rows.items, rows.count, in_one_line ? 0 : 40);
    if (!in_one_line) {
        mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_COMMENTS, f->at));
        mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_BREAK, 0));
    } else if (spaced) {
        mst_format_space(f, to);
    }
    mst_format_take(f, to);
    f->in_one_line = false;
}

/* The same, on one line where it was written so and fits. */
static void put_list(struct mst_format *f, struct mst_doc *to, mst_format_part *part, bool spaced)
{
    uint32_t open = f->at;
    if (mst_format_is_one_line(f, open, mst_format_closing(f, open))) {
        struct mst_doc *line = mst_format_sequence(f, NULL, 0);
        put_listed(f, line, part, true, spaced);
        if (width_of(f, to) + width_of(f, line) <= MST_LAYOUT_COLUMNS) {
            mst_doc_add(to, line);
            return;
        }
        f->at = open;
    }
    put_listed(f, to, part, false, spaced);
}

static void put_enum(struct mst_format *f, struct mst_doc *to)
{
    take_all(f, to, 2);
    mst_format_space(f, to);
    put_list(f, to, put_member, true);
}

/* ---- facts, records ------------------------------------------------------------------------ */

static bool is_clause(int kind)
{
    return kind == TOK_FROM || kind == '=' || kind == TOK_OPTIONAL || kind == TOK_TEXT;
}

static void put_clause(struct mst_format *f, struct mst_doc *to)
{
    if (to != NULL && to->first != NULL)
        mst_format_space(f, to);
    if (mst_format_kind(f) == '=') {
        mst_format_value(f, to);
        return;
    }
    take_all(f, to, mst_format_kind(f) == TOK_FROM ? 2 : 1);
}

/* [key] name: type clause... "description" */
static void put_decl(struct mst_format *f, struct mst_format_row *row)
{
    struct mst_doc *name = mst_format_cell(f, row);
    if (mst_format_kind(f) == TOK_KEY) {
        mst_format_take(f, name);
        mst_format_space(f, name);
    }
    mst_format_take(f, name);
    mst_format_take(f, name);
    mst_format_type(f, mst_format_cell(f, row));
    struct mst_doc *clauses = is_clause(mst_format_kind(f)) ? mst_format_cell(f, row) : NULL;
    while (is_clause(mst_format_kind(f)) && !f->arena->failed) {
        bool is_last = !is_clause(f->layout.tokens[f->at + 1].kind);
        if (mst_format_kind(f) != TOK_TEXT || !is_last) {
            put_clause(f, clauses);
            continue;
        }
        struct mst_doc *description = mst_format_cell(f, row);
        if (row != NULL && row->pads[row->count - 2] != NULL)
            row->pads[row->count - 2]->is_loose = true;
        mst_format_take(f, description);
    }
}

static void put_record(struct mst_format *f, struct mst_doc *to)
{
    take_all(f, to, 2);
    mst_format_space(f, to);
    mst_format_block(f, to, width_of(f, to), put_decl);
}

/* facts name clause... { */
static void put_facts(struct mst_format *f, struct mst_doc *to)
{
    take_all(f, to, 2);
    while (mst_format_kind(f) != '{' && !f->arena->failed) {
        int kind = mst_format_kind(f);
        struct mst_doc *clause = mst_format_group(f, to, 4);
        mst_format_line(f, clause);
        take_all(f, clause, kind == TOK_STALE ? 3 : kind == TOK_TEXT ? 1 : 2);
    }
    mst_format_space(f, to);
    mst_format_block(f, to, width_of(f, to), put_decl);
}

/* ---- tables ------------------------------------------------------------------------------ */

/* ( cell, cell ) */
static void put_row(struct mst_format *f, struct mst_format_row *row)
{
    struct mst_doc *cell = mst_format_cell(f, row);
    mst_format_take(f, cell);
    for (;;) {
        mst_format_element(f, cell);
        if (!mst_format_take_comma(f, cell))
            break;
        cell = mst_format_cell(f, row);
    }
    mst_format_take(f, cell);
}

void mst_format_rows_in_braces(struct mst_format *f, struct mst_doc *to, uint32_t width_before)
{
    mst_format_block(f, to, width_before, put_row);
}

/* table name (columns) clause... { rows } */
static void put_table(struct mst_format *f, struct mst_doc *to)
{
    take_all(f, to, 2);
    mst_format_space(f, to);
    put_list(f, to, put_decl, false);
    for (;;) {
        int kind = mst_format_kind(f);
        bool is_clause_of_table = kind == TOK_ORDERED || kind == TOK_AT || kind == TOK_FROM;
        if (!is_clause_of_table && kind != '{')
            return;
        mst_format_space(f, to);
        if (is_clause_of_table)
            take_all(f, to, kind == TOK_ORDERED ? 3 : kind == TOK_AT ? 4 : 2);
        else
            mst_format_rows_in_braces(f, to, width_of(f, to));
    }
}

/* ---- lines of their own ------------------------------------------------------------------ */

/* let name: type = expr, also of set and param: cells to be aligned with those of neighbours. */
static void put_value_item(struct mst_format *f, struct mst_format_row *row)
{
    bool is_set = mst_format_kind(f) == TOK_SET;
    struct mst_doc *head = mst_format_cell(f, row);
    take_all(f, head, 2);
    if (mst_format_kind(f) == ':') {
        mst_format_take(f, head);
        mst_format_type(f, mst_format_cell(f, row));
    } else {
        mst_format_cell(f, row);
    }
    struct mst_doc *value = mst_format_cell(f, row);
    if (is_set) {
        mst_format_take(f, value);
        mst_format_space(f, value);
        mst_format_braces(f, value);
    } else {
        mst_format_value(f, value);
    }
    if (mst_format_kind(f) != TOK_TEXT)
        return;
    mst_format_loose_space(f, value);
    mst_format_take(f, value);
}

static void put_def(struct mst_format *f, struct mst_doc *to)
{
    take_all(f, to, 2);
    mst_format_take(f, to);
    struct mst_doc *parameters = mst_format_align(f, to);
    while (mst_format_kind(f) != ')' && !f->arena->failed) {
        mst_format_take(f, parameters);
        take_all(f, parameters, 1);
        mst_format_space(f, parameters);
        mst_format_type(f, parameters);
        if (mst_format_take_comma(f, parameters))
            mst_format_line(f, parameters);
    }
    take_all(f, to, 1);
    take_all(f, to, 1);
    mst_format_space(f, to);
    mst_format_type(f, to);
    mst_format_space(f, to);
    mst_format_value(f, to);
}

/* import a.b as c; subject a.b */
static void put_reference(struct mst_format *f, struct mst_doc *to)
{
    take_all(f, to, 1);
    mst_format_space(f, to);
    mst_format_path(f, to);
    if (mst_format_kind(f) != TOK_AS)
        return;
    mst_format_space(f, to);
    take_all(f, to, 2);
}

void mst_format_item(struct mst_format *f, struct mst_format_row *row)
{
    struct mst_doc *doc = row != NULL ? row->doc : NULL;
    switch (mst_format_kind(f)) {
    case TOK_IMPORT:
    case TOK_SUBJECT: put_reference(f, doc); break;
    case TOK_ENUM: put_enum(f, doc); break;
    case TOK_RECORD: put_record(f, doc); break;
    case TOK_FACTS: put_facts(f, doc); break;
    case TOK_TABLE: put_table(f, doc); break;
    case TOK_SET:
    case TOK_PARAM:
    case TOK_LET: put_value_item(f, row); break;
    case TOK_DEF: put_def(f, doc); break;
    case TOK_POLICY: mst_format_policy(f, doc); break;
    case TOK_DECISION: mst_format_decision(f, doc); break;
    default: mst_format_test(f, doc); break;
    }
}
