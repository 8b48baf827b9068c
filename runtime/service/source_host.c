/* SPDX-License-Identifier: Apache-2.0
 *
 * source_host.c - what a plugin may call: descriptors, timers, clocks, batches, the log. Whatever
 * it gives is checked here. */
#include <stdlib.h>
#include <string.h>

#include "grown.h"
#include "log.h"
#include "muster/facts.h"
#include "source_run.h"

static struct mst_source_run *run_of(const mst_source_host *host)
{
    return (struct mst_source_run *)(uintptr_t)host;
}

static bool is_alive(const struct mst_source_run *run)
{
    return run->phase == MST_SOURCE_UP || run->phase == MST_SOURCE_STOPPING;
}

/* ---- clocks ------------------------------------------------------------------------------ */

static int64_t now_s(const mst_source_host *host)
{
    const struct mst_source_run *run = run_of(host);
    return run->clock.now(run->clock.context);
}

static int64_t run_ms(const mst_source_host *host)
{
    (void)host;
    return mst_clock_run_us() / 1000;
}

/* ---- descriptors ------------------------------------------------------------------------- */

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct mst_source_watch *watch = poll->data;
    uint32_t ready = 0;
    if (status < 0)
        ready = MST_SOURCE_READ | MST_SOURCE_WRITE;
    if (events & (UV_READABLE | UV_DISCONNECT))
        ready |= MST_SOURCE_READ;
    if (events & UV_WRITABLE)
        ready |= MST_SOURCE_WRITE;
    if (is_alive(watch->run))
        watch->call(watch->context, watch->fd, ready);
}

static void on_unwatched(uv_handle_t *handle)
{
    free(handle->data);
}

static void unwatch(struct mst_source_watch **place)
{
    struct mst_source_watch *watch = *place;
    if (!watch)
        return;
    *place = watch->next;
    uv_close((uv_handle_t *)&watch->poll, on_unwatched);
}

void mst_source_drop_watches(struct mst_source_run *run)
{
    while (run->watches)
        unwatch(&run->watches);
}

static struct mst_source_watch **find_watch(struct mst_source_run *run, int fd)
{
    struct mst_source_watch **place = &run->watches;
    while (*place && (*place)->fd != fd)
        place = &(*place)->next;
    return place;
}

static bool add_watch(struct mst_source_run *run, int fd)
{
    struct mst_source_watch *watch = mst_grown_zeroed(1, sizeof *watch);
    if (uv_poll_init(run->loop, &watch->poll, fd) != 0) {
        free(watch);
        return false;
    }
    watch->poll.data = watch;
    watch->run = run;
    watch->fd = fd;
    watch->next = run->watches;
    run->watches = watch;
    return true;
}

static mst_source_status watch_fd(const mst_source_host *host, int fd, uint32_t events,
                                  mst_source_fd_call *call, void *context)
{
    struct mst_source_run *run = run_of(host);
    struct mst_source_watch **place = find_watch(run, fd);
    events &= MST_SOURCE_READ | MST_SOURCE_WRITE;
    if (events == 0) {
        unwatch(place);
        return MST_SOURCE_OK;
    }
    if (!is_alive(run) || fd < 0 || !call)
        return MST_SOURCE_REFUSED;
    if (!*place && !add_watch(run, fd))
        return MST_SOURCE_REFUSED;
    struct mst_source_watch *watch = *find_watch(run, fd);
    watch->call = call;
    watch->context = context;
    const int wanted = (events & MST_SOURCE_READ ? UV_READABLE | UV_DISCONNECT : 0) |
                       (events & MST_SOURCE_WRITE ? UV_WRITABLE : 0);
    if (watch->events == events || uv_poll_start(&watch->poll, wanted, on_ready) == 0) {
        watch->events = events;
        return MST_SOURCE_OK;
    }
    unwatch(find_watch(run, fd));
    return MST_SOURCE_REFUSED;
}

/* ---- timers ------------------------------------------------------------------------------ */

static void on_timer(uv_timer_t *handle)
{
    struct mst_source_timer *timer = handle->data;
    if (is_alive(timer->run))
        timer->call(timer->context, (uint32_t)(timer - timer->run->timers));
}

static void timer_arm(const mst_source_host *host, uint32_t number, int64_t delay_ms,
                      mst_source_timer_call *call, void *context)
{
    struct mst_source_run *run = run_of(host);
    if (number >= MST_SOURCE_TIMER_COUNT)
        return;
    struct mst_source_timer *timer = &run->timers[number];
    (void)uv_timer_stop(&timer->timer);
    if (delay_ms < 0 || !call || !is_alive(run))
        return;
    timer->run = run;
    timer->call = call;
    timer->context = context;
    timer->timer.data = timer;
    uv_update_time(run->loop); /* from now, not from when the loop last woke up */
    (void)uv_timer_start(&timer->timer, on_timer, (uint64_t)delay_ms, 0);
}

static void wake(const mst_source_host *host)
{
    struct mst_source_run *run = run_of(host);
    atomic_store(&run->is_woken, true);
    if (atomic_load(&run->can_wake))
        (void)uv_async_send(&run->turn);
}

/* ---- batches ----------------------------------------------------------------------------- */

