/* SPDX-License-Identifier: Apache-2.0
 *
 * engine.c - opening, the thread, and its loop. */
#include "engine_rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define SCAN_PIECE 10000
#define PROGRESS_SUBJECTS 1000000
#define PROBE_US 1000000

/* ---- questions --------------------------------------------------------------------------- */

struct mst_query *mst_query_make(enum mst_query_kind kind, void (*done)(struct mst_query *query),
                                 void *context)
{
    struct mst_query *query = mst_grown_zeroed(1, sizeof *query);
    query->work.kind = MST_WORK_QUERY;
    query->kind = kind;
    query->done = done;
    query->context = context;
    query->status = 200;
    return query;
}

void mst_query_free(struct mst_query *query)
{
    free(query->text);
    free(query->outcome);
    free(query->verdict);
    free(query->check);
    free(query->body.ptr);
    free(query);
}

/* ---- opening ----------------------------------------------------------------------------- */

static struct mst_wheel_timer *timer_of(void *context, uint32_t slot)
{
    return &mst_roster_at(context, slot)->timer;
}

struct scan {
    mst_engine *engine;
    uint64_t seen, refused;
};

static void take_verdicts(mst_engine *engine, uint32_t slot, const mst_state_subject *stored)
{
    mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    const mst_ruleset *rules = engine->rules;
    for (uint32_t i = 0; i < rules->verdict_count; i++)
        for (uint32_t v = 0; v < stored->verdict_count; v++)
            if (stored->verdicts[v].name == rules->verdicts[i].name)
                kept[i] = stored->verdicts[v];
    for (uint32_t i = 0; i < rules->verdict_count; i++)
        mst_engine_tally(engine, &kept[i], 1);
}

/* Whether the stored verdicts are those of these very rules, so that only time can change them. */
static bool is_current(const mst_ruleset *rules, const mst_state_verdict *kept, int64_t *due)
{
    *due = MST_NEVER;
    for (uint32_t i = 0; i < rules->verdict_count; i++) {
        if (kept[i].rules != rules->name || kept[i].name == 0)
            return false;
        if (kept[i].valid_until < *due)
            *due = kept[i].valid_until;
    }
    return true;
}

static void take_groups(mst_engine *engine, struct mst_subject *subject,
                        const mst_state_subject *stored)
{
    const mst_ruleset *rules = engine->rules;
    subject->is.is_whole = true;
    for (uint32_t i = 0; i < stored->group_count; i++) {
        const mst_state_group *group = &stored->groups[i];
        uint64_t place = 0;
        for (uint32_t path = 0; path < rules->groups.path_count; path++)
            if (rules->group_names[path] == group->name && group->text.len > 0)
                place = (uint64_t)1 << path;
        subject->groups |= place;
        subject->is.is_whole = subject->is.is_whole && place != 0;
        if (group->observed > subject->newest)
            subject->newest = group->observed;
    }
}

static bool take_stored(void *context, const mst_state_subject *stored)
{
    struct scan *scan = context;
    mst_engine *engine = scan->engine;
    int64_t due;
    if (!mst_roster_put(&engine->roster, stored->slot, stored->id.ptr, stored->id.len)) {
        scan->refused++;
        return true;
    }
    struct mst_subject *subject = mst_roster_at(&engine->roster, stored->slot);
    take_groups(engine, subject, stored);
    take_verdicts(engine, stored->slot, stored);
    if (is_current(engine->rules, mst_roster_verdicts(&engine->roster, stored->slot), &due)) {
        subject->epoch = engine->epoch;
        mst_wheel_set(&engine->wheel, stored->slot, due);
    }
    if (++scan->seen % PROGRESS_SUBJECTS == 0)
        mst_log(MST_LOG_INFO, "loading", "subjects=%" PRIu64, scan->seen);
    return true;
}

static bool load_subjects(mst_engine *engine)
{
    struct scan scan = {engine, 0, 0};
    int64_t begin_us = mst_clock_run_us();
    uint64_t first;
    uint64_t last = 0;
    mst_state_status status = MST_STATE_OK;
    for (uint32_t at = 0; at != MST_STATE_END && status == MST_STATE_OK;)
        status = mst_state_scan(engine->state, at, SCAN_PIECE, take_stored, &scan, &at);
    if (status == MST_STATE_OK)
        status = mst_state_history(engine->state, &first, &last);
    if (status != MST_STATE_OK) {
        mst_log(MST_LOG_ERROR, "state_unreadable", "reason=%s",
                MST_LOG_QUOTED(mst_state_message(engine->state)));
        return false;
    }
    if (scan.refused > 0) {
        mst_log(MST_LOG_ERROR, "too_many_subjects", "stored=%" PRIu64 " setting=max-subjects",
                scan.seen + scan.refused);
        return false;
    }
    mst_roster_collect_free(&engine->roster);
    engine->last_sequence = last;
    engine->committed_changes = last;
    engine->subject_count = engine->roster.count;
    mst_log(MST_LOG_INFO, "loaded", "subjects=%" PRIu64 " seconds=%.3f", scan.seen,
            (double)(mst_clock_run_us() - begin_us) / 1e6);
    return true;
}

