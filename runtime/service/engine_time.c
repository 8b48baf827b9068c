/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_time.c - what happens because time passes: verdicts whose valid_until has come, clocks
 * that jump; and, in the same slices, subjects that new rules have not evaluated yet. */
#include "engine_rules.h"
#include "log.h"

#define SLICE_US 2000 /* live records wait no longer than this for what is due */
#define SLICE_SUBJECTS 500
#define HELD_MAX_S 60  /* a clock set back by less is waited for */
#define AHEAD_LOG_S 60 /* a clock that runs ahead of the other by more was set */
#define CHAIN_MAX 64   /* instants of one subject that are worked off one by one */
#define IDLE_MAX_US 200000

/* ---- the clock --------------------------------------------------------------------------- */

static void look_ahead(mst_engine *engine, int64_t now, int64_t run_us)
{
    if (engine->run_us == 0)
        return;
    int64_t ahead = (now - engine->now) - (run_us - engine->run_us) / 1000000;
    if (ahead <= AHEAD_LOG_S)
        return;
    engine->counts.clock_ahead++;
    mst_log(MST_LOG_WARNING, "clock_ahead", "seconds=%lld", (long long)ahead);
}

static void go_back(mst_engine *engine, int64_t now)
{
    engine->counts.clock_back++;
    mst_log(MST_LOG_WARNING, "clock_back",
            "seconds=%lld action=\"every subject is evaluated anew\"",
            (long long)(engine->now - now));
    engine->swept = 0;
    engine->epoch++;
    mst_trial_leave_pending(engine);
    engine->now = now;
}

void mst_engine_tick(mst_engine *engine)
{
    int64_t now = engine->clock.now(engine->clock.context);
    int64_t run_us = mst_clock_run_us();
    if (now >= engine->now) {
        look_ahead(engine, now, run_us);
        engine->now = now;
        engine->run_us = run_us;
    } else if (engine->now - now <= HELD_MAX_S) {
        engine->counts.clock_held++; /* until the clock has caught up */
    } else {
        go_back(engine, now);
        engine->run_us = run_us;
    }
    uint64_t ripe = engine->wheel.ripe_count;
    mst_wheel_advance(&engine->wheel, engine->now);
    if (ripe == 0 && engine->wheel.ripe_count > 0)
        engine->counts.due_since_us = run_us;
    if (engine->wheel.ripe_count == 0)
        engine->counts.due_since_us = engine->counts.lag_us = 0;
    mst_engine_look_at_pending(engine);
}

/* ---- slices ------------------------------------------------------------------------------ */

/* From one instant at which the verdicts may turn to the next, so that each change is emitted with
 * the instant at which it turned, however late that is. */
static void evaluate_chain(mst_engine *engine, uint32_t slot, int64_t due)
{
    struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    for (unsigned i = 0; i < CHAIN_MAX && due <= engine->now; i++) {
        mst_engine_evaluate(engine, slot, due, NULL);
        engine->counts.evaluations_due++;
        due = subject->timer.due;
    }
    if (due <= engine->now)
        mst_engine_evaluate(engine, slot, engine->now, NULL);
}

bool mst_engine_catch_up(mst_engine *engine, uint32_t slot)
{
    struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    int64_t due = subject->timer.due;
    mst_engine_note(engine, slot, false);
    mst_wheel_unset(&engine->wheel, slot);
    if (!mst_engine_load(engine, engine->rules, slot)) {
        /* Facts that cannot be read do not become readable: it is due when others come. */
        subject->epoch = engine->epoch;
        mst_wheel_set(&engine->wheel, slot, MST_NEVER);
        return engine->failed == MST_STATE_OK;
    }
    if (subject->epoch != engine->epoch) {
        mst_engine_evaluate(engine, slot, engine->now, NULL);
        engine->counts.evaluations_swept++;
    } else {
        evaluate_chain(engine, slot, due);
    }
    return true;
}

static void measure_lag(mst_engine *engine)
{
    struct mst_engine_counts *counts = &engine->counts;
    counts->lag_us = counts->due_since_us > 0 ? mst_clock_run_us() - counts->due_since_us : 0;
    if (counts->lag_us > counts->lag_us_max)
        counts->lag_us_max = counts->lag_us;
}

static uint32_t next_to_sweep(mst_engine *engine)
{
    while (engine->swept < engine->roster.slot_count) {
        const struct mst_subject *subject = mst_roster_at(&engine->roster, engine->swept);
        if (subject->id && subject->epoch != engine->epoch)
            return engine->swept;
        engine->swept++;
    }
    return MST_ROSTER_NONE;
}

static void work_slice(mst_engine *engine, int64_t end_us)
{
    for (unsigned i = 0; i < SLICE_SUBJECTS && mst_clock_run_us() < end_us; i++) {
        uint32_t slot = engine->wheel.ripe;
        if (slot == MST_WHEEL_NONE)
            slot = next_to_sweep(engine);
        if (slot == MST_ROSTER_NONE || !mst_engine_catch_up(engine, slot) ||
            engine->failed != MST_STATE_OK)
            return;
    }
}

bool mst_engine_work(mst_engine *engine)
{
    if (!engine->is_ready)
        return false;
    if (engine->wheel.ripe == MST_WHEEL_NONE && next_to_sweep(engine) == MST_ROSTER_NONE)
        return mst_engine_try(engine);
    if (mst_engine_begin(engine))
        work_slice(engine, mst_clock_run_us() + SLICE_US);
    bool is_kept = mst_engine_commit(engine);
    measure_lag(engine);
    return is_kept;
}

int64_t mst_engine_idle_us(const mst_engine *engine)
{
    if (engine->is_ready && (engine->wheel.ripe_count > 0 || engine->trial.rules ||
                             engine->swept < engine->roster.slot_count))
        return 0;
    return IDLE_MAX_US;
}
