/* SPDX-License-Identifier: Apache-2.0
 *
 * session.h - from streams of bytes to batches of records. A session is one stream, wherever it
 * comes from; the intake fills batches from all of them in turn, hands them to the engine, and
 * hands each session what became of its records, in their order.
 *
 * All memory is bounded: batches are a fixed number, a session has at most MST_SESSION_IN_FLIGHT
 * records on their way, and the unfinished records of all sessions together have a limit. A
 * session that has to wait is called when it may go on. On the loop's thread only. */
#ifndef MST_SERVICE_SESSION_H
#define MST_SERVICE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "muster/facts.h"

#define MST_SESSION_IN_FLIGHT 1000
#define MST_INTAKE_BATCHES 4
#define MST_INTAKE_GATHER_MS 2
#define MST_INTAKE_GATHER_MAX_MS 10
#define MST_INTAKE_STREAM_RECORDS 16 /* a stream: so many, and the last one */
#define MST_INTAKE_STREAM_GAP_MS 4   /* came so short a time ago */

struct mst_intake;
struct mst_session;

struct mst_session_class {
    /* What became of some records in their order; `text` is the replies to all of them. */
    void (*reply)(struct mst_session *session, const struct mst_entry *entries, uint32_t count,
                  const char *text, size_t len);
    /* Once for each session of a batch, when all of its replies were handed over; the texts are
     * there until it returns. NULL: nothing is to be done then. */
    void (*replied)(struct mst_session *session);
    /* Bytes are taken again: mst_session_feed() with those that were left, and then more. */
    void (*resume)(struct mst_session *session);
};

struct mst_session {
    const struct mst_session_class *class;
    struct mst_intake *intake;
    mst_framer framer;
    struct mst_grown carry; /* bytes that came and are not used yet */
    uint32_t in_flight;
    bool wants_verdicts;
    bool is_waiting; /* for room in a batch, or for its own records */
    bool is_queued, is_replied;
    struct mst_session *next, *before; /* of those that wait for room */
    struct mst_session *next_replied;  /* of those that a batch has replies for */
};

struct mst_intake {
    struct mst_inbox *engine;
    struct mst_batch *current; /* being filled */
    struct mst_batch *free;    /* by work.next */
    struct mst_batch *all;
    uint32_t in_engine;
    int64_t submitted_us;             /* when the last batch was handed over */
    int64_t arrived_us;               /* when the last record came */
    struct mst_session *first, *last; /* that wait for room */
    uint64_t partial_bytes, max_partial;
    uint64_t stalls; /* how often a session had to wait */
};

enum mst_feed {
    MST_FEED_MORE,    /* all was taken: more may come */
    MST_FEED_WAIT,    /* what was not taken is kept: no more until resume is called */
    MST_FEED_REFUSED, /* unfinished records have no room: the session has to end */
};

void mst_intake_init(struct mst_intake *intake, struct mst_inbox *engine, uint64_t max_partial);
void mst_intake_free(struct mst_intake *intake);
/* Hands what came to the engine, if that has nothing to do: before the loop waits. False: the last
 * batch was handed over so short a time ago that more is gathered first, since what a batch costs
 * hardly depends on its size; to be called again in MST_INTAKE_GATHER_MS. Records of a stream are
 * gathered for up to MST_INTAKE_GATHER_MAX_MS; those of a client that waits for its replies are
 * not. */
bool mst_intake_flush(struct mst_intake *intake);
/* Whether what is gathered comes from a stream. */
bool mst_intake_is_stream(const struct mst_intake *intake);
/* Whether no record is on its way. */
bool mst_intake_is_idle(const struct mst_intake *intake);
/* Takes a batch back from the engine: replies, and goes on with those that wait. */
void mst_intake_return(struct mst_intake *intake, struct mst_batch *batch);

void mst_session_init(struct mst_session *session, struct mst_intake *intake,
                      const struct mst_session_class *class, bool wants_verdicts);
/* Takes bytes of the stream, none too; `is_last`: there will never be more. */
enum mst_feed mst_session_feed(struct mst_session *session, const char *bytes, size_t len,
                               bool is_last);
/* Takes all records of a text (and the note; NULL: none) as one piece, which is kept as a whole or
 * not at all; a text has at most MST_BATCH_RECORDS records in MST_RECORD_MAX_BYTES. False: there is
 * no room, nothing was taken, and resume will be called. Not for a session that is fed. */
bool mst_session_put(struct mst_session *session, const char *text, size_t len, int64_t observed,
                     const struct mst_note *note);
/* The session may only end once it has no records in flight. */
void mst_session_end(struct mst_session *session);

#endif
