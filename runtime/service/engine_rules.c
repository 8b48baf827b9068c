/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_rules.c - new rules take the place of old ones between two records; what is stored is
 * evaluated by them afterwards, in slices. Those for later wait, and what is active is remembered
 * across restarts. Trials are in engine_trial.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_rules.h"
#include "format/builtins.h"
#include "log.h"

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

void mst_rules_answer(mst_engine *engine, struct mst_rules_work *work, int status)
{
    work->status = status;
    mst_inbox_put(engine->answers, &work->work);
}

void mst_rules_work_tell(struct mst_rules_work *work)
{
    if (work->status == 200)
        mst_log(MST_LOG_INFO, "rules_taken", "%s", work->why);
    else if (work->status == 503)
        mst_log(MST_LOG_INFO, "rules_wait", "reason=%s", MST_LOG_QUOTED(work->why));
    else
        mst_log(MST_LOG_ERROR, "rules_refused", "reason=%s", MST_LOG_QUOTED(work->why));
    mst_rules_work_free(work);
}

void mst_rules_note_refusal(mst_engine *engine, const mst_ruleset *rules, const char *why)
{
    struct mst_refusal *refusal = &engine->refusal;
    snprintf(refusal->rules, sizeof refusal->rules, "%s", rules ? rules->id : "");
    snprintf(refusal->why, sizeof refusal->why, "%s", why);
    refusal->at = engine->now;
}

