/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_apply.c - batches of records: each read, joined to what is kept of its subject, judged,
 * answered. */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "log.h"

#define EVENT_MAX_BYTES (MST_STATE_CHANGE_MAX_BYTES - 1024) /* before `previous` stands there too */
#define SINCE_BYTES 64                                      /* of `since` with its key */

/* ---- counts by verdict ------------------------------------------------------------------- */

void mst_engine_tally(mst_engine *engine, const mst_state_verdict *verdict, int64_t delta)
{
    if (verdict->name == 0)
        return;
    for (size_t i = 0; i < engine->tally_count; i++) {
        struct mst_tally *tally = &engine->tallies[i];
        if (tally->verdict == verdict->name && tally->outcome == verdict->outcome &&
            tally->check == verdict->check) {
            tally->count += delta;
            return;
        }
    }
    if (engine->tally_count == engine->tally_capacity) {
        engine->tally_capacity = engine->tally_capacity > 0 ? engine->tally_capacity * 2 : 64;
        engine->tallies =
            mst_grown_resize(engine->tallies, engine->tally_capacity * sizeof *engine->tallies);
    }
    engine->tallies[engine->tally_count++] =
        (struct mst_tally){verdict->name, verdict->outcome, verdict->check, verdict->kind, delta};
}

/* ---- verdicts ---------------------------------------------------------------------------- */

/* A line up to `since`, its last brace left out. */
static void begin_line(mst_engine *engine, const mst_verdict *verdict, int64_t since, bool is_brief,
                       struct mst_grown *out)
{
    mst_ruleset *rules = engine->rules;
    size_t room = rules->line_max + SINCE_BYTES, len = 0;
    struct mst_json_out line = {mst_grown_room(out, room), room, 0};
    if (mst_verdict_line(rules->vm, &rules->image, verdict, is_brief, &rules->memo, line.buffer,
                         rules->line_max, &len) != MST_OK ||
        len == 0)
        return;
    line.len = len - 1;
    MST_JSON_OUT_LITERAL(&line, ",\"since\":");
    mst_line_time(&rules->memo, since, &line);
    out->len += line.len;
}

static void end_line(const char *seq, size_t seq_len, struct mst_grown *out)
{
    static const char key[] = ",\"seq\":";
    if (seq_len > 0) {
        mst_grown_add(out, key, sizeof key - 1);
        mst_grown_add(out, seq, seq_len);
    }
    mst_grown_add(out, "}", 1);
}

void mst_engine_render(mst_engine *engine, const mst_verdict *verdict, int64_t since,
                       const char *seq, size_t seq_len, struct mst_grown *out)
{
    begin_line(engine, verdict, since, false, out);
    end_line(seq, seq_len, out);
}

/* `line` is the verdict's, begun. */
static void emit(mst_engine *engine, struct mst_grown *line, const mst_state_verdict *before)
{
    static const char key[] = ",\"previous\":";
    mst_text previous = mst_state_name_text(engine->state, before->outcome);
    mst_grown_add(line, key, sizeof key - 1);
    mst_grown_json(line, before->name == 0 ? NULL : previous.ptr, previous.len);
    mst_grown_add(line, "}", 1);
    mst_engine_keep(engine, mst_state_append_change(engine->state,
                                                    (mst_text){line->ptr, (uint32_t)line->len},
                                                    &engine->last_sequence));
    engine->counts.changes++;
}

/* The line is made once, for the reply and for the event; `before` is NULL where there is none. */
static void tell(mst_engine *engine, const mst_verdict *verdict, const mst_state_verdict *kept,
                 const mst_state_verdict *before, const struct mst_reply *reply)
{
    struct mst_grown *line = &engine->line, *out = reply ? reply->out : line;
    if (!before && !reply)
        return;
    line->len = 0;
    size_t begin = out->len;
    begin_line(engine, verdict, kept->since, false, out);
    const size_t len = out->len - begin;
    if (before && len > EVENT_MAX_BYTES) {
        line->len = 0;
        begin_line(engine, verdict, kept->since, true, line);
    } else if (before && reply) {
        mst_grown_add(line, out->ptr + begin, len);
    }
    if (reply) {
        end_line(reply->seq, reply->seq_len, out);
        mst_grown_add(out, "\n", 1);
    }
    if (before)
        emit(engine, line, before);
}

static bool has_turned(const mst_state_verdict *before, const mst_state_verdict *kept)
{
    return before->name == 0 || before->outcome != kept->outcome || before->check != kept->check ||
           before->kind != kept->kind;
}

