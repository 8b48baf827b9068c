/* SPDX-License-Identifier: Apache-2.0
 *
 * The parser on wrong sources: one mistake each, with the whole text that an author sees, and that
 * what follows a mistake is still read. */
#include "parse_cases.h"

static const struct error_case cases[] = {
    {"no_module", "let a = 3\n",
     "t.muster:1:1: error E0210: A file begins with `module` and its name.\n"
     "    1 | let a = 3\n"
     "      | ^~~\n"
     "help: write `module windows.example version 1.0` at the beginning\n"},
    {"misspelt_module",
     "modul a.b version 1.0\n"
     "let a = 3 3\n",
     "t.muster:1:1: error E0210: A file begins with `module` and its name.\n"
     "    1 | modul a.b version 1.0\n"
     "      | ^~~~~\n"
     "help: write `module windows.example version 1.0` at the beginning\n"
     "t.muster:2:11: error E0201: There is no operator between `3` and `3`.\n"
     "    2 | let a = 3 3\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"misspelt_item",
     "module a.b version 1.0\n"
     "polcy p { }\n",
     "t.muster:2:1: error E0201: No item begins with `polcy`.\n"
     "    2 | polcy p { }\n"
     "      | ^~~~~\n"
     "help: did you mean `policy`?\n"},
    {"not_an_item",
     "module a.b version 1.0\n"
     "3\n",
     "t.muster:2:1: error E0201: No item begins with `3`.\n"
     "    2 | 3\n"
     "      | ^\n"
     "help: items begin with import, enum, record, facts, subject, set, param, table, "
     "let, def, policy, decision, fixture or test\n"},
    {"chained",
     "module a.b version 1.0\n"
     "let x = a < b < c\n",
     "t.muster:2:9: error E0206: Comparisons cannot be chained.\n"
     "    2 | let x = a < b < c\n"
     "      |         ^~~~~~~~~\n"
     "help: write two: `a < b and b < c`\n"},
    {"chained_is",
     "module a.b version 1.0\n"
     "let x = a == b is unknown\n",
     "t.muster:2:9: error E0206: Comparisons cannot be chained.\n"
     "    2 | let x = a == b is unknown\n"
     "      |         ^~~~~~~~~~~~~~~~~\n"
     "help: join them with `and`, or put one into parentheses\n"},
    {"missing_then",
     "module a.b version 1.0\n"
     "decision d {\n"
     "  when a otherwise b\n"
     "}\n",
     "t.muster:3:10: error E0201: Expected `then` after the condition.\n"
     "    3 |   when a otherwise b\n"
     "      |          ^~~~~~~~~\n"
     "help: write `then` and what is to follow\n"},
    {"missing_else",
     "module a.b version 1.0\n"
     "let x = if a then b\n"
     "let y = 1\n",
     "t.muster:2:19: error E0201: Expected `else`: an `if` always has both branches.\n"
     "    2 | let x = if a then b\n"
     "      |                   ^\n"
     "help: write `else` and the other value\n"},
    {"missing_otherwise",
     "module a.b version 1.0\n"
     "decision d {\n"
     "  when a then b\n"
     "}\n",
     "t.muster:4:1: error E0201: A decision ends with `otherwise`.\n"
     "    4 | }\n"
     "      | ^\n"
     "help: write `otherwise OUTCOME` as its last case\n"},
    {"missing_because",
     "module a.b version 1.0\n"
     "policy p { pass a fail b unknown c\n"
     "  check d { undecided when x require y }\n"
     "}\n",
     "t.muster:3:30: error E0201: Expected `because` and a text: what stays open says why.\n"
     "    3 |   check d { undecided when x require y }\n"
     "      |                              ^~~~~~~\n"
     "help: say why it is open: `because \"…\"`\n"},
    {"missing_brace_of_check",
     "module a.b version 1.0\n"
     "policy p {\n"
     "  pass a fail b unknown c\n"
     "  check d {\n"
     "    require x\n"
     "  check e { require 3 3 }\n"
     "}\n"
     "let z = 3\n",
     "t.muster:6:3: error E0202: The `{` of this `check` is not closed.\n"
     "    6 |   check e { require 3 3 }\n"
     "      |   ^~~~~\n"
     "t.muster:4:11: it was opened here\n"
     "    4 |   check d {\n"
     "      |           ^\n"
     "help: write `}` before `check`\n"
     "t.muster:6:23: error E0201: There is no operator between `3` and `3`.\n"
     "    6 |   check e { require 3 3 }\n"
     "      |                       ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"missing_brace_of_policy",
     "module a.b version 1.0\n"
     "policy p {\n"
     "  pass a fail b unknown c\n"
     "  check d { require x }\n"
     "\n"
     "let z = 3 3\n",
     "t.muster:6:1: error E0202: The `{` of this `policy` is not closed.\n"
     "    6 | let z = 3 3\n"
     "      | ^~~\n"
     "t.muster:2:10: it was opened here\n"
     "    2 | policy p {\n"
     "      |          ^\n"
     "help: write `}` before `let`\n"
     "t.muster:6:11: error E0201: There is no operator between `3` and `3`.\n"
     "    6 | let z = 3 3\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"missing_brace_at_end",
     "module a.b version 1.0\n"
     "policy p {\n"
     "  pass a fail b unknown c\n"
     "  check d { require x }\n",
     "t.muster:5:1: error E0202: The `{` of this `policy` is not closed.\n"
     "    5 | \n"
     "      | ^\n"
     "t.muster:2:10: it was opened here\n"
     "    2 | policy p {\n"
     "      |          ^\n"
     "help: write `}` before the end of the file\n"},
    {"missing_parenthesis",
     "module a.b version 1.0\n"
     "decision d {\n"
     "  when (a or b then c\n"
     "  otherwise e\n"
     "}\n",
     "t.muster:3:16: error E0202: A `(` is not closed.\n"
     "    3 |   when (a or b then c\n"
     "      |                ^~~~\n"
     "t.muster:3:8: it was opened here\n"
     "    3 |   when (a or b then c\n"
     "      |        ^\n"
     "help: write `)` before `then`\n"},
    {"missing_bracket_of_item",
     "module a.b version 1.0\n"
     "let a = (1 + 2\n"
     "let b = 3\n",
     "t.muster:3:1: error E0202: A `(` is not closed.\n"
     "    3 | let b = 3\n"
     "      | ^~~\n"
     "t.muster:2:9: it was opened here\n"
     "    2 | let a = (1 + 2\n"
     "      |         ^\n"
     "help: write `)` before `let`\n"},
    {"closing_too_many",
     "module a.b version 1.0\n"
     "let a = 1)\n"
     "let b = 3 3\n",
     "t.muster:2:10: error E0203: There is no open `(` that this `)` could close.\n"
     "    2 | let a = 1)\n"
     "      |          ^\n"
     "help: delete it, or look for a closing one too many before it\n"
     "t.muster:3:11: error E0201: There is no operator between `3` and `3`.\n"
     "    3 | let b = 3 3\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"brace_too_many",
     "module a.b version 1.0\n"
     "let a = 1\n"
     "}\n"
     "let b = 3 3\n",
     "t.muster:3:1: error E0203: There is no open `{` that this `}` could close.\n"
     "    3 | }\n"
     "      | ^\n"
     "help: delete it, or look for a closing one too many before it\n"
     "t.muster:4:11: error E0201: There is no operator between `3` and `3`.\n"
     "    4 | let b = 3 3\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"reserved_name",
     "module a.b version 1.0\n"
     "let last = 3\n",
     "t.muster:2:5: error E0204: `last` is a reserved word and cannot be a name "
     "here.\n"
     "    2 | let last = 3\n"
     "      |     ^~~~\n"
     "help: choose another name, such as `last_`\n"},
    {"reserved_item_name",
     "module a.b version 1.0\n"
     "policy test { pass a fail b unknown c }\n",
     "t.muster:2:8: error E0204: `test` is a reserved word and cannot be a name "
     "here.\n"
     "    2 | policy test { pass a fail b unknown c }\n"
     "      |        ^~~~\n"
     "help: choose another name, such as `test_`\n"},
    {"reserved_check",
     "module a.b version 1.0\n"
     "policy p { pass a fail b unknown c check count { require x } }\n",
     "t.muster:2:42: error E0204: `count` is a reserved word and cannot be a name "
     "here.\n"
     "    2 | policy p { pass a fail b unknown c check count { require x } }\n"
     "      |                                          ^~~~~\n"
     "help: choose another name, such as `count_`\n"},
    {"missing_operand",
     "module a.b version 1.0\n"
     "let a = 1 +\n"
     "let b = 2\n",
     "t.muster:2:11: error E0201: Expected a value after `+`.\n"
     "    2 | let a = 1 +\n"
     "      |           ^\n"
     "help: write one, or delete `+`\n"},
    {"missing_condition",
     "module a.b version 1.0\n"
     "policy p { pass a fail b unknown c check d { require reason \"x\" } }\n",
     "t.muster:2:54: error E0201: Expected a condition after `require`.\n"
     "    2 | policy p { pass a fail b unknown c check d { require reason \"x\" } }\n"
     "      |                                                      ^~~~~~\n"
     "help: write one, or delete `require`\n"},
    {"set_as_value",
     "module a.b version 1.0\n"
     "let a = {1, 2}\n",
     "t.muster:2:9: error E0201: Expected a value after `=`.\n"
     "    2 | let a = {1, 2}\n"
     "      |         ^\n"
     "help: a set in braces stands after `in` only\n"},
    {"if_inside",
     "module a.b version 1.0\n"
     "let a = 1 + if b then c else d\n",
     "t.muster:2:13: error E0201: Expected a value after `+`.\n"
     "    2 | let a = 1 + if b then c else d\n"
     "      |             ^~\n"
     "help: put the `if` between parentheses\n"},
    {"is_true",
     "module a.b version 1.0\n"
     "let a = b is true\n",
     "t.muster:2:14: error E0201: After `is` only `unknown` can stand.\n"
     "    2 | let a = b is true\n"
     "      |              ^~~~\n"
     "help: to compare, write `== true`\n"},
    {"two_values",
     "module a.b version 1.0\n"
     "let a = b c\n",
     "t.muster:2:11: error E0201: There is no operator between `b` and `c`.\n"
     "    2 | let a = b c\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"double_equals",
     "module a.b version 1.0\n"
     "let a == 3\n",
     "t.muster:2:7: error E0201: `==` compares; a value is given with `=`.\n"
     "    2 | let a == 3\n"
     "      |       ^~\n"
     "help: write `=`\n"},
    {"commas_between_facts",
     "module a.b version 1.0\n"
     "facts f { a: text, b: text }\n",
     "t.muster:2:18: error E0201: No comma stands here.\n"
     "    2 | facts f { a: text, b: text }\n"
     "      |                  ^\n"
     "help: delete the `,`\n"},
    {"commas_between_rows",
     "module a.b version 1.0\n"
     "table t (a: int) { (1), (2) }\n",
     "t.muster:2:23: error E0201: No comma stands here.\n"
     "    2 | table t (a: int) { (1), (2) }\n"
     "      |                       ^\n"
     "help: delete the `,`\n"},
    {"missing_colon",
     "module a.b version 1.0\n"
     "facts f { a text }\n",
     "t.muster:2:13: error E0201: Expected `:` and a type or value after `a`.\n"
     "    2 | facts f { a text }\n"
     "      |             ^~~~\n"
     "help: write `a: ...`\n"},
    {"missing_type",
     "module a.b version 1.0\n"
     "param p = 3\n",
     "t.muster:2:9: error E0201: Expected `:` and a type or value after `p`.\n"
     "    2 | param p = 3\n"
     "      |         ^\n"
     "help: write `p: ...`\n"},
    {"misspelt_clause",
     "module a.b version 1.0\n"
     "policy p { pass a fail b unknown c\n"
     "  check d { requre x }\n"
     "}\n",
     "t.muster:3:13: error E0201: Expected `require`, `undecided`, `reason`, `remedy` "
     "or `cite` in this check, not `requre`.\n"
     "    3 |   check d { requre x }\n"
     "      |             ^~~~~~\n"
     "help: did you mean `require`?\n"},
    {"misspelt_check",
     "module a.b version 1.0\n"
     "policy p { pass a fail b unknown c\n"
     "  chek d { require x }\n"
     "}\n",
     "t.muster:3:3: error E0201: Expected a check, `pass`, `fail` or `unknown` in "
     "this policy, not `chek`.\n"
     "    3 |   chek d { require x }\n"
     "      |   ^~~~\n"
     "help: did you mean `check`?\n"},
    {"misspelt_given",
     "module a.b version 1.0\n"
     "test \"t\" {\n"
     "  at 2026-01-01T00:00:00Z\n"
     "  gven a.b = 1\n"
     "}\n",
     "t.muster:4:3: error E0201: Expected `at`, `given` or `expect` in this test, "
     "not `gven`.\n"
     "    4 |   gven a.b = 1\n"
     "      |   ^~~~\n"
     "help: did you mean `given`?\n"},
    {"at_most",
     "module a.b version 1.0\n"
     "table t (a: int) at 500 rows from \"t.csv\"\n",
     "t.muster:2:21: error E0201: Expected `most` after `at`.\n"
     "    2 | table t (a: int) at 500 rows from \"t.csv\"\n"
     "      |                     ^~~\n"
     "help: write `at most 500 rows`\n"},
    {"quantifier_form",
     "module a.b version 1.0\n"
     "let a = any(x in y where z)\n",
     "t.muster:2:9: error E0201: `any` is not written so.\n"
     "    2 | let a = any(x in y where z)\n"
     "      |         ^~~~~~~~~~~~~~~~~~~\n"
     "help: write `any(x in xs: condition)`\n"},
    {"sum_form",
     "module a.b version 1.0\n"
     "let a = sum(x in y)\n",
     "t.muster:2:9: error E0201: `sum` is not written so.\n"
     "    2 | let a = sum(x in y)\n"
     "      |         ^~~~~~~~~~~\n"
     "help: write `sum(x in xs where condition: value)`\n"},
    {"method",
     "module a.b version 1.0\n"
     "let a = (b).lower()\n",
     "t.muster:2:13: error E0208: A function is called by its name, not on a value.\n"
     "    2 | let a = (b).lower()\n"
     "      |             ^~~~~\n"
     "help: write `lower(...)` with the value between the parentheses\n"},
    {"second_module",
     "module a.b version 1.0\n"
     "let a = 1\n"
     "module c.d\n"
     "let b = 2\n",
     "t.muster:3:1: error E0211: A file holds one module, named at its beginning.\n"
     "    3 | module c.d\n"
     "      | ^~~~~~~~~~\n"
     "t.muster:1:1: it was named here\n"
     "    1 | module a.b version 1.0\n"
     "      | ^~~~~~~~~~~~~~~~~~~~~~\n"
     "help: move what follows to a file of its own\n"},
    {"pass_twice",
     "module a.b version 1.0\n"
     "policy p { pass a pass b fail c unknown d }\n",
     "t.muster:2:19: error E0209: `pass` stands once in a policy.\n"
     "    2 | policy p { pass a pass b fail c unknown d }\n"
     "      |                   ^~~~\n"
     "t.muster:2:12: it was written here\n"
     "    2 | policy p { pass a pass b fail c unknown d }\n"
     "      |            ^~~~~~\n"
     "help: keep one of them\n"},
    {"record_default",
     "module a.b version 1.0\n"
     "record r { a: int = 3 }\n",
     "t.muster:2:21: error E0201: A field of a record has no default.\n"
     "    2 | record r { a: int = 3 }\n"
     "      |                     ^\n"
     "help: use `??` where the field is read\n"},
    {"rows_and_file",
     "module a.b version 1.0\n"
     "table t (a: int) from \"t.csv\" { (1) }\n",
     "t.muster:2:23: error E0209: A table has rows or a file, not both.\n"
     "    2 | table t (a: int) from \"t.csv\" { (1) }\n"
     "      |                       ^~~~~~~\n"
     "help: keep one of them\n"},
    {"no_rows",
     "module a.b version 1.0\n"
     "table t (a: int)\n",
     "t.muster:2:7: error E0213: The table `t` has no rows.\n"
     "    2 | table t (a: int)\n"
     "      |       ^\n"
     "help: end it with `from \"FILE.csv\"` or rows in braces\n"},
    {"unfinished",
     "module a.b version 1.0\n"
     "let a =\n",
     "t.muster:2:7: error E0201: Expected a value after `=`.\n"
     "    2 | let a =\n"
     "      |       ^\n"
     "help: write one, or delete `=`\n"},
    {"two_broken_items",
     "module a.b version 1.0\n"
     "let a = 1 2\n"
     "let b = 3\n"
     "let c = (\n"
     "let d = 4 5\n",
     "t.muster:2:11: error E0201: There is no operator between `1` and `2`.\n"
     "    2 | let a = 1 2\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"
     "t.muster:5:1: error E0202: A `(` is not closed.\n"
     "    5 | let d = 4 5\n"
     "      | ^~~\n"
     "t.muster:4:9: it was opened here\n"
     "    4 | let c = (\n"
     "      |         ^\n"
     "help: write `)` before `let`\n"
     "t.muster:5:11: error E0201: There is no operator between `4` and `5`.\n"
     "    5 | let d = 4 5\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"two_broken_checks",
     "module a.b version 1.0\n"
     "policy p { pass a fail b unknown c\n"
     "  check d { require }\n"
     "  check e { require x y }\n"
     "}\n"
     "let z = 1 2\n",
     "t.muster:3:21: error E0201: Expected a condition after `require`.\n"
     "    3 |   check d { require }\n"
     "      |                     ^\n"
     "help: write one, or delete `require`\n"
     "t.muster:4:23: error E0201: There is no operator between `x` and `y`.\n"
     "    4 |   check e { require x y }\n"
     "      |                       ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"
     "t.muster:6:11: error E0201: There is no operator between `1` and `2`.\n"
     "    6 | let z = 1 2\n"
     "      |           ^\n"
     "help: to compare write `==`, to join conditions `and` or `or`\n"},
    {"enum_commas",
     "module a.b version 1.0\n"
     "enum E { A B }\n",
     "t.muster:2:12: error E0201: Expected `}`, `,` or `=` after `A`.\n"
     "    2 | enum E { A B }\n"
     "      |            ^\n"
     "help: write `,` between two of them\n"},
    {"empty_enum",
     "module a.b version 1.0\n"
     "enum E { }\n",
     "t.muster:2:10: error E0201: Expected a name or `unknown` after `{`.\n"
     "    2 | enum E { }\n"
     "      |          ^\n"
     "help: write it before `}`\n"},
    {"alias",
     "module a.b version 1.0\n"
     "import a.b as\n"
     "let x = 1\n",
     "t.muster:2:12: error E0201: Expected a name after `as`.\n"
     "    2 | import a.b as\n"
     "      |            ^~\n"
     "help: write it behind `as`\n"},
};