void mst_rules_refuse(mst_engine *engine, struct mst_rules_work *work, int status)
{
    if (!work->is_trial && status != 503)
        mst_rules_note_refusal(engine, work->ruleset, work->why);
    mst_ruleset_free(work->ruleset);
    work->ruleset = NULL;
    engine->counts.reloads_refused += status != 503;
    mst_grown_puts(&work->body, "{\"error\":\"rules_refused\",\"message\":");
    mst_grown_json(&work->body, work->why, strlen(work->why));
    mst_grown_puts(&work->body, "}\n");
    mst_rules_answer(engine, work, status);
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

uint32_t mst_rules_find_verdict(const mst_ruleset *rules, uint32_t name)
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
        from[i] = mst_rules_find_verdict(engine->rules, rules->verdicts[i].name);
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

#define META_PENDING "rules.pending" /* a letter that says how they came, then the image */
#define CAME_FORCED '!'
#define CAME_IN_ORDER '+'

static bool put_text(mst_engine *engine, const char *key, const void *bytes, size_t len)
{
    return mst_state_put_meta(engine->state, key, (mst_text){bytes, (uint32_t)len}) == MST_STATE_OK;
}

static bool put_pending(mst_engine *engine)
{
    const mst_ruleset *pending = engine->pending;
    if (!pending || pending->byte_count >= MST_STATE_META_MAX_BYTES)
        return mst_state_delete_meta(engine->state, META_PENDING) == MST_STATE_OK;
    struct mst_grown text = {NULL, 0, 0};
    mst_grown_printf(&text, "%c", engine->is_pending_forced ? CAME_FORCED : CAME_IN_ORDER);
    mst_grown_add(&text, (const char *)pending->bytes, pending->byte_count);
    bool is_good = put_text(engine, META_PENDING, text.ptr, text.len);
    free(text.ptr);
    return is_good;
}

static bool put_active(mst_engine *engine, const mst_ruleset *rules)
{
    char text[MST_TRUST_STAND_BYTES];
    mst_trust_stand stand;
    mst_ruleset_stand(rules, &stand);
    mst_trust_write_stand(&stand, text);
    if (!put_text(engine, META_STAND, text, strlen(text)))
        return false;
    if (rules->byte_count <= MST_STATE_META_MAX_BYTES)
        return put_text(engine, META_IMAGE, rules->bytes, rules->byte_count);
    return mst_state_delete_meta(engine->state, META_IMAGE) == MST_STATE_OK;
}

static bool put_rules(mst_engine *engine, const mst_ruleset *rules)
{
    if (mst_state_begin(engine->state) != MST_STATE_OK)
        return false;
    if (put_active(engine, rules) && put_pending(engine))
        return mst_state_commit(engine->state) == MST_STATE_OK;
    mst_state_rollback(engine->state);
    return false;
}

/* The active and the pending rules, so that a restart is no way back to older ones and forgets
 * none. An image too large for the state is not kept: then rules as new as it must be at hand at
 * the next start. */
void mst_rules_remember(mst_engine *engine, const mst_ruleset *rules)
{
    if (!put_rules(engine, rules))
        mst_log(MST_LOG_WARNING, "rules_not_remembered", "reason=%s",
                MST_LOG_QUOTED(mst_state_message(engine->state)));
}

static mst_ruleset *open_text(mst_text image)
{
    char why[MST_RULESET_WHY_BYTES];
    unsigned char *bytes = mst_grown_resize(NULL, image.len);
    memcpy(bytes, image.ptr, image.len);
    return mst_ruleset_open(bytes, image.len, why);
}

static mst_ruleset *open_remembered(mst_engine *engine)
{
    mst_text image;
    if (mst_state_get_meta(engine->state, META_IMAGE, &image) != MST_STATE_OK)
        return NULL;
    return open_text(image);
}

static mst_ruleset *open_pending(mst_engine *engine, bool *is_forced)
{
    mst_text text;
    if (mst_state_get_meta(engine->state, META_PENDING, &text) != MST_STATE_OK || text.len == 0)
        return NULL;
    *is_forced = text.ptr[0] == CAME_FORCED;
    return open_text((mst_text){text.ptr + 1, text.len - 1});
}

static mst_trust_order order_of(const mst_ruleset *before, const mst_ruleset *after)
{
    mst_trust_stand stands[2];
    mst_ruleset_stand(before, &stands[0]);
    mst_ruleset_stand(after, &stands[1]);
    return mst_trust_compare(&stands[0], &stands[1]);
}

bool mst_rules_may_follow(const mst_ruleset *active, struct mst_rules_work *work)
{
    mst_trust_order order = order_of(active, work->ruleset);
    if (order == MST_TRUST_FOLLOWS)
        return true;
    snprintf(work->why, sizeof work->why, "%s after the active %s: %s%s", work->ruleset->id,
             active->id, mst_trust_order_text(order),
             order == MST_TRUST_SIDEWAYS ? "; raise the version, or build it with --predecessor"
                                         : "");
    return false;
}

static bool is_for_later(const mst_engine *engine, const mst_ruleset *rules)
{
    int64_t from = mst_image_effective_from(&rules->image);
    return from != MST_NEVER && from > engine->now;
}

void mst_rules_drop_pending(mst_engine *engine)
{
    mst_trial_leave_pending(engine);
    mst_ruleset_free(engine->pending);
    engine->pending = NULL;
}

static void set_pending(mst_engine *engine, mst_ruleset *rules, bool is_forced)
{
    mst_rules_drop_pending(engine);
    engine->pending = rules;
    engine->is_pending_forced = is_forced;
    engine->refusal.at = 0;
    mst_log(MST_LOG_INFO, "rules_pending", "rules=%s", rules->id);
}

static void put_given(mst_engine *engine, mst_ruleset *rules)
{
    struct mst_rules_work *work = mst_rules_work_make(mst_rules_work_tell, NULL);
    work->ruleset = rules;
    mst_inbox_put(&engine->inbox, &work->work);
}

/* Given rules that follow the remembered ones take their place, unless they are for later; with
 * max-flips they come as they would to a running service. `pending` is what was remembered so. */
static void follow(mst_engine *engine, const mst_ruleset *pending)
{
    mst_ruleset *given = engine->rules;
    bool is_later = is_for_later(engine, given);
    bool may_wait = is_later || engine->settings->max_flips < 100;
    mst_ruleset *kept = may_wait ? open_remembered(engine) : NULL;
    if (!kept) {
        if (engine->settings->max_flips < 100)
            mst_log(MST_LOG_WARNING, "rules_not_tried",
                    "rules=%s reason=\"the image that was active is not remembered\"", given->id);
        return;
    }
    engine->rules = kept;
    if (pending && strcmp(pending->digest, given->digest) == 0)
        mst_ruleset_free(given); /* they wait already, and may be forced */
    else if (is_later)
        set_pending(engine, given, false);
    else
        put_given(engine, given);
}

/* False: neither the given rules nor remembered ones may be served. */
static bool choose_active(mst_engine *engine, const mst_ruleset *pending)
{
    mst_trust_stand before, given;
    mst_text text;
    mst_ruleset_stand(engine->rules, &given);
    if (engine->settings->force_rules ||
        mst_state_get_meta(engine->state, META_STAND, &text) != MST_STATE_OK ||
        !mst_trust_read_stand(text.ptr, text.len, &before))
        return true;
    mst_trust_order order = mst_trust_compare(&before, &given);
    if (order == MST_TRUST_FOLLOWS)
        follow(engine, pending);
    if (order == MST_TRUST_SAME || order == MST_TRUST_FOLLOWS)
        return true;
    mst_ruleset *kept = order == MST_TRUST_OTHER_MODULE ? NULL : open_remembered(engine);
    mst_log(kept ? MST_LOG_WARNING : MST_LOG_ERROR, kept ? "rules_kept" : "rules_refused",
            "given=%s active=%s@%s reason=%s setting=force-rules", engine->rules->id, before.module,
            before.version, MST_LOG_QUOTED(mst_trust_order_text(order)));
    if (!kept)
        return false;
    mst_ruleset_free(engine->rules);
    engine->rules = kept;
    return true;
}

bool mst_engine_choose(mst_engine *engine)
{
    bool is_forced = false;
    mst_ruleset *pending = engine->settings->force_rules ? NULL : open_pending(engine, &is_forced);
    if (!choose_active(engine, pending)) {
        mst_ruleset_free(pending);
        return false;
    }
    const mst_ruleset *newest = engine->pending ? engine->pending : engine->rules;
    mst_trust_order order = pending ? order_of(newest, pending) : MST_TRUST_SAME;
    if (order == MST_TRUST_FOLLOWS || (is_forced && order != MST_TRUST_SAME))
        set_pending(engine, pending, is_forced);
    else
        mst_ruleset_free(pending);
    mst_rules_remember(engine, engine->rules);
    return true;
}

/* ---- activation -------------------------------------------------------------------------- */

/* Rules for later that would be a way back by then. */
static void drop_overtaken(mst_engine *engine, const mst_ruleset *rules)
{
    if (!engine->pending || order_of(rules, engine->pending) == MST_TRUST_FOLLOWS)
        return;
    mst_log(MST_LOG_WARNING, "rules_dropped", "rules=%s active=%s", engine->pending->id, rules->id);
    mst_rules_drop_pending(engine);
}

bool mst_engine_activate(mst_engine *engine, mst_ruleset *rules)
{
    if (mst_ruleset_name(rules, engine->state) != MST_STATE_OK) {
        mst_log(MST_LOG_ERROR, "rules_refused", "rules=%s reason=%s", rules->id,
                MST_LOG_QUOTED(mst_state_message(engine->state)));
        mst_ruleset_free(rules);
        return false;
    }
    drop_overtaken(engine, rules);
    mst_rules_remember(engine, rules);
    reshape(engine, rules);
    mst_log(MST_LOG_INFO, "rules_active", "rules=%s before=%s subjects=%u", rules->id,
            engine->rules->id, engine->roster.count);
    mst_ruleset_free(engine->rules);
    engine->rules = rules;
    engine->rules_since = engine->now;
    engine->epoch++;
    engine->swept = 0;
    engine->refusal.at = 0;
    engine->counts.reloads++;
    engine->is_pending_tried = false; /* what others would turn is another question now */
    mst_trial_begin_anew(&engine->trial);
    return true;
}

void mst_rules_describe(struct mst_rules_work *work, const char *rules, const char *state)
{
    mst_grown_puts(&work->body, "{\"rules\":");
    mst_grown_json(&work->body, rules, strlen(rules));
    mst_grown_printf(&work->body, ",\"state\":\"%s\"", state);
}

/* Takes effect now, or at the instant that the rules name. */
void mst_rules_accept(mst_engine *engine, struct mst_rules_work *work)
{
    mst_ruleset *rules = work->ruleset;
    bool is_later = is_for_later(engine, rules);
    mst_rules_describe(work, rules->id, is_later ? "pending" : "active");
    mst_grown_puts(&work->body, "}\n");
    snprintf(work->why, sizeof work->why, "rules=%s state=%s", rules->id,
             is_later ? "pending" : "active");
    work->ruleset = NULL;
    if (is_later) {
        set_pending(engine, rules, work->is_forced);
        mst_rules_remember(engine, engine->rules);
    } else if (!mst_engine_activate(engine, rules)) {
        work->body.len = 0;
        snprintf(work->why, sizeof work->why, "the state cannot be written to");
        mst_rules_refuse(engine, work, 503);
        return;
    }
    mst_rules_answer(engine, work, 200);
}

/* ---- what comes in ----------------------------------------------------------------------- */

void mst_engine_take_rules(mst_engine *engine, struct mst_rules_work *work)
{
    const mst_ruleset *active = engine->rules;
    if (!work->ruleset) {
        mst_rules_refuse(engine, work, 400);
    } else if (work->is_trial) {
        mst_trial_take(engine, work);
    } else if (strcmp(work->ruleset->digest, active->digest) == 0) {
        mst_rules_describe(work, active->id, "active");
        mst_grown_puts(&work->body, "}\n");
        snprintf(work->why, sizeof work->why, "rules=%s state=unchanged", active->id);
        mst_ruleset_free(work->ruleset);
        work->ruleset = NULL;
        mst_rules_answer(engine, work, 200);
    } else if (!work->is_forced && !mst_rules_may_follow(active, work)) {
        mst_rules_refuse(engine, work, 409);
    } else if (engine->settings->max_flips < 100 && !work->is_forced) {
        mst_trial_take(engine, work);
    } else {
        mst_rules_accept(engine, work);
    }
}
