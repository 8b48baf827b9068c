/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_time.c - arithmetic, and what moves with it: which results are ramps, and the FLIP
 * instructions that count the instants at which comparisons of ramps change and at which sums
 * leave or enter the range of their type (spec/language.md, sections 8.1 to 8.5). */
#include "lower.h"

#include <string.h>

#include "builtin_list.h"
#include "format/arith.h"
#include "format/calendar.h"

void mst_lower_flip(struct mst_lower *lower, struct mst_operand_value moving, mst_ref still,
                    uint8_t op)
{
    bool rising = moving.slope == MST_RISING;
    uint8_t kind = MST_FLIP_BOTH;
    if (op == MST_WORD_LT || op == MST_WORD_GE)
        kind = rising ? MST_FLIP_AT : MST_FLIP_AFTER;
    else if (op == MST_WORD_LE || op == MST_WORD_GT)
        kind = rising ? MST_FLIP_AFTER : MST_FLIP_AT;
    /* What falls to x is what x would rise to. */
    mst_lower_emit_x(lower, MST_OP_FLIP, kind, 0, rising ? moving.ref : still,
                     rising ? still : moving.ref);
}

/* ---- the class of a sum -------------------------------------------------------------------- */

static int direction(enum mst_slope slope)
{
    return slope == MST_RISING ? 1 : slope == MST_FALLING ? -1 : 0;
}

static enum mst_slope join_slopes(struct mst_lower *lower, const struct mst_expr *e,
                                  enum mst_slope a, enum mst_slope b)
{
    int sum = direction(a) + (e->op == MST_WORD_ADD ? direction(b) : -direction(b));
    if (sum > 1 || sum < -1) {
        struct mst_diag *d = mst_diag_report(lower->program->diags, MST_DIAG_MOVING, e->span,
                                             "This would change by two seconds every second.");
        mst_diag_help(lower->program->diags, d, "take `now` once, and compare with the rest");
    }
    return sum == 0 ? MST_STILL : sum > 0 ? MST_RISING : MST_FALLING;
}

static enum mst_slope opposite(enum mst_slope slope)
{
    return slope == MST_RISING ? MST_FALLING : slope == MST_FALLING ? MST_RISING : MST_STILL;
}

/* ---- where a moving sum leaves its range --------------------------------------------------- */

/* `moving` stays in range while low <= moving <= high; `op` makes low and high of the bounds of
 * the result's type and the still operand, out of range itself where they are never met. */
static void flip_bounds(struct mst_lower *lower, struct mst_operand_value moving,
                        enum mst_opcode op, bool bound_first, mst_ref still,
                        const int64_t bounds[2], uint32_t bound_type, bool mirrored)
{
    uint32_t mark = lower->next_register;
    for (int i = 0; i < 2; i++) {
        mst_ref bound = mst_lower_constant(lower, bound_type, bounds[i]);
        mst_ref limit = mst_lower_register(lower);
        bool is_low = (i == 0) != mirrored;
        mst_lower_emit(lower, op, limit, bound_first ? bound : still, bound_first ? still : bound);
        mst_lower_flip(lower, moving, limit, is_low ? MST_WORD_GE : MST_WORD_LE);
        lower->next_register = mark;
    }
}

static const int64_t time_bounds[2] = {MST_TIME_MIN, MST_TIME_MAX};
static const int64_t duration_bounds[2] = {INT64_MIN, INT64_MAX};

