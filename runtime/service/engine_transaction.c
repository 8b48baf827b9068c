/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_transaction.c - what a batch changes is kept as a whole or taken back as a whole, in the
 * state and in what the engine holds of it. */
#include <string.h>

#include "engine.h"
#include "log.h"

#define PROBE_US 1000000

void mst_engine_keep(mst_engine *engine, mst_state_status status)
{
    if (status != MST_STATE_OK && engine->failed == MST_STATE_OK)
        engine->failed = status;
}

bool mst_engine_begin(mst_engine *engine)
{
    engine->failed = MST_STATE_OK;
    engine->undo_count = 0;
    engine->undo_counts = engine->counts;
    mst_engine_keep(engine, mst_state_begin(engine->state));
    return engine->failed == MST_STATE_OK;
}

void mst_engine_note(mst_engine *engine, uint32_t slot, bool was_new)
{
    uint32_t verdict_count = engine->roster.verdict_count;
    if (engine->undo_count == engine->undo_capacity) {
        engine->undo_capacity = engine->undo_capacity > 0 ? engine->undo_capacity * 2 : 1024;
        engine->undo = mst_grown_resize(engine->undo, engine->undo_capacity * sizeof *engine->undo);
        engine->undo_verdicts =
            mst_grown_resize(engine->undo_verdicts,
                             engine->undo_capacity * verdict_count * sizeof *engine->undo_verdicts);
    }
    engine->undo[engine->undo_count] =
        (struct mst_undo){slot, was_new, *mst_roster_at(&engine->roster, slot)};
    memcpy(engine->undo_verdicts + engine->undo_count * verdict_count,
           mst_roster_verdicts(&engine->roster, slot),
           verdict_count * sizeof *engine->undo_verdicts);
    engine->undo_count++;
}

static void restore(mst_engine *engine, const struct mst_undo *undo,
                    const mst_state_verdict *verdicts)
{
    struct mst_subject *subject = mst_roster_at(&engine->roster, undo->slot);
    mst_state_verdict *now = mst_roster_verdicts(&engine->roster, undo->slot);
    for (uint32_t i = 0; i < engine->roster.verdict_count; i++) {
        mst_engine_tally(engine, &now[i], -1);
        mst_engine_tally(engine, &verdicts[i], 1);
        now[i] = verdicts[i];
    }
    if (undo->was_new) {
        mst_wheel_unset(&engine->wheel, undo->slot);
        mst_roster_remove(&engine->roster, undo->slot);
        return;
    }
    if (undo->slot < engine->swept)
        engine->swept = undo->slot; /* new rules have not evaluated it after all */
    subject->groups = undo->subject.groups;
    subject->newest = undo->subject.newest;
    subject->epoch = undo->subject.epoch;
    subject->is = undo->subject.is;
    mst_wheel_set(&engine->wheel, undo->slot, undo->subject.timer.due);
}

static void take_back(mst_engine *engine)
{
    mst_state_rollback(engine->state);
    while (engine->undo_count > 0) {
        engine->undo_count--;
        restore(engine, &engine->undo[engine->undo_count],
                engine->undo_verdicts + engine->undo_count * engine->roster.verdict_count);
    }
    engine->last_sequence = engine->committed_changes;
    engine->counts = engine->undo_counts;
    engine->counts.commits_failed++;
    if (engine->is_ready)
        mst_log(MST_LOG_ERROR, "state_failed", "reason=%s passing=%s",
                MST_LOG_QUOTED(mst_state_message(engine->state)),
                mst_state_may_pass(engine->failed) ? "perhaps" : "no");
    engine->is_ready = false;
    engine->probe_us = mst_clock_run_us() + PROBE_US;
}

bool mst_engine_commit(mst_engine *engine)
{
    if (engine->failed == MST_STATE_OK)
        mst_engine_keep(engine, mst_state_commit(engine->state));
    if (engine->failed != MST_STATE_OK) {
        take_back(engine);
        return false;
    }
    if (engine->last_sequence > engine->committed_changes)
        engine->committed_changes = engine->last_sequence;
    engine->subject_count = engine->roster.count;
    return true;
}
