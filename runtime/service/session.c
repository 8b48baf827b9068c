/* SPDX-License-Identifier: Apache-2.0
 *
 * session.c - framing into batches, and fairness between those who fill them. */
#include "session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define CARRY_KEPT_BYTES 4096 /* a smaller buffer stays with its session */

/* ---- batches ----------------------------------------------------------------------------- */

void mst_intake_init(struct mst_intake *intake, struct mst_inbox *engine, uint64_t max_partial)
{
    memset(intake, 0, sizeof *intake);
    intake->engine = engine;
    intake->max_partial = max_partial;
    intake->all = mst_grown_zeroed(MST_INTAKE_BATCHES, sizeof *intake->all);
    for (uint32_t i = 0; i < MST_INTAKE_BATCHES; i++) {
        struct mst_batch *batch = &intake->all[i];
        batch->in = mst_grown_resize(NULL, MST_BATCH_BYTES);
        (void)mst_grown_room(&batch->out, 1); /* replies have a place, even where there are none */
        batch->work.kind = MST_WORK_BATCH;
        batch->work.next = (struct mst_work *)intake->free;
        intake->free = batch;
    }
}

void mst_intake_free(struct mst_intake *intake)
{
    for (uint32_t i = 0; i < MST_INTAKE_BATCHES; i++) {
        free(intake->all[i].in);
        free(intake->all[i].out.ptr);
    }
    free(intake->all);
}

static void submit(struct mst_intake *intake)
{
    struct mst_batch *batch = intake->current;
    intake->current = NULL;
    intake->in_engine++;
    intake->submitted_us = mst_clock_run_us();
    mst_inbox_put(intake->engine, &batch->work);
}

bool mst_intake_is_stream(const struct mst_intake *intake)
{
    return intake->current && intake->current->count >= MST_INTAKE_STREAM_RECORDS &&
           mst_clock_run_us() - intake->arrived_us < MST_INTAKE_STREAM_GAP_MS * 1000;
}

bool mst_intake_flush(struct mst_intake *intake)
{
    if (!intake->current || intake->current->count == 0 || intake->in_engine > 0)
        return true;
    int64_t gather_ms =
        mst_intake_is_stream(intake) ? MST_INTAKE_GATHER_MAX_MS : MST_INTAKE_GATHER_MS;
    if (mst_clock_run_us() - intake->submitted_us < gather_ms * 1000)
        return false;
    submit(intake);
    return true;
}

bool mst_intake_is_idle(const struct mst_intake *intake)
{
    return intake->in_engine == 0 && (!intake->current || intake->current->count == 0);
}

static bool is_full(const struct mst_batch *batch)
{
    return batch->count >= MST_BATCH_RECORDS ||
           MST_BATCH_BYTES - batch->in_len < MST_RECORD_MAX_BYTES;
}

/* A batch with room for any one record, or NULL. */
static struct mst_batch *find_room(struct mst_intake *intake)
{
    if (intake->current && is_full(intake->current))
        submit(intake);
    if (!intake->current && intake->free) {
        intake->current = intake->free;
        intake->free = (struct mst_batch *)(void *)intake->current->work.next;
        intake->current->count = 0;
        intake->current->in_len = 0;
    }
    return intake->current;
}

/* ---- those who wait ---------------------------------------------------------------------- */

static void enter_queue(struct mst_session *session)
{
    struct mst_intake *intake = session->intake;
    if (session->is_queued)
        return;
    session->is_queued = true;
    session->next = NULL;
    session->before = intake->last;
    if (intake->last)
        intake->last->next = session;
    else
        intake->first = session;
    intake->last = session;
}

static void wait_for_room(struct mst_session *session)
{
    session->is_waiting = true;
    session->intake->stalls++;
    if (session->in_flight < MST_SESSION_IN_FLIGHT)
        enter_queue(session); /* else once its own records are back */
}

static void leave_queue(struct mst_session *session)
{
    struct mst_intake *intake = session->intake;
    if (!session->is_queued)
        return;
    if (session->before)
        session->before->next = session->next;
    else
        intake->first = session->next;
    if (session->next)
        session->next->before = session->before;
    else
        intake->last = session->before;
    session->is_queued = false;
}