Test(parse_error, mistakes_have_messages_of_their_own)
{
    check_cases("", cases, sizeof cases / sizeof *cases);
}

/* Fills a source with `piece` behind a header. */
static char *repeat(const char *head, const char *piece, size_t bytes, size_t *len)
{
    size_t head_len = strlen(head), piece_len = strlen(piece);
    char *source = malloc(bytes + head_len + piece_len + 1);
    cr_assert_not_null(source);
    memcpy(source, head, head_len);
    for (*len = head_len; *len < bytes; *len += piece_len)
        memcpy(source + *len, piece, piece_len);
    return source;
}

static size_t count_errors(const char *head, const char *piece, size_t bytes)
{
    size_t len = 0, errors = 0;
    char *source = repeat(head, piece, bytes, &len);
    const char *text = parse_errors(source, len);
    for (const char *at = text; (at = strstr(at, ": error E")) != NULL; at++)
        errors++;
    free(source);
    return errors;
}

Test(parse_error, nesting_is_bounded_and_parsing_goes_on, .timeout = 20)
{
    static const char head[] = "module a.b version 1.0\nlet x = ";
    cr_assert_eq(count_errors(head, "(", 100000), 1);
    cr_assert_eq(count_errors(head, "not ", 100000), 1);
    cr_assert_eq(count_errors(head, "if a then b else ", 100000), 1);
    cr_assert_eq(count_errors(head, "a or ", 100000), 2); /* and the operand that is missing */
    cr_assert_eq(count_errors(head, "a.", 100000), 2);
    cr_assert_eq(count_errors("module a.b version 1.0\nlet x: ", "list<", 100000), 1);
}

Test(parse_error, endless_errors_end_quickly, .timeout = 20)
{
    static const char head[] = "module a.b version 1.0\n";
    cr_assert_eq(count_errors(head, "let a = 1 2\n", 4000000), 100);
    cr_assert_eq(count_errors(head, "let a = $ \n", 4000000), 100);
    cr_assert_eq(count_errors(head, "} { ) ", 4000000), 1);
    cr_assert_eq(count_errors(head, "let a = \"{x\n", 4000000), 100);
    cr_assert_eq(count_errors(head, "let a = 1\n", 2000000), 1);
    cr_assert_eq(count_errors("", "x", (17 << 20)), 1);
}
