/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_query.c - questions about subjects, verdicts, changes and rules. What is shown is
 * evaluated as of now: no answer has a verdict past its valid_until. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "engine_page.h"
#include "format/builtins.h"

static void add_error(struct mst_query *query, int status, const char *error, const char *message)
{
    query->status = status;
    query->body.len = 0;
    mst_grown_printf(&query->body, "{\"error\":\"%s\",\"message\":", error);
    mst_grown_json(&query->body, message, strlen(message));
    mst_grown_puts(&query->body, "}\n");
}

static void add_time(struct mst_grown *out, int64_t time)
{
    char text[MST_PRINT_MAX];
    mst_grown_puts(out, "\"");
    mst_grown_add(out, text, mst_print_value(MST_TYPE_TIME, time, text));
    mst_grown_puts(out, "\"");
}

/* Up to now, in a transaction of its own if something may have turned. */
static bool bring_up_to_date(mst_engine *engine, uint32_t slot)
{
    const struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    if (subject->timer.due > engine->now && subject->epoch == engine->epoch)
        return true;
    if (!engine->is_ready)
        return false;
    if (mst_engine_begin(engine))
        (void)mst_engine_catch_up(engine, slot);
    return mst_engine_commit(engine);
}

enum loaded { LOADED, UNREADABLE, UNAVAILABLE };

/* Up to now, and its facts into the vm. */
static enum loaded load_now(mst_engine *engine, uint32_t slot)
{
    if (!bring_up_to_date(engine, slot))
        return UNAVAILABLE;
    engine->failed = MST_STATE_OK;
    if (mst_engine_load(engine, engine->rules, slot))
        return LOADED;
    return engine->failed == MST_STATE_OK ? UNREADABLE : UNAVAILABLE;
}

/* Whether a verdict as it is kept is asked for. */
static bool is_wanted(const mst_engine *engine, const struct mst_query *query,
                      const mst_state_verdict *kept)
{
    const char *const wanted[] = {query->verdict, query->outcome, query->check};
    const uint32_t names[] = {kept->name, kept->outcome, kept->check};
    for (unsigned i = 0; i < 3; i++) {
        mst_text name = mst_state_name_text(engine->state, names[i]);
        if (wanted[i] && (strlen(wanted[i]) != name.len ||
                          (name.len > 0 && memcmp(wanted[i], name.ptr, name.len) != 0)))
            return false;
    }
    return true;
}

/* The facts of the subject are in the vm. Returns how many were wanted. */
static uint32_t add_verdicts(mst_engine *engine, const struct mst_query *query, uint32_t slot,
                             bool is_first, struct mst_grown *out)
{
    const mst_ruleset *rules = engine->rules;
    const mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    uint32_t count = 0;
    for (uint32_t i = 0; i < rules->verdict_count; i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        if (!is_wanted(engine, query, &kept[i]))
            continue;
        (void)mst_eval(rules->vm, rules->verdicts[i].index, engine->now, &verdict);
        mst_grown_puts(out, is_first && count == 0 ? "" : ",\n");
        mst_engine_render(engine, &verdict, kept[i].since, NULL, 0, out);
        count++;
    }
    return count;
}

/* ---- one subject ------------------------------------------------------------------------- */

static uint32_t find_asked(mst_engine *engine, struct mst_query *query)
{
    uint32_t slot = mst_roster_find(&engine->roster, query->text, strlen(query->text));
    if (slot == MST_ROSTER_NONE)
        add_error(query, 404, "not_found", "there is no such subject");
    return slot;
}

static void add_groups(mst_engine *engine, uint32_t slot, struct mst_grown *out)
{
    mst_state_subject stored;
    if (mst_state_read(engine->state, slot, &stored) != MST_STATE_OK)
        return;
    mst_grown_puts(out, "],\n\"groups\":{");
    for (uint32_t i = 0; i < stored.group_count; i++) {
        const mst_state_group *group = &stored.groups[i];
        mst_text name = mst_state_name_text(engine->state, group->name);
        mst_grown_puts(out, i > 0 ? ",\n" : "\n");
        mst_grown_json(out, name.ptr, name.len);
        mst_grown_puts(out, ":{\"observed\":");
        add_time(out, group->observed);
        mst_grown_puts(out, ",\"facts\":");
        if (group->text.len > 0)
            mst_grown_add(out, group->text.ptr, group->text.len);
        else
            mst_grown_puts(out, "null");
        mst_grown_puts(out, "}");
    }
    mst_grown_puts(out, "}");
}