/* As many as the session will find: what is a record is decided in one place. */
static size_t count_records(const char *text, size_t len)
{
    mst_framer framer;
    size_t count = 0;
    mst_framer_init(&framer, true);
    for (size_t used = 0;; count++) {
        mst_frame frame = MST_FRAME_INIT;
        const mst_status status = mst_framer_next(&framer, text + used, len - used, true, &frame);
        used += frame.used;
        if (status != MST_OK && status != MST_ERR_RECORD)
            return count;
    }
}

/* Why a batch can never be taken; NULL: it can. */
static const char *find_fault(const mst_source_batch *batch, size_t *record_count)
{
    if (!batch || !MST_SOURCE_HAS(batch, mst_source_batch, number))
        return "the batch says that it is smaller than one is";
    if ((batch->len > 0 && !batch->records) || (batch->cursor_len > 0 && !batch->cursor))
        return "a text of the batch has a length but is NULL";
    if (batch->len > MST_SOURCE_BATCH_MAX_BYTES)
        return "the batch has more than 1,048,576 bytes";
    if (batch->cursor_len > MST_SOURCE_CURSOR_MAX_BYTES)
        return "the cursor has more than 65,536 bytes";
    *record_count = batch->len > 0 ? count_records(batch->records, batch->len) : 0;
    if (*record_count > MST_SOURCE_BATCH_MAX_RECORDS)
        return "the batch has more than 1,000 records";
    return NULL;
}

static char *copy(const char *text, size_t len)
{
    return mst_grown_copy(text ? text : "", len);
}

static void keep_copy(struct mst_source_pending *pending, const mst_source_batch *batch)
{
    *pending = (struct mst_source_pending){.is_there = true,
                                           .has_cursor = batch->cursor != NULL,
                                           .text = copy(batch->records, batch->len),
                                           .len = batch->len,
                                           .cursor = copy(batch->cursor, batch->cursor_len),
                                           .cursor_len = batch->cursor_len,
                                           .observed_s = batch->observed_s,
                                           .number = batch->number};
}

static mst_source_status deliver(const mst_source_host *host, const mst_source_batch *batch)
{
    struct mst_source_run *run = run_of(host);
    size_t record_count = 0;
    if (run->phase != MST_SOURCE_UP)
        return MST_SOURCE_REFUSED;
    const char *fault = find_fault(batch, &record_count);
    if (fault) {
        mst_log(MST_LOG_ERROR, run->event, "reason=%s", MST_LOG_QUOTED(fault));
        return MST_SOURCE_REFUSED;
    }
    if (run->pending.is_there) {
        run->wants_resume = true;
        return MST_SOURCE_WAIT;
    }
    keep_copy(&run->pending, batch);
    if (record_count > 0 || batch->cursor) {
        run->take(run);
    } else {
        run->wants_empty = true;
        (void)uv_async_send(&run->turn);
    }
    return MST_SOURCE_OK;
}

static mst_source_status save_cursor(const mst_source_host *host, const char *cursor, size_t len)
{
    const mst_source_batch batch = {
        .size = sizeof batch, .cursor = cursor ? cursor : "", .cursor_len = cursor ? len : 0};
    return deliver(host, &batch);
}

/* ---- telling ----------------------------------------------------------------------------- */

static void write_log(const mst_source_host *host, mst_source_level level, const char *text)
{
    const struct mst_source_run *run = run_of(host);
    const enum mst_log_level levels[] = {MST_LOG_INFO, MST_LOG_WARNING, MST_LOG_ERROR};
    if (text)
        mst_log((unsigned)level <= MST_SOURCE_ERROR ? levels[level] : MST_LOG_ERROR, run->event,
                "%s", text);
}

static void report(const mst_source_host *host, mst_source_health health, const char *text)
{
    struct mst_source_run *run = run_of(host);
    if (!is_alive(run) || (unsigned)health > MST_SOURCE_FINISHED || run->wants_stop)
        return;
    const bool is_news = health != run->health;
    run->health = health;
    snprintf(run->health_text, sizeof run->health_text, "%s", text ? text : "");
    if (is_news)
        mst_log(health == MST_SOURCE_TROUBLED || health == MST_SOURCE_FAILED ? MST_LOG_WARNING
                                                                             : MST_LOG_INFO,
                "source_health", "source=%s health=%s%s%s", run->id, mst_source_health_text(health),
                text ? " reason=" : "", text ? MST_LOG_QUOTED(text) : "");
    if (health < MST_SOURCE_FAILED)
        return;
    run->wants_stop = true;
    run->is_final = run->is_final || health == MST_SOURCE_FINISHED;
    (void)uv_async_send(&run->turn);
}

static void stopped(const mst_source_host *host)
{
    struct mst_source_run *run = run_of(host);
    if (run->phase != MST_SOURCE_STOPPING)
        return;
    run->has_stopped = true;
    (void)uv_async_send(&run->turn);
}

void mst_source_host_init(mst_source_host *host)
{
    *host = (mst_source_host){
        .size = sizeof *host,
        .abi = MST_SOURCE_ABI,
        .capabilities = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_WATCH | MST_SOURCE_CAN_TIME |
                        MST_SOURCE_CAN_WAKE,
        .now_s = now_s,
        .run_ms = run_ms,
        .watch_fd = watch_fd,
        .timer_arm = timer_arm,
        .wake = wake,
        .deliver = deliver,
        .save_cursor = save_cursor,
        .log = write_log,
        .report = report,
        .stopped = stopped,
    };
}
