/* SPDX-License-Identifier: Apache-2.0
 *
 * The CSV reader: rows as text, `|` between cells and `!` before quoted ones; then each error with
 * its rendered text. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "csv.h"

static char result[8192];

static void append(const char *text, size_t len)
{
    size_t at = strlen(result);
    snprintf(result + at, sizeof result - at, "%.*s", (int)len, text);
}

static void read_rows(struct mst_arena *arena, struct mst_diags *diags, const char *text,
                      size_t len)
{
    struct mst_csv csv;
    struct mst_csv_row row;
    uint32_t source = mst_diags_add_source(diags, "t.csv", text, len);
    mst_csv_begin(&csv, arena, diags, source);
    while (mst_csv_next(&csv, &row)) {
        for (uint32_t i = 0; i < row.count; i++) {
            append(i == 0 ? "" : "|", 1);
            append("!", row.cells[i].is_quoted ? 1 : 0);
            append(row.cells[i].bytes, row.cells[i].len);
            cr_assert_eq(row.cells[i].bytes[row.cells[i].len], '\0');
        }
        append("\n", 1);
    }
    cr_assert_not(mst_csv_next(&csv, &row), "the end stays the end");
}

/* The rows, then the diagnostics as people see them. */
static const char *read_csv(const char *text, size_t len)
{
    struct mst_arena arena;
    struct mst_diags diags;
    static char rendered[4096];
    mst_arena_init(&arena, NULL);
    mst_diags_init(&diags, &arena, 0);
    result[0] = '\0';
    read_rows(&arena, &diags, text, len);
    for (size_t i = 0; i < diags.count; i++)
        append(rendered, mst_diag_render(&diags, &diags.list[i], false, rendered, sizeof rendered));
    mst_arena_free(&arena);
    return result;
}
#define READ(text) read_csv((text), sizeof(text) - 1)

Test(csv, reads_plain_and_quoted_cells)
{
    cr_assert_str_eq(READ("a,b\n1,2\n"), "a|b\n1|2\n");
    cr_assert_str_eq(READ("a,b\n1,2"), "a|b\n1|2\n");
    cr_assert_str_eq(READ("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n"), "a|b\n!x, y|!say \"hi\"\n");
    cr_assert_str_eq(READ("a,b\n\"two\nlines\",\n"), "a|b\n!two\nlines|\n");
    cr_assert_str_eq(READ("a,b\n,\n\"\",  x \n"), "a|b\n|\n!|  x \n");
}

Test(csv, accepts_byte_order_mark_line_ends_and_blank_lines)
{
    cr_assert_str_eq(READ("\xEF\xBB\xBFkb,day\r\n\r\nK,1\r\n\r\n"), "kb|day\nK|1\n");
    cr_assert_str_eq(READ("a\rb\rc"), "a\nb\nc\n");
    cr_assert_str_eq(READ("caf\xC3\xA9\n\xE2\x82\xAC\n"), "caf\xC3\xA9\n\xE2\x82\xAC\n");
}

Test(csv, reports_a_quote_that_is_not_closed)
{
    cr_assert_str_eq(READ("a\n\"x\ny\n"),
                     "a\n"
                     "t.csv:2:1: error E0750: This cell has no closing quote.\n"
                     "    2 | \"x\n"
                     "      | ^~\n"
                     "help: end it with \"; a quote inside is written twice: \"\"\n");
}

Test(csv, an_open_quote_costs_one_message)
{
    cr_assert_str_eq(READ("a,b\n1,\"x\n2,y\n"),
                     "a|b\n"
                     "t.csv:2:3: error E0750: This cell has no closing quote.\n"
                     "    2 | 1,\"x\n"
                     "      |   ^~\n"
                     "help: end it with \"; a quote inside is written twice: \"\"\n");
}

Test(csv, reports_text_around_quotes)
{
    cr_assert_str_eq(READ("a,b\n\"x\"y,1\nx\"y,2\n"),
                     "a|b\n!x|1\nx\"y|2\n"
                     "t.csv:2:4: error E0751: Text stands behind the closing quote of a cell.\n"
                     "    2 | \"x\"y,1\n"
                     "      |    ^\n"
                     "help: write a quote inside a cell twice: \"\"\n"
                     "t.csv:3:1: error E0752: A quote stands inside this cell.\n"
                     "    3 | x\"y,2\n"
                     "      | ^~~\n"
                     "help: put the whole cell between quotes and write each quote in it twice\n");
}

Test(csv, skips_rows_of_another_length)
{
    cr_assert_str_eq(READ("a,b\n1\n1,2,3\n4,5\n"),
                     "a|b\n4|5\n"
                     "t.csv:2:1: error E0753: This row has 1 cell; the header has 2.\n"
                     "    2 | 1\n"
                     "      | ^\n"
                     "help: an empty cell is written as nothing between two commas\n"
                     "t.csv:3:1: error E0753: This row has 3 cells; the header has 2.\n"
                     "    3 | 1,2,3\n"
                     "      | ^~~~~\n"
                     "help: a cell with a comma in it stands between quotes\n");
}

Test(csv, knows_semicolons_and_tabs)
{
    cr_assert_str_eq(
        READ("kb;day\nK1;2026-01-01\n"),
        "t.csv:1:1: error E0754: This file is separated by semicolons, not by commas.\n"
        "    1 | kb;day\n"
        "      | ^~~~~~\n"
        "help: save it with commas; in a spreadsheet choose \"CSV UTF-8, comma separated\"\n");
    cr_assert_not_null(strstr(READ("kb\tday\n"), "separated by tabs"));
}

Test(csv, refuses_what_is_empty_or_no_text)
{
    cr_assert_not_null(strstr(READ(""), "E0755: This file is empty."));
    cr_assert_not_null(strstr(READ("\n\r\n"), "E0755"));
    cr_assert_not_null(strstr(READ("a\n\xE9\n"), "E0103: The byte 0xE9 is not UTF-8."));
    cr_assert_not_null(strstr(READ("a\n\0\n"), "E0102"));
    cr_assert_not_null(strstr(READ("\xFF\xFE"
                                   "a\0\n\0"),
                              "E0101: This file is UTF-16"));
}

Test(csv, ends_quickly_on_endless_errors)
{
    static char text[400000];
    memset(text, '\n', sizeof text);
    memcpy(text, "a,b\n", 4);
    for (size_t i = 4; i < sizeof text; i += 2)
        text[i] = 'x';
    struct mst_arena arena;
    struct mst_diags diags;
    mst_arena_init(&arena, NULL);
    mst_diags_init(&diags, &arena, 10);
    result[0] = '\0';
    read_rows(&arena, &diags, text, sizeof text);
    cr_assert_eq(diags.error_count, 10);
    cr_assert_eq(diags.dropped, 1);
    mst_arena_free(&arena);
}
