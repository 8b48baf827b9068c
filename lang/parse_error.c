/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error.c - composes the sentence for a token that cannot stand where it does. The grammar
 * says which tokens could; what the author hears is the one thing to write, not that list. Each
 * explain_ function knows one kind of mistake and returns false if it is another; the first that
 * knows speaks. */
#include <stdio.h>
#include <string.h>

#include "grammar.h"
#include "parse_state.h"

#define MAX_SHOWN 40 /* bytes of a token in a message */

struct mistake {
    struct mst_parser *parser;
    const struct mst_token *token, *previous;
    const char *const *expected; /* names of symbols in grammar.y: words, and '(' in quotes */
    size_t count;
    bool same_line; /* as the token before */
};

/* What of a token is shown in a message, for "%.*s". */
struct quote {
    int len;
    const char *bytes;
};

static struct quote quote_token(const struct mistake *m, const struct mst_token *token)
{
    const struct mst_source *source = &m->parser->diags->sources[m->parser->module->source];
    uint32_t len = 0;
    const char *bytes = source->text + token->span.at;
    while (len < token->span.len && len < MAX_SHOWN && bytes[len] != '\n' && bytes[len] != '\r')
        len++;
    while (len > 0 && ((unsigned char)bytes[len] & 0xC0u) == 0x80u)
        len--;
    return (struct quote){(int)len, bytes};
}

static bool is_expected(const struct mistake *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->expected[i], name) == 0)
            return true;
    return false;
}

/* An expression may begin here. */
static bool is_value_expected(const struct mistake *m)
{
    return is_expected(m, "'('") && is_expected(m, "literal");
}

/* An expression stands before this and may go on. */
static bool is_operator_expected(const struct mistake *m)
{
    return is_expected(m, "'*'") && is_expected(m, "??");
}

static bool is_name_expected(const struct mistake *m)
{
    return is_expected(m, "name") && !is_value_expected(m);
}

