/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error_word.c - syntax errors at words: names that are none, quotes around names and names
 * without quotes, words at the beginning of a clause or item. */
#include "parse_error.h"

#include <string.h>

/* ---- names --------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_refused(const struct mst_parser *p, int kind)
{
    for (uint32_t i = 0; i < p->refused_count; i++)
        if (p->refused[i] == kind)
            return true;
    return false;
}

/* The use of a name that was refused where it was declared: it needs no second word. */
bool mst_explain_refused(const struct mst_mistake *m)
{
    bool calls = mst_mistake_expects(m, "'('") && m->count == 1; /* `count > 3`, `first.kb` */
    bool is_use = (mst_mistake_expects_value(m) && is_refused(m->parser, m->token->kind)) ||
                  (calls && is_refused(m->parser, m->previous->kind));
    if (is_use)
        m->parser->begins_nothing = true;
    return is_use;
}

static void refuse(struct mst_parser *p, int kind)
{
    if (p->refused_count < MST_MAX_REFUSED)
        p->refused[p->refused_count++] = kind;
}

/* `secure-boot` where a name is declared: the wrong token is `-`, or the reserved word before. */
static bool report_hyphen(const struct mst_mistake *m, struct mst_span first)
{
    const struct mst_source *source = &m->parser->diags->sources[first.source];
    const char *from = source->text + first.at;
    uint32_t len = 0;
    while (is_letter(from[len]) || is_digit(from[len]) ||
           (from[len] == '-' && (is_letter(from[len + 1]) || is_digit(from[len + 1]))))
        len++;
    if (len <= first.len || len > 64)
        return false;
    char *name = mst_arena_copy(m->parser->arena, from, len);
    for (uint32_t i = 0; name != NULL && i < len; i++)
        name[i] = name[i] == '-' ? '_' : name[i];
    first.len = len;
    mst_mistake_report(m, MST_DIAG_SYNTAX, first, "A name has no `-`.",
                       mst_mistake_text(m, "write `%s`", name != NULL ? name : ""));
    m->parser->begins_nothing = true;
    return true;
}

bool mst_explain_hyphen(const struct mst_mistake *m)
{
    bool is_name = m->previous->kind == TOK_NAME || mst_lex_class(m->previous->kind) != 0;
    return m->token->kind == '-' && is_name && !mst_mistake_expects_operator(m) &&
           m->previous->span.at + m->previous->span.len == m->token->span.at &&
           report_hyphen(m, m->previous->span);
}

bool mst_explain_reserved_word(const struct mst_mistake *m)
{
    const char *word = mst_lex_spelling(m->token->kind);
    if (word == NULL || !mst_mistake_expects_name(m) || !m->same_line)
        return false;
    if (mst_mistake_expects_operator(m) || m->parser->previous.kind == TOK_END)
        return false;
    if (report_hyphen(m, m->token->span))
        return true;
    if (m->token->kind == TOK_THEN && m->previous->kind == TOK_OTHERWISE)
        return false;
    mst_mistake_report(
        m, MST_DIAG_RESERVED_WORD, m->token->span,
        mst_mistake_text(m, "`%s` is a reserved word and cannot be a name here.", word),
        mst_mistake_text(m, "choose another name, such as `%s_`", word));
    m->parser->begins_nothing = true;
    refuse(m->parser, m->token->kind);
    return true;
}

/* ---- quotes -------------------------------------------------------------------------------- */

static bool is_path(const char *text)
{
    for (;; text++) {
        if (!is_letter(*text))
            return false;
        while (is_letter(*text) || is_digit(*text))
            text++;
        if (*text != '.')
            return *text == '\0';
    }
}