static void count_range(struct mst_lower *lower, const struct mst_expr *e,
                        struct mst_operand_value a, struct mst_operand_value b)
{
    bool is_add = e->op == MST_WORD_ADD;
    if ((a.slope == MST_STILL) == (b.slope == MST_STILL))
        return;
    if (e->type == MST_TYPE_TIME && a.slope != MST_STILL) /* t ± d: min ∓ d <= t <= max ∓ d */
        flip_bounds(lower, a, is_add ? MST_OP_SUB_TIME : MST_OP_ADD_TIME, true, b.ref, time_bounds,
                    MST_TYPE_TIME, false);
    else if (e->type == MST_TYPE_TIME && is_add) /* t + d: min - t <= d <= max - t */
        flip_bounds(lower, b, MST_OP_DIFF_TIME, true, a.ref, time_bounds, MST_TYPE_TIME, false);
    else if (e->type == MST_TYPE_TIME) /* t - d: t - max <= d <= t - min */
        flip_bounds(lower, b, MST_OP_DIFF_TIME, false, a.ref, time_bounds, MST_TYPE_TIME, true);
    else if (e->a->type != MST_TYPE_DURATION)
        return;                    /* the difference of two times is always in range */
    else if (a.slope != MST_STILL) /* a ± d */
        flip_bounds(lower, a, is_add ? MST_OP_SUB : MST_OP_ADD, true, b.ref, duration_bounds,
                    MST_TYPE_DURATION, false);
    else if (is_add)
        flip_bounds(lower, b, MST_OP_SUB, true, a.ref, duration_bounds, MST_TYPE_DURATION, false);
    else /* d - b: d - max <= b <= d - min */
        flip_bounds(lower, b, MST_OP_SUB, false, a.ref, duration_bounds, MST_TYPE_DURATION, true);
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

static const struct {
    uint8_t word, left, right, op;
} opcodes[] = {
    {MST_WORD_ADD, MST_TYPE_INT, MST_TYPE_INT, MST_OP_ADD},
    {MST_WORD_SUB, MST_TYPE_INT, MST_TYPE_INT, MST_OP_SUB},
    {MST_WORD_MUL, MST_TYPE_INT, MST_TYPE_INT, MST_OP_MUL},
    {MST_WORD_DIV, MST_TYPE_INT, MST_TYPE_INT, MST_OP_DIV},
    {MST_WORD_MOD, MST_TYPE_INT, MST_TYPE_INT, MST_OP_MOD},
    {MST_WORD_ADD, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_OP_ADD},
    {MST_WORD_SUB, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_OP_SUB},
    {MST_WORD_MUL, MST_TYPE_DURATION, MST_TYPE_INT, MST_OP_MUL_DURATION},
    {MST_WORD_ADD, MST_TYPE_TIME, MST_TYPE_DURATION, MST_OP_ADD_TIME},
    {MST_WORD_SUB, MST_TYPE_TIME, MST_TYPE_DURATION, MST_OP_SUB_TIME},
    {MST_WORD_SUB, MST_TYPE_TIME, MST_TYPE_TIME, MST_OP_DIFF_TIME},
    {MST_WORD_ADD, MST_TYPE_DATE, MST_TYPE_DURATION, MST_OP_ADD_DATE},
    {MST_WORD_SUB, MST_TYPE_DATE, MST_TYPE_DURATION, MST_OP_SUB_DATE},
    {MST_WORD_SUB, MST_TYPE_DATE, MST_TYPE_DATE, MST_OP_DIFF_DATE},
    {MST_WORD_ADD, MST_TYPE_MONTH, MST_TYPE_INT, MST_OP_ADD_MONTH},
    {MST_WORD_SUB, MST_TYPE_MONTH, MST_TYPE_INT, MST_OP_SUB_MONTH},
    {MST_WORD_SUB, MST_TYPE_MONTH, MST_TYPE_MONTH, MST_OP_DIFF_MONTH},
};

static enum mst_opcode opcode_of(const struct mst_expr *e, uint32_t left, uint32_t right)
{
    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++)
        if (opcodes[i].word == e->op && opcodes[i].left == left && opcodes[i].right == right)
            return (enum mst_opcode)opcodes[i].op;
    return MST_OP_ADD;
}

static bool can_move(const struct mst_expr *e)
{
    bool is_sum = e->op == MST_WORD_ADD || e->op == MST_WORD_SUB;
    uint32_t type = e->a->type;
    return is_sum && (type == MST_TYPE_TIME || type == MST_TYPE_DURATION);
}