static bool is_one_of(int kind, const int *kinds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}
#define IS_ONE_OF(kind, ...)                                                                       \
    is_one_of((kind), (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

/* Where something is missing: at the token before if the line ends behind it. */
static struct mst_span place_missing(const struct mistake *m)
{
    bool behind = !m->same_line && m->previous->span.len != 0;
    return behind ? m->previous->span : m->token->span;
}

/* ---- brackets ---------------------------------------------------------------------------- */

static const char *closer_of(int bracket)
{
    return bracket == '{' ? "}" : bracket == '(' ? ")" : "]";
}

/* What an open bracket belongs to, as far as the words before it tell. */
static const char *owner_of(const struct mst_parser *p)
{
    if (p->bracket_count == 1 && p->brackets[0].kind == '{' && p->item_word != 0)
        return mst_lex_spelling(p->item_word);
    if (p->bracket_count == 2 && p->brackets[1].kind == '{' && p->clause_word != 0)
        return mst_lex_spelling(p->clause_word);
    return NULL;
}

static bool report_open(const struct mistake *m)
{
    struct mst_parser *p = m->parser;
    const struct mst_bracket *open = &p->brackets[p->bracket_count - 1];
    const char *closer = closer_of(open->kind), *owner = owner_of(p);
    struct quote token = quote_token(m, m->token);
    struct mst_diag *diag;
    if (owner != NULL)
        diag = mst_diag_report(p->diags, MST_DIAG_NOT_CLOSED, m->token->span,
                               "The `%c` of this `%s` is not closed.", open->kind, owner);
    else
        diag = mst_diag_report(p->diags, MST_DIAG_NOT_CLOSED, m->token->span,
                               "A `%c` is not closed.", open->kind);
    mst_diag_other(p->diags, diag, open->span, "it was opened here");
    if (m->token->kind == TOK_END)
        mst_diag_help(p->diags, diag, "write `%s` before the end of the file", closer);
    else
        mst_diag_help(p->diags, diag, "write `%s` before `%.*s`", closer, token.len, token.bytes);
    return true;
}

/* A word that begins something new while a bracket is open, or a clause's next word while one of
 * its own is. */
static bool explain_open_bracket(const struct mistake *m)
{
    const struct mst_parser *p = m->parser;
    if (p->bracket_count == 0)
        return false;
    int kind = m->token->kind;
    enum mst_word_class class = mst_lex_class(kind);
    if (class == MST_CLASS_ITEM || kind == TOK_END)
        return report_open(m);
    bool begins_part =
        class == MST_CLASS_ENTRY || class == MST_CLASS_CASE || class == MST_CLASS_CLAUSE;
    if (begins_part && p->bracket_count > 1)
        return report_open(m);
    int open = p->brackets[p->bracket_count - 1].kind;
    char closer[] = {'\'', closer_of(open)[0], '\'', '\0'};
    bool goes_on = class == MST_CLASS_PLAIN || (kind == '}' && open != '{');
    if (open == '{' && (is_expected(m, "require") || is_expected(m, "when")))
        return false; /* a word that is wrong in this body */
    return goes_on && p->bracket_count > 1 && is_expected(m, closer) && report_open(m);
}

static bool explain_closing_bracket(const struct mistake *m)
{
    const struct mst_parser *p = m->parser;
    if (!IS_ONE_OF(m->token->kind, '}', ')', ']'))
        return false;
    const char *open = m->token->kind == '}' ? "{" : m->token->kind == ')' ? "(" : "[";
    if (p->bracket_count != 0 && p->brackets[p->bracket_count - 1].kind == open[0])
        return false;
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_NOTHING_TO_CLOSE, m->token->span,
                        "There is no open `%s` that this `%c` could close.", open, m->token->kind);
    mst_diag_help(p->diags, diag, "delete it, or look for a closing one too many before it");
    return true;
}

/* ---- words ------------------------------------------------------------------------------- */

static bool explain_reserved_word(const struct mistake *m)
{
    const char *word = mst_lex_spelling(m->token->kind);
    if (word == NULL || !is_name_expected(m) || !m->same_line)
        return false;
    if (is_operator_expected(m) || m->parser->previous.kind == TOK_END)
        return false;
    struct mst_diag *diag =
        mst_diag_report(m->parser->diags, MST_DIAG_RESERVED_WORD, m->token->span,
                        "`%s` is a reserved word and cannot be a name here.", word);
    mst_diag_help(m->parser->diags, diag, "choose another name, such as `%s_`", word);
    m->parser->begins_nothing = true;
    return true;
}

/* Is there a `}` on the way to the end of the text? */
static bool closes_hole(const struct mistake *m)
{
    const char *at = quote_token(m, m->token).bytes;
    while (*at != '\0' && *at != '"' && *at != '\n' && *at != '\r' && *at != '}')
        at++;
    return *at == '}';
}

/* The scanner says the same of the same place when it comes to the end: said once. */
static void report_open_hole(const struct mistake *m)
{
    struct mst_diag *diag =
        mst_diag_report(m->parser->diags, MST_DIAG_HOLE_NOT_CLOSED, m->parser->lexer.hole,
                        "This `{` is not closed by `}` in its text.");
    mst_diag_help(m->parser->diags, diag,
                  "write `}` before `%.*s`; for a brace in a text write "
                  "`{{`",
                  quote_token(m, m->token).len, quote_token(m, m->token).bytes);
}

static bool explain_hole(const struct mistake *m)
{
    bool is_end = IS_ONE_OF(m->token->kind, TOK_TEXT_MID, TOK_TEXT_TAIL);
    if (!is_end && !m->parser->lexer.in_hole)
        return false;
    if (!is_end && !closes_hole(m)) {
        report_open_hole(m);
        return true;
    }
    bool is_empty = is_end && IS_ONE_OF(m->previous->kind, TOK_TEXT_HEAD, TOK_TEXT_MID);
    struct mst_diag *diag = mst_diag_report(
        m->parser->diags, MST_DIAG_HOLE_CONTENT, is_empty ? m->parser->lexer.hole : m->token->span,
        is_empty ? "There is nothing between these braces."
                 : "Between the braces of a text stands a name, a path, a lookup or a call.");
    mst_diag_help(m->parser->diags, diag, "write `{{` and `}}` for braces that are text");
    return true;
}

static bool explain_is(const struct mistake *m)
{
    if (!IS_ONE_OF(m->previous->kind, TOK_IS, TOK_IS_NOT))
        return false;
    struct quote token = quote_token(m, m->token);
    bool is_not = m->previous->kind == TOK_IS_NOT;
    struct mst_diag *diag =
        mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, place_missing(m),
                        "After `%s` only `unknown` can stand.", is_not ? "is not" : "is");
    mst_diag_help(m->parser->diags, diag, "to compare, write `%s %.*s`",
                  is_not ? "!=" : "==", token.len, token.bytes);
    return true;
}

