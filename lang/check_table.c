/* SPDX-License-Identifier: Apache-2.0
 *
 * check_table.c - tables: cells are read, computed columns folded, rows sorted and keys proven
 * unique here, once. Files are read in check_csv.c; sets and params are in check_set.c. */
#include "check_table.h"

#include <stdlib.h>
#include <string.h>

#include "format/limits.h"

const char *mst_table_columns(const struct mst_table_reading *r)
{
    const char *list = "";
    for (size_t i = 0; i < r->table->columns.count && list != NULL; i++)
        list = mst_arena_printf(r->program->arena, "%s%s%s", list, i > 0 ? ", " : "",
                                r->table->columns.items[i].name);
    return list;
}

void mst_table_report(const struct mst_table_reading *r, enum mst_diag_id id, struct mst_span span,
                      const char *message, const char *help)
{
    struct mst_diag *d = mst_diag_report(r->program->diags, id, span, "%s", message);
    mst_diag_help(r->program->diags, d, "%s", help);
}

/* ---- columns ------------------------------------------------------------------------------- */

static void check_computed(struct mst_table_reading *r, struct mst_decl *decl, uint32_t type)
{
    struct mst_context context = {.program = r->program, .unit = r->symbol->unit};
    for (size_t i = 0; i < r->table->columns.count; i++) {
        struct mst_local *local = MST_NEW(r->program->arena, struct mst_local);
        if (local == NULL)
            return;
        local->symbol.kind = MST_SYMBOL_LOCAL;
        local->symbol.name = r->table->columns.items[i].decl->name;
        local->symbol.unit = r->symbol->unit;
        local->symbol.type = r->table->columns.items[i].type;
        local->outer = context.locals;
        context.locals = local;
    }
    if (mst_check_expect(&context, decl->value, type, "the column"))
        mst_check_constant(r->program, decl->value, "A computed column");
}

static void add_column(struct mst_table_reading *r, struct mst_decl *decl)
{
    struct mst_table *table = r->table;
    uint32_t max_bytes;
    struct mst_column column = {decl->name.text, decl, 0, decl->is_optional || decl->value != NULL};
    column.type = mst_check_type(r->program, r->symbol->unit, decl->type, &max_bytes);
    if (!mst_check_is_scalar(column.type)) {
        mst_table_report(r, MST_DIAG_TYPE_NESTED, decl->span,
                         "A column holds plain values or an enum.",
                         "write a column for each single value");
        column.type = MST_TYPE_ERROR;
    }
    if (!mst_name_set_add(r->program, &r->names, decl->name, "table"))
        r->has_twins = true; /* how many cells a row has is anyone's guess */
    if (decl->value != NULL)
        check_computed(r, decl, column.type);
    if (decl->is_key && table->key != UINT32_MAX)
        mst_table_report(
            r, MST_DIAG_TABLE_KEY, decl->span, "A table has one key column.",
            "write `key` before the column by which rows are looked up, and only there");
    if (decl->is_key)
        table->key = (uint32_t)table->columns.count;
    MST_PUSH(r->program->arena, &table->columns, column);
}

