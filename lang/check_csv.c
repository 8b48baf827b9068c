/* SPDX-License-Identifier: Apache-2.0
 *
 * check_csv.c - the rows of a table from a CSV file: finding its columns, reading its cells, and
 * saying what a spreadsheet has made of them. The text of the file is taken apart in csv.re. */
#include <string.h>

#include "check_table.h"
#include "csv.h"
#include "format/limits.h"

/* ---- the header ---------------------------------------------------------------------------- */

static const char *header_of(struct mst_table_reading *r, const struct mst_column *column)
{
    const char *from = mst_check_plain(r->program, column->decl->from);
    return from != NULL ? from : column->name;
}

/* The column of the file that is most like this name, or NULL. */
static const char *find_near(const struct mst_csv_row *header, const char *name)
{
    const char *names[64];
    uint32_t count = header->count < 64 ? header->count : 64;
    for (uint32_t i = 0; i < count; i++)
        names[i] = header->cells[i].bytes;
    return mst_diag_nearest(name, names, count);
}

static void report_column(const struct mst_table_reading *r, const struct mst_column *column,
                          const char *name, const struct mst_csv_row *header)
{
    struct mst_diag *d = mst_diag_report(r->program->diags, MST_DIAG_CSV_HEADER, column->decl->span,
                                         "The file has no column `%s`.", name);
    mst_diag_other(r->program->diags, d, header->span, "its columns are named here");
    const char *nearest = find_near(header, name);
    if (nearest != NULL)
        mst_diag_help(r->program->diags, d,
                      "if it is `%s` there, write `from \"%s\"` behind its type", nearest, nearest);
    else
        mst_diag_help(r->program->diags, d,
                      "if it is called otherwise there, write `from \"…\"` behind its type");
}

/* The cell with this name, from one on; their count if there is none. */
static uint32_t find_header(const struct mst_csv_row *header, const char *name, uint32_t from)
{
    while (from < header->count && (header->cells[from].len != strlen(name) ||
                                    memcmp(header->cells[from].bytes, name, strlen(name)) != 0))
        from++;
    return from;
}

/* A file that begins with its first row, or with a title: false if a column is there, or nearly. */
static bool report_no_header(struct mst_table_reading *r, const struct mst_csv_row *header)
{
    const char *list = "";
    size_t count = 0;
    for (size_t i = 0; i < r->table->columns.count; i++) {
        if (r->table->columns.items[i].decl->value != NULL)
            continue;
        const char *name = header_of(r, &r->table->columns.items[i]);
        if (find_header(header, name, 0) < header->count || find_near(header, name) != NULL)
            return false;
        list = mst_arena_printf(r->program->arena, "%s%s%s", list, count++ > 0 ? "," : "", name);
    }
    if (count < 2)
        return false;
    struct mst_diag *d = mst_diag_report(r->program->diags, MST_DIAG_CSV_HEADER, header->span,
                                         "The first line of this file names none of the columns.");
    mst_diag_other(r->program->diags, d, r->symbol->name.span, "the table is declared here");
    mst_diag_help(r->program->diags, d, "the first line is to be `%s`", list);
    return true;
}

/* Where each column stands in the file; UINT32_MAX for computed ones. False where one is missing
 * or stands twice. */
static bool match_header(struct mst_table_reading *r, const struct mst_csv_row *header,
                         uint32_t *places)
{
    bool good = true;
    if (report_no_header(r, header))
        return false;
    for (size_t i = 0; i < r->table->columns.count; i++) {
        const struct mst_column *column = &r->table->columns.items[i];
        places[i] = UINT32_MAX;
        if (column->decl->value != NULL)
            continue;
        const char *name = header_of(r, column);
        uint32_t at = find_header(header, name, 0);
        if (at == header->count) {
            good = false;
            report_column(r, column, name, header);
            continue;
        }
        places[i] = at;
        for (uint32_t k = find_header(header, name, at + 1); k < header->count;
             k = find_header(header, name, k + 1))
            mst_table_report(r, MST_DIAG_CSV_HEADER, header->cells[k].span,
                             "This header stands twice in the file.",
                             "rename one of the two columns");
    }
    return good;
}

