/* SPDX-License-Identifier: Apache-2.0
 *
 * state_places.c - places, segments and what a batch does to them. Lists grow when something is
 * taken or staged, so that keeping and forgetting cannot fail. */
#include "state_places.h"

#include <stdlib.h>
#include <string.h>

#include "state_parts.h"

/* Segments are emptied where more than half of the file, and these besides, is waste. What is kept
 * of the oldest ones is then written once more for about four rows that come in, where subjects
 * come in random order, and at worst once for each. */
#define SLACK_SEGMENTS 4
#define AHEAD 8 /* slots whose places are asked for */

void mst_places_free(struct mst_places *places)
{
    free(places->slots);
    free(places->extents);
    free(places->free);
    free(places->queue);
    free(places->staged);
    free(places->begun);
    *places = (struct mst_places){0};
}

/* ---- lists ------------------------------------------------------------------------------- */

static bool reach_slot(struct mst_places *places, uint32_t slot)
{
    uint32_t count = places->slot_count > 0 ? places->slot_count : 1024;
    if (slot < places->slot_count)
        return true;
    while (count <= slot)
        count *= 2;
    struct mst_place *slots = realloc(places->slots, count * sizeof *slots);
    if (!slots)
        return false;
    memset(slots + places->slot_count, 0, (count - places->slot_count) * sizeof *slots);
    places->slots = slots;
    places->slot_count = count;
    return true;
}

/* All segments may become free. */
static bool add_extent(struct mst_places *places, uint64_t sequence)
{
    struct mst_extent *extents = mst_state_grow(places->extents, places->extent_count,
                                                &places->extent_capacity, sizeof *extents);
    if (!extents)
        return false;
    places->extents = extents;
    if (places->free_capacity < places->extent_capacity) {
        uint32_t *list = realloc(places->free, places->extent_capacity * sizeof *list);
        if (!list)
            return false;
        places->free = list;
        places->free_capacity = places->extent_capacity;
    }
    extents[places->extent_count++] = (struct mst_extent){sequence, 0};
    return true;
}

static bool reach_queue(struct mst_places *places, uint32_t count)
{
    struct mst_queued *queue =
        mst_state_grow(places->queue, count, &places->queue_capacity, sizeof *queue);
    if (queue)
        places->queue = queue;
    return queue != NULL;
}

static void release(struct mst_places *places, uint32_t segment)
{
    places->extents[segment] = (struct mst_extent){0, 0};
    places->free[places->free_count++] = segment;
}

/* ---- from a file ------------------------------------------------------------------------- */

void mst_places_clear(struct mst_places *places)
{
    if (places->slot_count > 0)
        memset(places->slots, 0, places->slot_count * sizeof *places->slots);
    places->extent_count = places->free_count = 0;
    places->queue_head = places->queue_count = 0;
    places->sequence = places->live = 0;
}

bool mst_places_add_segment(struct mst_places *places, uint64_t sequence)
{
    if (sequence > places->sequence)
        places->sequence = sequence;
    return add_extent(places, sequence);
}

bool mst_places_add_row(struct mst_places *places, const struct mst_segment_row *row)
{
    uint32_t segment = places->extent_count - 1;
    if (!reach_slot(places, row->row.slot))
        return false;
    struct mst_place *place = &places->slots[row->row.slot];
    if (place->size > 0) {
        struct mst_extent *before = &places->extents[place->segment];
        if (before->sequence > places->extents[segment].sequence)
            return true;
        before->live -= place->size;
        places->live -= place->size;
    }
    *place = (struct mst_place){.segment = segment,
                                .offset = row->offset,
                                .size = row->size & 0x3fffffff,
                                .is_gone = row->row.id.len == 0};
    places->extents[segment].live += row->size;
    places->live += row->size;
    return true;
}

static int compare_queued(const void *a, const void *b)
{
    uint64_t left = ((const struct mst_queued *)a)->sequence;
    uint64_t right = ((const struct mst_queued *)b)->sequence;
    return (left > right) - (left < right);
}

bool mst_places_settle(struct mst_places *places)
{
    for (uint32_t i = 0; i < places->extent_count; i++) {
        if (places->extents[i].live == 0) {
            release(places, i);
            continue;
        }
        if (!reach_queue(places, places->queue_count))
            return false;
        places->queue[places->queue_count++] = (struct mst_queued){places->extents[i].sequence, i};
    }
    if (places->queue_count > 0)
        qsort(places->queue, places->queue_count, sizeof *places->queue, compare_queued);
    return true;
}

/* ---- looking ----------------------------------------------------------------------------- */

const struct mst_place *mst_places_find(const struct mst_places *places, uint32_t slot)
{
    const struct mst_place *place = slot < places->slot_count ? &places->slots[slot] : NULL;
    return place && place->size > 0 && !place->is_gone ? place : NULL;
}

bool mst_places_counts(const struct mst_places *places, uint32_t segment,
                       const struct mst_segment_row *row)
{
    if (row->row.slot >= places->slot_count)
        return false;
    const struct mst_place *place = &places->slots[row->row.slot];
    return place->segment == segment && place->offset == row->offset && place->size == row->size &&
           !place->is_staged;
}

