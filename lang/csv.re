/* SPDX-License-Identifier: Apache-2.0
 *
 * csv.re - the scanner of CSV files (re2c). A cell is one match; what stands between cells is so
 * little that it is looked at by hand. */
#include "csv.h"

#include <string.h>

#include "source.h"

void mst_csv_begin(struct mst_csv *csv, struct mst_arena *arena, struct mst_diags *diags,
                   uint32_t source)
{
    const struct mst_source *s = &diags->sources[source];
    memset(csv, 0, sizeof *csv);
    csv->arena = arena;
    csv->diags = diags;
    csv->source = source;
    csv->start = (const unsigned char *)s->text;
    csv->cursor = csv->start + mst_source_bom(s);
    csv->limit = csv->start + s->len;
    csv->is_done = !mst_source_check(diags, source);
}

static struct mst_span span_between(const struct mst_csv *csv, const unsigned char *from,
                                    const unsigned char *to)
{
    return (struct mst_span){csv->source, (uint32_t)(from - csv->start), (uint32_t)(to - from)};
}

static bool is_line_end(unsigned char c)
{
    return c == '\n' || c == '\r';
}

static void take_unquoted(struct mst_csv *csv, struct mst_csv_cell *cell,
                          const unsigned char *from, const unsigned char *to)
{
    char *copy = mst_arena_alloc(csv->arena, (size_t)(to - from) + 1, 1);
    uint32_t len = 0;
    for (const unsigned char *at = from; copy != NULL && at < to; at++) {
        copy[len++] = (char)*at;
        at += *at == '"'; /* a quote is written twice */
    }
    cell->bytes = copy != NULL ? copy : "";
    cell->len = len;
    cell->is_quoted = true;
}

static void report_open_quote(struct mst_csv *csv, const unsigned char *from)
{
    const unsigned char *end = from;
    while (end < csv->limit && !is_line_end(*end))
        end++;
    struct mst_diag *diag =
        mst_diag_report(csv->diags, MST_DIAG_CSV_QUOTE_NOT_CLOSED, span_between(csv, from, end),
                        "This cell has no closing quote.");
    mst_diag_help(csv->diags, diag, "end it with \"; a quote inside is written twice: \"\"");
    csv->is_open = true;
}

static void take_plain(struct mst_csv *csv, struct mst_csv_cell *cell, const unsigned char *from)
{
    const char *copy =
        mst_arena_copy(csv->arena, (const char *)from, (size_t)(csv->cursor - from));
    if (copy == NULL)
        return;
    cell->bytes = copy;
    cell->len = (uint32_t)(csv->cursor - from);
    if (memchr(from, '"', cell->len) == NULL)
        return;
    struct mst_diag *diag =
        mst_diag_report(csv->diags, MST_DIAG_CSV_QUOTE_INSIDE,
                        span_between(csv, from, csv->cursor), "A quote stands inside this cell.");
    mst_diag_help(csv->diags, diag,
                  "put the whole cell between quotes and write each quote in it twice");
}

static void scan_cell(struct mst_csv *csv, struct mst_csv_cell *cell)
{
    const unsigned char *from = csv->cursor, *marker;
    cell->bytes = "";
    if (from == csv->limit || *from == ',' || is_line_end(*from))
        return;
    /*!re2c
    re2c:api:style = free-form;
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = "csv->cursor";
    re2c:define:YYLIMIT = "csv->limit";
    re2c:define:YYMARKER = "marker";
    re2c:yyfill:enable = 0;
    re2c:eof = 0;
    re2c:flags:utf-8 = 1;
    re2c:flags:encoding-policy = fail;

    ["] ([^"\x00] | "\"\"")* ["] {
        take_unquoted(csv, cell, from + 1, csv->cursor - 1);
        return;
    }
    ["] ([^"\x00] | "\"\"")* {
        report_open_quote(csv, from);
        take_unquoted(csv, cell, from + 1, csv->cursor);
        return;
    }
    [^",\r\n\x00] [^,\r\n\x00]* {
        take_plain(csv, cell, from);
        return;
    }
    * { return; }
    $ { return; }
    */
}

/* Between the end of a cell and the next comma or line end nothing may stand. */
static void skip_rest(struct mst_csv *csv)
{
    const unsigned char *from = csv->cursor;
    while (csv->cursor < csv->limit && *csv->cursor != ',' && !is_line_end(*csv->cursor))
        csv->cursor++;
    if (csv->cursor == from)
        return;
    struct mst_diag *diag = mst_diag_report(csv->diags, MST_DIAG_CSV_TEXT_AFTER_QUOTE,
                                            span_between(csv, from, csv->cursor),
                                            "Text stands behind the closing quote of a cell.");
    mst_diag_help(csv->diags, diag, "write a quote inside a cell twice: \"\"");
}

