/* SPDX-License-Identifier: Apache-2.0
 *
 * lower_test.c - what rule tests expect, as blocks. They are lowered always, so that what is wrong
 * in them is said, and kept only where the image is to carry its tests. */
#include "lower.h"

/* known == known as usual; unknown equals unknown and nothing else. A side may move with the clock:
 * a test stands still. */
struct mst_operand_value mst_lower_expected(struct mst_lower *lower, struct mst_expr *e, mst_ref to)
{
    to = mst_lower_target(lower, to);
    uint32_t mark = lower->next_register;
    bool a_is_word = e->a->kind == MST_EXPR_UNKNOWN, b_is_word = e->b->kind == MST_EXPR_UNKNOWN;
    mst_ref open = mst_lower_register(lower), other = mst_lower_register(lower);
    mst_ref a = a_is_word ? MST_NOWHERE : mst_lower_expr(lower, e->a, MST_NOWHERE).ref;
    mst_ref b = b_is_word ? MST_NOWHERE : mst_lower_expr(lower, e->b, MST_NOWHERE).ref;
    if (a_is_word || b_is_word) {
        mst_lower_emit(lower, MST_OP_IS_UNKNOWN, to, a_is_word ? b : a, 0);
    } else {
        mst_ref both = mst_lower_register(lower), equal = mst_lower_register(lower);
        mst_lower_emit(lower, MST_OP_IS_UNKNOWN, open, a, 0);
        mst_lower_emit(lower, MST_OP_IS_UNKNOWN, other, b, 0);
        mst_lower_emit(lower, MST_OP_AND, both, open, other);
        mst_lower_emit(lower, MST_OP_OR, open, open, other);
        mst_lower_emit(lower, MST_OP_NOT, open, open, 0);
        mst_lower_equal(lower, e, a, b, equal);
        mst_lower_emit(lower, MST_OP_AND, open, open, equal);
        mst_lower_emit(lower, MST_OP_OR, to, both, open);
    }
    if (e->op == MST_WORD_NE)
        mst_lower_emit(lower, MST_OP_NOT, to, to, 0);
    lower->next_register = mark;
    return mst_lower_fixed(to);
}

static uint32_t lower_expectation(struct mst_lowered *all, const struct mst_test_step *step)
{
    struct mst_block block;
    struct mst_lower lower;
    mst_lower_begin(&lower, all, &block, MST_BLOCK_VALUE, MST_TYPE_BOOL, UINT32_MAX);
    lower.span = step->span;
    lower.in_expect = true;
    mst_lower_still(&lower, step->expr, MST_RESULT_SLOT);
    return mst_lower_finish_value(&lower);
}

void mst_lower_tests(struct mst_lowered *all)
{
    struct mst_program *program = all->program;
    for (size_t i = 0; i < program->steps.count; i++) {
        if (program->steps.items[i].kind != MST_SELFTEST_HOLDS)
            continue;
        uint32_t block = lower_expectation(all, &program->steps.items[i]);
        MST_PUSH(program->arena, &all->expectations, block);
    }
}
