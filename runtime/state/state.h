/* SPDX-License-Identifier: Apache-2.0
 *
 * state.h - what the service keeps for each subject, and how it is kept: in one SQLite file, or in
 * memory alone. The service sees this interface only.
 *
 * A *subject* stands in a *slot*: a number below subject_max that its owner chooses, dense from 0
 * and used again after a delete; finding a slot by the subject's id is the owner's business. It has
 * *groups* of facts (raw text with the instant at which it was observed) and *verdicts*. Names of
 * groups, verdicts, outcomes, checks and rules are kept once each and stand for a small number.
 *
 *     mst_state_options options = MST_STATE_OPTIONS_INIT;
 *     options.path = "muster.db";
 *     if (mst_state_open(&state, &options, &why) != MST_STATE_OK) ...
 *     for (uint32_t at = 0; at != MST_STATE_END;)            -- at start: all subjects, in pieces
 *         if (mst_state_scan(state, at, 10000, visit, context, &at) != MST_STATE_OK) ...
 *     mst_state_name(state, "os", 2, &os);
 *     mst_state_begin(state);
 *     mst_state_put_subject(state, 0, id);
 *     mst_state_put_group(state, 0, os, observed, text);
 *     mst_state_put_verdicts(state, 0, verdicts, verdict_count);
 *     mst_state_append_change(state, event, &sequence);
 *     if (mst_state_commit(state) != MST_STATE_OK) ...       -- nothing of it was kept: retry later
 *
 * What holds for every function:
 *   Threads    A handle belongs to one thread: for the one that writes, the writer thread. Others
 *              open handles of their own with is_read_only.
 *   Batches    What is put or deleted is kept by mst_state_commit() as a whole or, where that does
 *              not return MST_STATE_OK, not at all. A call that fails before changes nothing; the
 *              batch stays open, to be committed without it or rolled back.
 *   Texts      What goes in is copied. What comes out is borrowed until the next call with the same
 *              handle, but for names, which live as long as the handle.
 *   Errors     A mst_state_status; mst_state_message() says more, for people. */
#ifndef MST_STATE_STATE_H
#define MST_STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster/muster.h"

typedef struct mst_state mst_state;

typedef enum mst_state_status {
    MST_STATE_OK = 0,
    MST_STATE_FULL,      /* the disk, or a quota, is full */
    MST_STATE_READ_ONLY, /* the file or its folder may not be written to */
    MST_STATE_IO,        /* the system could not read or write the file */
    MST_STATE_BUSY,      /* another process writes to the file */
    MST_STATE_CORRUPT,   /* the file is damaged: restore a backup */
    MST_STATE_NEWER,     /* a newer Muster wrote the file: it is left alone */
    MST_STATE_FOREIGN,   /* the file is something else, or something else's */
    MST_STATE_NOT_FOUND, /* no such subject, key or file */
    MST_STATE_GONE,      /* the change asked for is not in the history any more */
    MST_STATE_LIMIT,     /* a slot or text beyond what options and limits allow */
    MST_STATE_MEMORY,    /* out of memory */
} mst_state_status;

/* FULL, READ_ONLY, IO, BUSY and MEMORY may pass: the same batch may be kept later. */
bool mst_state_may_pass(mst_state_status status);
/* "the disk is full", for good. */
const char *mst_state_status_text(mst_state_status status);

/* What a commit that returned MST_STATE_OK outlives. */
typedef enum mst_state_durability {
    MST_STATE_DURABLE_FULL,   /* the loss of power */
    MST_STATE_DURABLE_NORMAL, /* the end of this process; with the power go the last batches */
    MST_STATE_DURABLE_NONE,   /* the same, but a loss of power may also damage the file */
} mst_state_durability;

#define MST_STATE_END UINT32_MAX     /* no slot: the end of a scan */
#define MST_STATE_SLOT_MAX (1 << 24) /* no slot is there or beyond it, whatever a file says */
#define MST_STATE_ID_MAX_BYTES 1024
#define MST_STATE_NAME_MAX_BYTES 1024
#define MST_STATE_GROUP_MAX_BYTES 8192 /* raw text of one group */
#define MST_STATE_GROUP_MAX 1024       /* of one subject */
#define MST_STATE_VERDICT_MAX 1024
#define MST_STATE_CHANGE_MAX_BYTES ((size_t)1 << 20)
#define MST_STATE_META_MAX_BYTES ((size_t)1 << 20)

typedef struct mst_state_options {
    const char *path; /* NULL: in memory alone, gone with the handle */
    mst_state_durability durability;
    bool is_read_only;    /* a second look at a file; what it shows is what was last committed. For
                             a read after a commit of another it looks at all of the file */
    uint32_t subject_max; /* slots are below it; at most MST_STATE_SLOT_MAX */
    uint32_t history_max; /* changes that are kept, at least 1 */
    uint32_t cache_kib;   /* of SQLite's page cache */
    uint32_t log_kib;     /* what is written is gathered in a log; at this size it is worked in */
} mst_state_options;
#define MST_STATE_OPTIONS_INIT                                                                     \
    {                                                                                              \
        .subject_max = 16000000, .history_max = 100000, .cache_kib = 65536, .log_kib = 16384       \
    }

/* Why opening failed, for people. */
typedef struct mst_state_why {
    char text[512];
} mst_state_why;

