/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_rules.c - new rules take the place of old ones between two records. What is stored is
 * evaluated by them afterwards, in slices, and only what changes is emitted; before that, where it
 * is asked for, all that is stored is evaluated on trial. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "format/builtins.h"
#include "log.h"

#define SLICE_US 2000

struct mst_rules_work *mst_rules_work_make(void (*done)(struct mst_rules_work *work), void *context)
{
    struct mst_rules_work *work = mst_grown_zeroed(1, sizeof *work);
    work->work.kind = MST_WORK_RULES;
    work->done = done;
    work->context = context;
    return work;
}

void mst_rules_work_free(struct mst_rules_work *work)
{
    free(work->body.ptr);
    free(work);
}

static void answer(mst_engine *engine, struct mst_rules_work *work, int status)
{
    work->status = status;
    mst_inbox_put(engine->answers, &work->work);
}

static void refuse(mst_engine *engine, struct mst_rules_work *work, int status)
{
    mst_ruleset_free(work->ruleset);
    work->ruleset = NULL;
    engine->counts.reloads_refused++;
    mst_grown_puts(&work->body, "{\"error\":\"rules_refused\",\"message\":");
    mst_grown_json(&work->body, work->why, strlen(work->why));
    mst_grown_puts(&work->body, "}\n");
    answer(engine, work, status);
}

/* ---- subjects under other rules ---------------------------------------------------------- */

static void count_all(mst_engine *engine)
{
    engine->tally_count = 0;
    for (uint32_t slot = 0; slot < engine->roster.slot_count; slot++) {
        const mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
        if (!mst_roster_at(&engine->roster, slot)->id)
            continue; /* what was deleted has left its verdicts there */
        for (uint32_t i = 0; i < engine->roster.verdict_count; i++)
            mst_engine_tally(engine, &kept[i], 1);
    }
}

static uint32_t find_verdict(const mst_ruleset *rules, uint32_t name)
{
    for (uint32_t i = 0; i < rules->verdict_count; i++)
        if (rules->verdicts[i].name == name)
            return i;
    return MST_ROSTER_NONE;
}

/* Verdicts keep what is known of them by their names. */
static void reshape(mst_engine *engine, const mst_ruleset *rules)
{
    uint32_t *from = mst_grown_resize(NULL, rules->verdict_count * sizeof *from);
    for (uint32_t i = 0; i < rules->verdict_count; i++)
        from[i] = find_verdict(engine->rules, rules->verdicts[i].name);
    mst_roster_reshape(&engine->roster, rules->verdict_count, from);
    free(from);
    free(engine->undo);
    free(engine->undo_verdicts);
    engine->undo = NULL;
    engine->undo_verdicts = NULL;
    engine->undo_count = engine->undo_capacity = 0;
    count_all(engine);
}

/* ---- across restarts --------------------------------------------------------------------- */

#define META_STAND "rules.active"
#define META_IMAGE "rules.image"

/* So that a restart is no way back to older rules. An image too large for the state is not kept:
 * then rules as new as it must be at hand at the next start. */
static bool remember(mst_engine *engine, const mst_ruleset *rules)
{
    char text[MST_TRUST_STAND_BYTES];
    mst_trust_stand stand;
    mst_text image = {(const char *)rules->bytes, (uint32_t)rules->byte_count};
    mst_ruleset_stand(rules, &stand);
    mst_trust_write_stand(&stand, text);
    if (mst_state_begin(engine->state) != MST_STATE_OK)
        return false;
    bool is_good = mst_state_put_meta(engine->state, META_STAND,
                                      (mst_text){text, (uint32_t)strlen(text)}) == MST_STATE_OK;
    if (rules->byte_count <= MST_STATE_META_MAX_BYTES)
        is_good = is_good && mst_state_put_meta(engine->state, META_IMAGE, image) == MST_STATE_OK;
    else
        is_good = is_good && mst_state_delete_meta(engine->state, META_IMAGE) == MST_STATE_OK;
    if (is_good)
        return mst_state_commit(engine->state) == MST_STATE_OK;
    mst_state_rollback(engine->state);
    return false;
}