/* Entries of a body need nothing between them; elements of a set do, but have it then. */
static bool explain_comma(const struct mistake *m)
{
    const struct mst_parser *p = m->parser;
    bool in_body = p->bracket_count != 0 && p->brackets[p->bracket_count - 1].kind == '{';
    if (m->token->kind != ',' || !in_body || is_value_expected(m))
        return false;
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_SYNTAX, m->token->span, "No comma stands here.");
    mst_diag_help(p->diags, diag, "delete the `,`");
    return true;
}

static bool explain_missing_type(const struct mistake *m)
{
    if (!is_expected(m, "':'") || m->count != 1)
        return false;
    if (m->previous->kind == ')') {
        struct mst_diag *result =
            mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, place_missing(m),
                            "A def says of which type its result is.");
        mst_diag_help(m->parser->diags, result, "write the type before `=`: `def f(…): int = …`");
        return true;
    }
    struct quote before = quote_token(m, m->previous);
    struct mst_diag *diag =
        mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, place_missing(m),
                        "Expected `:` and a type or value after `%.*s`.", before.len, before.bytes);
    mst_diag_help(m->parser->diags, diag, "write `%.*s: ...`", before.len, before.bytes);
    return true;
}

static bool explain_double_equals(const struct mistake *m)
{
    if (m->token->kind != TOK_EQ || !is_expected(m, "'='") || is_operator_expected(m))
        return false;
    struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                            "`==` compares; a value is given with `=`.");
    mst_diag_help(m->parser->diags, diag, "write `=`");
    return true;
}

/* ---- what must come next ----------------------------------------------------------------- */

static const struct {
    const char *expected; /* that the grammar would take, */
    const char *unless;   /* but not this */
    const char *message, *help;
} next_words[] = {
    {"then", "", "Expected `then` after the condition.", "write `then` and what is to follow"},
    {"else", "", "Expected `else`: an `if` always has both branches.",
     "write `else` and the other value"},
    {"because", "text", "Expected `because` and a text: what stays open says why.",
     "say why it is open: `because \"…\"`"},
    {"most", "", "Expected `most` after `at`.", "write `at most 500 rows`"},
    {"rows", "", "Expected `rows` after the number.", "write `at most 500 rows`"},
    {"by", "", "Expected `by` after `ordered`.", "write `ordered by COLUMN`"},
    {"after", "", "Expected `after` and a duration behind `stale`.", "write `stale after 7 days`"},
    {"check", "require", "Expected a check, `pass`, `fail` or `unknown` in this policy.",
     "write checks as in `check NAME { require … }`"},
    {"require", "", "Expected `require`, `undecided`, `reason`, `remedy` or `cite` in this check.",
     "write `require` before the condition"},
    {"given", "for", "Expected `at`, `given` or `expect` in this test.",
     "write `given` before a fact, `expect` before a condition"},
};

