/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_error_set.c - syntax errors where several values stand as other languages write them:
 * in (A, B), in [A, B], in A, B, == {A, B}. */
#include "parse_error.h"

#define MAX_VALUES 60 /* bytes of them, in a message */

static bool is_value(int kind)
{
    return IS_ONE_OF(kind, TOK_NAME, TOK_INT, TOK_VERSION_NUMBER, TOK_LITERAL, TOK_TEXT);
}

/* Values between commas from an offset on: where they end, and the token behind them. False where
 * something else stands there. */
static bool read_values(const struct mst_mistake *m, uint32_t from, struct mst_span *values,
                        int *behind)
{
    struct mst_lexer lexer = m->parser->lexer;
    struct mst_token token;
    lexer.cursor = lexer.start + from;
    lexer.in_hole = false;
    lexer.previous = ',';
    *values = (struct mst_span){lexer.source, from, 0};
    do {
        mst_lex_next(&lexer, &token);
        if (!is_value(token.kind) || token.reported)
            return false;
        if (values->len == 0)
            values->at = token.span.at;
        for (bool is_member = true; is_member || token.kind == '.';) {
            is_member = token.kind == '.';
            values->len = token.span.at + token.span.len - values->at;
            mst_lex_next(&lexer, &token);
        }
    } while (token.kind == ',' && values->len <= MAX_VALUES);
    *behind = token.kind;
    return values->len <= MAX_VALUES;
}

static bool is_equality(int kind)
{
    return IS_ONE_OF(kind, TOK_EQ, TOK_NE, TOK_IN, TOK_NOT_IN);
}

/* Several values after this operator, between brackets of this kind or (0) none. */
static bool report_values(const struct mst_mistake *m, int operator, uint32_t from, int closer)
{
    struct mst_span values;
    int behind = 0;
    bool is_plain = read_values(m, from, &values, &behind) && (closer == 0 || behind == closer);
    const struct mst_source *source = &m->parser->diags->sources[values.source];
    const char *word = operator== TOK_NE || operator== TOK_NOT_IN ? "not in" : "in";
    mst_mistake_report(m, MST_DIAG_SYNTAX, m->token->span,
                       "Several values are a set: it stands in braces, after `in`.",
                       is_plain ? mst_mistake_text(m, "write `%s {%.*s}`", word, (int)values.len,
                                                   source->text + values.at)
                                : mst_mistake_text(m, "write `%s {A, B}`", word));
    return true;
}

bool mst_explain_set(const struct mst_mistake *m)
{
    const struct mst_parser *p = m->parser;
    const struct mst_bracket *open = mst_mistake_bracket(m);
    const struct mst_token *comparison = &p->comparison;
    uint32_t behind = m->token->span.at + m->token->span.len, values_at = 0;
    int kind = m->token->kind;
    if (kind == '[' && is_equality(m->previous->kind))
        return report_values(m, m->previous->kind, behind, ']');
    if (kind == '{' && IS_ONE_OF(m->previous->kind, TOK_EQ, TOK_NE))
        return report_values(m, m->previous->kind, behind, '}');
    if (kind != ',' || !mst_mistake_expects_operator(m) || mst_mistake_expects(m, "','"))
        return false;
    if (open != NULL && open->kind == '(' && is_equality(open->after))
        return report_values(m, open->after, open->span.at + 1, ')');
    /* in A, B: only where nothing but the first value stands between */
    struct mst_span values;
    int next = 0;
    values_at = comparison->span.at + comparison->span.len;
    if (!is_equality(comparison->kind) || !read_values(m, values_at, &values, &next) ||
        values.at + values.len <= m->token->span.at)
        return false;
    return report_values(m, comparison->kind, values_at, 0);
}
