/* SPDX-License-Identifier: Apache-2.0
 *
 * roster.c - slots in chunks that never move, and an open-addressing table of ids. */
#include "roster.h"

#include <stdlib.h>
#include <string.h>

#include "grown.h"

#define FIRST_INDEX 1024
#define LINE_BYTES 64 /* of a processor's cache, mostly */
#define EXPECTED_BYTES 512

/* FNV-1a with a final mix. Ids come from devices we know: no secret is needed against ids chosen
 * to collide that a limit on subjects does not give. */
static uint32_t hash_of(const char *id, size_t len)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)id[i]) * 1099511628211u;
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32);
}

static struct mst_roster_entry *make_index(uint32_t size)
{
    struct mst_roster_entry *index = mst_grown_resize(NULL, size * sizeof *index);
    memset(index, 0xff, size * sizeof *index);
    return index;
}

void mst_roster_init(mst_roster *roster, uint32_t slot_max, uint32_t verdict_count)
{
    memset(roster, 0, sizeof *roster);
    roster->slot_max = slot_max;
    roster->verdict_count = verdict_count;
    roster->free_slot = MST_ROSTER_NONE;
    roster->index_mask = FIRST_INDEX - 1;
    roster->index = make_index(FIRST_INDEX);
}

static uint32_t chunk_count(const mst_roster *roster)
{
    return (roster->slot_count + MST_ROSTER_CHUNK - 1) / MST_ROSTER_CHUNK;
}

void mst_roster_free(mst_roster *roster)
{
    for (uint32_t slot = 0; slot < roster->slot_count; slot++)
        free(mst_roster_at(roster, slot)->id);
    for (uint32_t i = 0; i < chunk_count(roster); i++) {
        free(roster->subjects[i]);
        free(roster->verdicts[i]);
    }
    free(roster->index);
    memset(roster, 0, sizeof *roster);
}

/* ---- the table of ids -------------------------------------------------------------------- */

static void insert(mst_roster *roster, uint32_t slot)
{
    uint32_t hash = mst_roster_at(roster, slot)->hash, at = hash & roster->index_mask;
    while (roster->index[at].slot != MST_ROSTER_NONE)
        at = (at + 1) & roster->index_mask;
    roster->index[at] = (struct mst_roster_entry){slot, hash};
}

static void grow_index(mst_roster *roster)
{
    uint32_t size = (roster->index_mask + 1) * 2;
    free(roster->index);
    roster->index = make_index(size);
    roster->index_mask = size - 1;
    for (uint32_t slot = 0; slot < roster->slot_count; slot++)
        if (mst_roster_at(roster, slot)->id)
            insert(roster, slot);
}

uint32_t mst_roster_expect(const mst_roster *roster, const char *id, size_t len)
{
    uint32_t hash = hash_of(id, len);
    __builtin_prefetch(&roster->index[hash & roster->index_mask]);
    return hash;
}

uint32_t mst_roster_expect_subject(const mst_roster *roster, uint32_t hash)
{
    uint32_t at = hash & roster->index_mask;
    while (roster->index[at].slot != MST_ROSTER_NONE && roster->index[at].hash != hash)
        at = (at + 1) & roster->index_mask;
    uint32_t slot = roster->index[at].slot;
    if (slot == MST_ROSTER_NONE)
        return slot;
    const char *subject = (const char *)mst_roster_at(roster, slot);
    const char *verdicts = (const char *)mst_roster_verdicts(roster, slot);
    size_t size = roster->verdict_count * sizeof(mst_state_verdict);
    __builtin_prefetch(subject);
    __builtin_prefetch(subject + sizeof(struct mst_subject) - 1);
    for (size_t at_byte = 0; at_byte < size && at_byte < EXPECTED_BYTES; at_byte += LINE_BYTES)
        __builtin_prefetch(verdicts + at_byte);
    __builtin_prefetch(verdicts + (size < EXPECTED_BYTES ? size : EXPECTED_BYTES) - 1);
    return slot;
}

void mst_roster_expect_id(const mst_roster *roster, uint32_t slot)
{
    if (slot != MST_ROSTER_NONE)
        __builtin_prefetch(mst_roster_at(roster, slot)->id);
}

uint32_t mst_roster_find(const mst_roster *roster, const char *id, size_t len)
{
    uint32_t hash = hash_of(id, len);
    for (uint32_t at = hash & roster->index_mask;; at = (at + 1) & roster->index_mask) {
        uint32_t slot = roster->index[at].slot;
        if (slot == MST_ROSTER_NONE)
            return slot;
        if (roster->index[at].hash != hash)
            continue;
        const struct mst_subject *subject = mst_roster_at(roster, slot);
        if (subject->id_len == len && memcmp(subject->id, id, len) == 0)
            return slot;
    }
}

