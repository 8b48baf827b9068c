/* SPDX-License-Identifier: Apache-2.0
 *
 * state_store.h - what keeps rows, names, changes and meta: the side of state.h that differs
 * between a SQLite file (state_sqlite.c) and memory (state_memory.c). A store knows bytes and
 * numbers, never groups or verdicts. A new one is one row of functions.
 *
 * All writing happens between begin() and commit() or rollback(). A writing call that fails leaves
 * the store so that rollback() undoes everything; a commit() that fails has rolled back. Texts that
 * a read gives are borrowed until the next call. */
#ifndef MST_STATE_STATE_STORE_H
#define MST_STATE_STATE_STORE_H

#include "state.h"
#include "state_row.h"

struct mst_state_store;

struct mst_state_store_type {
    void (*close)(struct mst_state_store *store);

    /* The names from `number` on, in order; NOT_FOUND behind the last. */
    mst_state_status (*get_name)(struct mst_state_store *store, uint32_t number, mst_text *name);
    mst_state_status (*get_meta)(struct mst_state_store *store, mst_text key, mst_text *value);
    mst_state_status (*get_row)(struct mst_state_store *store, uint32_t slot,
                                struct mst_state_row *row);

    /* Rows from a slot on. next_row() answers NOT_FOUND at the end; end_rows() always follows. */
    mst_state_status (*begin_rows)(struct mst_state_store *store, uint32_t from);
    mst_state_status (*next_row)(struct mst_state_store *store, struct mst_state_row *row);
    void (*end_rows)(struct mst_state_store *store);

    /* Of committed changes; first is last + 1 where there is none. */
    mst_state_status (*get_history)(struct mst_state_store *store, uint64_t *first, uint64_t *last);
    mst_state_status (*begin_changes)(struct mst_state_store *store, uint64_t from);
    mst_state_status (*next_change)(struct mst_state_store *store, uint64_t *sequence,
                                    mst_text *event);
    void (*end_changes)(struct mst_state_store *store);

    /* Reads go on until commit; what commits put off is done here, while nobody waits for one. */
    mst_state_status (*begin)(struct mst_state_store *store);
    mst_state_status (*put_name)(struct mst_state_store *store, uint32_t number, mst_text name);
    /* A row of the slot will soon be put: memory that takes time to arrive is asked for. */
    void (*expect_row)(const struct mst_state_store *store, uint32_t slot);
    mst_state_status (*put_row)(struct mst_state_store *store, const struct mst_state_row *row);
    mst_state_status (*delete_row)(struct mst_state_store *store, uint32_t slot);
    mst_state_status (*put_change)(struct mst_state_store *store, uint64_t sequence,
                                   mst_text event);
    /* Forgets the changes before this one. */
    mst_state_status (*trim_changes)(struct mst_state_store *store, uint64_t first);
    mst_state_status (*put_meta)(struct mst_state_store *store, mst_text key, mst_text value);
    mst_state_status (*delete_meta)(struct mst_state_store *store, mst_text key);
    mst_state_status (*commit)(struct mst_state_store *store);
    void (*rollback)(struct mst_state_store *store);
};

/* Every store begins with this. */
struct mst_state_store {
    const struct mst_state_store_type *type;
    mst_state_why why; /* what the last call that failed found */
};

mst_state_status mst_state_memory_open(struct mst_state_store **store);
mst_state_status mst_state_sqlite_open(struct mst_state_store **store,
                                       const mst_state_options *options, mst_state_why *why);

#endif