/* A name made of what a text says: "Not ready" gives not_ready. */
static const char *make_name(const struct mst_mistake *m, const char *text, bool in_lower_case)
{
    char name[40];
    size_t len = 0;
    for (; *text != '\0' && len + 1 < sizeof name; text++) {
        char c = *text;
        if (in_lower_case && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (is_letter(c) || (is_digit(c) && len > 0))
            name[len++] = c;
        else if (len > 0 && name[len - 1] != '_')
            name[len++] = '_';
    }
    while (len > 0 && name[len - 1] == '_')
        len--;
    name[len] = '\0';
    return len > 0 ? mst_mistake_text(m, "%s", name) : "NAME";
}

static const char *help_with_name(const struct mst_mistake *m, struct mst_shown token)
{
    const char *text = m->token->text;
    bool in_enum = m->parser->item_word == TOK_ENUM && m->parser->bracket_count == 1;
    if (is_path(text))
        return mst_mistake_text(m, "write it without quotes: `%s`", text);
    return mst_mistake_text(m,
                            in_enum ? "write a name before it: `%s = %.*s`" : "write a name: `%s`",
                            make_name(m, text, !in_enum), token.len, token.bytes);
}

/* A text where a name, a number or a duration stands. */
bool mst_explain_quoted_name(const struct mst_mistake *m)
{
    if (m->token->kind != TOK_TEXT || m->token->text == NULL || mst_mistake_expects(m, "text"))
        return false;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    bool has_title = IS_ONE_OF(m->previous->kind, TOK_CHECK, TOK_ADVISE, TOK_PASS, TOK_FAIL,
                               TOK_UNKNOWN, TOK_POLICY, TOK_DECISION);
    bool has_label = IS_ONE_OF(m->previous->kind, TOK_THEN, TOK_OTHERWISE);
    const char *help;
    if (!mst_mistake_expects_name(m)) {
        if (mst_mistake_expects_value(m) || !mst_mistake_expects(m, "literal") ||
            !is_digit(m->token->text[0]))
            return false;
        help = mst_mistake_text(m, "write it without quotes: `%s`", m->token->text);
    } else if (has_title || (has_label && !is_path(m->token->text))) {
        help = mst_mistake_text(m, "write a name before the text: `%.*s %s %.*s`", before.len,
                                before.bytes, make_name(m, m->token->text, true), token.len,
                                token.bytes);
    } else {
        help = help_with_name(m, token);
    }
    mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span,
                       mst_mistake_text(m,
                                        mst_mistake_expects_name(m)
                                            ? "Expected a name after `%.*s`, not a text."
                                            : "No text can stand after `%.*s`.",
                                        before.len, before.bytes),
                       help);
    return true;
}

bool mst_explain_unquoted_text(const struct mst_mistake *m)
{
    bool is_single = IS_ONE_OF(m->token->kind, TOK_NAME, TOK_INT, TOK_VERSION_NUMBER, TOK_LITERAL);
    bool is_open = m->token->kind == '{' || mst_lex_class(m->token->kind) != MST_CLASS_NONE;
    bool is_title = m->token->kind == TOK_NAME && m->previous->kind == TOK_NAME &&
                    mst_mistake_expects(m, "text") && !mst_mistake_expects(m, "name");
    if (!m->same_line || (!is_title && !mst_mistake_expects_text(m)) || (!is_single && !is_open))
        return false;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    struct mst_token next = mst_mistake_next(m);
    bool goes_on = next.kind == '.' || next.kind == TOK_NAME || mst_lex_class(next.kind) != 0;
    bool is_whole =
        is_single && !(goes_on && mst_mistake_same_line(m->parser, m->token->span, next.span));
    mst_mistake_report(
        m, MST_DIAG_SYNTAX, m->token->span,
        mst_mistake_text(m, "Expected a text after `%.*s`.", before.len, before.bytes),
        is_whole ? mst_mistake_text(m, "put it between quotes: \"%.*s\"", token.len, token.bytes)
                 : "put the whole text between quotes");
    return true;
}

/* ---- clauses ------------------------------------------------------------------------------- */

const char *mst_mistake_near_word(const struct mst_mistake *m)
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

