/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_in.c - membership: a bit mask where the members of an enum are listed, a search where a
 * table is asked for a key, else one comparison after the other. */
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

static void add_member(struct mst_lower *lower, struct mst_expr *e, mst_ref a, struct mst_expr *m,
                       const struct mst_cell *cell, mst_ref to)
{
    uint32_t mark = lower->next_register;
    mst_ref found = mst_lower_register(lower);
    struct mst_expr constant = {.kind = MST_EXPR_LITERAL, .type = e->a->type};
    if (m == NULL && MST_TYPE_KIND(e->a->type) == MST_TYPE_ENUM) { /* as if it were written here */
        constant.ref = MST_REF_MEMBER;
        constant.number = (uint32_t)cell->word;
    }
    struct mst_expr pair = {.a = e->a, .b = m != NULL ? m : &constant};
    mst_ref b = m != NULL ? mst_lower_still(lower, m, MST_NOWHERE)
                          : mst_lower_cell(lower, e->a->type, cell, MST_NOWHERE).ref;
    mst_lower_equal(lower, &pair, a, b, found);
    mst_lower_emit(lower, MST_OP_OR, to, to, found);
    lower->next_register = mark;
}

static void add_set(struct mst_lower *lower, struct mst_expr *e, mst_ref a,
                    const struct mst_expr *named, mst_ref to)
{
    const struct mst_set *set = lower->program->sets.items[MST_TYPE_INDEX(named->symbol->type)];
    for (size_t i = 0; i < set->members.count; i++)
        add_member(lower, e, a, NULL, &set->members.items[i], to);
}

/* a == b1 or a == b2 or ..., with a read once. Every jump ends behind the last member. */
static void lower_members(struct mst_lower *lower, struct mst_expr *e, mst_ref a, mst_ref to)
{
    struct mst_exits exits = {.jumps = {.count = 0}};
    mst_lower_emit(lower, MST_OP_MOVE, to, mst_lower_constant(lower, MST_TYPE_BOOL, 0), 0);
    if (e->b->ref == MST_REF_SET) {
        add_set(lower, e, a, e->b, to);
        return;
    }
    for (struct mst_expr *m = e->b->args.first; m != NULL; m = m->next) {
        if (m->ref == MST_REF_SET) {
            add_set(lower, e, a, m, to);
            continue;
        }
        bool plain = mst_lower_is_plain(lower, m, 0);
        if (!plain && m != e->b->args.first)
            mst_lower_exit(lower, &exits, MST_OP_JUMP_TRUE, to);
        add_member(lower, e, a, m, NULL, to);
    }
    mst_lower_bind_exits(lower, &exits);
}

struct mst_operand_value mst_lower_in(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    mst_ref a = mst_lower_still(lower, e->a, MST_NOWHERE);
    uint64_t mask;
    if (MST_TYPE_KIND(e->b->type) == MST_TYPE_TABLE)
        mst_lower_look_up(lower, MST_OP_HAS_KEY, to, a, MST_TYPE_INDEX(e->b->type));
    else if (collect_mask(lower, e, &mask))
        mst_lower_emit(lower, MST_OP_IN_MASK, to, a,
                       mst_lower_constant(lower, MST_TYPE_INT, (int64_t)mask));
    else
        lower_members(lower, e, a, to);
    if (e->op == MST_WORD_NOT_IN)
        mst_lower_emit(lower, MST_OP_NOT, to, to, 0);
    lower->next_register = mark;
    return mst_lower_fixed(to);
}