static const char *find_near_word(const struct mistake *m)
{
    const char *words[128];
    size_t count = 0;
    if (m->token->kind != TOK_NAME || m->token->text == NULL)
        return NULL;
    for (size_t i = 0; i < m->count && count < 128; i++)
        if (m->expected[i][0] >= 'a' && m->expected[i][0] <= 'z' &&
            strchr(m->expected[i], ' ') == NULL && strcmp(m->expected[i], "name") != 0 &&
            strcmp(m->expected[i], "text") != 0)
            words[count++] = m->expected[i];
    return mst_diag_nearest(m->token->text, words, count);
}

static void help_with_near_word(const struct mistake *m, struct mst_diag *diag)
{
    const char *near = find_near_word(m);
    if (near != NULL && strcmp(near, m->token->text) == 0) /* a name because a colon follows */
        mst_diag_help(m->parser->diags, diag, "write `%s` without a colon behind it", near);
    else if (near != NULL)
        mst_diag_help(m->parser->diags, diag, "did you mean `%s`?", near);
}

/* Words that stand elsewhere in rules, or in other languages, at the beginning of a clause. */
static bool explain_wrong_clause(const struct mistake *m)
{
    static const struct {
        int kind;
        const char *body, *help;
    } words[] = {
        {TOK_IF, "require",
         "write `require` and the condition alone; where a check applies stands "
         "behind its name: `check NAME when …`"},
        {TOK_WHEN, "require", "write it behind the name of the check: `check NAME when … {`"},
        {TOK_BECAUSE, "require", "why a check fails is its `reason`"},
        {TOK_THEN, "require", "a check only requires; outcomes with `then` stand in a decision"},
        {TOK_ELSE, "require", "a check only requires; outcomes stand in a decision"},
        {TOK_IF, "when", "write `when` instead of `if`"},
        {TOK_ELSE, "when", "write `otherwise` instead of `else`"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (m->token->kind != words[i].kind || !is_expected(m, words[i].body) ||
            is_value_expected(m) || is_expected(m, "policy"))
            continue;
        struct mst_diag *diag =
            mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                            "`%s` cannot stand here.", mst_lex_spelling(m->token->kind));
        mst_diag_help(m->parser->diags, diag, "%s", words[i].help);
        return true;
    }
    return false;
}

static bool explain_decision_end(const struct mistake *m)
{
    if (m->token->kind != '}' || !is_expected(m, "otherwise") || is_value_expected(m))
        return false;
    struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                            "A decision ends with `otherwise`.");
    mst_diag_help(m->parser->diags, diag, "write `otherwise OUTCOME` as its last case");
    return true;
}

static bool explain_next_word(const struct mistake *m)
{
    for (size_t i = 0; i < sizeof next_words / sizeof *next_words; i++) {
        if (!is_expected(m, next_words[i].expected) || is_expected(m, next_words[i].unless))
            continue;
        bool is_misspelt = find_near_word(m) != NULL;
        struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX,
                                                is_misspelt ? m->token->span : place_missing(m),
                                                "%s", next_words[i].message);
        if (next_words[i].help != NULL)
            mst_diag_help(m->parser->diags, diag, "%s", next_words[i].help);
        help_with_near_word(m, diag);
        return true;
    }
    return false;
}

static bool explain_item(const struct mistake *m)
{
    if (!is_expected(m, "policy") || is_operator_expected(m) || is_name_expected(m))
        return false;
    struct quote token = quote_token(m, m->token);
    struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                            "No item begins with `%.*s`.", token.len, token.bytes);
    mst_diag_help(
        m->parser->diags, diag,
        m->token->kind == TOK_IF
            ? "rules stand in policies and decisions: `decision NAME { when … then … }`"
            : "items begin with import, enum, record, facts, subject, set, param, table, let, "
              "def, policy, decision, fixture or test");
    help_with_near_word(m, diag);
    return true;
}

