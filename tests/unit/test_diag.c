/* SPDX-License-Identifier: Apache-2.0
 *
 * Diagnostics: the bounded list, places, "did you mean", and how they look. */
#include <criterion/criterion.h>
#include <string.h>

#include "diag.h"

static struct mst_arena arena;
static struct mst_diags diags;
static char rendered[8192];

static void begin(const char *text, size_t max_errors)
{
    mst_arena_init(&arena, NULL);
    mst_diags_init(&diags, &arena, max_errors);
    mst_diags_add_source(&diags, "rules/t.muster", text, strlen(text));
}

static struct mst_span span(uint32_t at, uint32_t len)
{
    return (struct mst_span){0, at, len};
}

static const char *render(size_t index, bool color)
{
    size_t len = mst_diag_render(&diags, &diags.list[index], color, rendered, sizeof rendered - 1);
    cr_assert_lt(len, sizeof rendered);
    rendered[len] = '\0';
    return rendered;
}

static const char *render_span(const char *text, uint32_t at, uint32_t len)
{
    begin(text, 0);
    mst_diag_report(&diags, MST_DIAG_SYNTAX, span(at, len), "Wrong.");
    render(0, false);
    mst_arena_free(&arena);
    return rendered;
}

Test(diag, shows_place_line_span_other_place_and_help)
{
    begin("one\ntwo three\n", 0);
    struct mst_diag *diag =
        mst_diag_report(&diags, MST_DIAG_SYNTAX, span(8, 5), "Expected %s.", "`then`");
    mst_diag_other(&diags, diag, span(0, 3), "it began %s", "here");
    mst_diag_help(&diags, diag, "write `%s`", "then");
    cr_assert_str_eq(render(0, false), "rules/t.muster:2:5: error E0201: Expected `then`.\n"
                                       "    2 | two three\n"
                                       "      |     ^~~~~\n"
                                       "rules/t.muster:1:1: it began here\n"
                                       "    1 | one\n"
                                       "      | ^~~\n"
                                       "help: write `then`\n");
    cr_assert_str_eq(diags.list[0].code, "E0201");
    mst_arena_free(&arena);
}

Test(diag, colors_only_when_asked)
{
    begin("abc\n", 0);
    mst_diag_help(&diags, mst_diag_report(&diags, MST_DIAG_SYNTAX, span(1, 1), "Wrong."), "help");
    cr_assert_null(strchr(render(0, false), '\033'));
    cr_assert_not_null(strstr(render(0, true), "\033[1;31merror E0201: \033[0mWrong.\n"));
    mst_arena_free(&arena);
}

Test(diag, columns_count_characters)
{
    cr_assert_str_eq(render_span("\xC3\xA4\xE2\x82\xAC x", 6, 1),
                     "rules/t.muster:1:4: error E0201: Wrong.\n"
                     "    1 | \xC3\xA4\xE2\x82\xAC x\n"
                     "      |    ^\n");
}

Test(diag, expands_tabs_and_cuts_spans_at_the_line)
{
    cr_assert_str_eq(render_span("\ta\tb\nc\n", 1, 6), "rules/t.muster:1:2: error E0201: Wrong.\n"
                                                       "    1 |     a   b\n"
                                                       "      |     ^~~~~\n");
}

Test(diag, shows_the_end_of_a_line_and_of_the_file)
{
    cr_assert_str_eq(render_span("ab\r\nc", 2, 0), "rules/t.muster:1:3: error E0201: Wrong.\n"
                                                   "    1 | ab\n"
                                                   "      |   ^\n");
    cr_assert_str_eq(render_span("ab", 2, 0), "rules/t.muster:1:3: error E0201: Wrong.\n"
                                              "    1 | ab\n"
                                              "      |   ^\n");
    cr_assert_str_eq(render_span("", 0, 0), "rules/t.muster:1:1: error E0201: Wrong.\n"
                                            "    1 | \n"
                                            "      | ^\n");
}

