/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_merge.c - what is known of a subject: the groups of a record joined to those that are
 * kept, and both brought into the vm. */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "log.h"

/* ---- facts ------------------------------------------------------------------------------- */

/* What a subject's groups are, from one source or another, by numbers of paths. */
struct merged {
    mst_text texts[MST_GROUPS_MAX]; /* without braces; ptr NULL: none */
    int64_t observed[MST_GROUPS_MAX];
};

static uint32_t path_of_name(const mst_ruleset *rules, uint32_t name)
{
    uint32_t path = 0;
    while (path < rules->groups.path_count && rules->group_names[path] != name)
        path++;
    return path;
}

static void set_observed(const mst_ruleset *rules, const struct merged *merged)
{
    for (uint32_t g = 0; g < rules->groups.group_count; g++) {
        uint32_t path = rules->groups.path_of_group[g];
        if (merged->texts[path].ptr)
            (void)mst_observed(rules->vm, g, merged->observed[path]);
    }
}

/* Writes the merged groups of the subject into the vm. NULL, or why they cannot be read. */
static const char *read_merged(mst_engine *engine, const mst_ruleset *rules,
                               const struct mst_subject *subject, const struct merged *merged)
{
    mst_record_error error = MST_RECORD_ERROR_INIT;
    engine->composed.len = 0;
    mst_groups_compose(&rules->groups, (mst_text){subject->id, subject->id_len}, merged->texts,
                       &engine->composed);
    if (mst_read_record(rules->reader, rules->vm, engine->composed.ptr, engine->composed.len,
                        engine->now, &error) != MST_OK) {
        mst_log(MST_LOG_ERROR, "stored_facts_unreadable", "subject=%s reason=%s",
                MST_LOG_QUOTED(subject->id), MST_LOG_QUOTED(error.message));
        return error.message;
    }
    set_observed(rules, merged);
    return NULL;
}

/* True where each stored group is one that the rules know, and has a text. */
static bool take_stored(const mst_ruleset *rules, const mst_state_subject *stored,
                        struct merged *merged)
{
    uint32_t taken = 0;
    memset(merged->texts, 0, sizeof merged->texts);
    for (uint32_t i = 0; i < MST_GROUPS_MAX; i++)
        merged->observed[i] = INT64_MIN;
    for (uint32_t i = 0; i < stored->group_count; i++) {
        const mst_state_group *group = &stored->groups[i];
        uint32_t path = path_of_name(rules, group->name);
        if (path == rules->groups.path_count)
            continue;
        merged->observed[path] = group->observed;
        if (group->text.len >= 2)
            merged->texts[path] = (mst_text){group->text.ptr + 1, group->text.len - 2};
        taken += merged->texts[path].ptr != NULL;
    }
    return taken == stored->group_count;
}

/* What the roster knows of a subject's groups, from what is stored. */
static void note_groups(const mst_ruleset *rules, struct mst_subject *subject, bool is_whole,
                        const struct merged *merged)
{
    subject->is.is_whole = is_whole;
    subject->groups = 0;
    subject->newest = INT64_MIN;
    for (uint32_t i = 0; i < rules->groups.path_count; i++) {
        if (merged->texts[i].ptr)
            subject->groups |= (uint64_t)1 << i;
        if (merged->observed[i] > subject->newest)
            subject->newest = merged->observed[i];
    }
}

bool mst_engine_load(mst_engine *engine, mst_ruleset *rules, uint32_t slot)
{
    struct merged merged;
    mst_state_subject stored;
    mst_state_status status = mst_state_read(engine->state, slot, &stored);
    if (status != MST_STATE_OK) {
        mst_engine_keep(engine, status);
        return false;
    }
    bool is_whole = take_stored(rules, &stored, &merged);
    struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    if (rules == engine->rules)
        note_groups(rules, subject, is_whole, &merged);
    return !read_merged(engine, rules, subject, &merged);
}

/* ---- records ----------------------------------------------------------------------------- */

static void settle_observed(mst_engine *engine, mst_record_groups *record, uint32_t path_count)
{
    uint64_t there = record->present | record->cleared;
    for (uint32_t i = 0; i < path_count; i++) {
        if ((there >> i & 1) == 0)
            continue;
        if ((record->has_observed >> i & 1) == 0) {
            record->observed[i] = engine->arrival;
        } else if (record->observed[i] > engine->now + MST_AHEAD_MAX_S) {
            record->observed[i] = engine->now;
            engine->counts.observed_ahead++;
        }
    }
}

/* Takes the groups that are older than what is kept out of the record; adds the kept ones that the
 * record has not to `merged`. */
static void drop_older(mst_engine *engine, mst_record_groups *record, uint32_t path_count,
                       struct merged *merged)
{
    for (uint32_t i = 0; i < path_count; i++) {
        uint64_t bit = (uint64_t)1 << i;
        if (((record->present | record->cleared) & bit) == 0)
            continue;
        if (record->observed[i] < merged->observed[i]) {
            record->present &= ~bit;
            record->cleared &= ~bit;
            engine->counts.groups_older++;
        }
    }
}

