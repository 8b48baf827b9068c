/* SPDX-License-Identifier: Apache-2.0
 *
 * source_trial.c - the life of one source in fast motion. */
#include "source_trial.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grown.h"
#include "log.h"
#include "muster/facts.h"
#include "source_run.h"

#define LOOK_MS 20

struct trial_run {
    struct mst_source_run run; /* first: the plugin's host is its first member */
    struct mst_source_trial *trial;
    uv_timer_t look;
    int64_t until_us;
    bool is_bad, is_ending;
    char why[MST_SOURCE_WHY_BYTES];
};

/* ---- records ----------------------------------------------------------------------------- */

static bool refuse_record(struct trial_run *alone, uint64_t line, const char *reason)
{
    alone->is_bad = true;
    snprintf(alone->why, sizeof alone->why, "line %llu of its first batch is no record: %s",
             (unsigned long long)line, reason);
    return false;
}

static bool check_record(struct trial_run *alone, const mst_frame *frame)
{
    json_error_t error;
    json_t *record = json_loadb(frame->text, frame->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    const bool is_object = json_is_object(record);
    json_decref(record);
    if (is_object)
        return true;
    return refuse_record(alone, frame->line, record ? "it is not an object {...}" : error.text);
}

static void take(struct mst_source_run *run)
{
    struct trial_run *alone = run->context;
    const struct mst_source_pending *pending = &run->pending;
    mst_framer framer;
    mst_framer_init(&framer, true);
    alone->trial->has_batch = true;
    alone->trial->has_cursor = pending->has_cursor;
    for (size_t used = 0;;) {
        mst_frame frame = MST_FRAME_INIT;
        mst_status status =
            mst_framer_next(&framer, pending->text + used, pending->len - used, true, &frame);
        used += frame.used;
        if (status == MST_ERR_RECORD)
            (void)refuse_record(alone, frame.line, frame.error.message);
        if (status != MST_OK || !check_record(alone, &frame))
            return;
        alone->trial->records++;
    }
}

/* ---- the life ---------------------------------------------------------------------------- */

static void on_log(const mst_source_host *host, mst_source_level level, const char *text)
{
    const struct trial_run *alone = (const struct trial_run *)(const void *)host;
    (void)level;
    if (text)
        alone->trial->log(alone->trial->context, text);
}

/* Ends the trial once there is a batch, the source is at its end, or the time is over. */
static void on_look(uv_timer_t *timer)
{
    struct trial_run *alone = timer->data;
    struct mst_source_trial *trial = alone->trial;
    if (alone->is_ending) {
        if (alone->run.phase == MST_SOURCE_DOWN || alone->run.phase == MST_SOURCE_STUCK)
            uv_stop(alone->run.loop);
        return;
    }
    trial->health = alone->run.health;
    snprintf(trial->health_text, sizeof trial->health_text, "%s", alone->run.health_text);
    if (!trial->has_batch && trial->health < MST_SOURCE_FAILED &&
        mst_clock_run_us() < alone->until_us)
        return;
    alone->is_ending = true;
    trial->step(trial->context, "it was being stopped");
    mst_source_end(&alone->run);
}

static bool judge(const struct trial_run *alone, char why[MST_SOURCE_WHY_BYTES])
{
    if (alone->is_bad)
        snprintf(why, MST_SOURCE_WHY_BYTES, "%s", alone->why);
    else if (alone->run.phase == MST_SOURCE_STUCK)
        snprintf(why, MST_SOURCE_WHY_BYTES, "%s", alone->run.health_text);
    else if (alone->trial->health == MST_SOURCE_FAILED)
        snprintf(why, MST_SOURCE_WHY_BYTES, "it reports that it failed: %.400s",
                 alone->trial->health_text);
    else if (alone->trial->health == MST_SOURCE_TROUBLED && !alone->trial->has_batch)
        snprintf(why, MST_SOURCE_WHY_BYTES, "nothing was delivered: %.400s",
                 alone->trial->health_text);
    else
        return true;
    return false;
}

static bool live(struct trial_run *alone, uv_loop_t *loop, char why[MST_SOURCE_WHY_BYTES])
{
    struct mst_source_trial *trial = alone->trial;
    trial->step(trial->context, "it was making a source");
    if (!mst_source_create(&alone->run, why))
        return false;
    alone->until_us = mst_clock_run_us() + trial->run_ms * 1000;
    (void)uv_timer_start(&alone->look, on_look, LOOK_MS, LOOK_MS);
    trial->step(trial->context, "it was being started");
    mst_source_begin(&alone->run);
    trial->step(trial->context, "it ran");
    (void)uv_run(loop, UV_RUN_DEFAULT);
    return judge(alone, why);
}

bool mst_source_trial(struct mst_source_trial *trial, const mst_source_plugin *plugin,
                      const char *config, size_t config_len, char why[MST_SOURCE_WHY_BYTES])
{
    uv_loop_t loop;
    struct trial_run *alone = mst_grown_zeroed(1, sizeof *alone);
    mst_log_mute();
    (void)uv_loop_init(&loop);
    alone->trial = trial;
    mst_source_open(&alone->run, &loop, mst_clock_machine, plugin,
                    mst_grown_copy("trial", sizeof "trial" - 1), mst_grown_copy(config, config_len),
                    config_len);
    alone->run.stop_ms = trial->stop_ms;
    alone->run.host.log = on_log;
    alone->run.take = take;
    alone->run.context = alone;
    (void)uv_timer_init(&loop, &alone->look);
    alone->look.data = alone;
    const bool is_good = live(alone, &loop, why);
    uv_close((uv_handle_t *)&alone->look, NULL);
    mst_source_close(&alone->run);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    if (alone->run.phase == MST_SOURCE_STUCK)
        return is_good; /* it may still use what it has */
    (void)uv_loop_close(&loop);
    mst_source_free(&alone->run);
    free(alone);
    return is_good;
}