/* ---- expressions ------------------------------------------------------------------------- */

static bool explain_missing_value(const struct mistake *m)
{
    if (!is_value_expected(m))
        return false;
    bool condition = IS_ONE_OF(m->previous->kind, TOK_WHEN, TOK_REQUIRE, TOK_AND, TOK_OR, TOK_NOT,
                               TOK_IF, TOK_WHERE, TOK_EXPECT);
    struct quote before = quote_token(m, m->previous);
    struct mst_diag *diag = mst_diag_report(
        m->parser->diags, MST_DIAG_SYNTAX, place_missing(m), "Expected a %s after `%.*s`.",
        condition ? "condition" : "value", before.len, before.bytes);
    if (m->token->kind == '{')
        mst_diag_help(m->parser->diags, diag, "a set in braces stands after `in` only");
    else if (m->token->kind == TOK_IF)
        mst_diag_help(m->parser->diags, diag, "put the `if` between parentheses");
    else if (m->token->kind == '}' && m->previous->kind == '{')
        mst_diag_help(m->parser->diags, diag, "there is no empty set: write at least one member");
    else
        mst_diag_help(m->parser->diags, diag, "write one, or delete `%.*s`", before.len,
                      before.bytes);
    return true;
}

/* What other languages, and English, call an operator. */
static const char *find_foreign_word(const struct mistake *m)
{
    static const char *const words[][2] = {
        {"equals", "to compare write `==`"},
        {"eq", "to compare write `==`"},
        {"is_not", "to compare write `!=`"},
        {"contains", "write `contains(text, part)`, or for a list `any(v in list: v == …)`"},
        {"matches", "write `like \"Windows*\"`, where `*` is any text"},
        {"startswith", "write `starts_with(text, part)`"},
        {"between", "write two comparisons: `x >= a and x <= b`"},
        {"exists", "write `is not unknown`"},
        {"xor", "write `!=`"},
    };
    for (size_t i = 0; m->token->kind == TOK_NAME && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i][0], m->token->text) == 0)
            return words[i][1];
    return NULL;
}

static void help_with_operator(const struct mistake *m, struct mst_diag *diag)
{
    const char *foreign = find_foreign_word(m);
    if (foreign != NULL)
        mst_diag_help(m->parser->diags, diag, "%s", foreign);
    else if (is_expected(m, "','"))
        mst_diag_help(m->parser->diags, diag, "write `,` between them");
    else
        mst_diag_help(m->parser->diags, diag,
                      "to compare write `==`, to join conditions `and` or `or`");
    help_with_near_word(m, diag);
}

static bool explain_missing_operator(const struct mistake *m)
{
    if (!is_operator_expected(m) || !m->same_line)
        return false;
    if (is_expected(m, "then") && m->token->kind == TOK_NAME && find_near_word(m) == NULL &&
        find_foreign_word(m) == NULL)
        return false; /* more likely `then` is missing */
    if (!IS_ONE_OF(m->token->kind, TOK_NAME, TOK_INT, TOK_VERSION_NUMBER, TOK_LITERAL, TOK_TEXT,
                   TOK_TRUE, TOK_FALSE, TOK_NOW, TOK_UNKNOWN, TOK_NOT, '('))
        return false;
    struct quote before = quote_token(m, m->previous), token = quote_token(m, m->token);
    struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                            "There is no operator between `%.*s` and `%.*s`.",
                                            before.len, before.bytes, token.len, token.bytes);
    help_with_operator(m, diag);
    return true;
}

/* ---- everything else --------------------------------------------------------------------- */

