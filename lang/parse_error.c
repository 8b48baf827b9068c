/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error.c - composes the sentence for a token that cannot stand where it does. The grammar
 * says which tokens could; what the author hears is the one thing to write, not that list. Each
 * explanation knows one kind of mistake and returns false if it is another; the first that knows
 * speaks. Here are their order, those of brackets and holes, and what is left. */
#include "parse_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_SHOWN 40 /* bytes of a token in a message */

/* ---- what the explanations share ----------------------------------------------------------- */

struct mst_shown mst_mistake_show(const struct mst_mistake *m, struct mst_span span)
{
    const struct mst_source *source = &m->parser->diags->sources[m->parser->module->source];
    const char *bytes = source->text + span.at;
    uint32_t len = 0, rest = source->len - span.at; /* a span may be a guess of what follows */
    uint32_t end = span.len < rest ? span.len : rest;
    while (len < end && len < MAX_SHOWN && bytes[len] != '\n' && bytes[len] != '\r')
        len++;
    while (len > 0 && len < end && ((unsigned char)bytes[len] & 0xC0u) == 0x80u)
        len--; /* not into a character */
    return (struct mst_shown){(int)len, bytes};
}

void mst_mistake_report(const struct mst_mistake *m, enum mst_diag_id id, struct mst_span span,
                        const char *message, const char *help)
{
    struct mst_diag *diag = mst_diag_report(m->parser->diags, id, span, "%s", message);
    mst_diag_help(m->parser->diags, diag, "%s", help);
}

const char *mst_mistake_text(const struct mst_mistake *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = mst_arena_vprintf(m->parser->arena, format, args);
    va_end(args);
    return text != NULL ? text : "";
}

bool mst_mistake_expects(const struct mst_mistake *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->expected[i], name) == 0)
            return true;
    return false;
}

bool mst_mistake_expects_value(const struct mst_mistake *m)
{
    return mst_mistake_expects(m, "'('") && mst_mistake_expects(m, "literal");
}

bool mst_mistake_expects_operator(const struct mst_mistake *m)
{
    return mst_mistake_expects(m, "'*'") && mst_mistake_expects(m, "??");
}

bool mst_mistake_expects_name(const struct mst_mistake *m)
{
    return mst_mistake_expects(m, "name") && !mst_mistake_expects_value(m);
}

bool mst_mistake_expects_text(const struct mst_mistake *m)
{
    bool with_hole = mst_mistake_expects(m, "text with a hole");
    return mst_mistake_expects(m, "text") && m->count == (with_hole ? 2U : 1U);
}