static mst_ruleset *open_remembered(mst_engine *engine)
{
    char why[MST_RULESET_WHY_BYTES];
    mst_text image;
    if (mst_state_get_meta(engine->state, META_IMAGE, &image) != MST_STATE_OK)
        return NULL;
    unsigned char *bytes = mst_grown_resize(NULL, image.len);
    memcpy(bytes, image.ptr, image.len);
    return mst_ruleset_open(bytes, image.len, why);
}

bool mst_engine_choose(mst_engine *engine)
{
    mst_trust_stand before, given;
    mst_text text;
    mst_ruleset_stand(engine->rules, &given);
    if (engine->settings->force_rules ||
        mst_state_get_meta(engine->state, META_STAND, &text) != MST_STATE_OK ||
        !mst_trust_read_stand(text.ptr, text.len, &before))
        return remember(engine, engine->rules);
    mst_trust_order order = mst_trust_compare(&before, &given);
    if (order == MST_TRUST_SAME)
        return true;
    if (order == MST_TRUST_FOLLOWS)
        return remember(engine, engine->rules);
    mst_ruleset *kept = order == MST_TRUST_OTHER_MODULE ? NULL : open_remembered(engine);
    mst_log(kept ? MST_LOG_WARNING : MST_LOG_ERROR, kept ? "rules_kept" : "rules_refused",
            "given=%s active=%s@%s reason=\"%s\" setting=force-rules", engine->rules->id,
            before.module, before.version, mst_trust_order_text(order));
    if (!kept)
        return false;
    mst_ruleset_free(engine->rules);
    engine->rules = kept;
    return true;
}

/* ---- activation -------------------------------------------------------------------------- */

bool mst_engine_activate(mst_engine *engine, mst_ruleset *rules)
{
    if (mst_ruleset_name(rules, engine->state) != MST_STATE_OK) {
        mst_log(MST_LOG_ERROR, "rules_refused", "rules=%s reason=\"%s\"", rules->id,
                mst_state_message(engine->state));
        mst_ruleset_free(rules);
        return false;
    }
    if (!remember(engine, rules))
        mst_log(MST_LOG_WARNING, "rules_not_remembered", "reason=\"%s\"",
                mst_state_message(engine->state));
    reshape(engine, rules);
    mst_log(MST_LOG_INFO, "rules_active", "rules=%s before=%s subjects=%u", rules->id,
            engine->rules->id, engine->roster.count);
    mst_ruleset_free(engine->rules);
    engine->rules = rules;
    engine->rules_since = engine->now;
    engine->epoch++;
    engine->swept = 0;
    engine->counts.reloads++;
    return true;
}

static void describe(struct mst_rules_work *work, const char *rules, const char *state)
{
    mst_grown_puts(&work->body, "{\"rules\":");
    mst_grown_json(&work->body, rules, strlen(rules));
    mst_grown_printf(&work->body, ",\"state\":\"%s\"", state);
}

/* Takes effect now, or at the instant that the rules name. */
static void accept(mst_engine *engine, struct mst_rules_work *work)
{
    mst_ruleset *rules = work->ruleset;
    int64_t from = mst_image_effective_from(&rules->image);
    bool is_later = from != MST_NEVER && from > engine->now;
    describe(work, rules->id, is_later ? "pending" : "active");
    mst_grown_puts(&work->body, "}\n");
    snprintf(work->why, sizeof work->why, "rules=%s state=%s", rules->id,
             is_later ? "pending" : "active");
    work->ruleset = NULL;
    if (is_later) {
        mst_ruleset_free(engine->pending);
        engine->pending = rules;
        mst_log(MST_LOG_INFO, "rules_pending", "rules=%s", rules->id);
    } else if (!mst_engine_activate(engine, rules)) {
        work->body.len = 0;
        snprintf(work->why, sizeof work->why, "the state cannot be written to");
        refuse(engine, work, 503);
        return;
    }
    answer(engine, work, 200);
}

/* ---- trials ------------------------------------------------------------------------------ */

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