/* What to write, where one of the things that could stand is the likely one. */
static void help_with_expected(const struct mistake *m, struct mst_diag *diag)
{
    struct mst_diags *diags = m->parser->diags;
    struct quote token = quote_token(m, m->token), before = quote_token(m, m->previous);
    enum mst_word_class class = mst_lex_class(m->token->kind);
    if (m->token->kind == TOK_END)
        mst_diag_help(diags, diag, "write the rest, or delete what has been begun");
    else if (m->previous->kind == TOK_THEN)
        mst_diag_help(diags, diag,
                      "an outcome is a name, and its label stands behind it: `then late \"Late\"`");
    else if (is_expected(m, "text") && m->token->kind == TOK_NAME && !is_expected(m, "name"))
        mst_diag_help(diags, diag, "put the text between quotes: \"%.*s\"", token.len, token.bytes);
    else if (is_expected(m, "'='"))
        mst_diag_help(diags, diag,
                      IS_ONE_OF(m->token->kind, TOK_NAME, TOK_TEXT) && is_expected(m, "','")
                          ? "write `,` between two of them"
                          : "write `=` before the value");
    else if (is_expected(m, "','"))
        mst_diag_help(diags, diag, "write `,` between two of them");
    else if (is_expected(m, "'{'") && class != MST_CLASS_NONE)
        mst_diag_help(diags, diag, "write `{` after `%.*s`", before.len, before.bytes);
    else if (!m->same_line)
        mst_diag_help(diags, diag, "write it behind `%.*s`", before.len, before.bytes);
    else if (IS_ONE_OF(m->token->kind, '}', ')', ']'))
        mst_diag_help(diags, diag, "write it before `%.*s`", token.len, token.bytes);
    else
        mst_diag_help(diags, diag, "delete `%.*s`, or look for what is missing before it",
                      token.len, token.bytes);
}

static void explain_otherwise(const struct mistake *m)
{
    char list[256];
    mst_parse_expected_list(m->expected, m->count, is_operator_expected(m), list, sizeof list);
    struct quote token = quote_token(m, m->token), before = quote_token(m, m->previous);
    struct mst_diag *diag;
    if (list[0] != '\0' && before.len != 0)
        diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, place_missing(m),
                               "Expected %s after `%.*s`.", list, before.len, before.bytes);
    else if (m->token->kind == TOK_END)
        diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                               "The file ends in the middle of something.");
    else
        diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                               "`%.*s` cannot stand here.", token.len, token.bytes);
    help_with_expected(m, diag);
    help_with_near_word(m, diag);
}

static bool (*const explainers[])(const struct mistake *m) = {
    explain_hole,          explain_reserved_word,    explain_wrong_clause,
    explain_open_bracket,  explain_closing_bracket,  explain_is,
    explain_double_equals, explain_missing_operator, explain_comma,
    explain_decision_end,  explain_next_word,        explain_missing_value,
    explain_item,          explain_missing_type,
};

static bool is_same_line(const struct mst_parser *p)
{
    const char *text = p->diags->sources[p->module->source].text;
    for (uint32_t at = p->previous.span.at + p->previous.span.len; at < p->token.span.at; at++)
        if (text[at] == '\n')
            return false;
    return true;
}

void mst_parse_error_report(struct mst_parser *parser, const char *const *expected, size_t count)
{
    parser->recovering = true;
    if (parser->is_silent || parser->token.reported || mst_diags_full(parser->diags))
        return;
    struct mistake mistake = {parser,   &parser->token, &parser->previous,
                              expected, count,          is_same_line(parser)};
    for (size_t i = 0; i < sizeof explainers / sizeof *explainers; i++)
        if (explainers[i](&mistake))
            return;
    explain_otherwise(&mistake);
}

void mst_parse_error_too_deep(struct mst_parser *parser, struct mst_span span, const char *what,
                              unsigned most)
{
    if (parser->depth_reported)
        return;
    parser->depth_reported = true;
    struct mst_diag *diag =
        mst_diag_report(parser->diags, MST_DIAG_TOO_DEEP, span,
                        "More than %u %s are nested in each other here.", most, what);
    mst_diag_help(parser->diags, diag, "give parts of it names with `let`");
}