bool mst_mistake_is_one_of(int kind, const int *kinds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

const struct mst_bracket *mst_mistake_bracket(const struct mst_mistake *m)
{
    const struct mst_parser *p = m->parser;
    return p->bracket_count != 0 ? &p->brackets[p->bracket_count - 1] : NULL;
}

struct mst_span mst_mistake_gap(const struct mst_mistake *m)
{
    bool behind = !m->same_line && m->previous->span.len != 0;
    return behind ? m->previous->span : m->token->span;
}

bool mst_mistake_same_line(const struct mst_parser *p, struct mst_span a, struct mst_span b)
{
    const char *text = p->diags->sources[p->module->source].text;
    for (uint32_t at = a.at + a.len; at < b.at; at++)
        if (text[at] == '\n')
            return false;
    return true;
}

/* What is wrong with it is said here, or when the scanner comes there itself: once. */
struct mst_token mst_mistake_next(const struct mst_mistake *m)
{
    struct mst_lexer ahead = m->parser->lexer;
    struct mst_token token;
    mst_lex_next(&ahead, &token);
    return token;
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

static bool report_open(const struct mst_mistake *m)
{
    struct mst_parser *p = m->parser;
    const struct mst_bracket *open = &p->brackets[p->bracket_count - 1];
    const char *closer = closer_of(open->kind), *owner = owner_of(p);
    struct mst_shown token = mst_mistake_show(m, m->token->span);
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
static bool explain_open_bracket(const struct mst_mistake *m)
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
    if (open == '{' && (mst_mistake_expects(m, "require") || mst_mistake_expects(m, "when")))
        return false; /* a word that is wrong in this body */
    return goes_on && p->bracket_count > 1 && mst_mistake_expects(m, closer) && report_open(m);
}

static bool explain_closing_bracket(const struct mst_mistake *m)
{
    const struct mst_parser *p = m->parser;
    if (!IS_ONE_OF(m->token->kind, '}', ')', ']'))
        return false;
    const char *open = m->token->kind == '}' ? "{" : m->token->kind == ')' ? "(" : "[";
    const struct mst_bracket *last = mst_mistake_bracket(m);
    if (last != NULL && last->kind == open[0])
        return false;
    if (last != NULL && p->lexer.in_list) {
        const char *closer = closer_of(last->kind);
        mst_mistake_report(
            m, MST_DIAG_NOTHING_TO_CLOSE, m->token->span,
            mst_mistake_text(m, "`%c` does not close a `%c`.", m->token->kind, last->kind),
            mst_mistake_text(m, "write `%s` instead of `%c`", closer, m->token->kind));
        return true;
    }
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_NOTHING_TO_CLOSE, m->token->span,
                        "There is no open `%s` that this `%c` could close.", open, m->token->kind);
    mst_diag_help(p->diags, diag, "delete it, or look for a closing one too many before it");
    return true;
}

/* ---- holes of texts ------------------------------------------------------------------------ */

/* Is there a `}` on the way to the end of the text? */
static bool closes_hole(const struct mst_mistake *m)
{
    const char *at = mst_mistake_show(m, m->token->span).bytes;
    while (*at != '\0' && *at != '"' && *at != '\n' && *at != '\r' && *at != '}')
        at++;
    return *at == '}';
}

/* The scanner says the same of the same place when it comes to the end: said once. */
static void report_open_hole(const struct mst_mistake *m)
{
    struct mst_diag *diag =
        mst_diag_report(m->parser->diags, MST_DIAG_HOLE_NOT_CLOSED, m->parser->lexer.hole,
                        "This `{` is not closed by `}` in its text.");
    mst_diag_help(m->parser->diags, diag,
                  "write `}` before `%.*s`; for a brace in a text write "
                  "`{{`",
                  mst_mistake_show(m, m->token->span).len,
                  mst_mistake_show(m, m->token->span).bytes);
}

static bool explain_hole(const struct mst_mistake *m)
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

/* Entries of a body need nothing between them; elements of a set do, but have it then. */
static bool explain_comma(const struct mst_mistake *m)
{
    const struct mst_parser *p = m->parser;
    bool in_body = p->bracket_count != 0 && p->brackets[p->bracket_count - 1].kind == '{';
    if (m->token->kind != ',' || !in_body || mst_mistake_expects_value(m))
        return false;
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_SYNTAX, m->token->span, "No comma stands here.");
    mst_diag_help(p->diags, diag, "delete the `,`");
    return true;
}

/* ---- everything else --------------------------------------------------------------------- */

/* What to write, where one of the things that could stand is the likely one. */
static const char *find_help(const struct mst_mistake *m)
{
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    bool is_value = IS_ONE_OF(m->parser->item_word, TOK_LET, TOK_DEF, TOK_PARAM, TOK_SET);
    bool begins_value = IS_ONE_OF(m->token->kind, TOK_NAME, TOK_TEXT, TOK_INT, TOK_VERSION_NUMBER,
                                  TOK_LITERAL, TOK_TRUE, TOK_FALSE, TOK_NOW);
    if (m->token->kind == TOK_END)
        return "write the rest, or delete what has been begun";
    if (m->previous->kind == TOK_THEN)
        return "an outcome is a name, and its label stands behind it: `then late \"Late\"`";
    if (begins_value && mst_mistake_expects(m, "','"))
        return "write `,` between two of them";
    if ((begins_value || is_value) && mst_mistake_expects(m, "'='") &&
        !mst_mistake_expects_operator(m))
        return "write `=` before the value";
    if (mst_mistake_expects(m, "'{'") && mst_lex_class(m->token->kind) != MST_CLASS_NONE)
        return mst_mistake_text(m, "write `{` after `%.*s`", before.len, before.bytes);
    bool is_only = m->count == 1 && m->expected[0][0] == '\'';
    if (is_only && m->same_line && IS_ONE_OF(m->token->kind, '{', '(', '['))
        return mst_mistake_text(m, "write `%c` instead of `%c`", m->expected[0][1], m->token->kind);
    if (is_only)
        return mst_mistake_text(m, "write `%c` behind `%.*s`", m->expected[0][1], before.len,
                                before.bytes);
    if (!m->same_line)
        return mst_mistake_text(m, "write it behind `%.*s`", before.len, before.bytes);
    if (IS_ONE_OF(m->token->kind, '}', ')', ']'))
        return mst_mistake_text(m, "write it before `%.*s`", token.len, token.bytes);
    return mst_mistake_text(m, "delete `%.*s`, or look for what is missing before it", token.len,
                            token.bytes);
}