static void find_order(struct mst_table_reading *r)
{
    struct mst_name name = r->symbol->item->ordered_by;
    struct mst_table *table = r->table;
    if (name.text == NULL)
        return;
    for (size_t i = 0; i < table->columns.count; i++) {
        if (table->columns.items[i].name != name.text)
            continue;
        table->ordered_by = (uint32_t)i;
        if (mst_check_is_ordered(table->columns.items[i].type))
            return;
        struct mst_diag *d = mst_diag_report(
            r->program->diags, MST_DIAG_TABLE_ORDER, name.span, "Rows cannot be ordered by %s.",
            mst_check_type_name(r->program, table->columns.items[i].type));
        mst_diag_help(r->program->diags, d, "order them by a date, time, version or number");
        return;
    }
    table->ordered_by = 0; /* so that `last` does not complain as well */
    struct mst_diag *d = mst_diag_report(r->program->diags, MST_DIAG_TABLE_ORDER, name.span,
                                         "The table has no column `%s`.", name.text);
    mst_diag_help(r->program->diags, d, "its columns are %s", mst_table_columns(r));
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void compute_cells(struct mst_table_reading *r, struct mst_cell *row)
{
    for (size_t i = 0; i < r->table->columns.count; i++) {
        const struct mst_column *column = &r->table->columns.items[i];
        struct mst_fold_row so_far = {r->table->columns.items, row, i};
        if (column->decl->value != NULL)
            row[i] = mst_fold(r->program, column->decl->value, &so_far);
    }
}

void mst_table_add_row(struct mst_table_reading *r, struct mst_cell *row, struct mst_span span)
{
    if (r->program->diags->error_count == 0)
        compute_cells(r, row);
    for (size_t i = 0; i < r->table->columns.count; i++)
        MST_PUSH(r->program->arena, &r->cells, row[i]);
    MST_PUSH(r->program->arena, &r->row_spans, span);
    r->table->row_count++;
}

static struct mst_cell read_written_cell(struct mst_table_reading *r,
                                         const struct mst_column *column, struct mst_expr *e)
{
    struct mst_context context = {.program = r->program, .unit = r->symbol->unit};
    struct mst_cell cell = {false, 0, {NULL, 0}};
    if (e->kind == MST_EXPR_UNKNOWN) {
        if (!column->may_be_unknown) {
            struct mst_diag *d =
                mst_diag_report(r->program->diags, MST_DIAG_CELL_EMPTY, e->span,
                                "The column `%s` needs a value in every row.", column->name);
            mst_diag_help(r->program->diags, d,
                          "write `optional` behind its type if it may be unknown");
        }
        return cell;
    }
    if (!mst_check_expect(&context, e, column->type, "the column") ||
        !mst_check_constant(r->program, e, "A cell"))
        return cell;
    cell = mst_fold(r->program, e, NULL);
    const struct mst_enum_type *members =
        MST_TYPE_KIND(column->type) == MST_TYPE_ENUM
            ? r->program->enums.items[MST_TYPE_INDEX(column->type)]
            : NULL;
    if (members != NULL && (size_t)cell.word == members->members.count)
        mst_table_report(r, MST_DIAG_CELL, e->span,
                         "`other` cannot stand in a table: it is what no list knows.",
                         "write a member of the enum");
    if (!cell.known && !column->may_be_unknown && r->program->diags->error_count == 0)
        mst_table_report(r, MST_DIAG_CELL_EMPTY, e->span, "This cell cannot be computed.",
                         "a number is out of range here, or there is no such day");
    return cell;
}

static void report_row(const struct mst_table_reading *r, const struct mst_row *row, size_t written)
{
    struct mst_diag *d = mst_diag_report(
        r->program->diags, MST_DIAG_ROW_LENGTH, row->span, "This row has %u cell%s, but %zu %s.",
        row->cells.count, row->cells.count == 1 ? "" : "s", written,
        written == 1 ? "column is to be filled" : "columns are to be filled");
    mst_diag_help(r->program->diags, d,
                  "the columns are %s; computed ones have no cell, for an unknown value write "
                  "`unknown`",
                  mst_table_columns(r));
}

static void read_written_rows(struct mst_table_reading *r)
{
    size_t count = r->table->columns.count, written = 0;
    struct mst_cell *row = MST_NEW_ARRAY(r->program->arena, count + 1, struct mst_cell);
    for (size_t i = 0; i < count; i++)
        written += r->table->columns.items[i].decl->value == NULL;
    for (struct mst_row *w = r->symbol->item->rows.first; w != NULL && row != NULL; w = w->next) {
        if (w->cells.count != written) {
            report_row(r, w, written);
            continue;
        }
        struct mst_expr *e = w->cells.first;
        for (size_t i = 0; i < count; i++) {
            if (r->table->columns.items[i].decl->value != NULL)
                continue;
            row[i] = read_written_cell(r, &r->table->columns.items[i], e);
            e = e->next;
        }
        mst_table_add_row(r, row, w->span);
    }
}

/* ---- order and key ------------------------------------------------------------------------- */

struct sort_entry {
    int64_t word; /* versions with the sign bit flipped, so that they order as signed */
    mst_text text;
    uint32_t row;
};

static int compare_entries(const void *a, const void *b)
{
    const struct sort_entry *x = a, *y = b;
    if (x->text.ptr != NULL && y->text.ptr != NULL) {
        uint32_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
        int order = memcmp(x->text.ptr, y->text.ptr, len);
        if (order != 0)
            return order;
        if (x->text.len != y->text.len)
            return x->text.len < y->text.len ? -1 : 1;
    }
    if (x->word != y->word)
        return x->word < y->word ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The rows by one column; equal ones keep their order. */
static struct sort_entry *sort_rows(struct mst_table_reading *r, uint32_t column)
{
    size_t width = r->table->columns.count;
    struct sort_entry *entries =
        MST_NEW_ARRAY(r->program->arena, r->table->row_count + 1, struct sort_entry);
    if (entries == NULL || r->cells.items == NULL || r->cells.count < width * r->table->row_count)
        return NULL;
    for (uint32_t i = 0; i < r->table->row_count; i++) {
        const struct mst_cell *cell = &r->cells.items[i * width + column];
        uint32_t type = r->table->columns.items[column].type;
        entries[i].row = i;
        entries[i].word = type == MST_TYPE_VERSION ? cell->word ^ INT64_MIN : cell->word;
        entries[i].text = cell->text;
        if (type == MST_TYPE_TEXT)
            entries[i].word = 0;
        else
            entries[i].text.ptr = NULL;
    }
    qsort(entries, r->table->row_count, sizeof *entries, compare_entries);
    return entries;
}

static bool column_is_known(struct mst_table_reading *r, uint32_t column, enum mst_diag_id id,
                            const char *what)
{
    size_t width = r->table->columns.count;
    for (uint32_t i = 0; i < r->table->row_count && r->cells.items != NULL; i++) {
        if (r->cells.items[i * width + column].known)
            continue;
        struct mst_diag *d = mst_diag_report(r->program->diags, id, r->row_spans.items[i],
                                             "The %s `%s` is unknown in this row.", what,
                                             r->table->columns.items[column].name);
        mst_diag_help(r->program->diags, d, "give it a value in every row");
        return false;
    }
    return true;
}

static void order_rows(struct mst_table_reading *r)
{
    size_t width = r->table->columns.count, bytes = width * sizeof(struct mst_cell);
    uint32_t column = r->table->ordered_by;
    r->table->cells = r->cells.items;
    if (column == UINT32_MAX || !column_is_known(r, column, MST_DIAG_TABLE_ORDER, "order column"))
        return;
    struct sort_entry *entries = sort_rows(r, column);
    struct mst_cell *sorted =
        MST_NEW_ARRAY(r->program->arena, width * r->table->row_count + 1, struct mst_cell);
    struct mst_span *spans =
        MST_NEW_ARRAY(r->program->arena, r->table->row_count + 1, struct mst_span);
    if (entries == NULL || sorted == NULL || spans == NULL)
        return;
    for (uint32_t i = 0; i < r->table->row_count; i++) {
        memcpy(sorted + i * width, r->cells.items + entries[i].row * width, bytes);
        spans[i] = r->row_spans.items[entries[i].row];
    }
    r->table->cells = r->cells.items = sorted;
    r->row_spans.items = spans;
}

static void check_key(struct mst_table_reading *r)
{
    uint32_t key = r->table->key;
    if (key == UINT32_MAX || !column_is_known(r, key, MST_DIAG_TABLE_KEY, "key"))
        return;
    struct sort_entry *entries = sort_rows(r, key);
    if (entries == NULL)
        return;
    for (uint32_t i = 1; i < r->table->row_count; i++) {
        struct sort_entry a = entries[i - 1], b = entries[i];
        a.row = b.row = 0;
        if (compare_entries(&a, &b) != 0)
            continue;
        struct mst_diag *d =
            mst_diag_report(r->program->diags, MST_DIAG_TABLE_KEY,
                            r->row_spans.items[entries[i].row], "Another row has the same key.");
        mst_diag_other(r->program->diags, d, r->row_spans.items[entries[i - 1].row],
                       "the other row is here");
        mst_diag_help(r->program->diags, d,
                      "give each row a key of its own, or delete one of the two");
    }
}

static void report_rows(const struct mst_table_reading *r, struct mst_span span)
{
    struct mst_diag *d =
        mst_diag_report(r->program->diags, MST_DIAG_TABLE_SIZE, span,
                        "The table has %u rows, more than it says here.", r->table->row_count);
    mst_diag_help(r->program->diags, d,
                  "write `at most %u rows`, or a larger number with room for rows to come",
                  r->table->row_count);
}

static void check_size(struct mst_table_reading *r)
{
    struct mst_table *table = r->table;
    const struct mst_expr *most = r->symbol->item->max_rows;
    table->max_rows = most != NULL ? (uint32_t)most->word : table->row_count;
    if (most != NULL &&
        (most->literal != MST_LITERAL_INT || most->word < 1 || most->word > MST_MAX_TABLE_ROWS))
        mst_table_report(r, MST_DIAG_TABLE_SIZE, most->span,
                         "This is no number of rows for a table.",
                         "write a number from 1 to 100000, as in `at most 500 rows`");
    else if (most != NULL && table->row_count > table->max_rows)
        report_rows(r, most->span);
    else if (table->row_count > MST_MAX_TABLE_ROWS)
        mst_table_report(r, MST_DIAG_TABLE_SIZE, r->symbol->name.span,
                         "This table has more than 100000 rows.",
                         "delete the rows that no rule needs");
}

void mst_check_table(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_table_reading r = {.program = program, .symbol = symbol};
    struct mst_item *item = symbol->item;
    r.table = MST_NEW(program->arena, struct mst_table);
    if (r.table == NULL)
        return;
    r.table->symbol = symbol;
    r.table->key = r.table->ordered_by = r.table->cause = UINT32_MAX;
    symbol->index = (uint32_t)program->tables.count;
    symbol->type = MST_TYPE_OF(MST_TYPE_TABLE, symbol->index);
    MST_PUSH(program->arena, &program->tables, r.table);
    for (struct mst_decl *d = item->decls.first; d != NULL; d = d->next)
        if (d->name.text != NULL)
            add_column(&r, d);
    find_order(&r);
    if (r.has_twins)
        return;
    if (item->from != NULL)
        mst_table_load_csv(&r, item->from);
    else
        read_written_rows(&r);
    check_size(&r);
    if (program->diags->error_count == 0 && !program->arena->failed) {
        order_rows(&r);
        check_key(&r);
        r.table->row_spans = r.row_spans.items;
    }
}
