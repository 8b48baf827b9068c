/* SPDX-License-Identifier: Apache-2.0
 *
 * lookahead.h - whose records follow in a batch. Subjects come in any order, and among a million of
 * them hardly one lies in the processor's cache: what belongs to the next few is asked for while
 * their forerunners are judged. Records of one source mostly begin alike, so the id is looked for
 * where the last record had it. What is found is a guess: nothing depends on it but time. */
#ifndef MST_SERVICE_LOOKAHEAD_H
#define MST_SERVICE_LOOKAHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "roster.h"

#define MST_LOOKAHEAD_RING 8 /* a power of two, more than the records looked ahead */

struct mst_lookahead {
    const char *like; /* a record, in the batch, with its id at this byte; NULL: none yet */
    size_t id_at;
    uint32_t hashes[MST_LOOKAHEAD_RING], slots[MST_LOOKAHEAD_RING];
    bool is_guessed[MST_LOOKAHEAD_RING];
};

/* A batch begins. */
void mst_lookahead_begin(struct mst_lookahead *ahead);
/* The record was read, and its id is this. */
void mst_lookahead_note(struct mst_lookahead *ahead, const char *record, size_t len, mst_text id);
/* Entry i of the batch is next. */
void mst_lookahead_step(struct mst_lookahead *ahead, const struct mst_batch *batch, uint32_t i,
                        const mst_roster *roster);

#endif