Test(diag, cuts_long_lines_around_the_span)
{
    static char text[5001];
    memset(text, 'x', sizeof text - 1);
    memcpy(text + 2500, "here", 4);
    const char *seen = render_span(text, 2500, 4);
    const char *line = strchr(seen, '\n') + 1, *mark = strchr(line, '\n') + 1;
    cr_assert_eq(mark - line - 1, 100);
    const char *caret = strchr(mark, '^');
    cr_assert_eq(memcmp(line + (caret - mark), "here", 4), 0);
    cr_assert_not_null(strstr(line, "...x"));
    cr_assert_not_null(strstr(seen, "x...\n"));
    cr_assert_str_eq(strchr(mark, '^'), "^~~~\n");
}

Test(diag, hides_what_could_change_the_terminal)
{
    cr_assert_not_null(strstr(render_span("a\033[31m\xE2\x80\xAE\xFF", 0, 1),
                              "    1 | a\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD\n"));
}

Test(diag, writes_as_much_as_fits)
{
    char small[10];
    memset(small, '#', sizeof small);
    begin("abc\n", 0);
    mst_diag_report(&diags, MST_DIAG_SYNTAX, span(0, 1), "Wrong.");
    size_t len = mst_diag_render(&diags, &diags.list[0], false, small, 5);
    cr_assert_eq(memcmp(small, "rules#####", 10), 0);
    cr_assert_eq(len, strlen(render(0, false)));
    cr_assert_eq(mst_diag_render(&diags, &diags.list[0], false, NULL, 0), len);
    mst_arena_free(&arena);
}

Test(diag, keeps_each_once_up_to_the_limit_in_order)
{
    begin("0123456789", 3);
    for (uint32_t i = 0; i < 10; i++) {
        mst_diag_report(&diags, MST_DIAG_SYNTAX, span(9 - i, 1), "%u", i);
        mst_diag_report(&diags, MST_DIAG_SYNTAX, span(9 - i, 1), "again");
    }
    cr_assert_eq(diags.count, 3);
    cr_assert_eq(diags.error_count, 3);
    cr_assert(mst_diags_full(&diags));
    mst_diags_sort(&diags);
    cr_assert_str_eq(diags.list[0].message, "2");
    cr_assert_str_eq(diags.list[2].message, "0");
    mst_arena_free(&arena);
}

Test(diag, finds_what_was_meant)
{
    static const char *const names[] = {"Enterprise", "Education", "Core", "require", "build"};
    cr_assert_str_eq(mst_diag_nearest("enterprise", names, 5), "Enterprise");
    cr_assert_str_eq(mst_diag_nearest("ENTERPRISE", names, 5), "Enterprise");
    cr_assert_str_eq(mst_diag_nearest("Entreprise", names, 5), "Enterprise");
    cr_assert_str_eq(mst_diag_nearest("requre", names, 5), "require");
    cr_assert_str_eq(mst_diag_nearest("biuld", names, 5), "build");
    cr_assert_str_eq(mst_diag_nearest("Educatoin", names, 5), "Education");
    cr_assert_null(mst_diag_nearest("os", names, 5));
    cr_assert_null(mst_diag_nearest("something", names, 5));
    cr_assert_null(mst_diag_nearest("x", names, 0));
}

Test(diag, lines_and_columns_of_all_offsets)
{
    uint32_t line = 0, column = 0;
    begin("\xEF\xBB\xBF"
          "a\n\nbc",
          0);
    mst_source_place(&diags, 0, 7, &line, &column);
    cr_assert(line == 3 && column == 2);
    mst_source_place(&diags, 0, 3, &line, &column);
    cr_assert(line == 1 && column == 1);
    mst_source_place(&diags, 0, 5, &line, &column);
    cr_assert(line == 2 && column == 1);
    mst_source_place(&diags, 0, 99, &line, &column);
    cr_assert(line == 3 && column == 3);
    mst_source_place(&diags, 7, 0, &line, &column);
    cr_assert(line == 1 && column == 1);
    mst_arena_free(&arena);
}
