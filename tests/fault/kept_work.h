/* SPDX-License-Identifier: Apache-2.0
 *
 * kept_work.h - batches whose contents follow from their number alone: so that whoever opens a
 * state can say which batches are in it, and that each is there as a whole or not at all. */
#ifndef MST_FAULT_KEPT_WORK_H
#define MST_FAULT_KEPT_WORK_H

#include "state.h"

#define WORK_SLOTS 48
#define WORK_HISTORY 20

/* Writes batch `number`, from 1. */
mst_state_status work_write(mst_state *state, uint32_t number);

/* The number of the last batch that is in the state, and that it and those before are there as a
 * whole; below 0: not so, and `wrong` says why. */
int64_t work_find(mst_state *state, char *wrong, size_t size);

#endif