static struct mst_operand_value lower_negative(struct mst_lower *lower, struct mst_expr *e,
                                               mst_ref to)
{
    uint32_t mark = lower->next_register;
    if (e->a->kind == MST_EXPR_LITERAL) { /* -5 is a constant */
        mst_ref ref = mst_lower_constant(lower, e->type, -e->a->word);
        if (to != MST_NOWHERE)
            mst_lower_emit(lower, MST_OP_MOVE, to, ref, 0);
        return (struct mst_operand_value){to != MST_NOWHERE ? to : ref, MST_STILL};
    }
    struct mst_operand_value a = mst_lower_expr(lower, e->a, MST_NOWHERE);
    lower->next_register = mark;
    to = to != MST_NOWHERE ? to : mst_lower_register(lower);
    mst_lower_emit(lower, MST_OP_NEG, to, a.ref, 0);
    return (struct mst_operand_value){to, opposite(a.slope)};
}

struct mst_operand_value mst_lower_arithmetic(struct mst_lower *lower, struct mst_expr *e,
                                              mst_ref to)
{
    if (e->kind == MST_EXPR_UNARY)
        return lower_negative(lower, e, to);
    uint32_t mark = lower->next_register;
    bool moves = can_move(e);
    struct mst_operand_value a, b;
    a = moves ? mst_lower_expr(lower, e->a, MST_NOWHERE)
              : (struct mst_operand_value){mst_lower_still(lower, e->a, MST_NOWHERE), MST_STILL};
    b = moves ? mst_lower_expr(lower, e->b, MST_NOWHERE)
              : (struct mst_operand_value){mst_lower_still(lower, e->b, MST_NOWHERE), MST_STILL};
    enum mst_slope slope = join_slopes(lower, e, a.slope, b.slope);
    if (slope != MST_STILL)
        count_range(lower, e, a, b);
    lower->next_register = mark;
    to = to != MST_NOWHERE ? to : mst_lower_register(lower);
    bool swapped = e->op == MST_WORD_MUL && e->a->type == MST_TYPE_INT &&
                   e->b->type == MST_TYPE_DURATION; /* 3 * 1 day */
    enum mst_opcode op = swapped ? MST_OP_MUL_DURATION : opcode_of(e, e->a->type, e->b->type);
    mst_lower_emit(lower, op, to, swapped ? b.ref : a.ref, swapped ? a.ref : b.ref);
    return (struct mst_operand_value){to, slope};
}

/* ---- direct comparisons -------------------------------------------------------------------- */

enum boundary { BOUNDARY_NONE, BOUNDARY_DAY, BOUNDARY_MONTH, BOUNDARY_YEAR };

struct mst_placed mst_lower_look_through(struct mst_lower *lower, struct mst_placed placed)
{
    for (unsigned depth = 0; depth < MST_MAX_DEF_DEPTH; depth++) {
        if (placed.expr->ref == MST_REF_DEF) {
            placed.scope = mst_lower_bind_arguments(lower, placed.expr, placed.scope);
            placed.expr = placed.expr->symbol->item->value;
            continue;
        }
        struct mst_binding *b = placed.expr->ref == MST_REF_LOCAL ? placed.scope : NULL;
        while (b != NULL && b->symbol != placed.expr->symbol)
            b = b->outer;
        if (b == NULL || b->is_loop)
            break;
        placed = (struct mst_placed){b->argument, b->argument_scope};
    }
    return placed;
}

static enum mst_slope slope_of(struct mst_lower *lower, struct mst_placed p);

static enum mst_slope slope_of_let(struct mst_lower *lower, struct mst_symbol *let)
{
    if (let->slope == 0)
        let->slope = (uint8_t)(slope_of(lower, (struct mst_placed){let->item->value, NULL}) + 1);
    return (enum mst_slope)(let->slope - 1);
}

/* How an expression moves, from its form alone: section 8.1. What is refused counts as still. */
static enum mst_slope slope_of(struct mst_lower *lower, struct mst_placed p)
{
    p = mst_lower_look_through(lower, p);
    const struct mst_expr *e = p.expr;
    if (e->ref == MST_REF_NOW)
        return MST_RISING;
    if (e->ref == MST_REF_LET)
        return slope_of_let(lower, e->symbol);
    if (e->kind == MST_EXPR_UNARY && e->op == MST_WORD_NEG)
        return opposite(slope_of(lower, (struct mst_placed){e->a, p.scope}));
    if (e->kind != MST_EXPR_BINARY || !can_move(e))
        return MST_STILL;
    int a = direction(slope_of(lower, (struct mst_placed){e->a, p.scope}));
    int b = direction(slope_of(lower, (struct mst_placed){e->b, p.scope}));
    int sum = e->op == MST_WORD_ADD ? a + b : a - b;
    return sum == 1 ? MST_RISING : sum == -1 ? MST_FALLING : MST_STILL;
}

