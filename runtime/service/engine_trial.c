/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_trial.c - what new rules would turn: they are tried on all that is stored, in slices
 * between other work. A dry run tells; what comes, or whose instant comes, is held against
 * max-flips. */
#include <stdio.h>
#include <string.h>

#include "engine_rules.h"
#include "log.h"

#define SLICE_US 2000
#define LEAD_S 120 /* before their instant pending rules are tried, to be active on time */

void mst_trial_begin_anew(struct mst_trial *trial)
{
    trial->at = 0;
    trial->subjects = trial->flips = trial->failed = 0;
    trial->cell_count = 0;
}

static void count_cell(struct mst_trial *trial, uint32_t verdict, uint32_t before, uint32_t after)
{
    for (size_t i = 0; i < trial->cell_count; i++) {
        struct mst_trial_cell *cell = &trial->cells[i];
        if (cell->verdict == verdict && cell->before == before && cell->after == after) {
            cell->count++;
            return;
        }
    }
    if (trial->cell_count == trial->cell_capacity) {
        trial->cell_capacity = trial->cell_capacity > 0 ? trial->cell_capacity * 2 : 64;
        trial->cells = mst_grown_resize(trial->cells, trial->cell_capacity * sizeof *trial->cells);
    }
    trial->cells[trial->cell_count++] = (struct mst_trial_cell){verdict, before, after, 1};
}

/* The outcome of the i-th verdict for the facts in the vm. */
static uint32_t outcome_at(const mst_ruleset *rules, uint32_t i, int64_t at)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_state_verdict found = {0};
    (void)mst_eval(rules->vm, rules->verdicts[i].index, at, &verdict);
    mst_ruleset_fill(rules, i, &verdict, &found);
    return found.outcome;
}

/* What the active rules say of it now is kept. What they will say has to be found before the facts
 * are set for the new ones: texts of facts are good until other facts are loaded. */
static bool find_before(mst_engine *engine, uint32_t slot, uint32_t before[MST_STATE_VERDICT_MAX])
{
    const struct mst_trial *trial = &engine->trial;
    const mst_ruleset *active = engine->rules;
    const mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    const bool is_ahead = trial->from > engine->now;
    if (is_ahead && !mst_engine_load(engine, engine->rules, slot))
        return false;
    for (uint32_t i = 0; i < trial->rules->verdict_count; i++) {
        uint32_t old = mst_rules_find_verdict(active, trial->rules->verdicts[i].name);
        before[i] = 0;
        if (old != MST_ROSTER_NONE)
            before[i] = is_ahead ? outcome_at(active, old, trial->from) : kept[old].outcome;
    }
    return true;
}

/* Both rules are asked about the same instant. */
static void try_subject(mst_engine *engine, uint32_t slot)
{
    struct mst_trial *trial = &engine->trial;
    mst_ruleset *rules = trial->rules;
    uint32_t before[MST_STATE_VERDICT_MAX] = {0};
    int64_t at = trial->from > engine->now ? trial->from : engine->now;
    bool has_flipped = false;
    trial->subjects++;
    if (!find_before(engine, slot, before) || !mst_engine_load(engine, rules, slot)) {
        engine->failed = MST_STATE_OK;
        trial->failed++;
        return;
    }
    for (uint32_t i = 0; i < rules->verdict_count; i++) {
        uint32_t after = outcome_at(rules, i, at);
        has_flipped = has_flipped || (before[i] != 0 && before[i] != after);
        count_cell(trial, rules->verdicts[i].name, before[i], after);
    }
    trial->flips += has_flipped;
}

static void add_name(mst_engine *engine, struct mst_grown *out, const char *key, uint32_t name)
{
    mst_text text = mst_state_name_text(engine->state, name);
    mst_grown_printf(out, "\"%s\":", key);
    mst_grown_json(out, name == 0 ? NULL : text.ptr, text.len);
}

static void describe_trial(mst_engine *engine)
{
    struct mst_trial *trial = &engine->trial;
    struct mst_grown *out = &trial->work->body;
    mst_rules_describe(trial->work, trial->rules->id, "trial");
    mst_grown_printf(out, ",\"subjects\":%llu,\"flips\":%llu,\"unreadable\":%llu,\"transitions\":[",
                     (unsigned long long)trial->subjects, (unsigned long long)trial->flips,
                     (unsigned long long)trial->failed);
    for (size_t i = 0; i < trial->cell_count; i++) {
        const struct mst_trial_cell *cell = &trial->cells[i];
        mst_grown_puts(out, i > 0 ? ",{" : "{");
        add_name(engine, out, "verdict", cell->verdict);
        mst_grown_puts(out, ",");
        add_name(engine, out, "before", cell->before);
        mst_grown_puts(out, ",");
        add_name(engine, out, "after", cell->after);
        mst_grown_printf(out, ",\"count\":%llu}", (unsigned long long)cell->count);
    }
    mst_grown_puts(out, "]}\n");
}

