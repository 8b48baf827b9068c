/* SPDX-License-Identifier: Apache-2.0
 *
 * check_choice.c - `e == A or B`, `e == (A or B)`: a value where a condition is needed, because
 * `or` was taken to join values. Says how a set is written. */
#include "check_expr.h"

#define MAX_CHOICES 32
#define MAX_DEPTH 4 /* of what is looked at twice */

/* Values that one side is compared with, as far as they were written. */
struct choices {
    struct mst_expr *items[MAX_CHOICES];
    size_t count;
};

static bool is_equality(const struct mst_expr *e)
{
    return e->kind == MST_EXPR_BINARY && (e->op == MST_WORD_EQ || e->op == MST_WORD_NE);
}

static bool is_logic(const struct mst_expr *e)
{
    return e->kind == MST_EXPR_BINARY && (e->op == MST_WORD_OR || e->op == MST_WORD_AND);
}

static bool is_single(const struct mst_expr *e)
{
    bool is_path = e->kind == MST_EXPR_NAME || (e->kind == MST_EXPR_MEMBER && e->depth < MAX_DEPTH);
    return is_path || e->kind == MST_EXPR_LITERAL || e->kind == MST_EXPR_TEXT;
}

/* What values are compared with: its type is asked for before its turn. */
static bool is_side(struct mst_context *context, const struct mst_expr *e)
{
    return e != NULL && e->depth <= MAX_DEPTH && !mst_check_is_open_name(context, e);
}

/* Is this a value of a type that no condition has? */
static bool is_choice(struct mst_context *context, struct mst_expr *e, uint32_t type)
{
    const struct mst_enum_type *members = mst_check_enum_of(context->program, type);
    uint32_t kind = MST_TYPE_KIND(type);
    if (!is_single(e) || !mst_check_is_scalar(type) || kind == MST_TYPE_BOOL ||
        kind == MST_TYPE_ERROR)
        return false;
    if (mst_check_is_open_name(context, e))
        return members != NULL && mst_check_member(members, e->name.text) != UINT32_MAX;
    uint32_t found = mst_check_expr(context, e, type);
    return MST_TYPE_KIND(found) != MST_TYPE_ERROR && mst_check_agree(found, type);
}

/* "{A, B}" */
static const char *quote_set(struct mst_program *program, const struct choices *choices)
{
    const char *list = "";
    for (size_t i = 0; i < choices->count && list != NULL; i++)
        list = mst_arena_printf(program->arena, "%s%s%s", list, i > 0 ? ", " : "",
                                mst_check_quote(program, choices->items[i]));
    return list != NULL ? list : "";
}

static void report(struct mst_context *context, const struct mst_expr *wrong, const char *why,
                   const char *help)
{
    struct mst_program *program = context->program;
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_OR_MEMBER, wrong->span,
                        "`%s` stands alone here: %s.", mst_check_quote(program, wrong), why);
    mst_diag_help(program->diags, d, "write %s", help);
}

static void report_choices(struct mst_context *context, const struct mst_expr *wrong,
                           const struct mst_expr *comparison, uint8_t logic,
                           const struct choices *choices)
{
    struct mst_program *program = context->program;
    const struct mst_expr *of = comparison->a;
    bool is_enum = mst_check_enum_of(program, of->type) != NULL;
    bool is_not = comparison->op == MST_WORD_NE || comparison->op == MST_WORD_NOT_IN;
    report(context, wrong,
           mst_arena_printf(program->arena, "`%s` joins conditions, not %s", mst_check_word(logic),
                            is_enum ? "members" : "values"),
           mst_arena_printf(program->arena, "`%s %s {%s}`", mst_check_quote(program, of),
                            is_not ? "not in" : "in", quote_set(program, choices)));
}

/* The comparison before values that were written on behind it, which are collected from its own
 * one on. NULL if there is none. */
static struct mst_expr *find_comparison(struct mst_expr *e, struct choices *choices)
{
    struct mst_expr *left = e->a;
    choices->items[choices->count++] = e->b;
    while (is_logic(left) && !left->in_parentheses) {
        if (left->op == e->op && is_single(left->b) && choices->count + 1 < MAX_CHOICES) {
            choices->items[choices->count++] = left->b;
            left = left->a;
        } else {
            left = left->b;
        }
    }
    if (!is_equality(left))
        return NULL;
    choices->items[choices->count++] = left->b;
    for (size_t i = 0, k = choices->count - 1; i < k; i++, k--) {
        struct mst_expr *swapped = choices->items[i];
        choices->items[i] = choices->items[k];
        choices->items[k] = swapped;
    }
    return left;
}

/* `e == A and not B` */
static bool report_not(struct mst_context *context, struct mst_expr *e)
{
    struct choices choices = {.count = 0};
    struct mst_expr *value = e->b->a, *compared = find_comparison(e, &choices);
    if (compared == NULL || !is_side(context, compared->a) ||
        !is_choice(context, value, mst_check_expr(context, compared->a, 0)))
        return false;
    struct mst_program *program = context->program;
    report(context, value, "`not` stands before a condition",
           mst_arena_printf(program->arena, "`%s != %s`", mst_check_quote(program, compared->a),
                            mst_check_quote(program, value)));
    value->kind = MST_EXPR_ERROR;
    return true;
}

bool mst_check_choice(struct mst_context *context, struct mst_expr *e)
{
    struct choices choices = {.count = 0};
    if (e->a == NULL || e->b == NULL)
        return false;
    if (e->b->kind == MST_EXPR_UNARY && e->b->op == MST_WORD_NOT && e->b->a != NULL)
        return report_not(context, e);
    if (!is_single(e->b))
        return false;
    struct mst_expr *compared = find_comparison(e, &choices);
    if (compared == NULL || !is_side(context, compared->a))
        return false;
    uint32_t type = mst_check_expr(context, compared->a, 0);
    for (size_t i = 1; i < choices.count; i++)
        if (!is_choice(context, choices.items[i], type))
            return false;
    report_choices(context, choices.items[1], compared, e->op, &choices);
    for (size_t i = 1; i < choices.count; i++)
        choices.items[i]->kind = MST_EXPR_ERROR;
    return true;
}

/* The values of `(A or B)`, last to first. */
static bool collect(struct mst_expr *e, struct choices *choices)
{
    for (; is_logic(e); e = e->a) {
        if (e->b == NULL || e->a == NULL || !is_single(e->b) || choices->count + 1 >= MAX_CHOICES)
            return false;
        choices->items[choices->count++] = e->b;
    }
    choices->items[choices->count++] = e;
    return is_single(e);
}

bool mst_check_choice_in_parentheses(struct mst_context *context, struct mst_expr *e)
{
    struct choices choices = {.count = 0}, ordered = {.count = 0};
    if (!is_logic(e->b) || !collect(e->b, &choices) || !is_side(context, e->a))
        return false;
    uint32_t type = mst_check_expr(context, e->a, 0);
    while (choices.count > 0)
        ordered.items[ordered.count++] = choices.items[--choices.count];
    for (size_t i = 0; i < ordered.count; i++)
        if (!is_choice(context, ordered.items[i], type))
            return false;
    report_choices(context, e->b, e, e->b->op, &ordered);
    e->b->type = MST_TYPE_ERROR;
    return true;
}