/* The boundary function of a rising time that `p` calls, if it does. */
static enum boundary boundary_of(struct mst_lower *lower, struct mst_placed p)
{
    const struct mst_expr *e = p.expr;
    enum boundary boundary = BOUNDARY_NONE;
    if (e->kind != MST_EXPR_CALL || e->ref != MST_REF_BUILTIN || e->args.first == NULL ||
        e->args.first->type != MST_TYPE_TIME)
        return BOUNDARY_NONE;
    if (strcmp(e->name.text, "date") == 0)
        boundary = BOUNDARY_DAY;
    else if (strcmp(e->name.text, "month_of") == 0)
        boundary = BOUNDARY_MONTH;
    else if (strcmp(e->name.text, "year") == 0)
        boundary = BOUNDARY_YEAR;
    if (boundary == BOUNDARY_NONE ||
        slope_of(lower, (struct mst_placed){e->args.first, p.scope}) != MST_RISING)
        return BOUNDARY_NONE;
    return boundary;
}

static bool is_constant(struct mst_lower *lower, struct mst_placed p);

static bool is_constant_let(struct mst_lower *lower, struct mst_symbol *let)
{
    if (let->moving == 0)
        let->moving = is_constant(lower, (struct mst_placed){let->item->value, NULL}) ? 1 : 2;
    return let->moving == 1;
}

static bool is_constant(struct mst_lower *lower, struct mst_placed p)
{
    if (p.expr == NULL)
        return true;
    p = mst_lower_look_through(lower, p);
    switch ((enum mst_meaning)p.expr->ref) {
    case MST_REF_NOW:
    case MST_REF_FACT:
    case MST_REF_PART:
    case MST_REF_COLUMN:
    case MST_REF_TABLE:
    case MST_REF_VERDICT:
    case MST_REF_CHECK:
    case MST_REF_FIELD:
    case MST_REF_LOCAL: return false;
    case MST_REF_LET: return is_constant_let(lower, p.expr->symbol);
    default: break;
    }
    for (struct mst_expr *arg = p.expr->args.first; arg != NULL; arg = arg->next)
        if (!is_constant(lower, (struct mst_placed){arg, p.scope}))
            return false;
    return is_constant(lower, (struct mst_placed){p.expr->a, p.scope}) &&
           is_constant(lower, (struct mst_placed){p.expr->b, p.scope}) &&
           is_constant(lower, (struct mst_placed){p.expr->c, p.scope});
}

/* The instant at which x (a day, month or year), or the one behind it, begins in the zone. */
static mst_ref beginning(struct mst_lower *lower, enum boundary boundary, mst_ref x, bool next,
                         const mst_ref *zone)
{
    mst_ref day = mst_lower_register(lower), to = mst_lower_register(lower);
    if (boundary == BOUNDARY_YEAR) { /* month 12 * year, counted from year 0 */
        mst_ref months = to;
        mst_lower_emit(lower, MST_OP_MUL, months, x, mst_lower_constant(lower, MST_TYPE_INT, 12));
        if (next)
            mst_lower_emit(lower, MST_OP_ADD, months, months,
                           mst_lower_constant(lower, MST_TYPE_INT, 12));
        mst_lower_emit(lower, MST_OP_SUB, months, months,
                       mst_lower_constant(lower, MST_TYPE_INT, MST_MONTH_MIN));
        mst_ref month = mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_ADD_MONTH, month,
                       mst_lower_constant(lower, MST_TYPE_MONTH, MST_MONTH_MIN), months);
        mst_lower_builtin(lower, mst_lower_builtin_number("start_of"), &month, 1, false, day);
        to = mst_lower_register(lower);
    } else if (boundary == BOUNDARY_MONTH) {
        mst_ref month = mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_ADD_MONTH, month, x,
                       mst_lower_constant(lower, MST_TYPE_INT, next ? 1 : 0));
        mst_lower_builtin(lower, mst_lower_builtin_number("start_of"), &month, 1, false, day);
    } else {
        mst_lower_emit(lower, MST_OP_ADD_DATE, day, x,
                       mst_lower_constant(lower, MST_TYPE_DURATION, next ? MST_DAY_S : 0));
    }
    mst_ref args[3] = {day, mst_lower_constant(lower, MST_TYPE_INT, 0),
                       zone != NULL ? *zone : mst_lower_zone(lower, "utc")};
    mst_lower_builtin(lower, mst_lower_builtin_number("at"), args, 3, false, to);
    return to;
}

