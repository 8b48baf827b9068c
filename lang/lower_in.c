/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_in.c - membership: a bit mask where the members of an enum are listed, a search where a
 * table is asked for a key, four numbers at a time where a part of a version is one of them, else
 * one comparison after the other. */
#include "lower.h"

static uint64_t set_mask(const struct mst_program *program, const struct mst_expr *named)
{
    const struct mst_set *set = program->sets.items[MST_TYPE_INDEX(named->symbol->type)];
    uint64_t mask = 0;
    for (size_t i = 0; i < set->members.count; i++)
        mask |= UINT64_C(1) << set->members.items[i].word;
    return mask;
}

/* Members of an enum with at most 64 numbers become one bit mask; false if it is not so. */
static bool collect_mask(const struct mst_lower *lower, const struct mst_expr *e, uint64_t *mask)
{
    const struct mst_program *program = lower->program;
    if (MST_TYPE_KIND(e->a->type) != MST_TYPE_ENUM ||
        program->enums.items[MST_TYPE_INDEX(e->a->type)]->members.count > 63)
        return false;
    *mask = e->b->ref == MST_REF_SET ? set_mask(program, e->b) : 0;
    for (const struct mst_expr *m = e->b->args.first; m != NULL; m = m->next) {
        if (m->ref == MST_REF_SET)
            *mask |= set_mask(program, m);
        else if (m->ref == MST_REF_MEMBER)
            *mask |= UINT64_C(1) << m->number;
        else
            return false;
    }
    return true;
}

/* to := a == member, or to := to or a == member. */
static void add_member(struct mst_lower *lower, struct mst_expr *e, mst_ref a, struct mst_expr *m,
                       const struct mst_cell *cell, bool is_first, mst_ref to)
{
    uint32_t mark = lower->next_register;
    mst_ref found = is_first ? to : mst_lower_register(lower);
    struct mst_expr constant = {.kind = MST_EXPR_LITERAL, .type = e->a->type};
    if (m == NULL && MST_TYPE_KIND(e->a->type) == MST_TYPE_ENUM) { /* as if it were written here */
        constant.ref = MST_REF_MEMBER;
        constant.number = (uint32_t)cell->word;
    }
    struct mst_expr pair = {.a = e->a, .b = m != NULL ? m : &constant};
    mst_ref b = m != NULL ? mst_lower_still(lower, m, MST_NOWHERE)
                          : mst_lower_cell(lower, e->a->type, cell, MST_NOWHERE).ref;
    mst_lower_equal(lower, &pair, a, b, found);
    if (!is_first)
        mst_lower_emit(lower, MST_OP_OR, to, to, found);
    lower->next_register = mark;
}

static void add_set(struct mst_lower *lower, struct mst_expr *e, mst_ref a,
                    const struct mst_expr *named, bool is_first, mst_ref to)
{
    const struct mst_set *set = lower->program->sets.items[MST_TYPE_INDEX(named->symbol->type)];
    for (size_t i = 0; i < set->members.count; i++)
        add_member(lower, e, a, NULL, &set->members.items[i], is_first && i == 0, to);
}

/* a == b1 or a == b2 or ..., with a read once. Every jump ends behind the last member. */
static void lower_members(struct mst_lower *lower, struct mst_expr *e, mst_ref a, mst_ref to)
{
    struct mst_exits exits = {.jumps = {.count = 0}};
    if (e->b->ref == MST_REF_SET) {
        add_set(lower, e, a, e->b, true, to);
        return;
    }
    for (struct mst_expr *m = e->b->args.first; m != NULL; m = m->next) {
        const bool is_first = m == e->b->args.first;
        if (m->ref == MST_REF_SET) {
            add_set(lower, e, a, m, is_first, to);
            continue;
        }
        if (!is_first && !mst_lower_is_plain(lower, m, 0))
            mst_lower_exit(lower, &exits, MST_OP_JUMP_TRUE, to);
        add_member(lower, e, a, m, NULL, is_first, to);
    }
    mst_lower_bind_exits(lower, &exits);
}

/* ---- a part of a version ------------------------------------------------------------------- */

typedef MST_VECTOR(uint16_t) number_list;

static bool add_number(const struct mst_lower *lower, int64_t number, number_list *numbers)
{
    if (number < 0 || number > UINT16_MAX)
        return false;
    MST_PUSH(lower->program->arena, numbers, (uint16_t)number);
    return true;
}

static bool add_set_numbers(const struct mst_lower *lower, const struct mst_expr *named,
                            number_list *numbers)
{
    const struct mst_set *set = lower->program->sets.items[MST_TYPE_INDEX(named->symbol->type)];
    for (size_t i = 0; i < set->members.count; i++)
        if (!add_number(lower, set->members.items[i].word, numbers))
            return false;
    return true;
}

/* What an int is compared with, where all are written numbers that a part can have; else false. */
static bool collect_numbers(const struct mst_lower *lower, const struct mst_expr *e,
                            number_list *numbers)
{
    if (e->a->type != MST_TYPE_INT)
        return false;
    if (e->b->ref == MST_REF_SET)
        return add_set_numbers(lower, e->b, numbers);
    for (const struct mst_expr *m = e->b->args.first; m != NULL; m = m->next) {
        const bool is_number = m->kind == MST_EXPR_LITERAL && m->literal == MST_LITERAL_INT;
        if (m->ref == MST_REF_SET ? !add_set_numbers(lower, m, numbers)
                                  : !is_number || !add_number(lower, m->word, numbers))
            return false;
    }
    return true;
}

/* to := part of version is one of the numbers, as many at a time as an instruction takes. */
static void lower_part_numbers(struct mst_lower *lower, uint8_t part, mst_ref version,
                               const number_list *numbers, mst_ref to)
{
    for (size_t i = 0; i < numbers->count; i += MST_PART_NUMBERS) {
        const size_t left = numbers->count - i;
        const mst_ref found = i == 0 ? to : mst_lower_register(lower);
        mst_lower_emit_part_in(lower, part, found, version, numbers->items + i,
                               left < MST_PART_NUMBERS ? left : MST_PART_NUMBERS);
        if (i > 0)
            mst_lower_emit(lower, MST_OP_OR, to, to, found);
    }
}

struct mst_operand_value mst_lower_in(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    mst_ref a = mst_lower_still(lower, e->a, MST_NOWHERE);
    uint64_t mask;
    uint8_t part;
    mst_ref version;
    number_list numbers = {NULL, 0, 0};
    if (MST_TYPE_KIND(e->b->type) == MST_TYPE_TABLE)
        mst_lower_look_up(lower, MST_OP_HAS_KEY, to, a, MST_TYPE_INDEX(e->b->type));
    else if (collect_mask(lower, e, &mask))
        mst_lower_emit(lower, MST_OP_IN_MASK, to, a,
                       mst_lower_constant(lower, MST_TYPE_INT, (int64_t)mask));
    else if (collect_numbers(lower, e, &numbers) && numbers.count > 0 &&
             mst_lower_fuse_part_of(lower, a, &part, &version))
        lower_part_numbers(lower, part, version, &numbers, to);
    else
        lower_members(lower, e, a, to);
    if (e->op == MST_WORD_NOT_IN)
        mst_lower_emit(lower, MST_OP_NOT, to, to, 0);
    lower->next_register = mark;
    return mst_lower_fixed(to);
}
