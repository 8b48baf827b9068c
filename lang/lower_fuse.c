/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_fuse.c - pairs of operations that the vm has one instruction for. They are looked for where
 * the second would be emitted: the first is then the last instruction, and its result is a
 * register that nothing else reads. */
#include "lower.h"

/* The last instruction, if it has computed this register, no jump leads behind it, and no site is
 * to show its value; else NULL. */
static const struct mst_ir *find_maker(const struct mst_lower *lower, mst_ref value)
{
    const size_t count = lower->block->code.count;
    if (lower->program->options->with_sites || count == 0 || lower->landing == count ||
        MST_PLACE_OF(value) != MST_PLACE_REGISTER)
        return NULL;
    const struct mst_ir *last = &lower->block->code.items[count - 1];
    return last->a == value ? last : NULL;
}

static void take_back(struct mst_lower *lower)
{
    lower->block->code.count--;
    lower->all->instruction_count--;
}

bool mst_lower_fuse_check(struct mst_lower *lower, mst_ref condition, uint32_t number)
{
    const struct mst_ir *maker = find_maker(lower, condition);
    enum mst_opcode op;
    if (maker == NULL)
        return false;
    switch (maker->op) {
    case MST_OP_AND: op = MST_OP_CHECK_AND; break;
    case MST_OP_OR: op = MST_OP_CHECK_OR; break;
    case MST_OP_IN_MASK: op = MST_OP_CHECK_MASK; break;
    default: return false;
    }
    const struct mst_ir made = *maker;
    take_back(lower);
    lower->span = made.span; /* the condition, rather than the whole check */
    mst_lower_emit(lower, op, made.b, number, made.c);
    return true;
}

/* A constant of the type int; false where it is none. */
static bool find_int(const struct mst_lower *lower, mst_ref ref, int64_t *value)
{
    if (MST_PLACE_OF(ref) != MST_PLACE_CONST)
        return false;
    const struct mst_constant *constant = &lower->all->constants.items[MST_NUMBER_OF(ref)];
    *value = (int64_t)constant->word;
    return constant->type == MST_TYPE_INT;
}

/* part > n is part >= n + 1, and part <= n is part < n + 1. */
bool mst_lower_fuse_part(struct mst_lower *lower, uint8_t op, mst_ref a, mst_ref b, mst_ref to)
{
    if (MST_PLACE_OF(a) == MST_PLACE_CONST)
        return MST_PLACE_OF(b) != MST_PLACE_CONST &&
               mst_lower_fuse_part(lower, mst_lower_mirrored(op), b, a, to);
    const struct mst_ir *maker = find_maker(lower, a);
    int64_t number;
    if (maker == NULL || maker->op != MST_OP_PART || !find_int(lower, b, &number))
        return false;
    const bool is_next = op == MST_WORD_GT || op == MST_WORD_LE;
    if (is_next && number == INT64_MAX)
        return false;
    const struct mst_ir part = *maker;
    const enum mst_opcode fused = op == MST_WORD_EQ                        ? MST_OP_EQ_PART
                                  : op == MST_WORD_LT || op == MST_WORD_LE ? MST_OP_LT_PART
                                                                           : MST_OP_GE_PART;
    if (is_next)
        b = mst_lower_constant(lower, MST_TYPE_INT, number + 1);
    take_back(lower);
    mst_lower_emit_x(lower, fused, part.x, to, part.b, b);
    return true;
}
