/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_call.c - calls and quantifiers. A def is written in place; the arguments of a built-in go
 * into consecutive registers; a quantifier is a loop over the rows of a table. */
#include "lower.h"

#include <string.h>

#include "builtin_list.h"
#include "sites.h"
#include "zones.h"

uint32_t mst_lower_builtin_number(const char *name)
{
    for (size_t i = 0; i < mst_builtin_list_count; i++)
        if (strcmp(mst_builtin_list[i].name, name) == 0)
            return mst_builtin_list[i].number;
    return 0;
}

mst_ref mst_lower_zone(struct mst_lower *lower, const char *name)
{
    uint32_t zone = mst_zones_find(name);
    return mst_lower_constant(lower, MST_TYPE_ZONE, mst_ir_zone(lower->all, zone));
}

/* ---- defs ---------------------------------------------------------------------------------- */

struct mst_binding *mst_lower_bind_arguments(struct mst_lower *lower, const struct mst_expr *call,
                                             struct mst_binding *scope)
{
    struct mst_binding *bound = NULL;
    const struct mst_decl *d = call->symbol->item->decls.first;
    for (struct mst_expr *arg = call->args.first; arg != NULL && d != NULL;
         arg = arg->next, d = d->next) {
        struct mst_binding *b = MST_NEW(lower->program->arena, struct mst_binding);
        if (b == NULL)
            break;
        *b = (struct mst_binding){
            .symbol = d->symbol, .argument = arg, .argument_scope = scope, .outer = bound};
        bound = b;
    }
    return bound;
}

static struct mst_operand_value lower_def(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct mst_binding *here = lower->bindings;
    if (lower->all->instruction_count > MST_MAX_INSTRUCTIONS)
        return mst_lower_fixed(mst_lower_target(lower, to)); /* reported */
    if (lower->def_depth >= MST_MAX_DEF_DEPTH) {
        struct mst_diag *d =
            mst_diag_report(lower->program->diags, MST_DIAG_PROGRAM_TOO_LARGE, e->span,
                            "Defs call each other more than %d deep here.", MST_MAX_DEF_DEPTH);
        mst_diag_help(lower->program->diags, d, "join some of them into one");
        return mst_lower_fixed(mst_lower_target(lower, to));
    }
    lower->bindings = mst_lower_bind_arguments(lower, e, here);
    lower->def_depth++;
    struct mst_operand_value value = mst_lower_expr(lower, e->symbol->item->value, to);
    lower->def_depth--;
    lower->bindings = here;
    return value;
}

/* ---- built-ins ----------------------------------------------------------------------------- */

/* Of a program: what nested defs could blow up to. */
#define MAX_BLAME_STEPS 20000000

static uint32_t first_fact(struct mst_lower *lower, const struct mst_expr *e,
                           struct mst_binding *scope);

static uint32_t first_fact_of_let(struct mst_lower *lower, struct mst_symbol *let)
{
    if (!let->has_first_fact) {
        let->first_fact = first_fact(lower, let->item->value, NULL);
        let->has_first_fact = true;
    }
    return let->first_fact;
}

static uint32_t first_fact_of_kind(struct mst_lower *lower, const struct mst_expr *e,
                                   struct mst_binding *scope)
{
    if (e->ref == MST_REF_FACT)
        return e->symbol->index;
    if (e->ref == MST_REF_LET)
        return first_fact_of_let(lower, e->symbol);
    if (e->ref == MST_REF_LOCAL) {
        for (struct mst_binding *b = scope; b != NULL; b = b->outer)
            if (b->symbol == e->symbol)
                return first_fact(lower, b->argument, b->argument_scope);
        return UINT32_MAX;
    }
    if (e->ref == MST_REF_DEF)
        return first_fact(lower, e->symbol->item->value, mst_lower_bind_arguments(lower, e, scope));
    uint32_t found = first_fact(lower, e->a, scope);
    found = found != UINT32_MAX ? found : first_fact(lower, e->b, scope);
    found = found != UINT32_MAX ? found : first_fact(lower, e->c, scope);
    for (const struct mst_expr *arg = e->args.first; arg != NULL && found == UINT32_MAX;
         arg = arg->next)
        found = first_fact(lower, arg, scope);
    return found;
}