static void wake(struct mst_session *session)
{
    leave_queue(session);
    session->is_waiting = false;
    session->class->resume(session);
}

/* ---- replies ----------------------------------------------------------------------------- */

static void note_replied(struct mst_session **list, struct mst_session *session)
{
    if (!session->class->replied || session->is_replied)
        return;
    session->is_replied = true;
    session->next_replied = *list;
    *list = session;
}

/* Consecutive entries of one session at a time. */
static void reply_all(struct mst_batch *batch)
{
    struct mst_session *replied = NULL;
    for (uint32_t i = 0, end; i < batch->count; i = end) {
        struct mst_session *session = batch->entries[i].session;
        const struct mst_entry *first = &batch->entries[i];
        for (end = i + 1; end < batch->count && batch->entries[end].session == session; end++)
            continue;
        const struct mst_entry *last = &batch->entries[end - 1];
        assert(session->in_flight >= end - i);
        session->in_flight -= end - i;
        if (session->is_waiting)
            enter_queue(session);
        note_replied(&replied, session);
        session->class->reply(session, first, end - i, batch->out.ptr + first->reply,
                              last->reply + last->reply_len - first->reply);
    }
    for (struct mst_session *session = replied, *next; session; session = next) {
        next = session->next_replied;
        session->is_replied = false;
        session->class->replied(session);
    }
}

void mst_intake_return(struct mst_intake *intake, struct mst_batch *batch)
{
    intake->in_engine--;
    reply_all(batch);
    batch->work.next = (struct mst_work *)intake->free;
    intake->free = batch;
    bool is_last = false;
    const struct mst_session *last = intake->last;
    while (intake->first && !is_last &&
           (intake->free || (intake->current && !is_full(intake->current)))) {
        is_last = intake->first == last;
        wake(intake->first);
    }
}

/* ---- sessions ---------------------------------------------------------------------------- */

void mst_session_init(struct mst_session *session, struct mst_intake *intake,
                      const struct mst_session_class *class, bool wants_verdicts)
{
    memset(session, 0, sizeof *session);
    session->class = class;
    session->intake = intake;
    session->wants_verdicts = wants_verdicts;
    mst_framer_init(&session->framer, true);
}

void mst_session_end(struct mst_session *session)
{
    assert(session->in_flight == 0);
    leave_queue(session);
    session->intake->partial_bytes -= session->carry.capacity;
    free(session->carry.ptr);
    session->carry = (struct mst_grown){NULL, 0, 0};
}

static void add_entry(struct mst_batch *batch, struct mst_session *session, const mst_frame *frame,
                      bool is_bad)
{
    struct mst_entry *entry = &batch->entries[batch->count++];
    *entry = (struct mst_entry){.session = session,
                                .offset = batch->in_len,
                                .is_bad = is_bad,
                                .wants_verdicts = session->wants_verdicts,
                                .line = frame->line,
                                .error = frame->error};
    if (!is_bad) {
        entry->len = (uint32_t)frame->len;
        memcpy(batch->in + batch->in_len, frame->text, frame->len);
        batch->in_len += frame->len;
    }
    session->in_flight++;
}

/* Takes records from the bytes; *used is how many are done with. */
static enum mst_feed frame_records(struct mst_session *session, const char *bytes, size_t len,
                                   bool is_last, size_t *used)
{
    *used = 0;
    session->intake->arrived_us = mst_clock_run_us();
    for (;;) {
        mst_frame frame = MST_FRAME_INIT;
        struct mst_batch *batch = find_room(session->intake);
        if (!batch || session->in_flight >= MST_SESSION_IN_FLIGHT) {
            wait_for_room(session);
            return MST_FEED_WAIT;
        }
        mst_status status =
            mst_framer_next(&session->framer, bytes + *used, len - *used, is_last, &frame);
        *used += frame.used;
        if (status != MST_OK && status != MST_ERR_RECORD)
            return MST_FEED_MORE;
        add_entry(batch, session, &frame, status != MST_OK);
    }
}

