/* SPDX-License-Identifier: Apache-2.0
 *
 * state_places.h - where in a file each subject's row stands, and how full the segments are. In
 * memory alone: made from the file when it is opened. What a batch moves is staged, and comes into
 * effect when the batch is kept. */
#ifndef MST_STATE_STATE_PLACES_H
#define MST_STATE_STATE_PLACES_H

#include "state_segment.h"

#define MST_PLACES_NONE UINT32_MAX

struct mst_place {
    uint32_t segment, offset;
    uint32_t size : 30;   /* 0: there is no row */
    uint32_t is_gone : 1; /* the row says that the slot is empty */
    uint32_t is_staged : 1;
};

struct mst_extent {
    uint64_t sequence; /* 0: the segment is free */
    uint32_t live;     /* bytes of rows that count */
};

struct mst_staged {
    uint32_t slot;
    struct mst_place place;
};

/* Segments in the order in which they were begun. One whose sequence is another by now has been
 * freed and begun again. */
struct mst_queued {
    uint64_t sequence;
    uint32_t segment;
};

/* What a batch that is not kept takes back. */
struct mst_places_mark {
    uint64_t sequence;
    uint32_t extent_count, free_count, queue_head;
    uint32_t open;          /* the segment that was being written to; NONE */
    uint32_t emptied_count; /* segments that the batch took out of the queue */
};

struct mst_places {
    struct mst_place *slots;
    uint32_t slot_count; /* there is a place for each slot below it */
    struct mst_extent *extents;
    uint32_t extent_count, extent_capacity;
    uint32_t *free;
    uint32_t free_count, free_capacity;
    struct mst_queued *queue;
    uint32_t queue_head, queue_count, queue_capacity; /* count: from the array's begin */
    uint64_t sequence;                                /* the last one that was given */
    uint64_t live;

    struct mst_places_mark mark;
    struct mst_staged *staged;
    uint32_t staged_count, staged_capacity;
    uint32_t *begun; /* segments that the batch began */
    uint32_t begun_count, begun_capacity;
    uint64_t staged_bytes;
};

void mst_places_free(struct mst_places *places);

/* ---- from a file: each segment with its number, from 0 on, then its rows ----------------- */

/* Forgets everything. */
void mst_places_clear(struct mst_places *places);
bool mst_places_add_segment(struct mst_places *places, uint64_t sequence);
/* A row of the segment that was added last. False: out of memory. */
bool mst_places_add_row(struct mst_places *places, const struct mst_segment_row *row);
bool mst_places_settle(struct mst_places *places);

/* ---- looking ----------------------------------------------------------------------------- */

/* NULL where the slot is empty. */
const struct mst_place *mst_places_find(const struct mst_places *places, uint32_t slot);

/* Whether the row in this segment is the one that counts for its slot, with the open batch. One of
 * another size is not: the file has changed since it was looked at. */
bool mst_places_counts(const struct mst_places *places, uint32_t segment,
                       const struct mst_segment_row *row);

/* The slot will soon be staged: memory that takes time to arrive is asked for. */
static inline void mst_places_expect(const struct mst_places *places, uint32_t slot)
{
    if (slot < places->slot_count)
        __builtin_prefetch(&places->slots[slot]);
}

/* ---- a batch ----------------------------------------------------------------------------- */

/* `open` is the segment that is being written to, or NONE. */
void mst_places_begin(struct mst_places *places, uint32_t open);
/* A segment that is free; NONE: out of memory. Its sequence is places->sequence. */
uint32_t mst_places_take(struct mst_places *places);
bool mst_places_stage(struct mst_places *places, uint32_t slot, struct mst_place place);
/* The oldest segment, where the file has so much waste that it should be emptied; NONE else. It
 * goes out of the queue. */
uint32_t mst_places_oldest(struct mst_places *places, uint32_t open);
/* What was staged holds; segments without rows that count are free, but for the open one. */
void mst_places_keep(struct mst_places *places, uint32_t open);
void mst_places_forget(struct mst_places *places);

#endif