/* The fact named first in an expression, in reading order and seen through lets, defs and
 * quantifier variables: who is to blame where its text does not convert. */
static uint32_t first_fact(struct mst_lower *lower, const struct mst_expr *e,
                           struct mst_binding *scope)
{
    if (e == NULL || ++lower->all->blame_steps > MAX_BLAME_STEPS ||
        !mst_program_enter(lower->program, e->span))
        return UINT32_MAX;
    uint32_t found = first_fact_of_kind(lower, e, scope);
    mst_program_leave(lower->program);
    return found;
}

static bool is_conversion(const struct mst_builtin *b)
{
    return b->arg_count == 1 && b->args[0] == MST_ARG_TEXT && b->result != MST_ARG_TEXT &&
           strcmp(b->name, "length") != 0;
}

mst_ref mst_lower_builtin(struct mst_lower *lower, uint32_t number, const mst_ref *args,
                          size_t count, bool rises, mst_ref to)
{
    const struct mst_builtin *b = mst_builtin_list_at(number);
    uint32_t mark = lower->next_register;
    mst_ref first = count == 1 ? args[0] : MST_NOWHERE;
    for (size_t i = 0; i < count && count > 1; i++) {
        mst_ref slot = mst_lower_register(lower);
        first = i == 0 ? slot : first;
        mst_lower_emit(lower, MST_OP_MOVE, slot, args[i], 0);
    }
    lower->next_register = mark;
    to = mst_lower_target(lower, to);
    uint32_t site = b->result == MST_ARG_TEXT; /* which one is said when code is written */
    mst_lower_emit_x(lower, rises ? MST_OP_BUILTIN_RISE : MST_OP_BUILTIN, (uint8_t)number, to,
                     first, site);
    return to;
}

/* Strict in all parts before any can be at fault: x == x is as unknown as x, and so is the
 * comparison of two such. */
static size_t jump_if_any_unknown(struct mst_lower *lower, const mst_ref *parts, uint8_t count,
                                  mst_ref to)
{
    mst_ref all = mst_lower_register(lower), one = mst_lower_register(lower);
    mst_lower_emit(lower, MST_OP_EQ, all, parts[0], parts[0]);
    for (uint8_t i = 1; i < count; i++) {
        mst_lower_emit(lower, MST_OP_EQ, one, parts[i], parts[i]);
        mst_lower_emit(lower, MST_OP_EQ, all, all, one);
    }
    mst_lower_emit(lower, MST_OP_UNKNOWN, to, all, MST_TYPE_VERSION);
    return mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, all);
}

/* version(a), version(a, b, c, d), text(enum), text(text): see check_call.c. */
static struct mst_operand_value lower_composed(struct mst_lower *lower, struct mst_expr *e,
                                               mst_ref to)
{
    struct mst_expr *arg = e->args.first;
    if (e->type == MST_TYPE_TEXT && arg->type == MST_TYPE_TEXT)
        return mst_lower_fixed(mst_lower_still(lower, arg, to));
    uint32_t mark = lower->next_register;
    if (e->type == MST_TYPE_TEXT) {
        mst_ref value = mst_lower_still(lower, arg, MST_NOWHERE);
        lower->next_register = mark;
        to = mst_lower_target(lower, to);
        mst_lower_emit(lower, MST_OP_TEXT_ENUM, to, value, mst_ir_type(lower->program, arg->type));
        return mst_lower_fixed(to);
    }
    to = mst_lower_target(lower, to);
    mark = lower->next_register;
    mst_ref parts[4] = {MST_NOWHERE};
    uint8_t count = 0;
    for (; arg != NULL && count < 4; arg = arg->next)
        parts[count++] = mst_lower_still(lower, arg, MST_NOWHERE);
    size_t open = jump_if_any_unknown(lower, parts, count, to);
    mst_lower_emit(lower, MST_OP_MOVE, to, mst_lower_constant(lower, MST_TYPE_VERSION, 0), 0);
    for (uint8_t i = 0; i < count; i++)
        mst_lower_emit_x(lower, MST_OP_SET_PART, (uint8_t)(i + 1), to, to, parts[i]);
    mst_lower_bind(lower, open);
    lower->next_register = mark;
    return mst_lower_fixed(to);
}

