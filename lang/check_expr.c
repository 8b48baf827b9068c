/* SPDX-License-Identifier: Apache-2.0
 *
 * check_expr.c - the type of every expression: quantifiers, and the whole. */
#include "check_expr.h"

#include <string.h>

#define MAX_QUOTED 40 /* bytes of an expression in a message */

const char *mst_check_quote(struct mst_program *program, const struct mst_expr *e)
{
    const char *text = program->diags->sources[e->span.source].text + e->span.at;
    if (e->span.len > MAX_QUOTED || memchr(text, '\n', e->span.len) != NULL)
        return "…";
    const char *quote = mst_arena_printf(program->arena, "%.*s", (int)e->span.len, text);
    return quote != NULL ? quote : "…";
}

/* ---- quantifiers --------------------------------------------------------------------------- */

/* An element that is a record is known by its list: that is where its fields lie. */
static uint32_t list_element(const struct mst_program *program, const struct mst_expr *list)
{
    uint32_t element = program->lists.items[MST_TYPE_INDEX(list->type)].element;
    if (MST_TYPE_KIND(element) != MST_TYPE_RECORD || list->ref != MST_REF_FACT)
        return element;
    return MST_TYPE_OF(MST_TYPE_ELEMENT, list->symbol->index);
}

static uint32_t element_type(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    uint32_t of = mst_check_expr(context, e->a, 0);
    if (MST_TYPE_KIND(of) == MST_TYPE_LIST)
        return list_element(program, e->a);
    if (MST_TYPE_KIND(of) == MST_TYPE_ERROR)
        return MST_TYPE_ERROR;
    if (MST_TYPE_KIND(of) != MST_TYPE_TABLE) {
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_QUANTIFIER, e->a->span,
                            "`%s` goes through a table or a list, not %s.", mst_check_word(e->op),
                            mst_check_type_name(program, of));
        mst_diag_help(program->diags, d, "name a table, or a fact of a type such as list<int, 20>");
        return MST_TYPE_ERROR;
    }
    const struct mst_table *table = program->tables.items[MST_TYPE_INDEX(of)];
    if ((e->op == MST_WORD_FIRST || e->op == MST_WORD_LAST) && table->ordered_by == UINT32_MAX) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_QUANTIFIER, e->span,
                                             "`%s` needs a table with an order; %s has none.",
                                             mst_check_word(e->op), table->symbol->name.text);
        mst_diag_help(program->diags, d, "write `ordered by COLUMN` behind its columns");
    }
    return MST_TYPE_OF(MST_TYPE_ROW, MST_TYPE_INDEX(of));
}

static uint32_t quantifier_result(struct mst_context *context, struct mst_expr *e, uint32_t element)
{
    switch (e->op) {
    case MST_WORD_ANY:
    case MST_WORD_ALL: return MST_TYPE_BOOL;
    case MST_WORD_COUNT: return MST_TYPE_INT;
    case MST_WORD_FIRST:
    case MST_WORD_LAST: return element;
    default: break;
    }
    uint32_t type = mst_check_expr(context, e->c, 0);
    bool good = e->op == MST_WORD_SUM ? type == MST_TYPE_INT || type == MST_TYPE_DURATION
                                      : mst_check_is_ordered(type);
    if (good || MST_TYPE_KIND(type) == MST_TYPE_ERROR)
        return type;
    struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_QUANTIFIER, e->c->span,
                                         "`%s` cannot be taken of %s.", mst_check_word(e->op),
                                         mst_check_type_name(context->program, type));
    mst_diag_help(context->program->diags, d,
                  e->op == MST_WORD_SUM
                      ? "only an int or a duration can be added up"
                      : "it needs an int, version, date, month, duration or time");
    return MST_TYPE_ERROR;
}

