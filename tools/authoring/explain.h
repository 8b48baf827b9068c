/* SPDX-License-Identifier: Apache-2.0
 *
 * explain.h - the parts of an explanation: rules and steps (explain.c), changes (change.c). */
#ifndef MST_AUTHORING_EXPLAIN_H
#define MST_AUTHORING_EXPLAIN_H

#include "fact_values.h"
#include "follow.h"
#include "muster/explaining.h"

/* Looks for the fewest facts whose change makes the policy pass, and clears the facts of the vm.
 * The pool has the values that the verdict came to. */
void mst_change_find(const struct mst_facts *facts, struct mst_facts_pool *pool,
                     struct mst_follow *follow, mst_vm *vm, uint32_t verdict, int64_t at,
                     mst_author_changes *changes);

#endif
