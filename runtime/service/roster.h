/* SPDX-License-Identifier: Apache-2.0
 *
 * roster.h - the subjects, in memory: which slot an id has, and of each slot what is looked at
 * often: its timer, its verdicts, which groups it has. Their facts are in the state alone.
 *
 * Slots are dense from 0, those of deleted subjects are used again. Nothing moves once it is
 * there: pointers stay good until the subject is removed. */
#ifndef MST_SERVICE_ROSTER_H
#define MST_SERVICE_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "state/state.h"
#include "wheel.h"

#define MST_ROSTER_NONE UINT32_MAX
#define MST_ROSTER_CHUNK 65536 /* slots that are allocated at a time */

struct mst_subject {
    char *id; /* NULL: the slot is free */
    uint32_t id_len, hash;
    uint64_t groups; /* a bit for each place of the ruleset `epoch` that has a group */
    int64_t newest;  /* the latest instant at which any group was observed */
    struct mst_wheel_timer timer;
    uint32_t epoch; /* number of the ruleset that last evaluated it */
    union {
        uint32_t next_free; /* of a slot that is free */
        bool is_whole;      /* the state has the groups of the mask alone: none is cleared */
    } is;
};

/* Of the table of ids. The hash stands here too: a look at another subject costs more than it. */
struct mst_roster_entry {
    uint32_t slot; /* NONE: empty */
    uint32_t hash;
};

typedef struct mst_roster {
    struct mst_subject *subjects[256];
    mst_state_verdict *verdicts[256]; /* verdict_count for each slot */
    uint32_t verdict_count;
    uint32_t slot_count, slot_max, count, free_slot;
    struct mst_roster_entry *index;
    uint32_t index_mask;
} mst_roster;

void mst_roster_init(mst_roster *roster, uint32_t slot_max, uint32_t verdict_count);
void mst_roster_free(mst_roster *roster);

static inline struct mst_subject *mst_roster_at(const mst_roster *roster, uint32_t slot)
{
    return &roster->subjects[slot / MST_ROSTER_CHUNK][slot % MST_ROSTER_CHUNK];
}

static inline mst_state_verdict *mst_roster_verdicts(const mst_roster *roster, uint32_t slot)
{
    return roster->verdicts[slot / MST_ROSTER_CHUNK] +
           (size_t)(slot % MST_ROSTER_CHUNK) * roster->verdict_count;
}

/* An id will soon be looked for: memory that takes time to arrive is asked for, in three steps,
 * each of which needs what the one before has asked for. Slots may be wrong: they are guesses. */
uint32_t mst_roster_expect(const mst_roster *roster, const char *id, size_t len); /* its hash */
uint32_t mst_roster_expect_subject(const mst_roster *roster, uint32_t hash);      /* its slot */
void mst_roster_expect_id(const mst_roster *roster, uint32_t slot);
/* The slot of an id, or NONE. */
uint32_t mst_roster_find(const mst_roster *roster, const char *id, size_t len);
/* A slot for an id that has none, all else zero; NONE where slot_max are taken. */
uint32_t mst_roster_add(mst_roster *roster, const char *id, size_t len);
/* The same in the slot that the state says; false where it is taken or above slot_max. Slots that
 * are left out are free after mst_roster_collect_free(). */
bool mst_roster_put(mst_roster *roster, uint32_t slot, const char *id, size_t len);
void mst_roster_collect_free(mst_roster *roster);
/* The subject's timer is no longer in the wheel. */
void mst_roster_remove(mst_roster *roster, uint32_t slot);

/* Gives each subject another list of verdicts: the i-th is the one that was number from[i], or all
 * zero where that is NONE. */
void mst_roster_reshape(mst_roster *roster, uint32_t verdict_count, const uint32_t *from);

#endif