void mst_engine_evaluate(mst_engine *engine, uint32_t slot, int64_t at,
                         const struct mst_reply *reply)
{
    const mst_ruleset *rules = engine->rules;
    mst_state_verdict *kept = mst_roster_verdicts(&engine->roster, slot);
    int64_t due = MST_NEVER;
    for (uint32_t i = 0; i < rules->verdict_count; i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        mst_state_verdict before = kept[i];
        (void)mst_eval(rules->vm, rules->verdicts[i].index, at, &verdict);
        mst_ruleset_fill(rules, i, &verdict, &kept[i]);
        bool is_turned = has_turned(&before, &kept[i]);
        if (is_turned) {
            kept[i].since = at;
            mst_engine_tally(engine, &before, -1);
            mst_engine_tally(engine, &kept[i], 1);
        }
        tell(engine, &verdict, &kept[i], is_turned ? &before : NULL, reply);
        if (verdict.valid_until < due)
            due = verdict.valid_until;
    }
    mst_engine_keep(engine,
                    mst_state_put_verdicts(engine->state, slot, kept, rules->verdict_count));
    mst_roster_at(&engine->roster, slot)->epoch = engine->epoch;
    mst_wheel_set(&engine->wheel, slot, due);
}

/* ---- records ----------------------------------------------------------------------------- */

/* The slot of the record's subject; NONE where there is no room for another. */
static uint32_t find_slot(mst_engine *engine, mst_text id, bool *is_new)
{
    uint32_t slot = mst_roster_find(&engine->roster, id.ptr, id.len);
    *is_new = slot == MST_ROSTER_NONE;
    if (*is_new)
        slot = mst_roster_add(&engine->roster, id.ptr, id.len);
    if (slot == MST_ROSTER_NONE)
        return slot;
    mst_engine_note(engine, slot, *is_new);
    return slot;
}

static void say_too_long(const mst_engine *engine, char message[MST_RULESET_WHY_BYTES])
{
    uint32_t path = 0;
    while ((engine->record.too_long >> path & 1) == 0)
        path++;
    mst_text name = engine->rules->groups.paths[path].path;
    snprintf(message, MST_RULESET_WHY_BYTES,
             "the group '%.*s' is longer than the %d bytes that are kept of one", (int)name.len,
             name.ptr, MST_STATE_GROUP_MAX_BYTES);
}

/* Reads the record into the vm and takes it apart; NULL, or why it is rejected. */
static const char *read_record(mst_engine *engine, const struct mst_entry *entry, const char *text,
                               mst_text *id, uint32_t *byte, char message[MST_RULESET_WHY_BYTES])
{
    mst_ruleset *rules = engine->rules;
    mst_record_error error = MST_RECORD_ERROR_INIT;
    *byte = 0;
    if (mst_read_record(rules->reader, rules->vm, text, entry->len, engine->arrival, &error) !=
        MST_OK) {
        *byte = error.byte;
        return error.message;
    }
    *id = mst_fact_text_of(rules->vm, rules->subject_slot);
    if (id->len == 0)
        return "the subject is an empty text";
    if (id->len > MST_STATE_ID_MAX_BYTES)
        return "the subject is longer than 1024 bytes";
    mst_lookahead_note(&engine->ahead, text, entry->len, *id);
    mst_groups_split(&rules->groups, text, entry->len, &rules->outline, &engine->record);
    if (engine->record.is_too_deep)
        return "objects and arrays of a group are nested deeper than 63";
    if (engine->record.too_long == 0)
        return NULL;
    say_too_long(engine, message);
    return message;
}

static void reply_error(struct mst_entry *entry, struct mst_grown *out,
                        const mst_record_error *error, const mst_record_groups *record)
{
    size_t len = 0;
    char *to = mst_grown_room(out, MST_RECORD_ERROR_JSON_MAX);
    if (mst_record_error_json(error, entry->line, to, MST_RECORD_ERROR_JSON_MAX, &len) == MST_OK)
        out->len += len;
    if (record && record->seq_len > 0) {
        out->len--;
        mst_grown_puts(out, ",\"seq\":");
        mst_grown_add(out, record->seq, record->seq_len);
        mst_grown_puts(out, "}");
    }
    mst_grown_puts(out, "\n");
    entry->result = MST_ENTRY_REJECTED;
}

