/* SPDX-License-Identifier: Apache-2.0
 *
 * batch.h - records on their way to the engine, and what became of them on their way back. A batch
 * is one transaction of the state. Batches are made once and used again. */
#ifndef MST_SERVICE_BATCH_H
#define MST_SERVICE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exchange.h"
#include "grown.h"
#include "muster/facts.h"

#define MST_BATCH_RECORDS 1000
#define MST_BATCH_BYTES ((size_t)2 << 20)

struct mst_session;

enum mst_entry_result {
    MST_ENTRY_ACCEPTED,
    MST_ENTRY_REJECTED,
    MST_ENTRY_RETRY, /* it could not be kept */
};

/* Something small that is kept in the same transaction as the records before it, under a key of the
 * state's meta. Whoever hands it over keeps it until the reply. */
struct mst_note {
    const char *key;
    const char *text;
    size_t len;
};

/* One record, or a piece of a stream that is none, or a note. */
struct mst_entry {
    struct mst_session *session;
    const struct mst_note *note; /* NULL: a record */
    size_t offset;               /* in the batch's `in` */
    int64_t observed;            /* of the groups without a time of their own; 0: the arrival */
    uint32_t len;
    bool is_bad;         /* no record: `error` says why */
    bool wants_verdicts; /* else the reply of an accepted record is empty */
    enum mst_entry_result result;
    uint64_t line;
    mst_record_error error;
    size_t reply; /* in the batch's `out`, lines with their newlines */
    uint32_t reply_len;
};

struct mst_batch {
    struct mst_work work;
    uint32_t count;
    size_t in_len;
    char *in; /* of MST_BATCH_BYTES */
    struct mst_grown out;
    struct mst_entry entries[MST_BATCH_RECORDS + 1]; /* one for a note */
};

#endif