static void count_carry(struct mst_session *session, size_t before)
{
    session->intake->partial_bytes += session->carry.capacity - before;
}

static void stash(struct mst_session *session, const char *bytes, size_t len)
{
    size_t before = session->carry.capacity;
    mst_grown_add(&session->carry, bytes, len);
    count_carry(session, before);
}

/* Takes what is used off the front; gives a large buffer back once nothing is in it. */
static void consume(struct mst_session *session, size_t used)
{
    struct mst_grown *carry = &session->carry;
    carry->len -= used;
    if (carry->len > 0) {
        memmove(carry->ptr, carry->ptr + used, carry->len);
        return;
    }
    if (carry->capacity > CARRY_KEPT_BYTES) {
        session->intake->partial_bytes -= carry->capacity;
        free(carry->ptr);
        *carry = (struct mst_grown){NULL, 0, 0};
    }
}

/* Frames what is kept, and as much behind it as completes its last line: then the rest of the bytes
 * need not be copied to be framed. *taken is how many of the bytes came along. */
static enum mst_feed feed_carry(struct mst_session *session, const char *bytes, size_t len,
                                bool is_last, size_t *taken)
{
    size_t used;
    const char *newline = len > 0 ? memchr(bytes, '\n', len) : NULL;
    *taken = newline ? (size_t)(newline + 1 - bytes) : len;
    stash(session, bytes, *taken);
    enum mst_feed result = frame_records(session, session->carry.ptr, session->carry.len,
                                         is_last && *taken == len, &used);
    consume(session, used);
    return result;
}

enum mst_feed mst_session_feed(struct mst_session *session, const char *bytes, size_t len,
                               bool is_last)
{
    size_t done = 0, used = 0;
    enum mst_feed result = session->is_waiting ? MST_FEED_WAIT : MST_FEED_MORE;
    if (!bytes)
        bytes = "";
    if (!session->is_waiting && session->carry.len > 0)
        result = feed_carry(session, bytes, len, is_last, &done);
    if (result == MST_FEED_MORE && session->carry.len == 0) {
        result = frame_records(session, bytes + done, len - done, is_last, &used);
        done += used;
    }
    if (done < len)
        stash(session, bytes + done, len - done);
    /* Whoever has hardly anything unfinished does not suffer for those who have. */
    if (session->carry.capacity > CARRY_KEPT_BYTES &&
        session->intake->partial_bytes > session->intake->max_partial)
        return MST_FEED_REFUSED;
    return result;
}

/* ---- pieces that stay together ----------------------------------------------------------- */

static void put_records(struct mst_session *session, struct mst_batch *batch, const char *text,
                        size_t len, int64_t observed)
{
    mst_framer_init(&session->framer, true);
    for (size_t used = 0;;) {
        mst_frame frame = MST_FRAME_INIT;
        mst_status status =
            mst_framer_next(&session->framer, text + used, len - used, true, &frame);
        used += frame.used;
        if (status != MST_OK && status != MST_ERR_RECORD)
            return;
        add_entry(batch, session, &frame, status != MST_OK);
        batch->entries[batch->count - 1].observed = observed;
    }
}

bool mst_session_put(struct mst_session *session, const char *text, size_t len, int64_t observed,
                     const struct mst_note *note)
{
    struct mst_intake *intake = session->intake;
    uint32_t lines = 1;
    for (const char *at = text; (at = memchr(at, '\n', len - (size_t)(at - text))); at++)
        lines++;
    struct mst_batch *batch = find_room(intake);
    if (batch &&
        (batch->count + lines > MST_BATCH_RECORDS || MST_BATCH_BYTES - batch->in_len < len) &&
        batch->count > 0) {
        submit(intake);
        batch = find_room(intake);
    }
    if (!batch) {
        wait_for_room(session);
        return false;
    }
    put_records(session, batch, text, len, observed);
    if (note) {
        batch->entries[batch->count++] = (struct mst_entry){.session = session, .note = note};
        session->in_flight++;
    }
    return true;
}