static bool open_state(mst_engine *engine)
{
    const mst_settings *settings = engine->settings;
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    mst_state_why why;
    options.path = strcmp(settings->state, "none") == 0 ? NULL : settings->state;
    options.durability = settings->durability;
    options.subject_max = (uint32_t)settings->max_subjects;
    options.history_max = (uint32_t)settings->history;
    options.cache_kib = (uint32_t)settings->cache_mib * 1024;
    if (mst_state_open(&engine->state, &options, &why) == MST_STATE_OK)
        return true;
    mst_log(MST_LOG_ERROR, "state_refused", "reason=%s", MST_LOG_QUOTED(why.text));
    return false;
}

bool mst_engine_open(mst_engine *engine, const mst_settings *settings, struct mst_clock clock,
                     mst_ruleset *rules, struct mst_inbox *answers)
{
    memset(engine, 0, sizeof *engine);
    engine->settings = settings;
    engine->clock = clock;
    engine->rules = rules;
    engine->answers = answers;
    engine->epoch = 1;
    engine->now = engine->rules_since = clock.now(clock.context);
    mst_inbox_init(&engine->inbox, NULL, NULL);
    mst_record_groups_init(&engine->record);
    mst_wheel_init(&engine->wheel, engine->now, timer_of, &engine->roster);
    if (!open_state(engine) || !mst_engine_choose(engine))
        return false;
    mst_roster_init(&engine->roster, (uint32_t)settings->max_subjects,
                    engine->rules->verdict_count);
    if (mst_ruleset_name(engine->rules, engine->state) != MST_STATE_OK) {
        mst_log(MST_LOG_ERROR, "state_failed", "reason=%s",
                MST_LOG_QUOTED(mst_state_message(engine->state)));
        return false;
    }
    engine->is_ready = load_subjects(engine);
    return engine->is_ready;
}

/* Rules that a start was given, where it has failed before the thread could take them. */
static void free_untaken(mst_engine *engine)
{
    for (struct mst_work *work; (work = mst_inbox_take(&engine->inbox, 0));) {
        if (work->kind != MST_WORK_RULES)
            continue;
        struct mst_rules_work *rules = (struct mst_rules_work *)(void *)work;
        mst_ruleset_free(rules->ruleset);
        mst_rules_work_free(rules);
    }
}

void mst_engine_close(mst_engine *engine)
{
    mst_state_close(engine->state);
    mst_roster_free(&engine->roster);
    mst_ruleset_free(engine->rules);
    mst_ruleset_free(engine->pending);
    free_untaken(engine);
    mst_record_groups_free(&engine->record);
    mst_inbox_free(&engine->inbox);
    free(engine->trial.cells);
    free(engine->composed.ptr);
    free(engine->line.ptr);
    free(engine->undo);
    free(engine->undo_verdicts);
    free(engine->tallies);
}

/* ---- the thread -------------------------------------------------------------------------- */

static void probe(mst_engine *engine)
{
    int64_t run_us = mst_clock_run_us();
    if (engine->is_ready || run_us < engine->probe_us)
        return;
    engine->probe_us = run_us + PROBE_US;
    if (mst_state_probe(engine->state) != MST_STATE_OK)
        return;
    engine->is_ready = true;
    mst_log(MST_LOG_INFO, "state_recovered", "subjects=%u", engine->roster.count);
}

/* False: it was told to stop. */
static bool handle(mst_engine *engine, struct mst_work *work)
{
    switch (work->kind) {
    case MST_WORK_BATCH: mst_engine_batch(engine, (struct mst_batch *)(void *)work); break;
    case MST_WORK_QUERY: mst_engine_answer(engine, (struct mst_query *)(void *)work); break;
    case MST_WORK_RULES:
        mst_engine_take_rules(engine, (struct mst_rules_work *)(void *)work);
        return true; /* it is answered when it is done */
    case MST_WORK_STOP: return false;
    }
    mst_inbox_put(engine->answers, work);
    return true;
}

bool mst_engine_turn(mst_engine *engine, int64_t wait_us)
{
    struct mst_work *work = mst_inbox_take(&engine->inbox, wait_us);
    uint64_t changes = engine->committed_changes;
    mst_engine_tick(engine);
    mst_rate_note(&engine->rate, engine->run_us, engine->counts.accepted);
    probe(engine);
    bool goes_on = !work || handle(engine, work);
    (void)mst_engine_work(engine);
    if (engine->committed_changes != changes)
        engine->answers->wake(engine->answers->context);
    return goes_on;
}

static void *run(void *context)
{
    mst_engine *engine = context;
    while (mst_engine_turn(engine, mst_engine_idle_us(engine)))
        continue;
    return NULL;
}

bool mst_engine_start(mst_engine *engine)
{
    engine->is_running = pthread_create(&engine->thread, NULL, run, engine) == 0;
    if (!engine->is_running)
        mst_log(MST_LOG_ERROR, "no_thread", "reason=\"the system gave none\"");
    return engine->is_running;
}

void mst_engine_stop(mst_engine *engine)
{
    if (!engine->is_running)
        return;
    engine->stop.kind = MST_WORK_STOP;
    mst_inbox_put(&engine->inbox, &engine->stop);
    pthread_join(engine->thread, NULL);
    engine->is_running = false;
    mst_trial_end(engine);
}
