/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error_value.c - syntax errors in conditions, values and texts: operators and words of
 * other languages, forms of quantifiers, quotes within a text, what is missing. */
#include "parse_error.h"

#include <string.h>

static void report(const struct mst_mistake *m, const char *message, const char *help)
{
    mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span, message, help);
}

static const char *find_word(const struct mst_token *token, const char *const (*words)[2],
                             size_t count)
{
    for (size_t i = 0; token->kind == TOK_NAME && token->text != NULL && i < count; i++)
        if (strcmp(words[i][0], token->text) == 0)
            return words[i][1];
    return NULL;
}

/* ---- texts --------------------------------------------------------------------------------- */

/* "is not "good" here", "a" + "b" */
bool mst_explain_quote_in_text(const struct mst_mistake *m)
{
    if (!IS_ONE_OF(m->previous->kind, TOK_TEXT, TOK_TEXT_TAIL) || m->previous->reported)
        return false;
    bool is_message = !mst_mistake_expects_operator(m);
    if (m->token->kind == '+' && is_message) {
        report(m, "Texts cannot be joined.",
               "write one text; values stand in it between braces: \"… {os.build} …\"");
        return true;
    }
    bool is_word = IS_ONE_OF(m->token->kind, TOK_NAME, TOK_INT, TOK_VERSION_NUMBER, TOK_LITERAL) ||
                   mst_lex_class(m->token->kind) != MST_CLASS_NONE;
    if (!is_word || m->previous->span.at + m->previous->span.len != m->token->span.at)
        return false;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    report(m, "The quote before this ends the text.",
           mst_mistake_text(m, "write a quote inside a text twice: `\"\"%.*s\"\"`", token.len,
                            token.bytes));
    return true;
}

/* ---- operators ----------------------------------------------------------------------------- */

static bool names_nothing(const struct mst_token *token)
{
    static const char *const words[] = {"null", "NULL", "Null",  "missing",   "none",
                                        "None", "nil",  "empty", "undefined", "absent"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (token->kind == TOK_NAME && token->text != NULL && strcmp(words[i], token->text) == 0)
            return true;
    return false;
}

bool mst_explain_is(const struct mst_mistake *m)
{
    if (!IS_ONE_OF(m->previous->kind, TOK_IS, TOK_IS_NOT))
        return false;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    bool is_not = m->previous->kind == TOK_IS_NOT;
    const char *is = is_not ? "is not" : "is", *sign = is_not ? "!=" : "==";
    const char *help =
        mst_mistake_text(m, "to compare, write `%s %.*s`", sign, token.len, token.bytes);
    if (names_nothing(m->token))
        help = mst_mistake_text(m, "write `%s unknown`%s%s", is,
                                strcmp(m->token->text, "empty") == 0 ? "; for an empty text " : "",
                                strcmp(m->token->text, "empty") != 0 ? ""
                                : is_not                             ? "`!= \"\"`"
                                                                     : "`== \"\"`");
    mst_mistake_report(m, MST_DIAG_SYNTAX, mst_mistake_gap(m),
                       mst_mistake_text(m, "After `%s` only `unknown` can stand.", is), help);
    return true;
}

/* `==` where a value is given, `|` between conditions, `26100.*`. */
bool mst_explain_sign(const struct mst_mistake *m)
{
    struct mst_span both = mst_ast_join(m->parser->earlier.span, m->token->span);
    struct mst_shown first = mst_mistake_show(m, m->parser->earlier.span);
    if (m->token->kind == TOK_EQ && mst_mistake_expects(m, "'='") &&
        !mst_mistake_expects_operator(m)) {
        report(m, "`==` compares; a value is given with `=`.", "write `=`");
    } else if (m->token->kind == ':' && m->same_line && mst_mistake_expects(m, "'='") &&
               !mst_mistake_expects_operator(m)) {
        report(m, "A value is given with `=`.", "write `=` instead of `:`");
    } else if (m->token->kind == '|' && mst_mistake_expects_operator(m)) {
        mst_mistake_report(m, MST_DIAG_FOREIGN_OPERATOR, m->token->span,
                           "`|` is not an operator here.", "write `or`");
    } else if (m->token->kind == '*' && m->previous->kind == '.' &&
               IS_ONE_OF(m->parser->earlier.kind, TOK_INT, TOK_VERSION_NUMBER)) {
        mst_mistake_report(m, MST_DIAG_SYNTAX, both, "A version has no `*`.",
                           mst_mistake_text(m, "for all that begin so write `within %.*s`",
                                            first.len, first.bytes));
    } else if (m->token->kind == '(' && m->previous->kind == TOK_NOW) {
        report(m, "`now` is a value, not a function.", "write `now`");
    } else {
        return false;
    }
    return true;
}

bool mst_explain_months(const struct mst_mistake *m)
{
    static const char *const words[][2] = {
        {"month", "30 days"}, {"months", "90 days"}, {"year", "365 days"}, {"years", "730 days"}};
    const char *days = find_word(m->token, words, sizeof words / sizeof *words);
    if (days == NULL || m->previous->kind != TOK_INT || !m->same_line)
        return false;
    report(m, "Months and years have no fixed length: no duration counts them.",
           mst_mistake_text(m, "write days, as in `%s`", days));
    return true;
}

/* What other languages, and English, call an operator. */
static const char *find_foreign_word(const struct mst_token *token)
{
    static const char *const words[][2] = {
        {"equals", "to compare write `==`"},
        {"eq", "to compare write `==`"},
        {"is_not", "to compare write `!=`"},
        {"contains", "write `contains(text, part)`, or for a list `any(v in list: v == …)`"},
        {"matches", "write `like \"Windows*\"`, where `*` is any text"},
        {"startswith", "write `starts_with(text, part)`, for a version `within 26100`"},
        {"starts_with", "write `starts_with(text, part)`, for a version `within 26100`"},
        {"between", "write two comparisons: `x >= a and x <= b`"},
        {"exists", "write `is not unknown`"},
        {"xor", "write `!=`"},
    };
    return find_word(token, words, sizeof words / sizeof *words);
}

bool mst_explain_missing_operator(const struct mst_mistake *m)
{
    if (!mst_mistake_expects_operator(m) || !m->same_line)
        return false;
    const char *foreign = find_foreign_word(m->token);
    if (mst_mistake_expects(m, "then") && m->token->kind == TOK_NAME &&
        mst_mistake_near_word(m) == NULL && foreign == NULL)
        return false; /* more likely `then` is missing */
    if (!IS_ONE_OF(m->token->kind, TOK_NAME, TOK_INT, TOK_VERSION_NUMBER, TOK_LITERAL, TOK_TEXT,
                   TOK_TRUE, TOK_FALSE, TOK_NOW, TOK_UNKNOWN, TOK_NOT, '('))
        return false;
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                            "There is no operator between `%.*s` and `%.*s`.",
                                            before.len, before.bytes, token.len, token.bytes);
    mst_diag_help(m->parser->diags, diag, "%s",
                  foreign != NULL ? foreign
                  : mst_mistake_expects(m, "','")
                      ? "write `,` between them"
                      : "to compare write `==`, to join conditions `and` or `or`");
    mst_mistake_help_near(m, diag);
    return true;
}