static void explain_otherwise(const struct mst_mistake *m)
{
    char list[256];
    bool has_value = mst_mistake_expects_operator(m);
    mst_parse_expected_list(m->expected, m->count, has_value, list, sizeof list);
    struct mst_shown token = mst_mistake_show(m, m->token->span);
    struct mst_shown before = mst_mistake_show(m, m->previous->span);
    struct mst_diag *diag;
    if (list[0] != '\0' && before.len != 0)
        diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, mst_mistake_gap(m),
                               "Expected %s after `%.*s`.", list, before.len, before.bytes);
    else if (m->token->kind == TOK_END)
        diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                               "The file ends in the middle of something.");
    else
        diag = mst_diag_report(m->parser->diags, MST_DIAG_SYNTAX, m->token->span,
                               "`%.*s` cannot stand here.", token.len, token.bytes);
    mst_diag_help(m->parser->diags, diag, "%s", find_help(m));
    mst_mistake_help_near(m, diag);
}

/* What is certain comes before what is likely. */
static mst_explain *const explanations[] = {
    mst_explain_refused,
    explain_hole,
    mst_explain_quote_in_text,
    mst_explain_type,
    mst_explain_optional,
    mst_explain_spelling,
    mst_explain_quantifier,
    mst_explain_set,
    mst_explain_hyphen,
    mst_explain_reserved_word,
    mst_explain_wrong_clause,
    mst_explain_decision,
    mst_explain_outcome,
    explain_open_bracket,
    explain_closing_bracket,
    mst_explain_is,
    mst_explain_sign,
    mst_explain_months,
    mst_explain_missing_operator,
    explain_comma,
    mst_explain_quoted_name,
    mst_explain_unquoted_text,
    mst_explain_clause,
    mst_explain_next_word,
    mst_explain_missing_value,
    mst_explain_item,
    mst_explain_missing_type,
};

void mst_parse_error_report(struct mst_parser *parser, const char *const *expected, size_t count)
{
    struct mst_item *last = parser->module->last_item;
    parser->recovering = true;
    if (last != NULL && parser->item_span.at <= last->span.at)
        last->is_doubtful = true;
    bool is_same = parser->token.reported || /* or what comes of a token that was wrong */
                   (parser->previous.reported &&
                    mst_mistake_same_line(parser, parser->previous.span, parser->token.span));
    if (parser->is_silent || is_same || mst_diags_full(parser->diags))
        return;
    struct mst_mistake mistake = {
        parser,
        &parser->token,
        &parser->previous,
        expected,
        count,
        mst_mistake_same_line(parser, parser->previous.span, parser->token.span)};
    for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
        if (explanations[i](&mistake))
            return;
    explain_otherwise(&mistake);
}

void mst_parse_error_too_deep(struct mst_parser *parser, struct mst_span span, const char *message)
{
    if (parser->depth_reported)
        return;
    parser->depth_reported = true;
    struct mst_diag *diag = mst_diag_report(parser->diags, MST_DIAG_TOO_DEEP, span, "%s", message);
    bool is_chain = parser->else_ifs > MST_MAX_ELSE_IFS;
    mst_diag_help(parser->diags, diag,
                  is_chain ? "ask a table for the value, or give the end of the chain a name with "
                             "`let`"
                           : "give parts of it names with `let`");
}
