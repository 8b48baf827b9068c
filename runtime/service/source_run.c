/* SPDX-License-Identifier: Apache-2.0
 *
 * source_run.c - the life of a source: what calls the plugin, and when it is tried again. */
#include "source_run.h"

#include <stdlib.h>
#include <string.h>

#include "grown.h"
#include "log.h"

#define STOP_MS 10000 /* as muster_source.h says */
#define RETRY_MS 1000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 300000

const char *mst_source_health_text(mst_source_health health)
{
    static const char *const texts[] = {"good", "troubled", "failed", "finished"};
    return texts[health];
}

static bool is_alive(const struct mst_source_run *run)
{
    return run->phase == MST_SOURCE_UP || run->phase == MST_SOURCE_STOPPING;
}

/* ---- beginning --------------------------------------------------------------------------- */

bool mst_source_create(struct mst_source_run *run, char why[MST_SOURCE_WHY_BYTES])
{
    why[0] = '\0';
    run->source = NULL;
    run->is_begun = run->wants_stop = run->has_stopped = run->wants_resume = false;
    if (run->plugin->create(&run->host, run->config, run->config_len, &run->source, why) ==
            MST_SOURCE_OK &&
        run->source)
        return true;
    why[MST_SOURCE_WHY_BYTES - 1] = '\0';
    if (why[0] == '\0')
        snprintf(why, MST_SOURCE_WHY_BYTES, "the plugin made no source and does not say why");
    run->source = NULL;
    return false;
}

void mst_source_begin(struct mst_source_run *run)
{
    run->phase = MST_SOURCE_UP;
    run->is_begun = true;
    run->health = MST_SOURCE_GOOD;
    run->health_text[0] = '\0';
    run->begun_us = mst_clock_run_us();
    mst_log(MST_LOG_INFO, "source_started", "source=%s version=%s cursor=%s", run->id,
            MST_LOG_QUOTED(run->plugin->version), run->has_cursor ? "yes" : "no");
    run->plugin->start(run->source, run->has_cursor ? run->cursor : NULL, run->cursor_len);
}

/* ---- after a failure --------------------------------------------------------------------- */

static void arrange_next(struct mst_source_run *run);

static void on_next(uv_timer_t *timer)
{
    struct mst_source_run *run = timer->data;
    char why[MST_SOURCE_WHY_BYTES];
    if (run->is_final)
        return;
    if (run->pending.is_there) { /* of the instance before */
        (void)uv_timer_start(&run->life, on_next, RETRY_MS, 0);
        return;
    }
    if (mst_source_create(run, why)) {
        mst_source_begin(run);
        return;
    }
    run->health = MST_SOURCE_FAILED;
    snprintf(run->health_text, sizeof run->health_text, "%s", why);
    arrange_next(run);
}

static void arrange_next(struct mst_source_run *run)
{
    const bool has_lasted = mst_clock_run_us() - run->begun_us > BACKOFF_MAX_MS * (int64_t)1000;
    run->backoff_ms = run->backoff_ms == 0 || (run->is_begun && has_lasted) ? BACKOFF_FIRST_MS
                      : run->backoff_ms * 2 < BACKOFF_MAX_MS                ? run->backoff_ms * 2
                                                                            : BACKOFF_MAX_MS;
    run->counts.failures++;
    mst_log(MST_LOG_ERROR, "source_failed", "source=%s reason=%s again_in_s=%lld", run->id,
            MST_LOG_QUOTED(run->health_text), (long long)(run->backoff_ms / 1000));
    (void)uv_timer_start(&run->life, on_next, (uint64_t)run->backoff_ms, 0);
}

/* ---- ending ------------------------------------------------------------------------------ */

static void stop_timers(struct mst_source_run *run)
{
    for (uint32_t i = 0; i < MST_SOURCE_TIMER_COUNT; i++)
        (void)uv_timer_stop(&run->timers[i].timer);
}

/* The plugin is not called again, and what it has is left to it. */
static void on_stop_late(uv_timer_t *timer)
{
    struct mst_source_run *run = timer->data;
    run->phase = MST_SOURCE_STUCK;
    run->health = MST_SOURCE_FAILED;
    snprintf(run->health_text, sizeof run->health_text, "it did not stop within %lld s",
             (long long)(run->stop_ms / 1000));
    stop_timers(run);
    mst_source_drop_watches(run);
    mst_log(MST_LOG_ERROR, "source_stuck", "source=%s reason=%s", run->id,
            MST_LOG_QUOTED(run->health_text));
}

static void begin_stop(struct mst_source_run *run)
{
    run->phase = MST_SOURCE_STOPPING;
    (void)uv_timer_start(&run->life, on_stop_late, (uint64_t)run->stop_ms, 0);
    run->plugin->stop(run->source);
}

static void finish(struct mst_source_run *run)
{
    run->phase = MST_SOURCE_DOWN;
    run->has_stopped = run->wants_stop = false;
    (void)uv_timer_stop(&run->life);
    stop_timers(run);
    mst_source_drop_watches(run);
    run->plugin->destroy(run->source);
    run->source = NULL;
    mst_log(MST_LOG_INFO, "source_stopped", "source=%s records=%llu", run->id,
            (unsigned long long)run->counts.accepted);
    if (!run->is_final)
        arrange_next(run);
}

/* ---- batches ----------------------------------------------------------------------------- */

static void forget_pending(struct mst_source_run *run)
{
    free(run->pending.text);
    free(run->pending.cursor);
    run->pending = (struct mst_source_pending){.is_there = false};
}