/* ---- quantifiers --------------------------------------------------------------------------- */

static bool is_quantifier(int kind)
{
    return IS_ONE_OF(kind, TOK_ANY, TOK_ALL, TOK_COUNT, TOK_FIRST, TOK_LAST, TOK_MIN, TOK_MAX,
                     TOK_SUM);
}

/* any(os.updates: …), count(os.updates), max(1, 2), all(x in xs, c), any x in xs: what a
 * quantifier must have in its place is not there. */
bool mst_explain_quantifier(const struct mst_mistake *m)
{
    const struct mst_bracket *open = mst_mistake_bracket(m);
    int word = 0;
    if (is_quantifier(m->previous->kind) && m->count == 1 && mst_mistake_expects(m, "'('")) {
        word = m->previous->kind;
    } else if (open != NULL && open->kind == '(' && is_quantifier(open->after)) {
        bool begins = m->previous->kind == '(' && mst_lex_class(m->token->kind) == MST_CLASS_NONE;
        bool has_name = mst_mistake_expects(m, "in") && !mst_mistake_expects_operator(m);
        if (begins || has_name || m->token->kind == ',')
            word = open->after;
    }
    if (word == 0)
        return false;
    report(m, mst_mistake_text(m, "`%s` is not written so.", mst_lex_spelling(word)),
           mst_mistake_text(m, "write `%s`", mst_parse_quantifier_form(word)));
    return true;
}

/* ---- values -------------------------------------------------------------------------------- */

/* readiness == pass: the word of the policy instead of its outcome. */
bool mst_explain_outcome(const struct mst_mistake *m)
{
    bool is_outcome = m->token->kind == TOK_PASS || m->token->kind == TOK_FAIL;
    if (!is_outcome || !IS_ONE_OF(m->previous->kind, TOK_EQ, TOK_NE))
        return false;
    const char *word = mst_lex_spelling(m->token->kind), *name = NULL;
    for (const struct mst_item *item = m->parser->module->items; item != NULL; item = item->next)
        if (item->kind == MST_ITEM_POLICY && item->name.text == m->parser->earlier.text)
            name = m->token->kind == TOK_PASS ? item->pass.name.text : item->fail.name.text;
    report(m, mst_mistake_text(m, "`%s` is not what the outcome is called.", word),
           name != NULL
               ? mst_mistake_text(m, "write `%s`, the name behind `%s` in the policy", name, word)
               : mst_mistake_text(m,
                                  "write the name that stands behind `%s` in the "
                                  "policy",
                                  word));
    m->parser->begins_nothing = true;
    return true;
}

static const char *find_value_help(const struct mst_mistake *m)
{
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    if (m->token->kind == '{' && m->previous->kind == TOK_WITHIN)
        return "write one `within` for each: `v within 26100 or v within 26200`";
    if (m->token->kind == '{')
        return "a set in braces stands after `in` only";
    if (m->token->kind == TOK_IF)
        return "put the `if` between parentheses";
    if (m->token->kind == '}' && m->previous->kind == '{')
        return "there is no empty set: write at least one member";
    return mst_mistake_text(m, "write one, or delete `%.*s`", before.len, before.bytes);
}

bool mst_explain_missing_value(const struct mst_mistake *m)
{
    if (!mst_mistake_expects_value(m))
        return false;
    bool condition = IS_ONE_OF(m->previous->kind, TOK_WHEN, TOK_REQUIRE, TOK_AND, TOK_OR, TOK_NOT,
                               TOK_IF, TOK_WHERE, TOK_EXPECT);
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    mst_mistake_report(m, MST_DIAG_SYNTAX, mst_mistake_gap(m),
                       mst_mistake_text(m, "Expected a %s after `%.*s`.",
                                        condition ? "condition" : "value", before.len,
                                        before.bytes),
                       find_value_help(m));
    return true;
}