static void apply(mst_engine *engine, struct mst_batch *batch, struct mst_entry *entry)
{
    char message[MST_RULESET_WHY_BYTES];
    bool is_new = false;
    mst_record_error error = MST_RECORD_ERROR_INIT;
    mst_text id = {NULL, 0};
    uint32_t slot = MST_ROSTER_NONE;
    engine->record.seq_len = 0;
    error.message =
        read_record(engine, entry, batch->in + entry->offset, &id, &error.byte, message);
    if (!error.message) {
        slot = find_slot(engine, id, &is_new);
        if (slot == MST_ROSTER_NONE)
            error.message = "there is no room for another subject (max-subjects)";
    }
    if (error.message) {
        reply_error(entry, &batch->out, &error, &engine->record);
        return;
    }
    if (!mst_engine_merge(engine, slot, is_new, message)) {
        error.message = message;
        if (engine->failed == MST_STATE_OK)
            reply_error(entry, &batch->out, &error, &engine->record);
        return;
    }
    const struct mst_reply reply = {engine->record.seq, engine->record.seq_len, &batch->out};
    mst_engine_evaluate(engine, slot, engine->now, entry->wants_verdicts ? &reply : NULL);
}

/* A note is not a record: nothing is read, evaluated or answered. */
static void put_note(mst_engine *engine, const struct mst_note *note)
{
    mst_engine_keep(engine, mst_state_put_meta(engine->state, note->key,
                                               (mst_text){note->text, (uint32_t)note->len}));
}

/* When what a record says nothing of was observed. */
static int64_t arrival_of(mst_engine *engine, const struct mst_entry *entry)
{
    if (entry->observed == 0)
        return engine->now;
    if (entry->observed <= engine->now + MST_AHEAD_MAX_S)
        return entry->observed;
    engine->counts.observed_ahead++;
    return engine->now;
}

/* Nothing of the batch was kept. What is no record at all is told so; whether the others are good
 * is found out when they come again. */
static void answer_retry(mst_engine *engine, struct mst_batch *batch)
{
    static const char line[] =
        "{\"error\":\"retry\",\"message\":\"the record could not be kept; send it again later\"";
    batch->out.len = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        struct mst_entry *entry = &batch->entries[i];
        entry->reply = batch->out.len;
        entry->result = MST_ENTRY_RETRY;
        if (entry->is_bad) {
            reply_error(entry, &batch->out, &entry->error, NULL);
        } else if (!entry->note) {
            mst_groups_split(&engine->rules->groups, batch->in + entry->offset, entry->len, NULL,
                             &engine->record);
            mst_grown_puts(&batch->out, line);
            if (engine->record.seq_len > 0) {
                mst_grown_puts(&batch->out, ",\"seq\":");
                mst_grown_add(&batch->out, engine->record.seq, engine->record.seq_len);
            }
            mst_grown_puts(&batch->out, "}\n");
            engine->counts.retried++;
        }
        entry->reply_len = (uint32_t)(batch->out.len - entry->reply);
    }
}

static void apply_all(mst_engine *engine, struct mst_batch *batch)
{
    mst_lookahead_begin(&engine->ahead);
    for (uint32_t i = 0; i < batch->count && engine->failed == MST_STATE_OK; i++) {
        struct mst_entry *entry = &batch->entries[i];
        mst_lookahead_step(&engine->ahead, batch, i, &engine->roster);
        entry->reply = batch->out.len;
        entry->result = MST_ENTRY_ACCEPTED;
        engine->arrival = arrival_of(engine, entry);
        if (entry->note)
            put_note(engine, entry->note);
        else if (entry->is_bad)
            reply_error(entry, &batch->out, &entry->error, NULL);
        else
            apply(engine, batch, entry);
        entry->reply_len = (uint32_t)(batch->out.len - entry->reply);
    }
}

void mst_engine_batch(mst_engine *engine, struct mst_batch *batch)
{
    uint64_t rejected = 0, notes = 0;
    batch->out.len = 0;
    engine->counts.batches++;
    if (!engine->is_ready) {
        answer_retry(engine, batch);
        return;
    }
    if (mst_engine_begin(engine))
        apply_all(engine, batch);
    if (!mst_engine_commit(engine)) {
        answer_retry(engine, batch);
        return;
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        rejected += batch->entries[i].result == MST_ENTRY_REJECTED;
        notes += batch->entries[i].note != NULL;
    }
    engine->counts.rejected += rejected;
    engine->counts.accepted += batch->count - rejected - notes;
}
