/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_fuse.c - pairs of operations that the vm has one instruction for. They are looked for where
 * the second would be emitted: the first is then the last instruction, and its result is a
 * register that nothing else reads. */
#include "lower.h"

/* The instruction with so many behind it, if it has computed this register, no jump leads behind
 * it, and no site is to show its value; else NULL. */
static const struct mst_ir *find_maker_before(const struct mst_lower *lower, size_t behind,
                                              mst_ref value)
{
    const size_t count = lower->block->code.count;
    if (lower->program->options->with_sites || count <= behind ||
        lower->landing + behind >= count || MST_PLACE_OF(value) != MST_PLACE_REGISTER)
        return NULL;
    const struct mst_ir *maker = &lower->block->code.items[count - 1 - behind];
    return maker->a == value ? maker : NULL;
}

static const struct mst_ir *find_maker(const struct mst_lower *lower, mst_ref value)
{
    return find_maker_before(lower, 0, value);
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

static const struct mst_constant *find_constant(const struct mst_lower *lower, mst_ref ref)
{
    return MST_PLACE_OF(ref) == MST_PLACE_CONST ? &lower->all->constants.items[MST_NUMBER_OF(ref)]
                                                : NULL;
}

/* A constant of the type int; false where it is none. */
static bool find_int(const struct mst_lower *lower, mst_ref ref, int64_t *value)
{
    const struct mst_constant *constant = find_constant(lower, ref);
    *value = constant != NULL ? (int64_t)constant->word : 0;
    return constant != NULL && constant->type == MST_TYPE_INT;
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

/* ---- a part of a version among several numbers --------------------------------------------- */

/* Which numbers a test of one part of a version lets pass. */
struct part_test {
    mst_ref version;
    uint8_t part;
    uint16_t numbers[MST_PART_NUMBERS];
    size_t count;
};

static void add_number(struct part_test *test, uint16_t number)
{
    for (size_t i = 0; i < test->count; i++)
        if (test->numbers[i] == number)
            return;
    if (test->count < MST_PART_NUMBERS)
        test->numbers[test->count] = number;
    test->count++; /* above the most: too many */
}

/* False where the instruction is no such test. */
static bool add_test(const struct mst_lower *lower, const struct mst_ir *ir, struct part_test *test)
{
    const struct mst_constant *constant = find_constant(lower, ir->c);
    const bool is_test = ir->op == MST_OP_EQ_PART || ir->op == MST_OP_IN_PART ||
                         (ir->op == MST_OP_WITHIN && ir->x == 1);
    if (!is_test || constant == NULL ||
        (test->count > 0 && (test->version != ir->b || test->part != ir->x)))
        return false;
    uint64_t parts = (uint64_t)constant->word;
    if (ir->op == MST_OP_EQ_PART) {
        if (parts > UINT16_MAX)
            return false;
        parts <<= 48;
    }
    test->version = ir->b;
    test->part = ir->x;
    for (unsigned i = 0; i < (ir->op == MST_OP_IN_PART ? MST_PART_NUMBERS : 1); i++)
        add_number(test, (uint16_t)(parts >> (48 - 16 * i)));
    return true;
}

void mst_lower_emit_part_in(struct mst_lower *lower, uint8_t part, mst_ref to, mst_ref version,
                            const uint16_t *numbers, size_t count)
{
    uint64_t parts = 0;
    for (size_t i = 0; i < MST_PART_NUMBERS; i++) /* the last one stands in what is left */
        parts = parts << 16 | numbers[i < count ? i : count - 1];
    mst_lower_emit_x(lower, MST_OP_IN_PART, part, to, version,
                     mst_lower_constant(lower, MST_TYPE_VERSION, (int64_t)parts));
}

bool mst_lower_fuse_either(struct mst_lower *lower, mst_ref a, mst_ref b, mst_ref to)
{
    const struct mst_ir *right = find_maker(lower, b);
    const struct mst_ir *left = find_maker_before(lower, 1, a);
    struct part_test test = {.count = 0};
    if (left == NULL || right == NULL || !add_test(lower, left, &test) ||
        !add_test(lower, right, &test) || test.count > MST_PART_NUMBERS)
        return false;
    take_back(lower);
    take_back(lower);
    mst_lower_emit_part_in(lower, test.part, to, test.version, test.numbers, test.count);
    return true;
}

bool mst_lower_fuse_part_of(struct mst_lower *lower, mst_ref value, uint8_t *part, mst_ref *version)
{
    const struct mst_ir *maker = find_maker(lower, value);
    if (maker == NULL || maker->op != MST_OP_PART)
        return false;
    *part = maker->x;
    *version = maker->b;
    take_back(lower);
    return true;
}