/* Outside 1970-2050 a zone knows no dates: the ends of its range count too. */
static void count_zone_range(struct mst_lower *lower, struct mst_operand_value moving)
{
    mst_ref begin = mst_lower_constant(lower, MST_TYPE_TIME, MST_ZONE_BEGIN);
    mst_ref end = mst_lower_constant(lower, MST_TYPE_TIME, MST_ZONE_END);
    mst_lower_flip(lower, moving, begin, MST_WORD_GE);
    mst_lower_flip(lower, moving, end, MST_WORD_LT);
}

/* Emits the boundary function plainly and counts the flips of the comparison instead. */
static mst_ref lower_solved(struct mst_lower *lower, struct mst_placed call, struct mst_expr *other,
                            uint8_t op, mst_ref *x)
{
    enum boundary boundary = boundary_of(lower, call);
    struct mst_binding *here = lower->bindings;
    struct mst_expr *zone_name = call.expr->args.first->next;
    mst_ref zone = zone_name != NULL ? mst_lower_zone(lower, zone_name->name.text) : MST_NOWHERE;
    lower->bindings = call.scope;
    struct mst_operand_value r = mst_lower_expr(lower, call.expr->args.first, MST_NOWHERE);
    lower->bindings = here;
    *x = mst_lower_still(lower, other, MST_NOWHERE);
    uint32_t mark = lower->next_register;
    if (op != MST_WORD_LE && op != MST_WORD_GT)
        mst_lower_flip(lower, r, beginning(lower, boundary, *x, false, zone_name ? &zone : NULL),
                       MST_WORD_GE);
    lower->next_register = mark;
    if (op != MST_WORD_LT && op != MST_WORD_GE)
        mst_lower_flip(lower, r, beginning(lower, boundary, *x, true, zone_name ? &zone : NULL),
                       MST_WORD_GE);
    lower->next_register = mark;
    if (zone_name != NULL && strcmp(zone_name->name.text, "utc") != 0)
        count_zone_range(lower, r);
    mst_ref args[2] = {r.ref, zone};
    return mst_lower_builtin(lower, call.expr->number, args, zone_name != NULL ? 2 : 1, false,
                             MST_NOWHERE);
}

uint8_t mst_lower_mirrored(uint8_t op)
{
    switch (op) {
    case MST_WORD_LT: return MST_WORD_GT;
    case MST_WORD_LE: return MST_WORD_GE;
    case MST_WORD_GT: return MST_WORD_LT;
    case MST_WORD_GE: return MST_WORD_LE;
    default: return op;
    }
}

bool mst_lower_direct(struct mst_lower *lower, struct mst_expr *e, mst_ref *a, mst_ref *b)
{
    struct mst_placed sides[2] = {
        mst_lower_look_through(lower, (struct mst_placed){e->a, lower->bindings}),
        mst_lower_look_through(lower, (struct mst_placed){e->b, lower->bindings})};
    int moving = boundary_of(lower, sides[0]) != BOUNDARY_NONE ? 0 : 1;
    struct mst_placed other = sides[1 - moving];
    if (boundary_of(lower, sides[moving]) == BOUNDARY_NONE ||
        (other.expr->ref != MST_REF_FACT && !is_constant(lower, other)))
        return false;
    if (moving == 0)
        *a = lower_solved(lower, sides[0], e->b, e->op, b);
    else
        *b = lower_solved(lower, sides[1], e->a, mst_lower_mirrored(e->op), a);
    return true;
}