/* Closes the gap that a removed entry leaves, so that searches behind it still arrive. */
static void erase(mst_roster *roster, uint32_t slot)
{
    uint32_t mask = roster->index_mask;
    uint32_t gap = mst_roster_at(roster, slot)->hash & mask;
    while (roster->index[gap].slot != slot)
        gap = (gap + 1) & mask;
    for (uint32_t at = (gap + 1) & mask; roster->index[at].slot != MST_ROSTER_NONE;
         at = (at + 1) & mask) {
        uint32_t home = roster->index[at].hash & mask;
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            roster->index[gap] = roster->index[at];
            gap = at;
        }
    }
    roster->index[gap] = (struct mst_roster_entry){MST_ROSTER_NONE, 0};
}

/* ---- slots ------------------------------------------------------------------------------- */

static void extend(mst_roster *roster, uint32_t slot_count)
{
    uint32_t before = chunk_count(roster);
    roster->slot_count = slot_count;
    for (uint32_t i = before; i < chunk_count(roster); i++) {
        roster->subjects[i] = mst_grown_zeroed(MST_ROSTER_CHUNK, sizeof *roster->subjects[i]);
        roster->verdicts[i] = mst_grown_zeroed((size_t)MST_ROSTER_CHUNK * roster->verdict_count,
                                               sizeof *roster->verdicts[i]);
    }
}

static void occupy(mst_roster *roster, uint32_t slot, const char *id, size_t len)
{
    struct mst_subject *subject = mst_roster_at(roster, slot);
    *subject = (struct mst_subject){.id = mst_grown_copy(id, len),
                                    .id_len = (uint32_t)len,
                                    .hash = hash_of(id, len),
                                    .newest = INT64_MIN};
    mst_wheel_timer_init(&subject->timer);
    memset(mst_roster_verdicts(roster, slot), 0, roster->verdict_count * sizeof **roster->verdicts);
    roster->count++;
    if (roster->count > (roster->index_mask + 1) / 4 * 3)
        grow_index(roster);
    else
        insert(roster, slot);
}

uint32_t mst_roster_add(mst_roster *roster, const char *id, size_t len)
{
    uint32_t slot = roster->free_slot;
    if (slot != MST_ROSTER_NONE)
        roster->free_slot = mst_roster_at(roster, slot)->is.next_free;
    else if (roster->slot_count == roster->slot_max)
        return MST_ROSTER_NONE;
    else
        extend(roster, (slot = roster->slot_count) + 1);
    occupy(roster, slot, id, len);
    return slot;
}

bool mst_roster_put(mst_roster *roster, uint32_t slot, const char *id, size_t len)
{
    if (slot >= roster->slot_max)
        return false;
    if (slot >= roster->slot_count)
        extend(roster, slot + 1);
    if (mst_roster_at(roster, slot)->id)
        return false;
    occupy(roster, slot, id, len);
    return true;
}

void mst_roster_collect_free(mst_roster *roster)
{
    roster->free_slot = MST_ROSTER_NONE;
    for (uint32_t slot = roster->slot_count; slot-- > 0;) {
        struct mst_subject *subject = mst_roster_at(roster, slot);
        if (!subject->id) {
            subject->is.next_free = roster->free_slot;
            roster->free_slot = slot;
        }
    }
}

void mst_roster_remove(mst_roster *roster, uint32_t slot)
{
    struct mst_subject *subject = mst_roster_at(roster, slot);
    erase(roster, slot);
    free(subject->id);
    *subject = (struct mst_subject){.is.next_free = roster->free_slot};
    roster->free_slot = slot;
    roster->count--;
}

void mst_roster_reshape(mst_roster *roster, uint32_t verdict_count, const uint32_t *from)
{
    for (uint32_t chunk = 0; chunk < chunk_count(roster); chunk++) {
        const mst_state_verdict *old = roster->verdicts[chunk];
        mst_state_verdict *verdicts =
            mst_grown_zeroed((size_t)MST_ROSTER_CHUNK * verdict_count, sizeof *verdicts);
        for (size_t slot = 0; slot < MST_ROSTER_CHUNK; slot++)
            for (uint32_t i = 0; i < verdict_count; i++)
                if (from[i] != MST_ROSTER_NONE)
                    verdicts[slot * verdict_count + i] =
                        old[slot * roster->verdict_count + from[i]];
        free(roster->verdicts[chunk]);
        roster->verdicts[chunk] = verdicts;
    }
    roster->verdict_count = verdict_count;
}
