/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner: which words are names where, what literals are worth, what texts hold; then the
 * mistakes that are seen before any grammar, each with its whole text. */
#include "parse_cases.h"

#include "lex.h"

static void append_token(struct dump *dump, const struct mst_token *token)
{
    const char *word = mst_lex_spelling(token->kind);
    if (word != NULL)
        put(dump, "%s ", word);
    else if (token->kind > ' ' && token->kind < 127)
        put(dump, "%c ", token->kind);
    else if (token->text != NULL && token->byte_count != 0)
        put(dump, "\"%.*s\" ", (int)token->byte_count, token->text);
    else if (token->text != NULL)
        put(dump, "<%s> ", token->text);
    else
        put(dump, "%u:%lld ", token->literal, (long long)token->word);
}

/* Words as they are, names in <>, texts in "", literals as kind:value. */
static const char *scan(const char *source)
{
    static struct dump dump;
    struct mst_arena arena;
    struct mst_atoms atoms;
    struct mst_diags diags;
    struct mst_lexer lexer;
    struct mst_token token;
    dump.len = 0;
    dump.text[0] = '\0';
    mst_arena_init(&arena, NULL);
    mst_atoms_init(&atoms, &arena);
    mst_diags_init(&diags, &arena, 0);
    uint32_t number = mst_diags_add_source(&diags, "t.muster", source, strlen(source));
    mst_lex_init(&lexer, &atoms, &diags, number);
    for (mst_lex_next(&lexer, &token); token.kind != 0; mst_lex_next(&lexer, &token))
        append_token(&dump, &token);
    put(&dump, "%s", diags.count != 0 ? "!" : "");
    mst_arena_free(&arena);
    return dump.text;
}

Test(lex, reserved_words_are_sorted_and_distinct)
{
    static const char *const words[] = {
#define MST_RESERVED(token, spelling, class) spelling,
        MST_RESERVED_WORDS(MST_RESERVED)
#undef MST_RESERVED
    };
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        cr_assert_lt(strcmp(words[i - 1], words[i]), 0, "%s", words[i]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%s ", words[i]);
        cr_assert_str_eq(scan(words[i]), expected);
    }
}

Test(lex, reserved_words_are_names_in_places)
{
    cr_assert_str_eq(scan("device.source.check"), "<device> . <source> . <check> ");
    cr_assert_str_eq(scan("check: version\n stale : text"), "<check> : version <stale> : <text> ");
    cr_assert_str_eq(scan("at(x) version (y) at most"), "<at> ( <x> ) <version> ( <y> ) at most ");
    cr_assert_str_eq(scan("x is unknown: v where true: 1"),
                     "<x> is unknown : <v> where true : 1:1 ");
    cr_assert_str_eq(scan("checks Check"), "<checks> <Check> ");
}

Test(lex, two_words_are_one_token)
{
    cr_assert_not_null(strstr(scan("x not in y"), "<x> "));
    cr_assert_str_eq(scan("not inside is nothing"), "not <inside> is <nothing> ");
    cr_assert_str_eq(scan("not (x)"), "not ( <x> ) ");
}

Test(lex, literals_have_their_values)
{
    cr_assert_str_eq(scan("0 007 9223372036854775807"), "1:0 1:7 1:9223372036854775807 ");
    cr_assert_str_eq(scan("1.2 26100.4929"), "2:281483566645248 2:7346518062041923584 ");
    cr_assert_str_eq(scan("1970-01-02 1970-01 10:00"), "3:1 4:23640 6:36000 ");
    cr_assert_str_eq(scan("1970-01-01T00:00:10Z 1970-01-01T02:00:00+02:00"), "5:10 5:0 ");
    cr_assert_str_eq(scan("7 days 1 second 2\tweeks 0 hour"), "7:604800 7:1 7:1209600 7:0 ");
    cr_assert_str_eq(scan("500 rows 7 daysy 1+2"), "1:500 rows 1:7 <daysy> 1:1 + 1:2 ");
    cr_assert_str_eq(scan("2 - 1 -x a.b-c"), "1:2 - 1:1 - <x> <a> . <b> - <c> ");
}

Test(lex, texts_are_unescaped)
{
    cr_assert_str_eq(scan("\"say \"\"hi\"\"\""), "\"say \"hi\"\" ");
    cr_assert_str_eq(scan("\"HKLM\\SYSTEM {{x}}\""), "\"HKLM\\SYSTEM {x}\" ");
    cr_assert_str_eq(scan("\"a {check} b { x.y } c\""), "\"a \" <check> \" b \" <x> . <y> \" c\" ");
    cr_assert_str_eq(scan("\"{count(x)}\""), "<> count ( <x> ) <> ");
    cr_assert_str_eq(scan("\"caf\xC3\xA9\" # c\n\"\""), "\"caf\xC3\xA9\" <> ");
}