static bool is_weekday_call(const struct mst_builtin *b)
{
    return b->result == MST_ARG_WEEKDAY;
}

/* Arguments from left to right; a weekday goes in and comes out as a number. */
static mst_ref lower_argument(struct mst_lower *lower, struct mst_expr *arg, uint8_t type,
                              bool may_rise, bool *rises)
{
    if (type == MST_ARG_ZONE)
        return mst_lower_zone(lower, arg->name.text);
    if (type == MST_ARG_CLOCK)
        return mst_lower_constant(lower, MST_TYPE_INT, arg->word);
    if (type == MST_ARG_WEEKDAY) {
        mst_ref ordinal = mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_ORDINAL, ordinal, mst_lower_still(lower, arg, MST_NOWHERE), 0);
        return ordinal;
    }
    if (!may_rise)
        return mst_lower_still(lower, arg, MST_NOWHERE);
    struct mst_operand_value value = mst_lower_expr(lower, arg, MST_NOWHERE);
    *rises = value.slope == MST_RISING;
    if (value.slope == MST_FALLING) {
        struct mst_diag *d = mst_diag_report(lower->program->diags, MST_DIAG_MOVING, arg->span,
                                             "This falls by a second every second.");
        mst_diag_help(lower->program->diags, d, "turn it round: `now - t` rises");
    }
    return value.ref;
}

struct mst_operand_value mst_lower_call_expr(struct mst_lower *lower, struct mst_expr *e,
                                             mst_ref to)
{
    if (e->ref == MST_REF_DEF)
        return lower_def(lower, e, to);
    if (e->number == 0)
        return lower_composed(lower, e, to);
    const struct mst_builtin *b = mst_builtin_list_at(e->number);
    uint32_t mark = lower->next_register, blame = lower->blame;
    mst_ref args[MST_BUILTIN_MAX_ARGS];
    bool rises = false;
    size_t count = 0;
    if (strcmp(b->name, "part") == 0 && e->args.last->kind == MST_EXPR_LITERAL &&
        e->args.last->word >= 1 && e->args.last->word <= 4) {
        mst_ref version = mst_lower_still(lower, e->args.first, MST_NOWHERE);
        lower->next_register = mark;
        to = mst_lower_target(lower, to);
        mst_lower_emit_x(lower, MST_OP_PART, (uint8_t)e->args.last->word, to, version, 0);
        return mst_lower_fixed(to);
    }
    for (struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next, count++)
        args[count] = lower_argument(lower, arg, b->args[count], b->rises && count == 0, &rises);
    uint32_t fact =
        is_conversion(b) ? first_fact(lower, e->args.first, lower->bindings) : UINT32_MAX;
    if (fact != UINT32_MAX)
        lower->blame = fact | MST_BLAME_FACT;
    if (to == MST_NOWHERE) {
        /* The result may lie where an argument lay: it is written last. */
        uint32_t used = lower->next_register;
        lower->next_register = mark;
        to = mst_lower_register(lower);
        lower->next_register = used > lower->next_register ? used : lower->next_register;
    }
    if (is_weekday_call(b)) { /* comes as a number */
        mst_ref day = mst_lower_register(lower);
        mst_lower_builtin(lower, e->number, args, count, rises, day);
        mst_lower_emit(lower, MST_OP_MEMBER, to, day, mst_ir_type(lower->program, e->type));
    } else {
        mst_lower_builtin(lower, e->number, args, count, rises, to);
    }
    lower->blame = blame;
    lower->next_register = mark + (to == MST_AT(MST_PLACE_REGISTER, mark) ? 1 : 0);
    return mst_lower_fixed(to);
}

/* ---- quantifiers --------------------------------------------------------------------------- */

struct loop {
    struct mst_binding binding;
    uint32_t object; /* table, or fact index of a list */
    bool is_list, backward;
    size_t begin; /* the instruction that opens it */
};