/* Passes the separator; true if it was the end of the row. */
static bool end_cell(struct mst_csv *csv)
{
    if (csv->cursor < csv->limit && *csv->cursor == ',') {
        csv->cursor++;
        return false;
    }
    if (csv->cursor < csv->limit && *csv->cursor == '\r')
        csv->cursor++;
    if (csv->cursor < csv->limit && *csv->cursor == '\n')
        csv->cursor++;
    return true;
}

static bool has_other_separator(struct mst_csv *csv, const struct mst_csv_cell *cell)
{
    bool semicolons = memchr(cell->bytes, ';', cell->len) != NULL;
    if (cell->is_quoted || (!semicolons && memchr(cell->bytes, '\t', cell->len) == NULL))
        return false;
    struct mst_diag *diag = mst_diag_report(csv->diags, MST_DIAG_CSV_SEMICOLONS, cell->span,
                                            "This file is separated by %s, not by commas.",
                                            semicolons ? "semicolons" : "tabs");
    mst_diag_help(csv->diags, diag,
                  "save it with commas; in a spreadsheet choose \"CSV UTF-8, comma separated\"");
    return true;
}

/* Rows are as long as the header. */
static bool check_row(struct mst_csv *csv, const struct mst_csv_row *row)
{
    if (csv->header_count == 0)
        csv->header_count = row->count;
    if (csv->is_open) /* the missing quote has swallowed the rest, and is reported */
        return false;
    if (row->count == csv->header_count)
        return true;
    struct mst_diag *diag =
        mst_diag_report(csv->diags, MST_DIAG_CSV_CELL_COUNT, row->span,
                        "This row has %u cell%s; the header has %u.", (unsigned)row->count,
                        row->count == 1 ? "" : "s", (unsigned)csv->header_count);
    mst_diag_help(csv->diags, diag,
                  row->count < csv->header_count
                      ? "an empty cell is written as nothing between two commas"
                      : "a cell with a comma in it stands between quotes");
    return false;
}

static void report_empty(struct mst_csv *csv)
{
    struct mst_diag *diag =
        mst_diag_report(csv->diags, MST_DIAG_CSV_EMPTY, span_between(csv, csv->limit, csv->limit),
                        "This file is empty.");
    mst_diag_help(csv->diags, diag, "its first line names the columns, separated by commas");
}

static bool find_row(struct mst_csv *csv)
{
    while (csv->cursor < csv->limit && is_line_end(*csv->cursor))
        csv->cursor++;
    if (csv->cursor < csv->limit)
        return true;
    if (csv->header_count == 0)
        report_empty(csv);
    return false;
}

/* Room for one more cell of a row; NULL when the arena has failed. */
static struct mst_csv_cell *add_cell(struct mst_csv *csv, uint32_t count)
{
    struct mst_csv_cell *cells =
        mst_arena_grow(csv->arena, csv->cells, count, &csv->cell_capacity, sizeof *cells);
    if (cells == NULL)
        return NULL;
    csv->cells = cells;
    memset(&cells[count], 0, sizeof *cells);
    return &cells[count];
}

static bool scan_row(struct mst_csv *csv, struct mst_csv_row *row)
{
    bool ends = false;
    memset(row, 0, sizeof *row);
    row->span = span_between(csv, csv->cursor, csv->cursor);
    while (!ends) {
        struct mst_csv_cell *cell = add_cell(csv, row->count);
        if (cell == NULL)
            return false;
        const unsigned char *from = csv->cursor;
        scan_cell(csv, cell);
        cell->span = span_between(csv, from, csv->cursor);
        skip_rest(csv);
        row->span = mst_ast_join(row->span, span_between(csv, from, csv->cursor));
        ends = end_cell(csv);
        row->count++;
    }
    row->cells = csv->cells;
    return true;
}

bool mst_csv_next(struct mst_csv *csv, struct mst_csv_row *row)
{
    while (!csv->is_done && !mst_diags_full(csv->diags) && find_row(csv)) {
        bool is_header = csv->header_count == 0;
        if (!scan_row(csv, row))
            break;
        if (is_header && row->count == 1 && has_other_separator(csv, &row->cells[0]))
            break;
        if (check_row(csv, row))
            return true;
    }
    csv->is_done = true;
    return false;
}