Test(lex, byte_order_mark_and_line_ends_are_blanks)
{
    cr_assert_str_eq(scan("\xEF\xBB\xBFmodule a\r\n\tx\ry"), "module <a> <x> <y> ");
}

static const struct error_case cases[] = {
    {"single_quotes", "let a = 'x'\n",
     "t.muster:2:9: error E0109: Texts stand between straight double quotes.\n"
     "    2 | let a = 'x'\n"
     "      |         ^~~\n"
     "help: write \"x\"\n"},
    {"smart_quotes", "let a = \xE2\x80\x9Cx\xE2\x80\x9D\n",
     "t.muster:2:9: error E0109: Texts stand between straight double quotes.\n"
     "    2 | let a = \xE2\x80\x9Cx\xE2\x80\x9D\n"
     "      |         ^~~\n"
     "help: write \"x\"\n"},
    {"and_sign", "let a = b && c || !d\n",
     "t.muster:2:11: error E0108: `&&` is not an operator here.\n"
     "    2 | let a = b && c || !d\n"
     "      |           ^~\n"
     "help: write `and`\n"
     "t.muster:2:16: error E0108: `||` is not an operator here.\n"
     "    2 | let a = b && c || !d\n"
     "      |                ^~\n"
     "help: write `or`\n"
     "t.muster:2:19: error E0108: `!` is not an operator here.\n"
     "    2 | let a = b && c || !d\n"
     "      |                   ^\n"
     "help: write `not`\n"},
    {"angle_unequal", "let a = b <> c\n",
     "t.muster:2:11: error E0108: `<>` is not an operator here.\n"
     "    2 | let a = b <> c\n"
     "      |           ^~\n"
     "help: write `!=`\n"},
    {"shell_equals", "let a = b -eq c\n",
     "t.muster:2:11: error E0108: `-eq` is not an operator here.\n"
     "    2 | let a = b -eq c\n"
     "      |           ^~~\n"
     "help: write `==`\n"},
    {"assignment", "policy p { pass a fail b unknown c check d { require x = 3 } }\n",
     "t.muster:2:56: error E0207: `=` gives a name to a value; it does not compare.\n"
     "    2 | policy p { pass a fail b unknown c check d { require x = 3 } }\n"
     "      |                                                        ^\n"
     "help: write `==`\n"},
    {"seven_days", "let a = 7days\n",
     "t.muster:2:9: error E0117: `7days` is not a duration.\n"
     "    2 | let a = 7days\n"
     "      |         ^~~~~\n"
     "help: write `7 days`\n"},
    {"short_days", "let a = 28d\n",
     "t.muster:2:9: error E0117: `28d` is not a duration.\n"
     "    2 | let a = 28d\n"
     "      |         ^~~\n"
     "help: write `28 days`\n"},
    {"release_name", "let a = 24H2\n",
     "t.muster:2:9: error E0117: `24H2` is the name of a release, not its version.\n"
     "    2 | let a = 24H2\n"
     "      |         ^~~~\n"
     "help: compare the build, as in `os.build within 26100`; as a text write it between quotes\n"},
    {"glued_difference", "let a = 2610-10\n",
     "t.muster:2:9: error E0117: `2610-10` is not a month of 1900 to 2199.\n"
     "    2 | let a = 2610-10\n"
     "      |         ^~~~~~~\n"
     "help: put spaces around `-` for a difference\n"},
    {"version_v", "let a = v26100.1\n",
     "t.muster:2:9: error E0119: `v26100.1`: a version is written without `v`.\n"
     "    2 | let a = v26100.1\n"
     "      |         ^~~~~~~~\n"
     "help: write `26100.1`\n"},
    {"five_parts", "let a = 26100.4929.1.2.3\n",
     "t.muster:2:9: error E0118: `26100.4929.1.2.3` has more than four parts.\n"
     "    2 | let a = 26100.4929.1.2.3\n"
     "      |         ^~~~~~~~~~~~~~~~\n"
     "help: a version has one to four parts, such as 26100.4929\n"},
    {"large_part", "let a = 26100.70000\n",
     "t.muster:2:9: error E0118: `26100.70000` is not a version.\n"
     "    2 | let a = 26100.70000\n"
     "      |         ^~~~~~~~~~~\n"
     "help: each part of a version is a number from 0 to 65535\n"},
    {"no_month", "let a = 2026-13-01\n",
     "t.muster:2:9: error E0120: `2026-13-01` is not a date: months go from 01 to "
     "12.\n"
     "    2 | let a = 2026-13-01\n"
     "      |         ^~~~~~~~~~\n"
     "help: dates are written year-month-day, such as 2026-11-10\n"},
    {"no_day", "let a = 2026-02-30\n",
     "t.muster:2:9: error E0120: `2026-02-30`: there is no such day.\n"
     "    2 | let a = 2026-02-30\n"
     "      |         ^~~~~~~~~~\n"
     "help: February 2026 has 28 days\n"},
    {"day_first", "let a = 10-11-2026\n",
     "t.muster:2:9: error E0117: `10-11-2026` is not a number, version or date.\n"
     "    2 | let a = 10-11-2026\n"
     "      |         ^~~~~~~~~~\n"
     "help: dates are written year-month-day, such as 2026-11-10\n"},
    {"one_digit", "let a = 2026-1-5\n",
     "t.muster:2:9: error E0117: `2026-1-5` is not a number, version or date.\n"
     "    2 | let a = 2026-1-5\n"
     "      |         ^~~~~~~~\n"
     "help: months and days have two digits, such as 2026-01-05\n"},
    {"time_without_zone", "let a = 2026-11-10T18:00:00\n",
     "t.muster:2:9: error E0121: `2026-11-10T18:00:00` is not a time.\n"
     "    2 | let a = 2026-11-10T18:00:00\n"
     "      |         ^~~~~~~~~~~~~~~~~~~\n"
     "help: a time is written 2026-11-10T18:00:00Z, or with an offset: "
     "2026-11-10T18:00:00+02:00\n"},
    {"hour_25", "let a = at(d, 25:00, utc)\n",
     "t.muster:2:15: error E0121: `25:00` is not a time of day.\n"
     "    2 | let a = at(d, 25:00, utc)\n"
     "      |               ^~~~~\n"
     "help: clocks go from 00:00 to 23:59\n"},
    {"second_60", "let a = 2026-11-10T18:00:60Z\n",
     "t.muster:2:9: error E0121: `2026-11-10T18:00:60Z` is not a time.\n"
     "    2 | let a = 2026-11-10T18:00:60Z\n"
     "      |         ^~~~~~~~~~~~~~~~~~~~\n"
     "help: seconds go from 00 to 59\n"},
    {"large_int", "let a = 9223372036854775808\n",
     "t.muster:2:9: error E0122: `9223372036854775808` is too large.\n"
     "    2 | let a = 9223372036854775808\n"
     "      |         ^~~~~~~~~~~~~~~~~~~\n"
     "help: the largest whole number is 9223372036854775807\n"},
    {"long_duration", "let a = 600000 weeks\n",
     "t.muster:2:9: error E0123: `600000 weeks` is too long.\n"
     "    2 | let a = 600000 weeks\n"
     "      |         ^~~~~~~~~~~~\n"
     "help: a duration has at most 3660000 days\n"},
    {"underscore", "let a = 1_000\n",
     "t.muster:2:9: error E0117: `1_000` is not a number, version or date.\n"
     "    2 | let a = 1_000\n"
     "      |         ^~~~~\n"
     "help: write the digits without `_`\n"},
    {"open_text",
     "let a = \"x\n"
     "let b = 2\n",
     "t.muster:2:9: error E0111: This text is not closed on its line.\n"
     "    2 | let a = \"x\n"
     "      |         ^~\n"
     "help: end it with \"; a quote inside a text is written twice: \"\"\n"},
    {"open_hole", "policy p { pass a \"x {check\" fail b unknown c }\n",
     "t.muster:2:22: error E0113: This `{` is not closed by `}` in its text.\n"
     "    2 | policy p { pass a \"x {check\" fail b unknown c }\n"
     "      |                      ^\n"
     "help: between braces stands a name, path, lookup or call; write `{{` for a "
     "brace\n"},
    {"stray_brace", "let a = \"x } y\"\n",
     "t.muster:2:12: error E0114: This `}` closes nothing.\n"
     "    2 | let a = \"x } y\"\n"
     "      |            ^\n"
     "help: write `}}` for a brace in a text\n"},
    {"hole_in_plain", "let a = \"x {b} y\"\n",
     "t.muster:2:13: error E0116: This text cannot hold a value: only messages can.\n"
     "    2 | let a = \"x {b} y\"\n"
     "      |             ^\n"
     "help: write `{{` and `}}` for braces in a text\n"},
    {"empty_hole", "policy p { pass a fail b \"x {}\" unknown c }\n",
     "t.muster:2:29: error E0115: There is nothing between these braces.\n"
     "    2 | policy p { pass a fail b \"x {}\" unknown c }\n"
     "      |                             ^\n"
     "help: write `{{` and `}}` for braces that are text\n"},
    {"sum_in_hole", "policy p { pass a fail b \"x {y + 1}\" unknown c }\n",
     "t.muster:2:30: error E0115: Between the braces of a text stands a name, a path, "
     "a lookup or a call.\n"
     "    2 | policy p { pass a fail b \"x {y + 1}\" unknown c }\n"
     "      |                              ^~~~~\n"
     "help: give it a name with `let` and write that name here\n"},
    {"semicolon", "let a = 1;\n",
     "t.muster:2:10: error E0107: `;` has no meaning here.\n"
     "    2 | let a = 1;\n"
     "      |          ^\n"
     "help: delete it: nothing ends with a semicolon\n"},
    {"slashes",
     "// x\n"
     "let a = 1\n",
     "t.muster:2:1: error E0110: Comments begin with `#`.\n"
     "    2 | // x\n"
     "      | ^~\n"
     "help: write `#` before each line of the comment\n"},
    {"umlaut",
     "let gr\xC3\xB6\xC3\x9F"
     "e = 1\n",
     "t.muster:2:5: error E0107: `gr\xC3\xB6\xC3\x9F"
     "e` is not a name.\n"
     "    2 | let gr\xC3\xB6\xC3\x9F"
     "e = 1\n"
     "      |     ^~~~~\n"
     "help: names are made of the letters a-z and A-Z, digits and `_`\n"},
    {"no_break_space", "let a = 1\xC2\xA0+ 2\n",
     "t.muster:2:10: error E0107: There is a blank here that is not a space.\n"
     "    2 | let a = 1\xC2\xA0+ 2\n"
     "      |          ^\n"
     "help: replace it by a space; it often comes with text pasted from a document\n"},
    {"at_sign", "let a = @b\n",
     "t.muster:2:9: error E0107: `@` has no meaning in rules.\n"
     "    2 | let a = @b\n"
     "      |         ^\n"
     "help: delete it\n"},
    {"bidi", "let a = \"x\xE2\x80\xAEy\" # z\n",
     "t.muster:2:11: error E0104: The invisible character U+202E changes the order in "
     "which this line is shown.\n"
     "    2 | let a = \"x\xEF\xBF\xBDy\" # z\n"
     "      |           ^\n"
     "help: delete it: the line may not say what it seems to say\n"},
    {"control", "let a = \"x\x07y\"\n",
     "t.muster:2:11: error E0105: There is a control character, U+0007, here.\n"
     "    2 | let a = \"x\xEF\xBF\xBDy\"\n"
     "      |           ^\n"
     "help: delete it: the line may not say what it seems to say\n"},
};