static uint32_t check_quantifier(struct mst_context *context, struct mst_expr *e)
{
    if (e->a == NULL || e->name.text == NULL)
        return mst_check_failed(e);
    struct mst_local *local = MST_NEW(context->program->arena, struct mst_local);
    if (local == NULL)
        return mst_check_failed(e);
    local->symbol.kind = MST_SYMBOL_LOCAL;
    local->symbol.name = e->name;
    local->symbol.unit = context->unit;
    local->symbol.type = element_type(context, e);
    local->outer = context->locals;
    e->symbol = &local->symbol;
    context->locals = local;
    if (e->b != NULL)
        mst_check_expect(context, e->b, MST_TYPE_BOOL, "the condition");
    uint32_t type = quantifier_result(context, e, local->symbol.type);
    context->locals = local->outer;
    return mst_check_typed(e, type);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static uint32_t check_literal(struct mst_expr *e)
{
    static const uint32_t types[] = {
        [MST_LITERAL_BOOL] = MST_TYPE_BOOL,       [MST_LITERAL_INT] = MST_TYPE_INT,
        [MST_LITERAL_VERSION] = MST_TYPE_VERSION, [MST_LITERAL_DATE] = MST_TYPE_DATE,
        [MST_LITERAL_MONTH] = MST_TYPE_MONTH,     [MST_LITERAL_TIME] = MST_TYPE_TIME,
        [MST_LITERAL_CLOCK] = MST_TYPE_CLOCK,     [MST_LITERAL_DURATION] = MST_TYPE_DURATION,
    };
    return mst_check_typed(e, types[e->literal]);
}

static uint32_t report_misplaced(struct mst_context *context, struct mst_expr *e, const char *what,
                                 const char *help)
{
    struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_MISPLACED, e->span,
                                         "%s cannot stand here.", what);
    mst_diag_help(context->program->diags, d, "%s", help);
    return mst_check_failed(e);
}

static uint32_t check_kind(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    switch ((enum mst_expr_kind)e->kind) {
    case MST_EXPR_LITERAL: return check_literal(e);
    case MST_EXPR_TEXT:
    case MST_EXPR_PIECE:
        mst_check_plain(context->program, e);
        return mst_check_typed(e, MST_TYPE_TEXT);
    case MST_EXPR_UNKNOWN:
        return report_misplaced(context, e, "The word `unknown`",
                                "to ask whether a value is there, write `… is unknown`");
    case MST_EXPR_NAME: return mst_check_named(context, e, expected);
    case MST_EXPR_MEMBER: return mst_check_path(context, e);
    case MST_EXPR_INDEX: return mst_check_index(context, e);
    case MST_EXPR_CALL: return mst_check_call(context, e, expected);
    case MST_EXPR_UNARY: return mst_check_unary(context, e);
    case MST_EXPR_BINARY: return mst_check_binary(context, e, expected);
    case MST_EXPR_IS:
        mst_check_expr(context, e->a, 0);
        mst_check_is_value(context, e->a, true);
        return mst_check_typed(e, MST_TYPE_BOOL);
    case MST_EXPR_IN: return mst_check_in(context, e);
    case MST_EXPR_IF: return mst_check_if(context, e, expected);
    case MST_EXPR_QUANTIFIER: return check_quantifier(context, e);
    case MST_EXPR_SET:
        return report_misplaced(context, e, "A set in braces",
                                "write it after `in`, or give it a name with `set`");
    case MST_EXPR_LIST:
        return report_misplaced(context, e, "A list in brackets",
                                "lists are written in tests; a set is written `in {…}`");
    case MST_EXPR_RECORD:
        return report_misplaced(context, e, "A record in braces",
                                "records are written in tests only");
    case MST_EXPR_ERROR: break;
    }
    return mst_check_failed(e);
}

uint32_t mst_check_expr(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    if (e == NULL)
        return MST_TYPE_ERROR;
    if (!mst_program_enter(context->program, e->span))
        return mst_check_failed(e);
    uint32_t type = check_kind(context, e, expected);
    mst_program_leave(context->program);
    return type;
}

bool mst_check_expect(struct mst_context *context, struct mst_expr *e, uint32_t type,
                      const char *what)
{
    struct mst_program *program = context->program;
    if (e == NULL)
        return false;
    uint32_t found = mst_check_expr(context, e, type);
    if (mst_check_agree(found, type))
        return true;
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_EXPECTED, e->span, "This is %s, but %s must be %s.",
        mst_check_type_name(program, found), what, mst_check_type_name(program, type));
    mst_check_help_mismatch(context, d, type, found, e);
    return false;
}