static void answer_subject(mst_engine *engine, struct mst_query *query)
{
    uint32_t slot = find_asked(engine, query);
    if (slot == MST_ROSTER_NONE)
        return;
    switch (load_now(engine, slot)) {
    case LOADED: break;
    case UNREADABLE:
        add_error(query, 500, "unreadable",
                  "what is kept of the subject cannot be read by these rules (the log says why): "
                  "send all groups of it at once, or delete it");
        return;
    case UNAVAILABLE:
        add_error(query, 503, "unavailable", "what is kept of the subject cannot be read now");
        return;
    }
    mst_grown_puts(&query->body, "{\"subject\":");
    mst_grown_json(&query->body, query->text, strlen(query->text));
    mst_grown_puts(&query->body, ",\n\"verdicts\":[\n");
    (void)add_verdicts(engine, query, slot, true, &query->body);
    add_groups(engine, slot, &query->body);
    mst_grown_puts(&query->body, "}\n");
}

static void emit_deleted(mst_engine *engine, const char *id, struct mst_grown *line)
{
    line->len = 0;
    mst_grown_puts(line, "{\"subject\":");
    mst_grown_json(line, id, strlen(id));
    mst_grown_puts(line, ",\"deleted\":true,\"at\":");
    add_time(line, engine->now);
    mst_grown_puts(line, "}");
    mst_state_status status = mst_state_append_change(
        engine->state, (mst_text){line->ptr, (uint32_t)line->len}, &engine->last_sequence);
    if (status != MST_STATE_OK)
        engine->failed = status;
}

static void delete_subject(mst_engine *engine, struct mst_query *query)
{
    uint32_t slot = find_asked(engine, query);
    if (slot == MST_ROSTER_NONE)
        return;
    if (engine->is_ready && mst_engine_begin(engine)) {
        mst_state_status status = mst_state_delete_subject(engine->state, slot);
        if (status != MST_STATE_OK)
            engine->failed = status;
        else
            emit_deleted(engine, query->text, &engine->line);
    }
    if (!engine->is_ready || !mst_engine_commit(engine)) {
        add_error(query, 503, "retry", "the subject could not be deleted now");
        return;
    }
    const mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    for (uint32_t i = 0; i < engine->roster.verdict_count; i++)
        mst_engine_tally(engine, &kept[i], -1);
    mst_wheel_unset(&engine->wheel, slot);
    mst_roster_remove(&engine->roster, slot);
    engine->subject_count = engine->roster.count;
    mst_grown_puts(&query->body, "{\"deleted\":1}\n");
}

/* ---- lists ------------------------------------------------------------------------------- */

static bool wants_any(mst_engine *engine, const struct mst_query *query, uint32_t slot)
{
    const mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    for (uint32_t i = 0; i < engine->roster.verdict_count; i++)
        if (is_wanted(engine, query, &kept[i]))
            return true;
    return false;
}

static void answer_verdicts(mst_engine *engine, struct mst_query *query)
{
    uint32_t slot = (uint32_t)query->number, shown = 0;
    mst_grown_puts(&query->body, "{\"verdicts\":[\n");
    for (; slot < engine->roster.slot_count && shown < query->limit; slot++) {
        if (!mst_roster_at(&engine->roster, slot)->id)
            continue;
        const struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
        bool is_due = subject->timer.due <= engine->now || subject->epoch != engine->epoch;
        if (!is_due && !wants_any(engine, query, slot))
            continue;
        const enum loaded loaded = load_now(engine, slot);
        if (loaded == UNREADABLE)
            continue; /* of one, which is no reason not to show the others */
        if (loaded == UNAVAILABLE) {
            add_error(query, 503, "unavailable", "what is kept cannot be read now");
            return;
        }
        shown += add_verdicts(engine, query, slot, shown == 0, &query->body);
    }
    mst_grown_puts(&query->body, "],\n\"next\":");
    if (slot < engine->roster.slot_count)
        mst_grown_printf(&query->body, "\"%u\"}\n", slot);
    else
        mst_grown_puts(&query->body, "null}\n");
}