/* ---- a batch ----------------------------------------------------------------------------- */

void mst_places_begin(struct mst_places *places, uint32_t open)
{
    places->mark = (struct mst_places_mark){.sequence = places->sequence,
                                            .extent_count = places->extent_count,
                                            .free_count = places->free_count,
                                            .queue_head = places->queue_head,
                                            .open = open};
    places->staged_count = places->begun_count = 0;
    places->staged_bytes = 0;
}

uint32_t mst_places_take(struct mst_places *places)
{
    uint32_t *begun =
        mst_state_grow(places->begun, places->begun_count, &places->begun_capacity, sizeof *begun);
    if (!begun)
        return MST_PLACES_NONE;
    places->begun = begun;
    if (!reach_queue(places, places->queue_count + places->begun_count) ||
        (places->free_count == 0 && !add_extent(places, 0)))
        return MST_PLACES_NONE;
    uint32_t segment =
        places->free_count > 0 ? places->free[--places->free_count] : places->extent_count - 1;
    places->extents[segment] = (struct mst_extent){++places->sequence, 0};
    begun[places->begun_count++] = segment;
    return segment;
}

bool mst_places_stage(struct mst_places *places, uint32_t slot, struct mst_place place)
{
    struct mst_staged *staged = mst_state_grow(places->staged, places->staged_count,
                                               &places->staged_capacity, sizeof *staged);
    if (!staged)
        return false;
    places->staged = staged;
    if (!reach_slot(places, slot))
        return false;
    staged[places->staged_count++] = (struct mst_staged){slot, place};
    places->slots[slot].is_staged = 1;
    places->staged_bytes += place.size;
    return true;
}

static bool has_waste(const struct mst_places *places)
{
    uint64_t used = places->extent_count - places->free_count - places->mark.emptied_count;
    uint64_t wanted = 2 * (places->live + places->staged_bytes) / MST_SEGMENT_BYTES;
    return used > wanted + SLACK_SEGMENTS;
}

uint32_t mst_places_oldest(struct mst_places *places, uint32_t open)
{
    while (places->queue_head < places->queue_count && has_waste(places)) {
        struct mst_queued oldest = places->queue[places->queue_head];
        if (oldest.segment == open || oldest.segment == places->mark.open)
            break;
        places->queue_head++;
        if (places->extents[oldest.segment].sequence != oldest.sequence)
            continue;
        places->mark.emptied_count++;
        return oldest.segment;
    }
    return MST_PLACES_NONE;
}

/* Those that were begun come to the end of the queue. Where a batch has written a slot twice, one
 * may be free again. */
static void extend_queue(struct mst_places *places)
{
    if (places->queue_head > places->queue_count / 2) {
        places->queue_count -= places->queue_head;
        memmove(places->queue, places->queue + places->queue_head,
                places->queue_count * sizeof *places->queue);
        places->queue_head = 0;
    }
    for (uint32_t i = 0; i < places->begun_count; i++) {
        uint32_t segment = places->begun[i];
        uint64_t sequence = places->extents[segment].sequence;
        if (sequence != 0)
            places->queue[places->queue_count++] = (struct mst_queued){sequence, segment};
    }
}

static void release_closed(struct mst_places *places, uint32_t open)
{
    uint32_t closed = places->mark.open;
    if (closed != MST_PLACES_NONE && closed != open && places->extents[closed].live == 0 &&
        places->extents[closed].sequence != 0)
        release(places, closed);
}

/* First what comes, then what goes: a segment that gets rows is never free in between. */
void mst_places_keep(struct mst_places *places, uint32_t open)
{
    for (uint32_t i = 0; i < places->staged_count; i++) {
        const struct mst_place *place = &places->staged[i].place;
        places->extents[place->segment].live += place->size;
        places->live += place->size;
    }
    for (uint32_t i = 0; i < places->staged_count; i++) {
        if (i + AHEAD < places->staged_count)
            mst_places_expect(places, places->staged[i + AHEAD].slot);
        struct mst_place *place = &places->slots[places->staged[i].slot];
        struct mst_extent *before = &places->extents[place->segment];
        if (place->size > 0) {
            before->live -= place->size;
            places->live -= place->size;
            if (before->live == 0 && place->segment != open)
                release(places, place->segment);
        }
        *place = places->staged[i].place;
    }
    release_closed(places, open);
    extend_queue(places);
    places->staged_count = places->begun_count = 0;
}

void mst_places_forget(struct mst_places *places)
{
    for (uint32_t i = 0; i < places->staged_count; i++)
        places->slots[places->staged[i].slot].is_staged = 0;
    for (uint32_t i = 0; i < places->begun_count; i++)
        places->extents[places->begun[i]] = (struct mst_extent){0, 0};
    places->sequence = places->mark.sequence;
    places->extent_count = places->mark.extent_count;
    places->free_count = places->mark.free_count;
    places->queue_head = places->mark.queue_head;
    places->staged_count = places->begun_count = 0;
    release_closed(places, MST_PLACES_NONE);
}