static void begin_loop(struct mst_lower *lower, const struct mst_expr *e, struct loop *loop)
{
    loop->is_list = MST_TYPE_KIND(e->a->type) == MST_TYPE_LIST;
    loop->object = loop->is_list ? e->a->symbol->index : MST_TYPE_INDEX(e->a->type);
    loop->backward = e->op == MST_WORD_LAST;
    mst_lower_open(lower, &lower->open_loops, MST_MAX_LOOP_DEPTH);
    lower->open_jumps++; /* past its end, where there is nothing */
    mst_ref current = mst_lower_register(lower);
    loop->binding = (struct mst_binding){.symbol = e->symbol,
                                         .ref = current,
                                         .argument = e->a,
                                         .argument_scope = lower->bindings,
                                         .is_loop = true,
                                         .outer = lower->bindings};
    enum mst_opcode up = loop->is_list ? MST_OP_EACH_UP : MST_OP_LOOP_UP;
    enum mst_opcode down = loop->is_list ? MST_OP_EACH_DOWN : MST_OP_LOOP_DOWN;
    loop->begin = mst_lower_emit(lower, loop->backward ? down : up, current, loop->object, 0);
    lower->bindings = &loop->binding;
    if (!loop->is_list)
        mst_site_note_row(lower, current);
}

static void end_loop(struct mst_lower *lower, struct loop *loop)
{
    uint32_t back = (uint32_t)(lower->block->code.count - loop->begin - 1);
    enum mst_opcode up = loop->is_list ? MST_OP_MORE_UP : MST_OP_NEXT_UP;
    enum mst_opcode down = loop->is_list ? MST_OP_MORE_DOWN : MST_OP_NEXT_DOWN;
    mst_lower_emit(lower, loop->backward ? down : up, loop->binding.ref, loop->object, back);
    mst_lower_bind(lower, loop->begin);
    lower->open_loops--;
    lower->bindings = loop->binding.outer;
}

/* any, all: Kleene or / and, stopping at the first that decides. */
static void lower_any_all(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    bool is_any = e->op == MST_WORD_ANY;
    struct loop loop;
    mst_lower_emit(lower, MST_OP_MOVE, to, mst_lower_constant(lower, MST_TYPE_BOOL, is_any ? 0 : 1),
                   0);
    begin_loop(lower, e, &loop);
    uint32_t mark = lower->next_register;
    mst_ref condition = mst_lower_still(lower, e->b, MST_NOWHERE);
    mst_lower_emit(lower, is_any ? MST_OP_OR : MST_OP_AND, to, to, condition);
    size_t exit = mst_lower_jump(lower, is_any ? MST_OP_JUMP_TRUE : MST_OP_JUMP_FALSE, to);
    lower->next_register = mark;
    end_loop(lower, &loop);
    mst_lower_bind(lower, exit);
}

static void lower_count(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct loop loop;
    mst_lower_emit(lower, MST_OP_MOVE, to, mst_lower_constant(lower, MST_TYPE_INT, 0), 0);
    begin_loop(lower, e, &loop);
    uint32_t mark = lower->next_register;
    mst_ref condition = mst_lower_still(lower, e->b, MST_NOWHERE);
    mst_lower_emit(lower, MST_OP_ADD_BOOL, to, to, condition);
    lower->next_register = mark;
    end_loop(lower, &loop);
}

/* Nothing found is a fault of the table, or of the place that reads a list. */
static void emit_nothing(struct mst_lower *lower, const struct mst_expr *e, mst_ref to)
{
    uint32_t blame = lower->blame;
    if (MST_TYPE_KIND(e->a->type) == MST_TYPE_TABLE)
        lower->blame = lower->program->tables.items[MST_TYPE_INDEX(e->a->type)]->cause;
    mst_lower_emit(lower, MST_OP_FAULT, to, 0, mst_ir_type(lower->program, e->type));
    lower->blame = blame;
}

/* first, last: stop at the first condition that is true or unknown. */
static void lower_first(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct loop loop;
    emit_nothing(lower, e, to);
    begin_loop(lower, e, &loop);
    mst_ref condition = mst_lower_register(lower);
    mst_lower_still(lower, e->b, condition);
    mst_ref found_value = loop.binding.ref;
    if (loop.is_list && MST_TYPE_KIND(e->type) != MST_TYPE_ELEMENT) {
        found_value = mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_ELEMENT, found_value, loop.binding.ref, loop.object + 1);
    }
    mst_lower_emit(lower, MST_OP_PICK, to, found_value, condition);
    size_t found = mst_lower_jump(lower, MST_OP_JUMP_TRUE, condition);
    size_t open = mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, condition);
    end_loop(lower, &loop);
    mst_lower_bind(lower, open);
    mst_lower_bind(lower, found);
}