static bool add_change(void *context, uint64_t sequence, mst_text event)
{
    struct mst_query *query = context;
    query->number = sequence;
    mst_grown_printf(&query->body, "id: %llu\ndata: ", (unsigned long long)sequence);
    mst_grown_add(&query->body, event.ptr, event.len);
    mst_grown_puts(&query->body, "\n\n");
    return true;
}

/* Server-sent events behind the one that was seen last. */
static void answer_changes(mst_engine *engine, struct mst_query *query)
{
    mst_state_status status =
        mst_state_read_changes(engine->state, query->number, query->limit, add_change, query);
    if (status == MST_STATE_OK)
        return;
    if (status != MST_STATE_GONE) {
        query->status = 503;
        return;
    }
    query->body.len = 0;
    query->number = engine->committed_changes;
    mst_grown_printf(&query->body,
                     "id: %llu\nevent: reset\ndata: {\"message\":\"changes were missed: read "
                     "/v1/verdicts\"}\n\n",
                     (unsigned long long)query->number);
}

static void add_refusal(const struct mst_refusal *refusal, struct mst_grown *out)
{
    if (refusal->at == 0) {
        mst_grown_puts(out, "null");
        return;
    }
    mst_grown_puts(out, "{\"rules\":");
    mst_grown_json(out, *refusal->rules ? refusal->rules : NULL, strlen(refusal->rules));
    mst_grown_puts(out, ",\"at\":");
    add_time(out, refusal->at);
    mst_grown_puts(out, ",\"reason\":");
    mst_grown_json(out, refusal->why, strlen(refusal->why));
    mst_grown_puts(out, "}");
}

static void answer_rules(mst_engine *engine, struct mst_query *query)
{
    const mst_ruleset *rules = engine->rules;
    mst_text module = mst_image_module(&rules->image), version = mst_image_version(&rules->image);
    struct mst_grown *out = &query->body;
    mst_grown_puts(out, "{\"rules\":");
    mst_grown_json(out, rules->id, strlen(rules->id));
    mst_grown_puts(out, ",\"module\":");
    mst_grown_json(out, module.ptr, module.len);
    mst_grown_puts(out, ",\"version\":");
    mst_grown_json(out, version.ptr, version.len);
    mst_grown_printf(out, ",\"digest\":\"%s\",\"active_since\":", rules->digest);
    add_time(out, engine->rules_since);
    mst_grown_puts(out, ",\"verdicts\":[");
    for (uint32_t i = 0; i < rules->verdict_count; i++) {
        mst_grown_puts(out, i > 0 ? "," : "");
        mst_grown_json(out, rules->verdicts[i].info.name.ptr, rules->verdicts[i].info.name.len);
    }
    mst_grown_printf(
        out, "],\"not_evaluated\":%u,\"pending\":", engine->roster.slot_count - engine->swept);
    if (engine->pending)
        mst_grown_json(out, engine->pending->id, strlen(engine->pending->id));
    else
        mst_grown_puts(out, "null");
    mst_grown_puts(out, ",\"refused\":");
    add_refusal(&engine->refusal, out);
    mst_grown_puts(out, "}\n");
}

void mst_engine_answer(mst_engine *engine, struct mst_query *query)
{
    switch (query->kind) {
    case MST_QUERY_SUBJECT: answer_subject(engine, query); break;
    case MST_QUERY_DELETE: delete_subject(engine, query); break;
    case MST_QUERY_VERDICTS: answer_verdicts(engine, query); break;
    case MST_QUERY_CHANGES: answer_changes(engine, query); break;
    case MST_QUERY_RULES: answer_rules(engine, query); break;
    case MST_QUERY_METRICS: mst_engine_metrics(engine, query); break;
    case MST_QUERY_STATUS: mst_engine_status_page(engine, query); break;
    }
}