Test(lex, mistakes_have_messages_of_their_own)
{
    check_cases("module a.b version 1.0\n", cases, sizeof cases / sizeof *cases);
}

#define ERRORS_OF(source) parse_errors((source), sizeof(source) - 1)

Test(lex, what_is_no_text_is_refused)
{
    cr_assert_str_eq(ERRORS_OF("\xFF\xFEm\0o\0"),
                     "t.muster:1:1: error E0101: This file is UTF-16, not UTF-8.\n"
                     "    1 | \xEF\xBF\xBD\xEF\xBF\xBDm\xEF\xBF\xBDo\xEF\xBF\xBD\n"
                     "      | ^\n"
                     "help: save it as UTF-8 (in PowerShell: Out-File -Encoding utf8)\n");
    cr_assert_not_null(strstr(ERRORS_OF("m\0o\0d\0"), "E0101"));
    cr_assert_not_null(strstr(ERRORS_OF("module a.b \0"), "t.muster:1:12: error E0102"));
    cr_assert_not_null(strstr(ERRORS_OF("# caf\xE9\n"), "The byte 0xE9 is not UTF-8."));
    cr_assert_not_null(strstr(ERRORS_OF("# \xED\xA0\x80\n"), "E0103")); /* a surrogate */
    cr_assert_not_null(strstr(ERRORS_OF("# \xC0\xAF\n"), "E0103"));     /* overlong */
    cr_assert_not_null(strstr(ERRORS_OF("module a.b # \xE2\x80\xAE\n"), "E0104"));
}

Test(lex, sizes_are_bounded)
{
    static char source[6000];
    int len = snprintf(source, sizeof source, "module a.b version 1.0 let %065d = 1", 0);
    memset(source + 27, 'n', 65);
    cr_assert_not_null(strstr(parse_errors(source, (size_t)len), "This name has 65 bytes"));
    len = snprintf(source, sizeof source, "module a.b version 1.0 \"%04096d\"", 0);
    cr_assert_str_eq(parse_errors(source, (size_t)len), "");
    len = snprintf(source, sizeof source, "module a.b version 1.0 \"%04097d\"", 0);
    cr_assert_not_null(strstr(parse_errors(source, (size_t)len), "longer than 4096 bytes"));
}