static bool has_too_many_flips(const mst_engine *engine, char why[MST_RULESET_WHY_BYTES])
{
    const struct mst_trial *trial = &engine->trial;
    double share = trial->subjects > 0 ? 100.0 * (double)trial->flips / (double)trial->subjects : 0;
    snprintf(why, MST_RULESET_WHY_BYTES,
             "%s would change verdicts of %llu of %llu subjects (%.2f%%), more than the %g%% "
             "of max-flips",
             trial->rules->id, (unsigned long long)trial->flips,
             (unsigned long long)trial->subjects, share, engine->settings->max_flips);
    return share > engine->settings->max_flips;
}

static void end_trial_of_pending(mst_engine *engine)
{
    const struct mst_trial *trial = &engine->trial;
    char why[MST_RULESET_WHY_BYTES];
    engine->is_pending_tried = true;
    if (!has_too_many_flips(engine, why)) {
        mst_log(MST_LOG_INFO, "rules_tried", "rules=%s flips=%llu subjects=%llu", trial->rules->id,
                (unsigned long long)trial->flips, (unsigned long long)trial->subjects);
        return;
    }
    mst_log(MST_LOG_ERROR, "rules_refused", "cause=effective_from reason=%s", MST_LOG_QUOTED(why));
    mst_rules_note_refusal(engine, engine->pending, why);
    engine->counts.reloads_refused++;
    mst_rules_drop_pending(engine);
    mst_rules_remember(engine, engine->rules);
}

static void end_trial(mst_engine *engine)
{
    struct mst_trial *trial = &engine->trial;
    struct mst_rules_work *work = trial->work;
    if (!work) {
        end_trial_of_pending(engine);
    } else if (work->is_trial) {
        describe_trial(engine);
        mst_ruleset_free(work->ruleset);
        work->ruleset = NULL;
        mst_rules_answer(engine, work, 200);
    } else if (has_too_many_flips(engine, work->why) ||
               !mst_rules_may_follow(engine->rules, work)) {
        mst_rules_refuse(engine, work, 409);
    } else {
        mst_rules_accept(engine, work);
    }
    trial->work = NULL;
    trial->rules = NULL;
}

bool mst_engine_try(mst_engine *engine)
{
    struct mst_trial *trial = &engine->trial;
    int64_t end_us = mst_clock_run_us() + SLICE_US;
    if (!trial->rules)
        return false;
    while (trial->at < engine->roster.slot_count && mst_clock_run_us() < end_us) {
        if (mst_roster_at(&engine->roster, trial->at)->id)
            try_subject(engine, trial->at);
        trial->at++;
    }
    if (trial->at >= engine->roster.slot_count)
        end_trial(engine);
    return true;
}

/* False: the state cannot be written to. */
static bool begin_trial(mst_engine *engine, mst_ruleset *rules, struct mst_rules_work *work)
{
    struct mst_trial *trial = &engine->trial;
    if (mst_ruleset_name(rules, engine->state) != MST_STATE_OK)
        return false;
    trial->rules = rules;
    trial->work = work;
    trial->from = work ? engine->now : mst_image_effective_from(&rules->image);
    mst_trial_begin_anew(trial);
    return true;
}

static void give_up_pending(struct mst_trial *trial)
{
    if (!trial->work)
        trial->rules = NULL;
}

void mst_trial_leave_pending(mst_engine *engine)
{
    engine->is_pending_tried = false;
    give_up_pending(&engine->trial);
}

void mst_trial_end(mst_engine *engine)
{
    struct mst_rules_work *work = engine->trial.work;
    engine->trial.work = NULL;
    engine->trial.rules = NULL;
    if (!work)
        return;
    snprintf(work->why, sizeof work->why, "the service has ended before the rules were tried");
    mst_rules_refuse(engine, work, 503);
}

/* Pending rules give way, and are tried again when the others were, unless they have been. */
void mst_trial_take(mst_engine *engine, struct mst_rules_work *work)
{
    give_up_pending(&engine->trial);
    if (engine->trial.rules) {
        snprintf(work->why, sizeof work->why, "other rules are being tried; try again later");
        mst_rules_refuse(engine, work, 503);
    } else if (!begin_trial(engine, work->ruleset, work)) {
        snprintf(work->why, sizeof work->why, "the state cannot be written to");
        mst_rules_refuse(engine, work, 503);
    }
}

void mst_engine_look_at_pending(mst_engine *engine)
{
    mst_ruleset *pending = engine->pending;
    if (!pending || !engine->is_ready)
        return;
    int64_t from = mst_image_effective_from(&pending->image);
    bool must_be_tried = engine->settings->max_flips < 100 && !engine->is_pending_forced;
    if (must_be_tried && !engine->is_pending_tried) {
        if (from - LEAD_S <= engine->now && !engine->trial.rules)
            (void)begin_trial(engine, pending, NULL); /* or at the next look */
    } else if (from <= engine->now) {
        engine->pending = NULL;
        (void)mst_engine_activate(engine, pending);
    }
}