/* ---- cells --------------------------------------------------------------------------------- */

#define QUOTED_BYTES 60     /* of a cell, in a message */
#define LISTED_SPELLINGS 12 /* of an enum, in a message */

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
static void report_long_cell(struct mst_table_reading *r, const struct mst_column *column,
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

/* " 2026-08-11": what can be read but for the blanks around it. */
static bool has_blanks(struct mst_table_reading *r, const struct mst_column *column, mst_text text)
{
    struct mst_cell cell;
    mst_text inner = text;
    while (inner.len > 0 && (*inner.ptr == ' ' || *inner.ptr == '\t')) {
        inner.ptr++;
        inner.len--;
    }
    while (inner.len > 0 && (inner.ptr[inner.len - 1] == ' ' || inner.ptr[inner.len - 1] == '\t'))
        inner.len--;
    return inner.len > 0 && inner.len < text.len &&
           mst_fold_read(r->program, column->type, MST_MAX_TEXT_BYTES, inner, &cell) == MST_READ_OK;
}

/* 2026-02-30 */
static bool is_no_day(mst_text text)
{
    static const char shape[] = "0000-00-00";
    bool fits = text.len == sizeof shape - 1;
    for (uint32_t i = 0; fits && i < text.len; i++)
        fits = shape[i] == '0' ? text.ptr[i] >= '0' && text.ptr[i] <= '9' : text.ptr[i] == '-';
    return fits;
}

/* What is nearest, else what there is: the table, not the enum, is what an administrator edits. */
static void help_enum_cell(struct mst_table_reading *r, struct mst_diag *d, uint32_t enum_type,
                           const char *wrong)
{
    struct mst_program *program = r->program;
    if (d == &program->diags->spare)
        return; /* over the limit: a large file with one mistake in each row costs no memory */
    const struct mst_enum_type *type = program->enums.items[MST_TYPE_INDEX(enum_type)];
    const char **names = MST_NEW_ARRAY(program->arena, type->spellings.count + 1, const char *);
    size_t count = 0;
    const char *list = "";
    if (names == NULL)
        return;
    for (size_t i = 0; i < type->spellings.count; i++) {
        if (type->spellings.items[i].len == 0)
            continue;
        names[count++] = type->spellings.items[i].bytes;
        if (count <= LISTED_SPELLINGS)
            list = mst_arena_printf(program->arena, "%s%s`%s`", list, count > 1 ? ", " : "",
                                    names[count - 1]);
    }
    const char *nearest = mst_diag_nearest(wrong, names, count);
    if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else if (count > 0)
        mst_diag_help(program->diags, d, "write one of %s%s", list,
                      count > LISTED_SPELLINGS ? ", …" : "");
}

static void report_cell(struct mst_table_reading *r, const struct mst_column *column,
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
    if (has_blanks(r, column, text))
        mst_diag_help(diags, d, "delete the blank beside it: blanks are part of a cell");
    else if (column->type == MST_TYPE_DATE && is_no_day(text))
        mst_diag_help(diags, d, "there is no such day: months go from 01 to 12, and have 28 to 31");
    else if (MST_TYPE_KIND(column->type) == MST_TYPE_DATE && looks_day_first(text))
        mst_diag_help(diags, d, "dates are written year first: 2026-11-10");
    else if (MST_TYPE_KIND(column->type) == MST_TYPE_ENUM)
        help_enum_cell(r, d, column->type, cell->bytes);
    else if (mst_check_example(column->type) != NULL)
        mst_diag_help(diags, d, "write it as in `%s`", mst_check_example(column->type));
    mst_diag_other(diags, d, column->decl->span, "the column is declared here");
}

static struct mst_cell read_csv_cell(struct mst_table_reading *r, const struct mst_column *column,
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

/* ---- files --------------------------------------------------------------------------------- */

static void read_csv_rows(struct mst_table_reading *r, uint32_t source)
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
        mst_table_add_row(r, cells, row.span);
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

void mst_table_load_csv(struct mst_table_reading *r, struct mst_expr *from)
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