static void take_record(const mst_record_groups *record, uint32_t path_count, struct merged *merged)
{
    for (uint32_t i = 0; i < path_count; i++) {
        uint64_t bit = (uint64_t)1 << i;
        if (record->present & bit)
            merged->texts[i] = (mst_text){record->text[i], record->len[i]};
        else if (record->cleared & bit)
            merged->texts[i] = (mst_text){NULL, 0};
        if ((record->present | record->cleared) & bit)
            merged->observed[i] = record->observed[i];
    }
}

static void put_groups(mst_engine *engine, uint32_t slot, mst_record_groups *record)
{
    const mst_ruleset *rules = engine->rules;
    struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    for (uint32_t i = 0; i < rules->groups.path_count; i++) {
        uint64_t bit = (uint64_t)1 << i;
        mst_text text = {"", 0};
        if (((record->present | record->cleared) & bit) == 0)
            continue;
        if (record->present & bit) {
            record->text[i][record->len[i]] = '}';
            text = (mst_text){record->text[i] - 1, record->len[i] + 2};
        }
        mst_engine_keep(engine, mst_state_put_group(engine->state, slot, rules->group_names[i],
                                                    record->observed[i], text));
        if (record->observed[i] > subject->newest)
            subject->newest = record->observed[i];
    }
    subject->groups = (subject->groups & ~record->cleared) | record->present;
}

/* Whether what is kept of the subject matters for its facts after this record. */
static bool needs_stored(const mst_engine *engine, const struct mst_subject *subject,
                         const mst_record_groups *record, uint32_t path_count)
{
    uint64_t there = record->present | record->cleared;
    if (subject->epoch != engine->epoch || (subject->groups & ~there) != 0)
        return true;
    for (uint32_t i = 0; i < path_count; i++)
        if ((there >> i & 1) != 0 && record->observed[i] < subject->newest)
            return true;
    return false;
}

/* Whether the subject may have the record's groups beside those that are kept of it. Rules have
 * few, but those of earlier rules are kept too. */
static bool has_room(const mst_ruleset *rules, const mst_state_subject *stored,
                     const mst_record_groups *record)
{
    const uint64_t there = record->present | record->cleared;
    uint32_t count = stored->group_count;
    if (count + MST_GROUPS_MAX <= MST_STATE_GROUP_MAX)
        return true;
    for (uint32_t path = 0; path < rules->groups.path_count; path++) {
        uint32_t at = 0;
        while (at < stored->group_count && stored->groups[at].name != rules->group_names[path])
            at++;
        count += (there >> path & 1) != 0 && at == stored->group_count;
    }
    return count <= MST_STATE_GROUP_MAX;
}

static void say_too_many(char message[MST_RULESET_WHY_BYTES])
{
    snprintf(message, MST_RULESET_WHY_BYTES,
             "the subject would have more than %d groups of facts, those that earlier rules read "
             "included: delete it, then send all that is known of it",
             MST_STATE_GROUP_MAX);
}

/* The record's groups are all that matters: what is kept need not be read to be evaluated. */
static bool replace(mst_engine *engine, uint32_t slot, bool is_new,
                    char message[MST_RULESET_WHY_BYTES])
{
    const mst_ruleset *rules = engine->rules;
    mst_record_groups *record = &engine->record;
    struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    struct merged merged;
    memset(merged.texts, 0, rules->groups.path_count * sizeof merged.texts[0]);
    if (is_new || subject->is.is_whole) {
        mst_text id = {subject->id, subject->id_len};
        mst_engine_keep(engine, mst_state_put_subject(engine->state, slot, id));
        subject->is.is_whole = record->cleared == 0;
    } else {
        mst_state_subject stored;
        mst_state_status status = mst_state_read(engine->state, slot, &stored);
        if (status != MST_STATE_OK) {
            mst_engine_keep(engine, status);
            return false;
        }
        if (!has_room(rules, &stored, record)) {
            say_too_many(message);
            return false;
        }
    }
    take_record(record, rules->groups.path_count, &merged);
    set_observed(rules, &merged);
    put_groups(engine, slot, record);
    return true;
}

bool mst_engine_merge(mst_engine *engine, uint32_t slot, bool is_new,
                      char message[MST_RULESET_WHY_BYTES])
{
    const mst_ruleset *rules = engine->rules;
    mst_record_groups *record = &engine->record;
    uint32_t path_count = rules->groups.path_count;
    struct mst_subject *subject = mst_roster_at(&engine->roster, slot);
    struct merged merged;
    mst_state_subject stored;
    settle_observed(engine, record, path_count);
    if (is_new || !needs_stored(engine, subject, record, path_count))
        return replace(engine, slot, is_new, message);
    mst_state_status status = mst_state_read(engine->state, slot, &stored);
    if (status != MST_STATE_OK) {
        mst_engine_keep(engine, status);
        return false;
    }
    bool is_whole = take_stored(rules, &stored, &merged);
    note_groups(rules, subject, is_whole, &merged);
    if (!has_room(rules, &stored, record)) {
        say_too_many(message);
        return false;
    }
    drop_older(engine, record, path_count, &merged);
    take_record(record, path_count, &merged);
    const char *why = read_merged(engine, rules, subject, &merged);
    if (why) {
        snprintf(message, MST_RULESET_WHY_BYTES,
                 "what is kept of the subject cannot be read (%s): send all groups of it at once, "
                 "or delete it",
                 why);
        return false;
    }
    subject->is.is_whole = is_whole && record->cleared == 0;
    put_groups(engine, slot, record);
    return true;
}