/* Opens or creates; an older file is migrated, after a backup of it beside it was made. NOT_FOUND
 * where a file that is not there is to be read only. On an error *state is NULL. */
mst_state_status mst_state_open(mst_state **state, const mst_state_options *options,
                                mst_state_why *why);
/* Rolls an open batch back. NULL is nothing to close. */
void mst_state_close(mst_state *state);

/* What the last call that failed found, for people: "cannot write 'muster.db': disk is full". */
const char *mst_state_message(const mst_state *state);

/* ---- names ------------------------------------------------------------------------------- */

/* The number of a name, a new one where it is seen for the first time; 0 is the empty text. Numbers
 * are small, dense and stay the same for as long as the file lives, once a batch was committed that
 * uses them. Outside of a batch too. */
mst_state_status mst_state_name(mst_state *state, const char *name, size_t len, uint32_t *number);
/* NULL, 0 for a number that was never given. */
mst_text mst_state_name_text(const mst_state *state, uint32_t number);

/* ---- reading ----------------------------------------------------------------------------- */

typedef struct mst_state_group {
    uint32_t name;
    int64_t observed;
    mst_text text; /* a JSON value; empty where what is known is that the group was cleared */
} mst_state_group;

typedef struct mst_state_verdict {
    uint32_t name, outcome, check, rules; /* names; check 0: none */
    uint32_t kind;                        /* an mst_kind; state does not look at it */
    int64_t since;                        /* the instant at which it turned */
    int64_t valid_until;                  /* or MST_NEVER */
} mst_state_verdict;

typedef struct mst_state_subject {
    uint32_t slot;
    mst_text id;
    uint32_t group_count, verdict_count;
    const mst_state_group *groups; /* in no particular order */
    const mst_state_verdict *verdicts;
} mst_state_subject;

/* False ends the scan after this one. May not call anything with the same handle but
 * mst_state_name_text(). */
typedef bool mst_state_visit(void *context, const mst_state_subject *subject);

/* Shows at most max_count subjects from slot `from` on, in the order of slots; *next is where to go
 * on, MST_STATE_END after the last one. Shows what is committed, not the open batch. Pieces keep
 * other work waiting for less long, and writers from seeing their log grow. */
mst_state_status mst_state_scan(mst_state *state, uint32_t from, uint32_t max_count,
                                mst_state_visit *visit, void *context, uint32_t *next);

/* One subject, the open batch included. */
mst_state_status mst_state_read(mst_state *state, uint32_t slot, mst_state_subject *subject);

/* What was put under a key, the open batch not included. */
mst_state_status mst_state_get_meta(mst_state *state, const char *key, mst_text *value);

/* ---- a batch ----------------------------------------------------------------------------- */

mst_state_status mst_state_begin(mst_state *state);

/* The slot now holds this subject, without groups and verdicts, whatever it held before. */
mst_state_status mst_state_put_subject(mst_state *state, uint32_t slot, mst_text id);
/* Replaces the group. An empty text keeps the instant alone: so that older facts do not come back
 * into a group that was cleared. */
mst_state_status mst_state_put_group(mst_state *state, uint32_t slot, uint32_t name,
                                     int64_t observed, mst_text text);
/* Forgets the group, its instant too. Where there is none, nothing changes. */
mst_state_status mst_state_clear_group(mst_state *state, uint32_t slot, uint32_t name);
/* Replaces all verdicts of the subject. */
mst_state_status mst_state_put_verdicts(mst_state *state, uint32_t slot,
                                        const mst_state_verdict *verdicts, uint32_t count);
/* Where there is no such subject, nothing changes. */
mst_state_status mst_state_delete_subject(mst_state *state, uint32_t slot);

/* A change event, as the service will show it. Sequence numbers begin at 1 and have no gaps; those
 * of a batch that was not kept are given again. */
mst_state_status mst_state_append_change(mst_state *state, mst_text event, uint64_t *sequence);

/* Small things of the service's own: the rules that were active, the cursor of a plugin. An empty
 * value is a value. */
mst_state_status mst_state_put_meta(mst_state *state, const char *key, mst_text value);
mst_state_status mst_state_delete_meta(mst_state *state, const char *key);

/* Ends the batch: kept as durably as asked for with MST_STATE_OK, else rolled back. */
mst_state_status mst_state_commit(mst_state *state);
/* Also where no batch is open. */
void mst_state_rollback(mst_state *state);

/* Whether a batch could be kept now: writes a small one, outside of a batch. */
mst_state_status mst_state_probe(mst_state *state);

/* ---- the history of changes -------------------------------------------------------------- */

/* False ends the reading after this one. */
typedef bool mst_state_visit_change(void *context, uint64_t sequence, mst_text event);

/* The oldest sequence number that is kept and the last one that was given, committed ones only;
 * *first is *last + 1 where none is kept. */
mst_state_status mst_state_history(mst_state *state, uint64_t *first, uint64_t *last);

/* Shows at most max_count changes that follow `after`, oldest first; GONE where the one that
 * follows is not kept any more, or `after` is a number that was never given: the reader has to
 * begin anew. */
mst_state_status mst_state_read_changes(mst_state *state, uint64_t after, uint32_t max_count,
                                        mst_state_visit_change *visit, void *context);

#endif
