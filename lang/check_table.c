/* SPDX-License-Identifier: Apache-2.0
 *
 * check_table.c - tables from CSV or written in braces: cells are read, computed columns folded,
 * rows sorted and keys proven unique here, once. Sets and params are in check_set.c. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "format/limits.h"

/* A table while it is being read. */
struct reading {
    struct mst_program *program;
    struct mst_symbol *symbol;
    struct mst_table *table;
    MST_VECTOR(struct mst_cell) cells;
    MST_VECTOR(struct mst_span) row_spans;
    struct mst_name_set names; /* of the columns */
};

static const char *list_columns(const struct reading *r)
{
    const char *list = "";
    for (size_t i = 0; i < r->table->columns.count && list != NULL; i++)
        list = mst_arena_printf(r->program->arena, "%s%s%s", list, i > 0 ? ", " : "",
                                r->table->columns.items[i].name);
    return list;
}

/* Reports with a help; for what has no second place. */
static void report(const struct reading *r, enum mst_diag_id id, struct mst_span span,
                   const char *message, const char *help)
{
    struct mst_diag *d = mst_diag_report(r->program->diags, id, span, "%s", message);
    mst_diag_help(r->program->diags, d, "%s", help);
}

/* ---- columns ------------------------------------------------------------------------------- */

static void check_computed(struct reading *r, struct mst_decl *decl, uint32_t type)
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

static void add_column(struct reading *r, struct mst_decl *decl)
{
    struct mst_table *table = r->table;
    uint32_t max_bytes;
    struct mst_column column = {decl->name.text, decl, 0, decl->is_optional || decl->value != NULL};
    column.type = mst_check_type(r->program, r->symbol->unit, decl->type, &max_bytes);
    if (!mst_check_is_scalar(column.type)) {
        report(r, MST_DIAG_TYPE_NESTED, decl->span, "A column holds plain values or an enum.",
               "write a column for each single value");
        column.type = MST_TYPE_ERROR;
    }
    (void)mst_name_set_add(r->program, &r->names, decl->name, "table");
    if (decl->value != NULL)
        check_computed(r, decl, column.type);
    if (decl->is_key && table->key != UINT32_MAX)
        report(r, MST_DIAG_TABLE_KEY, decl->span, "A table has one key column.",
               "write `key` before the column by which rows are looked up, and only there");
    if (decl->is_key)
        table->key = (uint32_t)table->columns.count;
    MST_PUSH(r->program->arena, &table->columns, column);
}

static void find_order(struct reading *r)
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
    mst_diag_help(r->program->diags, d, "its columns are %s", list_columns(r));
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void compute_cells(struct reading *r, struct mst_cell *row)
{
    for (size_t i = 0; i < r->table->columns.count; i++) {
        const struct mst_column *column = &r->table->columns.items[i];
        struct mst_fold_row so_far = {r->table->columns.items, row, i};
        if (column->decl->value != NULL)
            row[i] = mst_fold(r->program, column->decl->value, &so_far);
    }
}

static void finish_row(struct reading *r, struct mst_cell *row, struct mst_span span)
{
    if (r->program->diags->error_count == 0)
        compute_cells(r, row);
    for (size_t i = 0; i < r->table->columns.count; i++)
        MST_PUSH(r->program->arena, &r->cells, row[i]);
    MST_PUSH(r->program->arena, &r->row_spans, span);
    r->table->row_count++;
}

static struct mst_cell read_written_cell(struct reading *r, const struct mst_column *column,
                                         struct mst_expr *e)
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
        report(r, MST_DIAG_CELL, e->span,
               "`other` cannot stand in a table: it is what no list knows.",
               "write a member of the enum");
    if (!cell.known && !column->may_be_unknown && r->program->diags->error_count == 0)
        report(r, MST_DIAG_CELL_EMPTY, e->span, "This cell cannot be computed.",
               "a number is out of range here, or there is no such day");
    return cell;
}

static void report_row(const struct reading *r, const struct mst_row *row, size_t written)
{
    struct mst_diag *d = mst_diag_report(
        r->program->diags, MST_DIAG_ROW_LENGTH, row->span, "This row has %u cell%s, but %zu %s.",
        row->cells.count, row->cells.count == 1 ? "" : "s", written,
        written == 1 ? "column is to be filled" : "columns are to be filled");
    mst_diag_help(r->program->diags, d,
                  "the columns are %s; computed ones have no cell, for an unknown value write "
                  "`unknown`",
                  list_columns(r));
}

static void read_written_rows(struct reading *r)
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
        finish_row(r, row, w->span);
    }
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static const char *header_of(struct reading *r, const struct mst_column *column)
{
    const char *from = mst_check_plain(r->program, column->decl->from);
    return from != NULL ? from : column->name;
}

