/* SPDX-License-Identifier: Apache-2.0
 *
 * format_expr.c - layout of expressions, texts and types. A chain of one operator that does not
 * fit has an operand on each line, the operator before it, below the first one. */
#include "format.h"
#include "grammar.h"

static void put_or(struct mst_format *f, struct mst_doc *to);

/* One token stands before what `put` writes, with or without a blank. */
static void take_spaced(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    mst_format_space(f, to);
}

/* ---- texts, paths, types ----------------------------------------------------------------- */

bool mst_format_is_text(const struct mst_format *f)
{
    return mst_format_kind(f) == TOK_TEXT || mst_format_kind(f) == TOK_TEXT_HEAD;
}

void mst_format_text(struct mst_format *f, struct mst_doc *to)
{
    bool was_in_one_line = f->in_one_line;
    int kind = mst_format_kind(f);
    mst_format_take(f, to);
    if (kind == TOK_TEXT)
        return;
    f->in_one_line = true;
    for (; kind != TOK_TEXT_TAIL && !f->arena->failed; mst_format_take(f, to)) {
        put_or(f, to);
        kind = mst_format_kind(f);
    }
    f->in_one_line = was_in_one_line;
}

void mst_format_path(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    while (mst_format_kind(f) == '.') {
        mst_format_take(f, to);
        mst_format_take(f, to);
    }
}

void mst_format_type(struct mst_format *f, struct mst_doc *to)
{
    mst_format_path(f, to);
    if (mst_format_kind(f) != '<')
        return;
    mst_format_take(f, to);
    if (f->layout.tokens[f->at + 1].kind != '>') {
        mst_format_type(f, to);
        take_spaced(f, to); /* the comma */
    }
    mst_format_take(f, to);
    mst_format_take(f, to);
}

/* ---- brackets ---------------------------------------------------------------------------- */

typedef void put_part(struct mst_format *f, struct mst_doc *to);

/* What stands in brackets of which each closes below its opening one: one part a line. */
static void put_listed(struct mst_format *f, struct mst_doc *to, put_part *part, bool is_spaced)
{
    struct mst_doc *group = mst_format_group(f, to, 0);
    mst_format_take(f, group);
    struct mst_doc *inner = mst_format_sequence(f, group, 2);
    bool is_empty = mst_format_kind(f) == ']' || mst_format_kind(f) == '}';
    if (is_spaced)
        mst_format_line(f, inner);
    else
        mst_format_soft(f, inner);
    while (!is_empty && !f->arena->failed) {
        part(f, inner);
        if (!mst_format_take_comma(f, inner))
            break;
        mst_format_next(f, inner);
    }
    mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_COMMENTS, f->at));
    if (is_spaced)
        mst_format_line(f, group);
    else
        mst_format_soft(f, group);
    mst_format_take(f, group);
}

static void put_field(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    take_spaced(f, to); /* the colon */
    mst_format_element(f, to);
}

void mst_format_braces(struct mst_format *f, struct mst_doc *to)
{
    put_listed(f, to, mst_format_expr, false);
}

void mst_format_fields(struct mst_format *f, struct mst_doc *to)
{
    if (f->layout.tokens[f->at + 1].kind == '}') {
        mst_format_take(f, to);
        mst_format_take(f, to);
        return;
    }
    put_listed(f, to, put_field, true);
}

void mst_format_element(struct mst_format *f, struct mst_doc *to)
{
    if (mst_format_kind(f) == '{')
        mst_format_fields(f, to);
    else if (mst_format_kind(f) == '[')
        put_listed(f, to, mst_format_element, false);
    else
        mst_format_expr(f, to);
}

/* f(a, b): where they do not fit, each on a line of its own, whatever stands before the call. */
static void put_arguments(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *group = mst_format_group(f, to, 2);
    mst_format_take(f, group);
    if (mst_format_kind(f) != ')')
        mst_format_soft(f, group);
    while (mst_format_kind(f) != ')' && !f->arena->failed) {
        mst_format_expr(f, group);
        if (!mst_format_take_comma(f, group))
            break;
        mst_format_line(f, group);
    }
    mst_format_take(f, group);
}

/* ---- operands ---------------------------------------------------------------------------- */

static bool is_quantifier(int kind)
{
    switch (kind) {
    case TOK_ANY:
    case TOK_ALL:
    case TOK_COUNT:
    case TOK_FIRST:
    case TOK_LAST:
    case TOK_MIN:
    case TOK_MAX:
    case TOK_SUM: return true;
    default: return false;
    }
}

static void put_coalesce(struct mst_format *f, struct mst_doc *to);

/* any(x in xs: ...) */
static void put_quantifier(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    mst_format_take(f, to);
    struct mst_doc *inner = mst_format_align(f, to);
    take_spaced(f, inner);
    take_spaced(f, inner);
    put_coalesce(f, inner);
    if (mst_format_kind(f) == TOK_WHERE) {
        mst_format_line(f, inner);
        take_spaced(f, inner);
        mst_format_expr(f, inner);
    }
    if (mst_format_kind(f) == ':') {
        mst_format_take(f, inner);
        mst_format_line(f, inner);
        mst_format_expr(f, inner);
    }
    mst_format_take(f, to);
}