void mst_mistake_help_near(const struct mst_mistake *m, struct mst_diag *diag)
{
    const char *near = mst_mistake_near_word(m);
    if (near != NULL && strcmp(near, m->token->text) == 0) /* a name because a colon follows */
        mst_diag_help(m->parser->diags, diag, "write `%s` without a colon behind it", near);
    else if (near != NULL)
        mst_diag_help(m->parser->diags, diag, "did you mean `%s`?", near);
}

/* Words that stand elsewhere in rules, or in other languages, at the beginning of a clause. */
bool mst_explain_wrong_clause(const struct mst_mistake *m)
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
        {TOK_REQUIRE, "expect", "write `expect` before a condition"},
        {TOK_WHEN, "expect", "write `given` before a fact, `expect` before a condition"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (m->token->kind != words[i].kind || !mst_mistake_expects(m, words[i].body) ||
            mst_mistake_expects_value(m) || mst_mistake_expects(m, "policy"))
            continue;
        mst_mistake_report(
            m, MST_DIAG_SYNTAX, m->token->span,
            mst_mistake_text(m, "`%s` cannot stand here.", mst_lex_spelling(m->token->kind)),
            words[i].help);
        return true;
    }
    return false;
}

/* Cases: `otherwise` is the last one, once. */
bool mst_explain_decision(const struct mst_mistake *m)
{
    const struct mst_parser *p = m->parser;
    if (p->item_word != TOK_DECISION || p->bracket_count != 1)
        return false;
    if (m->token->kind == TOK_THEN && m->previous->kind == TOK_OTHERWISE) {
        mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span,
                           "The outcome stands right behind `otherwise`.", "delete `then`");
        return true;
    }
    bool is_case = m->token->kind == TOK_WHEN || m->token->kind == TOK_OTHERWISE;
    if (p->has_otherwise && is_case && m->previous->kind != TOK_OTHERWISE) {
        mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span,
                           "`otherwise` stands once, as the last case of a decision.",
                           m->token->kind == TOK_WHEN ? "move this case before `otherwise`"
                                                      : "delete one of the two");
        return true;
    }
    if (m->token->kind != '}' || !mst_mistake_expects(m, "otherwise"))
        return false;
    if (!p->has_otherwise) /* or it could not be read, which is reported */
        mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span, "A decision ends with `otherwise`.",
                           "write `otherwise OUTCOME` as its last case");
    return true;
}

/* What stands between the braces of an item, by the words that can begin a part of it. */
static const struct body {
    const char *expected; /* that the grammar would take, */
    const char *unless;   /* but not this */
    const char *message, *help;
} bodies[] = {
    {"check", "require", "Expected a check, `pass`, `fail` or `unknown` in this policy",
     "a policy says what its outcomes are called, `pass NAME`, and holds checks: "
     "`check NAME { require … }`"},
    {"require", "", "Expected `require`, `undecided`, `reason`, `remedy` or `cite` in this check",
     "write `require` before the condition"},
    {"given", "for", "Expected `at`, `given` or `expect` in this test",
     "write `given` before a fact, `expect` before a condition"},
    {"otherwise", "", "Expected `when` or `otherwise` in this decision",
     "write a case as in `when CONDITION then OUTCOME`"},
};

/* What is written in another way than the body's help says, to judge by what follows. */
static const char *find_clause_help(const struct mst_mistake *m, const struct body *body)
{
    if (m->token->kind != TOK_NAME)
        return body->help;
    int next = mst_mistake_next(m).kind;
    bool has_text = next == TOK_TEXT || next == TOK_TEXT_HEAD;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    if (strcmp(body->expected, "check") == 0 && (has_text || next == '{' || next == TOK_WHEN))
        return mst_mistake_text(m, "write `check` before `%.*s`", token.len, token.bytes);
    if (strcmp(body->expected, "check") == 0 && next == TOK_NAME)
        return mst_mistake_text(m, "write `pass`, `fail` or `unknown` instead of `%.*s`", token.len,
                                token.bytes);
    if (strcmp(body->expected, "given") == 0 && next == TOK_LITERAL)
        return mst_mistake_text(m, "write `at` instead of `%.*s`", token.len, token.bytes);
    if (strcmp(body->expected, "require") == 0 && has_text)
        return mst_mistake_text(m, "write `reason`, `remedy` or `cite` instead of `%.*s`",
                                token.len, token.bytes);
    return body->help;
}