/* min, max, sum: everything is read. After the first unknown nothing more is added, but its
 * causes still join; the best so far is absent until `seen`. */
static void lower_fold(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    struct loop loop;
    bool is_sum = e->op == MST_WORD_SUM;
    mst_ref seen = mst_lower_register(lower);
    mst_lower_emit(lower, MST_OP_MOVE, seen, mst_lower_constant(lower, MST_TYPE_BOOL, is_sum), 0);
    if (is_sum)
        mst_lower_emit(lower, MST_OP_MOVE, to, mst_lower_constant(lower, e->type, 0), 0);
    else
        emit_nothing(lower, e, to);
    begin_loop(lower, e, &loop);
    uint32_t mark = lower->next_register;
    mst_ref condition = mst_lower_register(lower), value = mst_lower_register(lower);
    if (e->b != NULL)
        mst_lower_still(lower, e->b, condition);
    else
        mst_lower_emit(lower, MST_OP_MOVE, condition, mst_lower_constant(lower, MST_TYPE_BOOL, 1),
                       0);
    size_t skip = mst_lower_jump(lower, MST_OP_JUMP_FALSE, condition);
    mst_lower_emit(lower, MST_OP_UNKNOWN, value, condition, mst_ir_type(lower->program, e->type));
    size_t open = mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, condition);
    mst_lower_still(lower, e->c, value);
    mst_lower_bind(lower, open);
    mst_lower_fold_step(lower, e, to, seen, value);
    mst_lower_bind(lower, skip);
    lower->next_register = mark;
    end_loop(lower, &loop);
}

void mst_lower_fold_step(struct mst_lower *lower, const struct mst_expr *e, mst_ref to,
                         mst_ref seen, mst_ref value)
{
    if (e->op == MST_WORD_SUM) {
        mst_lower_emit(lower, MST_OP_ADD, to, to, value);
        return;
    }
    /* The first one is taken as it is; a later one where it is better, or where one is unknown. */
    mst_ref better = mst_lower_register(lower);
    bool is_min = e->op == MST_WORD_MIN, is_version = e->type == MST_TYPE_VERSION;
    size_t later = mst_lower_jump(lower, MST_OP_JUMP_TRUE, seen);
    mst_lower_emit(lower, MST_OP_MOVE, to, value, 0);
    mst_lower_bind(lower, later);
    mst_lower_emit(lower, is_version ? MST_OP_LT_VERSION : MST_OP_LT, better, is_min ? value : to,
                   is_min ? to : value);
    mst_lower_emit(lower, MST_OP_PICK, to, value, better);
    mst_lower_emit(lower, MST_OP_MOVE, seen, mst_lower_constant(lower, MST_TYPE_BOOL, 1), 0);
}

static void lower_loop(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    switch (e->op) {
    case MST_WORD_ANY:
    case MST_WORD_ALL: lower_any_all(lower, e, to); break;
    case MST_WORD_COUNT: lower_count(lower, e, to); break;
    case MST_WORD_FIRST:
    case MST_WORD_LAST: lower_first(lower, e, to); break;
    default: lower_fold(lower, e, to); break;
    }
}

struct mst_operand_value mst_lower_quantifier(struct mst_lower *lower, struct mst_expr *e,
                                              mst_ref to)
{
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    if (MST_TYPE_KIND(e->a->type) == MST_TYPE_TABLE) {
        lower_loop(lower, e, to);
    } else { /* an unknown list makes the whole unknown */
        mst_ref list = mst_lower_still(lower, e->a, MST_NOWHERE);
        mst_lower_emit(lower, MST_OP_UNKNOWN, to, list, mst_ir_type(lower->program, e->type));
        size_t open = mst_lower_jump(lower, MST_OP_JUMP_UNKNOWN, list);
        lower_loop(lower, e, to);
        mst_lower_bind(lower, open);
    }
    lower->next_register = mark;
    return mst_lower_fixed(to);
}