static void report_column(const struct reading *r, const struct mst_column *column,
                          const char *name, const struct mst_csv_row *header)
{
    const char *names[64];
    uint32_t count = header->count < 64 ? header->count : 64;
    for (uint32_t i = 0; i < count; i++)
        names[i] = header->cells[i].bytes;
    struct mst_diag *d = mst_diag_report(r->program->diags, MST_DIAG_CSV_HEADER, column->decl->span,
                                         "The file has no column `%s`.", name);
    mst_diag_other(r->program->diags, d, header->span, "its columns are named here");
    const char *nearest = mst_diag_nearest(name, names, count);
    if (nearest != NULL)
        mst_diag_help(r->program->diags, d,
                      "if it is `%s` there, write `from \"%s\"` behind its type", nearest, nearest);
    else
        mst_diag_help(r->program->diags, d,
                      "if it is called otherwise there, write `from \"…\"` behind its type");
}

/* Where each column stands in the file; UINT32_MAX for computed ones. False where one is missing
 * or stands twice. */
static bool match_header(struct reading *r, const struct mst_csv_row *header, uint32_t *places)
{
    bool good = true;
    for (size_t i = 0; i < r->table->columns.count; i++) {
        const struct mst_column *column = &r->table->columns.items[i];
        places[i] = UINT32_MAX;
        if (column->decl->value != NULL)
            continue;
        const char *name = header_of(r, column);
        for (uint32_t k = 0; k < header->count; k++) {
            if (header->cells[k].len != strlen(name) ||
                memcmp(header->cells[k].bytes, name, header->cells[k].len) != 0)
                continue;
            if (places[i] != UINT32_MAX)
                report(r, MST_DIAG_CSV_HEADER, header->cells[k].span,
                       "This header stands twice in the file.", "rename one of the two columns");
            places[i] = k;
        }
        if (places[i] != UINT32_MAX)
            continue;
        good = false;
        report_column(r, column, name, header);
    }
    return good;
}

#define QUOTED_BYTES 60 /* of a cell, in a message */

/* 10.11.2026, 10/11/2026: what an administrator's spreadsheet makes of a date. */
static bool looks_day_first(mst_text text)
{
    size_t digits = 0, marks = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        digits += text.ptr[i] >= '0' && text.ptr[i] <= '9';
        marks += text.ptr[i] == '.' || text.ptr[i] == '/';
    }
    return marks == 2 && digits + marks == text.len && digits >= 4;
}

/* The only fault that a text can have. */
static void report_long_cell(struct reading *r, const struct mst_column *column,
                             const struct mst_csv_cell *cell)
{
    struct mst_diag *d = mst_diag_report(r->program->diags, MST_DIAG_CELL, cell->span,
                                         "This text has %u bytes, more than `%s` can hold.",
                                         cell->len, column->name);
    mst_diag_other(r->program->diags, d, column->decl->span, "the column is declared here");
    mst_diag_help(r->program->diags, d,
                  "shorten it, or declare the column as `text<N>` with N up to %d",
                  MST_MAX_TEXT_BYTES);
}

static void report_cell(struct reading *r, const struct mst_column *column,
                        const struct mst_csv_cell *cell)
{
    struct mst_diags *diags = r->program->diags;
    mst_text text = {cell->bytes, (uint32_t)cell->len};
    if (column->type == MST_TYPE_TEXT) {
        report_long_cell(r, column, cell);
        return;
    }
    struct mst_diag *d = mst_diag_report(
        diags, MST_DIAG_CELL, cell->span, "\"%.*s%s\" cannot be read as %s, the type of `%s`.",
        cell->len > QUOTED_BYTES ? QUOTED_BYTES : (int)cell->len, cell->bytes,
        cell->len > QUOTED_BYTES ? "..." : "", mst_check_type_name(r->program, column->type),
        column->name);
    if (MST_TYPE_KIND(column->type) == MST_TYPE_DATE && looks_day_first(text))
        mst_diag_help(diags, d, "dates are written year first: 2026-11-10");
    else if (MST_TYPE_KIND(column->type) == MST_TYPE_ENUM)
        mst_diag_help(diags, d, "write a member of the enum, or list this spelling there");
    else if (mst_check_example(column->type) != NULL)
        mst_diag_help(diags, d, "write it as in `%s`", mst_check_example(column->type));
    mst_diag_other(diags, d, column->decl->span, "the column is declared here");
}

static struct mst_cell read_csv_cell(struct reading *r, const struct mst_column *column,
                                     const struct mst_csv_cell *csv)
{
    struct mst_cell cell = {false, 0, {NULL, 0}};
    uint32_t max_bytes = column->decl->type != NULL && column->decl->type->size != NULL
                             ? (uint32_t)column->decl->type->size->word
                             : MST_DEFAULT_TEXT_BYTES;
    mst_text text = {csv->bytes, (uint32_t)csv->len};
    if (csv->len == 0 && column->may_be_unknown)
        return cell;
    if (MST_TYPE_KIND(column->type) == MST_TYPE_ERROR)
        return cell;
    enum mst_reading reading = mst_fold_read(r->program, column->type, max_bytes, text, &cell);
    if (reading == MST_READ_OK && (csv->len != 0 || column->type == MST_TYPE_TEXT)) {
        if (csv->len != 0)
            return cell;
        reading = MST_READ_ABSENT;
    }
    cell.known = false;
    if (reading == MST_READ_ABSENT && column->may_be_unknown)
        return cell;
    if (csv->len != 0) {
        report_cell(r, column, csv);
        return cell;
    }
    struct mst_diag *d =
        mst_diag_report(r->program->diags, MST_DIAG_CELL_EMPTY, csv->span,
                        "The column `%s` needs a value in every row.", column->name);
    mst_diag_help(r->program->diags, d, "write `optional` behind its type if it may be unknown");
    return cell;
}