static void on_retry(uv_timer_t *timer)
{
    struct mst_source_run *run = timer->data;
    run->take(run);
}

/* The cursor of a batch that was kept is where a next instance goes on. */
static void take_cursor(struct mst_source_run *run)
{
    if (!run->pending.has_cursor)
        return;
    free(run->cursor);
    run->cursor = run->pending.cursor;
    run->cursor_len = run->pending.cursor_len;
    run->has_cursor = true;
    run->pending.cursor = NULL;
}

static void count(struct mst_source_run *run, const mst_source_outcome *outcome)
{
    run->counts.accepted += outcome->accepted;
    run->counts.rejected += outcome->rejected;
    run->counts.batches++;
    run->counts.last_delivery_s = run->clock.now(run->clock.context);
    if (outcome->rejected > 0)
        mst_log(MST_LOG_WARNING, "source_rejected",
                "source=%s records=%llu batch_line=%llu reason=%s", run->id,
                (unsigned long long)outcome->rejected,
                outcome->error_count > 0 ? (unsigned long long)outcome->errors[0].line : 0,
                MST_LOG_QUOTED(outcome->error_count > 0 ? outcome->errors[0].message : ""));
}

void mst_source_settle(struct mst_source_run *run, mst_source_outcome *outcome)
{
    if (!outcome) {
        if (run->is_ending) {
            mst_log(MST_LOG_WARNING, "source_dropped",
                    "source=%s reason=\"the state cannot be written to\"", run->id);
            forget_pending(run);
        } else {
            (void)uv_timer_start(&run->retry, on_retry, RETRY_MS, 0);
        }
        return;
    }
    outcome->size = sizeof *outcome;
    outcome->number = run->pending.number;
    count(run, outcome);
    take_cursor(run);
    forget_pending(run);
    if (is_alive(run) && !run->has_stopped && run->plugin->delivered)
        run->plugin->delivered(run->source, outcome);
    if (run->wants_resume && run->phase == MST_SOURCE_UP && !run->wants_stop) {
        run->wants_resume = false;
        if (run->plugin->resume)
            run->plugin->resume(run->source);
    }
}

/* ---- turns ------------------------------------------------------------------------------- */

static void settle_empty(struct mst_source_run *run)
{
    mst_source_outcome outcome = {.size = sizeof outcome};
    run->wants_empty = false;
    mst_source_settle(run, &outcome);
}

static void on_turn(uv_async_t *handle)
{
    struct mst_source_run *run = handle->data;
    if (run->wants_empty)
        settle_empty(run);
    if (atomic_exchange(&run->is_woken, false) && is_alive(run) && !run->has_stopped &&
        run->plugin->woken)
        run->plugin->woken(run->source);
    if (run->wants_stop && run->phase == MST_SOURCE_UP)
        begin_stop(run);
    if (run->has_stopped)
        finish(run);
}

void mst_source_end(struct mst_source_run *run)
{
    run->is_final = run->is_ending = true;
    if (run->phase == MST_SOURCE_UP) {
        run->wants_stop = true;
        (void)uv_async_send(&run->turn);
    } else if (run->phase == MST_SOURCE_DOWN) {
        (void)uv_timer_stop(&run->life);
    }
    if (uv_is_active((uv_handle_t *)&run->retry)) {
        (void)uv_timer_stop(&run->retry);
        run->take(run); /* once more, without waiting */
    }
}

bool mst_source_is_over(const struct mst_source_run *run)
{
    return run->is_final && !run->pending.is_there &&
           (run->phase == MST_SOURCE_DOWN || run->phase == MST_SOURCE_STUCK);
}

/* ---- all of it --------------------------------------------------------------------------- */

void mst_source_open(struct mst_source_run *run, uv_loop_t *loop, struct mst_clock clock,
                     const mst_source_plugin *plugin, char *id, char *config, size_t config_len)
{
    struct mst_grown event = {NULL, 0, 0};
    mst_source_host_init(&run->host);
    mst_grown_printf(&event, "source:%s", id);
    run->loop = loop;
    run->clock = clock;
    run->plugin = plugin;
    run->id = id;
    run->event = event.ptr;
    run->config = config;
    run->config_len = config_len;
    run->stop_ms = STOP_MS;
    (void)uv_async_init(loop, &run->turn, on_turn);
    (void)uv_timer_init(loop, &run->life);
    (void)uv_timer_init(loop, &run->retry);
    run->turn.data = run->life.data = run->retry.data = run;
    for (uint32_t i = 0; i < MST_SOURCE_TIMER_COUNT; i++)
        (void)uv_timer_init(loop, &run->timers[i].timer);
    atomic_store(&run->can_wake, true);
}

void mst_source_close(struct mst_source_run *run)
{
    atomic_store(&run->can_wake, false);
    if (run->source && !run->is_begun) { /* it was created and never started */
        run->plugin->destroy(run->source);
        run->source = NULL;
    }
    run->phase = run->source ? MST_SOURCE_STUCK : MST_SOURCE_DOWN;
    mst_source_drop_watches(run);
    uv_close((uv_handle_t *)&run->turn, NULL);
    uv_close((uv_handle_t *)&run->life, NULL);
    uv_close((uv_handle_t *)&run->retry, NULL);
    for (uint32_t i = 0; i < MST_SOURCE_TIMER_COUNT; i++)
        uv_close((uv_handle_t *)&run->timers[i].timer, NULL);
}

void mst_source_free(struct mst_source_run *run)
{
    forget_pending(run);
    free(run->cursor);
    free(run->id);
    free(run->event);
    free(run->config);
}