static bool explain_row(const struct mst_mistake *m)
{
    const struct mst_bracket *open = mst_mistake_bracket(m);
    if (open == NULL || open->kind != '{' || m->count != 2 || !mst_mistake_expects(m, "'('") ||
        !mst_mistake_expects(m, "'}'"))
        return false;
    mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span, "A row stands in parentheses.",
                       "write its values between `(` and `)`");
    return true;
}

static bool explain_fixture(const struct mst_mistake *m)
{
    const struct mst_bracket *open = mst_mistake_bracket(m);
    if (m->parser->item_word != TOK_FIXTURE || open == NULL || m->parser->bracket_count != 1 ||
        !mst_mistake_expects(m, "name"))
        return false;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    bool is_clause = mst_lex_class(m->token->kind) != MST_CLASS_NONE;
    mst_mistake_report(
        m, MST_DIAG_SYNTAX, m->token->span,
        mst_mistake_text(m, "Expected a fact in this fixture, not `%.*s`.", token.len, token.bytes),
        is_clause && m->token->kind == TOK_GIVEN ? "delete `given`: tests have it, fixtures do not"
                                                 : "write facts as in `os.build = 26100.1`");
    return true;
}

bool mst_explain_clause(const struct mst_mistake *m)
{
    if (mst_mistake_expects_value(m) || mst_mistake_expects(m, "policy"))
        return false;
    if (explain_row(m) || explain_fixture(m))
        return true;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        if (!mst_mistake_expects(m, bodies[i].expected) || mst_mistake_expects(m, bodies[i].unless))
            continue;
        struct mst_shown token = mst_mistake_show(m, m->token->span);
        const char *near = mst_mistake_near_word(m), *instead = "";
        if (near == NULL || strcmp(near, m->token->text) != 0)
            instead = mst_mistake_text(m, ", not `%.*s`", token.len, token.bytes);
        struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                                "%s%s.", bodies[i].message, instead);
        mst_diag_help(m->parser->diags, diag, "%s", find_clause_help(m, &bodies[i]));
        mst_mistake_help_near(m, diag);
        return true;
    }
    return false;
}

/* ---- what must come next ------------------------------------------------------------------- */

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
    {"from", "text", "Expected `from` after `effective`.",
     "write `effective from 2026-11-10T18:00:00Z`"},
};

bool mst_explain_next_word(const struct mst_mistake *m)
{
    for (size_t i = 0; i < sizeof next_words / sizeof *next_words; i++) {
        if (!mst_mistake_expects(m, next_words[i].expected) ||
            mst_mistake_expects(m, next_words[i].unless))
            continue;
        if (strcmp(next_words[i].expected, "from") == 0 && m->count != 1)
            continue;
        bool is_misspelt = mst_mistake_near_word(m) != NULL;
        struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX,
                                                is_misspelt ? m->token->span : mst_mistake_gap(m),
                                                "%s", next_words[i].message);
        mst_diag_help(m->parser->diags, diag, "%s", next_words[i].help);
        mst_mistake_help_near(m, diag);
        return true;
    }
    return false;
}

bool mst_explain_item(const struct mst_mistake *m)
{
    if (!mst_mistake_expects(m, "policy") || mst_mistake_expects_operator(m) ||
        mst_mistake_expects_name(m))
        return false;
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    struct mst_diag *diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                                            "No item begins with `%.*s`.", token.len, token.bytes);
    mst_diag_help(
        m->parser->diags, diag,
        m->token->kind == TOK_IF
            ? "rules stand in policies and decisions: `decision NAME { when … then … }`"
            : "items begin with import, enum, record, facts, subject, set, param, table, let, "
              "def, policy, decision, fixture or test");
    mst_mistake_help_near(m, diag);
    return true;
}
