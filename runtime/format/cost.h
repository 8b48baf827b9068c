/* SPDX-License-Identifier: Apache-2.0
 *
 * cost.h - the proven worst case of code, as the compiler claims it and the verifier re-derives it.
 * Both call these functions, so that a claim is right or wrong, never a matter of opinion. All sums
 * saturate at UINT64_MAX.
 *
 *   own steps of a block = sum over its instructions of mst_cost_instruction() x rounds, where
 *       rounds is the product of mst_cost_*_rounds() of the loops whose body holds the
 *       instruction. LOOP_* and EACH_* stand outside their body, NEXT_* and MORE_* in it.
 *   calls of a block = sum over its CALL instructions of the callee's steps, not times rounds:
 *       a block runs at most once per evaluation, whoever calls it.
 *   before a block = sum of the own steps of all value, policy and decision blocks of lower index.
 *   steps of a block = own + min(calls, before).
 *   output of a block = sum over EMIT_TEXT and EMIT of mst_cost_*_bytes() x rounds.
 *   steps of a verdict = steps of its block and of its advise block
 *       + the most of its labels
 *       + the most of any check's reason, remedy, cite and because together
 *       + reason, remedy, cite and because of all its advice together
 *       + the most of any case's label, because and fields together.
 *   output of a verdict = the most of any of these texts, of its fields, and of the name of an
 *       outcome, which is its label where it has no other.
 *   steps of a verdict's causes = steps of the verdict x (1 + words of a set of causes): they are
 *       listed by running it once more, where a step writes no more than MST_COST_SETS sets. */
#ifndef MST_FORMAT_COST_H
#define MST_FORMAT_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "format/arith.h"
#include "format/builtins.h"
#include "format/layout.h"
#include "format/limits.h"
#include "format/operand.h"

static inline uint64_t mst_cost_add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t mst_cost_mul(uint64_t a, uint64_t b)
{
    uint64_t product;
    return mst_mul_unsigned(a, b, &product) ? product : UINT64_MAX;
}

/* What MST_COST_TEXT stands for in opcodes.def and builtins.def. */
static inline uint64_t mst_cost_text(uint32_t max_text)
{
    return 1 + max_text / 8;
}

/* Steps of one call of built-in `number`, beyond those of the instruction. */
static inline uint64_t mst_cost_builtin(uint32_t number, uint32_t max_text)
{
    const uint64_t cost_text = mst_cost_text(max_text);
    (void)cost_text;
#define MST_COST_TEXT cost_text
    switch (number) {
#define MST_BUILTIN_FN(number, name, function, result, arg1, arg2, arg3, rises, steps, doc)        \
    case number:                                                                                   \
        return steps;
#include "format/builtins.def"
#undef MST_BUILTIN_FN
    default: return 0;
    }
#undef MST_COST_TEXT
}

/* Steps of one execution of an instruction; a CALL without its callee. */
static inline uint64_t mst_cost_instruction(uint32_t op, uint32_t x, uint32_t max_text)
{
    const uint64_t cost_text = mst_cost_text(max_text);
    if (op == MST_OP_BUILTIN || op == MST_OP_BUILTIN_RISE)
        return 1 + mst_cost_builtin(x, max_text);
#define MST_COST_TEXT cost_text
    switch (op) {
#define MST_OPCODE(number, name, mnemonic, x, a, b, c, steps, doc)                                 \
    case number:                                                                                   \
        return steps;
#include "format/opcodes.def"
#undef MST_OPCODE
    default: return 0;
    }
#undef MST_COST_TEXT
}

/* Most rounds of a loop over a table, and over a list (one more: elements cut off are one). */
static inline uint64_t mst_cost_table_rounds(uint32_t max_rows)
{
    return max_rows;
}

static inline uint64_t mst_cost_list_rounds(uint32_t capacity)
{
    return (uint64_t)capacity + 1;
}

static inline uint64_t mst_cost_block_steps(uint64_t own, uint64_t calls, uint64_t before)
{
    return mst_cost_add(own, calls < before ? calls : before);
}

/* Most bytes that EMIT of a slot of this type code appends. */
static inline uint64_t mst_cost_emit_bytes(uint32_t type_code, uint32_t max_text)
{
    if (type_code == MST_TYPE_TEXT)
        return max_text;
    return type_code >= MST_CODE_ENUM ? MST_MAX_OTHER_BYTES : MST_PRINT_MAX;
}

/* The kinds of block that run at most once per evaluation, and may be called. */
static inline bool mst_cost_is_memoised(uint32_t block_kind)
{
    return block_kind <= MST_BLOCK_DECISION;
}

/* What one text or several of a verdict may cost. */
struct mst_text_cost {
    uint64_t steps;
    uint64_t output; /* of the longest one */
};

/* A verdict before its texts: the steps of its block. */
static inline struct mst_text_cost mst_cost_verdict(uint64_t steps)
{
    const struct mst_text_cost cost = {steps, MST_MAX_NAME_BYTES};
    return cost;
}

/* A field, whose block has this type. */
static inline struct mst_text_cost mst_cost_field(uint64_t steps, uint32_t type, uint32_t max_text)
{
    const struct mst_text_cost cost = {steps, mst_cost_emit_bytes(type, max_text)};
    return cost;
}

/* A set of causes has three bits for each fact, and two for it and each other name. */
static inline uint32_t mst_cost_set_words(uint32_t facts, uint32_t names)
{
    return (uint32_t)((5 * (uint64_t)facts + 2 * (uint64_t)names + 63) / 64);
}

/* A decision of one instruction: begun, decided (both its results), and added to the verdict's. */
#define MST_COST_SETS 5

static inline uint64_t mst_cost_causes(uint64_t steps, uint32_t set_words)
{
    return mst_cost_mul(steps, 1 + (uint64_t)set_words);
}

/* Both are run. */
static inline void mst_cost_add_text(struct mst_text_cost *sum, struct mst_text_cost cost)
{
    sum->steps = mst_cost_add(sum->steps, cost.steps);
    if (sum->output < cost.output)
        sum->output = cost.output;
}

/* One or the other is run. */
static inline void mst_cost_most_text(struct mst_text_cost *most, struct mst_text_cost cost)
{
    if (most->steps < cost.steps)
        most->steps = cost.steps;
    if (most->output < cost.output)
        most->output = cost.output;
}

#endif