static void try_subject(mst_engine *engine, uint32_t slot)
{
    struct mst_trial *trial = &engine->trial;
    mst_ruleset *rules = trial->work->ruleset;
    const mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    bool has_flipped = false;
    trial->subjects++;
    if (!mst_engine_load(engine, rules, slot)) {
        engine->failed = MST_STATE_OK;
        trial->failed++;
        return;
    }
    for (uint32_t i = 0; i < rules->verdict_count; i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        mst_state_verdict after = {0};
        uint32_t old = find_verdict(engine->rules, rules->verdicts[i].name);
        (void)mst_eval(rules->vm, rules->verdicts[i].index, engine->now, &verdict);
        mst_ruleset_fill(rules, i, &verdict, &after);
        uint32_t before = old == MST_ROSTER_NONE ? 0 : kept[old].outcome;
        has_flipped = has_flipped || (before != 0 && before != after.outcome);
        count_cell(trial, after.name, before, after.outcome);
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
    describe(trial->work, trial->work->ruleset->id, "trial");
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

static void end_trial(mst_engine *engine)
{
    struct mst_trial *trial = &engine->trial;
    struct mst_rules_work *work = trial->work;
    double share = trial->subjects > 0 ? 100.0 * (double)trial->flips / (double)trial->subjects : 0;
    engine->counts.flips_last = trial->flips;
    if (work->is_trial) {
        describe_trial(engine);
        mst_ruleset_free(work->ruleset);
        work->ruleset = NULL;
        answer(engine, work, 200);
    } else if (share > engine->settings->max_flips && !work->is_forced) {
        snprintf(work->why, sizeof work->why,
                 "%s would change verdicts of %llu of %llu subjects (%.2f%%), more than the %g%% "
                 "of max-flips",
                 work->ruleset->id, (unsigned long long)trial->flips,
                 (unsigned long long)trial->subjects, share, engine->settings->max_flips);
        refuse(engine, work, 409);
    } else {
        accept(engine, work);
    }
    trial->work = NULL;
}

bool mst_engine_try(mst_engine *engine)
{
    struct mst_trial *trial = &engine->trial;
    int64_t end_us = mst_clock_run_us() + SLICE_US;
    if (!trial->work)
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

static void begin_trial(mst_engine *engine, struct mst_rules_work *work)
{
    struct mst_trial *trial = &engine->trial;
    if (trial->work) {
        snprintf(work->why, sizeof work->why, "other rules are being tried; try again later");
        refuse(engine, work, 409);
    } else if (mst_ruleset_name(work->ruleset, engine->state) != MST_STATE_OK) {
        snprintf(work->why, sizeof work->why, "the state cannot be written to");
        refuse(engine, work, 503);
    } else {
        trial->work = work;
        trial->at = 0;
        trial->subjects = trial->flips = trial->failed = 0;
        trial->cell_count = 0;
    }
}

/* ---- what may follow what ---------------------------------------------------------------- */

static bool may_follow(const mst_ruleset *active, struct mst_rules_work *work)
{
    mst_trust_stand now, then;
    mst_ruleset_stand(active, &now);
    mst_ruleset_stand(work->ruleset, &then);
    mst_trust_order order = mst_trust_compare(&now, &then);
    if (order == MST_TRUST_FOLLOWS)
        return true;
    snprintf(work->why, sizeof work->why, "%s after the active %s: %s%s", work->ruleset->id,
             active->id, mst_trust_order_text(order),
             order == MST_TRUST_SIDEWAYS ? "; raise the version, or build it with --predecessor"
                                         : "");
    return false;
}

void mst_engine_take_rules(mst_engine *engine, struct mst_rules_work *work)
{
    const mst_ruleset *active = engine->rules;
    if (!work->ruleset) {
        refuse(engine, work, 400);
    } else if (work->is_trial) {
        begin_trial(engine, work);
    } else if (strcmp(work->ruleset->digest, active->digest) == 0) {
        describe(work, active->id, "active");
        mst_grown_puts(&work->body, "}\n");
        snprintf(work->why, sizeof work->why, "rules=%s state=unchanged", active->id);
        mst_ruleset_free(work->ruleset);
        work->ruleset = NULL;
        answer(engine, work, 200);
    } else if (!work->is_forced && !may_follow(active, work)) {
        refuse(engine, work, 409);
    } else if (engine->settings->max_flips < 100 && !work->is_forced) {
        begin_trial(engine, work);
    } else {
        accept(engine, work);
    }
}