static void read_csv_rows(struct reading *r, uint32_t source)
{
    struct mst_csv csv;
    struct mst_csv_row row;
    size_t count = r->table->columns.count;
    struct mst_cell *cells = MST_NEW_ARRAY(r->program->arena, count + 1, struct mst_cell);
    uint32_t *places = MST_NEW_ARRAY(r->program->arena, count + 1, uint32_t);
    mst_csv_begin(&csv, r->program->arena, r->program->diags, source);
    if (cells == NULL || places == NULL || !mst_csv_next(&csv, &row) ||
        !match_header(r, &row, places))
        return;
    while (mst_csv_next(&csv, &row)) {
        for (size_t i = 0; i < count; i++)
            if (places[i] != UINT32_MAX && places[i] < row.count)
                cells[i] = read_csv_cell(r, &r->table->columns.items[i], &row.cells[places[i]]);
        finish_row(r, cells, row.span);
    }
}

static void report_file(struct mst_program *program, const struct mst_expr *from, const char *name,
                        mst_status status)
{
    const char *why = mst_status_text(status);
    const char *help = "tables are looked up beside the rule file that names them";
    if (status == MST_ERR_NOT_FOUND && name[0] == '/')
        why = "only files beside the rule file, or in folders there, are read";
    else if (status == MST_ERR_NOT_FOUND)
        why = "there is no such file beside the rule file";
    if (status == MST_ERR_IO) {
        why = "it is a folder, or may not be read";
        help = "name a CSV file that can be read";
    }
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_FILE_MISSING, from->span,
                                         "The file \"%s\" cannot be read: %s.", name, why);
    mst_diag_help(program->diags, d, "%s", help);
}

static void load_csv(struct reading *r, struct mst_expr *from)
{
    struct mst_program *program = r->program;
    const mst_loader *loader = program->options->loader;
    const char *name = mst_check_plain(program, from);
    mst_source_text found = {NULL, NULL, 0};
    if (name == NULL)
        return;
    const char *asking = program->diags->sources[r->symbol->unit->module->source].path;
    mst_status status = loader != NULL
                            ? loader->load(loader->context, MST_LOAD_TABLE, name, asking, &found)
                            : MST_ERR_NOT_FOUND;
    if (status != MST_OK) {
        report_file(program, from, name, status);
        return;
    }
    jmp_buf *escape = program->arena->escape;
    program->arena->escape = NULL; /* the loader's text is to be released first */
    uint32_t source = mst_diags_add_source(program->diags, found.path, found.text, found.len);
    loader->release(loader->context, &found);
    program->arena->escape = escape;
    if (program->arena->failed)
        longjmp(*escape, 1);
    if (source != UINT32_MAX)
        read_csv_rows(r, source);
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
static struct sort_entry *sort_rows(struct reading *r, uint32_t column)
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

static bool column_is_known(struct reading *r, uint32_t column, enum mst_diag_id id,
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

static void order_rows(struct reading *r)
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

static void check_key(struct reading *r)
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

static void report_rows(const struct reading *r, struct mst_span span)
{
    struct mst_diag *d =
        mst_diag_report(r->program->diags, MST_DIAG_TABLE_SIZE, span,
                        "The table has %u rows, more than it says here.", r->table->row_count);
    mst_diag_help(r->program->diags, d,
                  "write `at most %u rows`, or a larger number with room for rows to come",
                  r->table->row_count);
}

static void check_size(struct reading *r)
{
    struct mst_table *table = r->table;
    const struct mst_expr *most = r->symbol->item->max_rows;
    table->max_rows = most != NULL ? (uint32_t)most->word : table->row_count;
    if (most != NULL &&
        (most->literal != MST_LITERAL_INT || most->word < 1 || most->word > MST_MAX_TABLE_ROWS))
        report(r, MST_DIAG_TABLE_SIZE, most->span, "This is no number of rows for a table.",
               "write a number from 1 to 100000, as in `at most 500 rows`");
    else if (most != NULL && table->row_count > table->max_rows)
        report_rows(r, most->span);
    else if (table->row_count > MST_MAX_TABLE_ROWS)
        report(r, MST_DIAG_TABLE_SIZE, r->symbol->name.span,
               "This table has more than 100000 rows.", "delete the rows that no rule needs");
}

void mst_check_table(struct mst_program *program, struct mst_symbol *symbol)
{
    struct reading r = {.program = program, .symbol = symbol};
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
    if (item->from != NULL)
        load_csv(&r, item->from);
    else
        read_written_rows(&r);
    check_size(&r);
    if (program->diags->error_count == 0 && !program->arena->failed) {
        order_rows(&r);
        check_key(&r);
    }
}
