/* SPDX-License-Identifier: Apache-2.0
 *
 * eval.h - what a verdict consists of, for the files that render and explain the last one. */
#ifndef MST_CORE_EVAL_H
#define MST_CORE_EVAL_H

#include "core/vm.h"

/* The last verdict, as mst_eval() gave it; there must be one. */
mst_verdict mst_eval_last(const struct mst_vm *vm);
/* How many fields it has; none where there is no verdict. */
static inline uint32_t mst_eval_field_count(const struct mst_vm *vm)
{
    return vm->judged && !vm->judged->is_policy ? vm->verdict.field_count : 0;
}
/* The value block of a field of the taken case. */
uint32_t mst_eval_field_block(const struct mst_vm *vm, uint32_t i);
/* The i-th advice that was noted, as an index in CHECKS; MST_NO_INDEX if there are fewer. */
uint32_t mst_eval_advice(const struct mst_vm *vm, uint32_t i);

/* Runs a value block at an instant, as the first thing of an epoch or within one. */
void mst_eval_block(struct mst_vm *vm, uint32_t block, int64_t now);

#endif