static void put_primary(struct mst_format *f, struct mst_doc *to)
{
    int kind = mst_format_kind(f);
    if (is_quantifier(kind)) {
        put_quantifier(f, to);
    } else if (mst_format_is_text(f)) {
        mst_format_text(f, to);
    } else if (kind == '(') {
        mst_format_take(f, to);
        mst_format_expr(f, mst_format_align(f, to));
        mst_format_take(f, to);
    } else {
        mst_format_take(f, to);
    }
}

static void put_postfix(struct mst_format *f, struct mst_doc *to)
{
    put_primary(f, to);
    for (;;) {
        int kind = mst_format_kind(f);
        if (kind == '.') {
            mst_format_take(f, to);
            mst_format_take(f, to);
        } else if (kind == '(') {
            put_arguments(f, to);
        } else if (kind == '[') {
            mst_format_take(f, to);
            mst_format_expr(f, mst_format_align(f, to));
            mst_format_take(f, to);
        } else {
            return;
        }
    }
}

static void put_unary(struct mst_format *f, struct mst_doc *to)
{
    while (mst_format_kind(f) == '-')
        mst_format_take(f, to);
    put_postfix(f, to);
}

/* ---- chains ------------------------------------------------------------------------------ */

typedef bool is_operator(int kind);

static void put_chain(struct mst_format *f, struct mst_doc *to, put_part *operand, is_operator *is)
{
    struct mst_doc *group = mst_format_align(f, to);
    operand(f, group);
    while (is(mst_format_kind(f)) && !f->arena->failed) {
        mst_format_line(f, group);
        take_spaced(f, group);
        operand(f, group);
    }
}

static bool is_product(int kind)
{
    return kind == '*' || kind == '/' || kind == '%';
}

static void put_product(struct mst_format *f, struct mst_doc *to)
{
    put_chain(f, to, put_unary, is_product);
}

static bool is_sum(int kind)
{
    return kind == '+' || kind == '-';
}

static void put_sum(struct mst_format *f, struct mst_doc *to)
{
    put_chain(f, to, put_product, is_sum);
}

static bool is_coalesce(int kind)
{
    return kind == TOK_OTHER_VALUE;
}

static void put_coalesce(struct mst_format *f, struct mst_doc *to)
{
    put_chain(f, to, put_sum, is_coalesce);
}

static bool is_comparison(int kind)
{
    switch (kind) {
    case TOK_EQ:
    case TOK_NE:
    case TOK_LE:
    case TOK_GE:
    case '<':
    case '>':
    case TOK_LIKE:
    case TOK_WITHIN: return true;
    default: return false;
    }
}

static void put_comparison(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *group = mst_format_align(f, to);
    put_coalesce(f, group);
    int kind = mst_format_kind(f);
    if (kind == TOK_IN || kind == TOK_NOT_IN) {
        mst_format_space(f, group);
        take_spaced(f, group);
        if (mst_format_kind(f) == '{')
            mst_format_braces(f, group);
        else
            put_coalesce(f, group);
    } else if (kind == TOK_IS || kind == TOK_IS_NOT) {
        mst_format_space(f, group);
        take_spaced(f, group);
        mst_format_take(f, group);
    } else if (is_comparison(kind)) {
        struct mst_doc *right = mst_format_sequence(f, group, 2);
        mst_format_line(f, right);
        take_spaced(f, right);
        put_coalesce(f, right);
    }
}

static void put_not(struct mst_format *f, struct mst_doc *to)
{
    while (mst_format_kind(f) == TOK_NOT)
        take_spaced(f, to);
    put_comparison(f, to);
}

static bool is_and(int kind)
{
    return kind == TOK_AND;
}

static void put_and(struct mst_format *f, struct mst_doc *to)
{
    put_chain(f, to, put_not, is_and);
}

static bool is_or(int kind)
{
    return kind == TOK_OR;
}

static void put_or(struct mst_format *f, struct mst_doc *to)
{
    put_chain(f, to, put_and, is_or);
}

/* ---- whole expressions ------------------------------------------------------------------- */

/* if a then b: what follows `then` is a line of its own where both do not fit. */
static void put_branch(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *branch = mst_format_group(f, to, 0);
    take_spaced(f, branch);
    mst_format_expr(f, branch);
    struct mst_doc *then = mst_format_sequence(f, branch, 2);
    mst_format_line(f, then);
    take_spaced(f, then);
    mst_format_expr(f, then);
}

void mst_format_expr(struct mst_format *f, struct mst_doc *to)
{
    if (mst_format_kind(f) != TOK_IF) {
        put_or(f, to);
        return;
    }
    struct mst_doc *group = mst_format_align(f, to);
    put_branch(f, group);
    for (;;) {
        mst_format_line(f, group);
        take_spaced(f, group);
        if (mst_format_kind(f) != TOK_IF)
            break;
        put_branch(f, group);
    }
    put_or(f, group);
}

/* = value: on a line of its own where it does not fit behind its name. Brackets open on the line of
 * the name, and a text is no shorter elsewhere. */
void mst_format_value(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    if (mst_format_kind(f) == '{' || mst_format_kind(f) == '[' || mst_format_is_text(f)) {
        mst_format_space(f, to);
        mst_format_element(f, to);
        return;
    }
    struct mst_doc *group = mst_format_group(f, to, 2);
    mst_format_line(f, group);
    mst_format_expr(f, group);
}
