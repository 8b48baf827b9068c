/* SPDX-License-Identifier: Apache-2.0
 *
 * state_parts.h - what a handle is made of: names (state_name.c), the open batch (state_batch.c),
 * and the store below them. */
#ifndef MST_STATE_STATE_PARTS_H
#define MST_STATE_STATE_PARTS_H

#include "state_store.h"

/* Each name once; its number is its place. The table finds it by its text. */
struct mst_state_names {
    mst_text *list;
    uint32_t count, capacity;
    uint32_t kept_count; /* those before are in the store, the others follow with a batch */
    uint32_t *table;     /* numbers, 0: free; the size is a power of two */
    uint32_t table_size;
};

/* Memory of a batch: taken in pieces, given back all at once and used again. */
struct mst_state_piece {
    struct mst_state_piece *next;
    size_t size, used;
    char bytes[];
};

struct mst_state_arena {
    struct mst_state_piece *first, *current;
};

/* A subject that the batch changes, as it will be. */
struct mst_state_pending {
    uint32_t slot;
    bool is_deleted, is_changed;
    mst_text id;
    mst_state_group *groups;
    uint32_t group_count, group_capacity;
    const mst_state_verdict *verdicts;
    uint32_t verdict_count;
};

struct mst_state_meta {
    mst_text key, value;
    bool is_deleted;
};

struct mst_state_batch {
    bool is_open;
    struct mst_state_arena arena;
    struct mst_state_pending **subjects;
    uint32_t subject_count, subject_capacity;
    uint32_t *table; /* places in subjects + 1, by slot; 0: free; the size is a power of two */
    uint32_t table_size;
    mst_text *changes;
    uint32_t change_count, change_capacity;
    struct mst_state_meta *metas;
    uint32_t meta_count, meta_capacity;
    char *row; /* a row while it is written */
    size_t row_capacity;
};

struct mst_state {
    struct mst_state_store *store;
    mst_state_options options;
    struct mst_state_names names;
    struct mst_state_batch batch;
    uint64_t first_change, last_change; /* of the committed ones, where this handle writes */
    mst_state_group *groups;            /* of the subject that is shown */
    uint32_t group_capacity;
    mst_state_verdict *verdicts;
    uint32_t verdict_capacity;
    mst_state_why why;
};

/* Notes what is wrong, for mst_state_message(), and returns the status. */
mst_state_status mst_state_fail(mst_state *state, mst_state_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a status of the store, which may be OK. */
mst_state_status mst_state_from_store(mst_state *state, mst_state_status status);

/* A list with room for one more element of this size; NULL: out of memory, the old one stays. */
void *mst_state_grow(void *list, uint32_t count, uint32_t *capacity, size_t element_size);
/* As large as needed, the contents lost where it moves. */
bool mst_state_make_room(void **list, uint32_t *capacity, uint32_t wanted, size_t element_size);

/* Reads names that the store has and the handle has not. */
mst_state_status mst_state_names_load(mst_state *state);
void mst_state_names_free(struct mst_state_names *names);

/* What a row holds, in arrays that are large enough; CORRUPT where that cannot be. */
mst_state_status mst_state_read_row(mst_state *state, const struct mst_state_row *row,
                                    mst_state_group *groups, mst_state_verdict *verdicts);
/* CORRUPT, with a message. */
mst_state_status mst_state_damaged_row(mst_state *state, const struct mst_state_row *row);

/* The subject as the open batch leaves it; NULL where the batch does not touch it. */
const struct mst_state_pending *mst_state_batch_find(const mst_state *state, uint32_t slot);
void mst_state_batch_free(struct mst_state_batch *batch);

#endif
