/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_calendar.c - decisions that say the same of every subject, on the status page: what they
 * say now, and the dates that they name ahead. These are found by asking them again at each instant
 * at which they turn, so that rules of any kind show what comes next. */
#include <stdlib.h>
#include <string.h>

#include "engine_page.h"

#define STEPS_MAX 8 /* instants at which a decision is asked */
#define DATES_MAX 8
#define DAY_S 86400

/* What is to come, and a text of `texts` about it. */
struct date {
    int64_t at;
    bool is_day;  /* a date without an hour */
    bool is_name; /* the text is the name of a field, not what the decision says */
    size_t text, len;
};

struct calendar {
    mst_engine *engine;
    const struct mst_ruleset_verdict *verdict;
    struct date dates[STEPS_MAX * DATES_MAX];
    unsigned count;
    struct mst_grown texts;
};

/* ---- what it says ------------------------------------------------------------------------ */

/* A text of the last evaluation behind `out`; false where it has none. */
static bool add_part(const struct calendar *calendar, mst_part part, struct mst_grown *out)
{
    const size_t room = calendar->verdict->info.max_output_bytes;
    size_t len = 0;
    char *to = mst_grown_room(out, room);
    if (mst_render(calendar->engine->rules->vm, part, to, room, &len) != MST_OK || len == 0)
        return false;
    out->len += len;
    return true;
}

static void add_label(const struct calendar *calendar, const mst_verdict *verdict,
                      struct mst_grown *out)
{
    if (add_part(calendar, MST_PART_LABEL, out))
        return;
    const mst_text name = mst_outcome_name(&calendar->engine->rules->image, verdict);
    mst_grown_add(out, name.ptr, name.len);
}

/* Whether facts would change it: it lacks one. */
static bool lacks_facts(mst_vm *vm)
{
    mst_cause cause = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    return mst_cause_next(vm, &cursor, &cause) == MST_OK &&
           (cause.kind == MST_CAUSE_MISSING || cause.kind == MST_CAUSE_INVALID ||
            cause.kind == MST_CAUSE_STALE);
}

/* Whether all subjects have the outcome that it has without any facts. */
static bool is_of_all(const struct calendar *calendar, const mst_verdict *verdict)
{
    const mst_engine *engine = calendar->engine;
    const uint32_t number = (uint32_t)(calendar->verdict - engine->rules->verdicts);
    mst_state_verdict wanted = {0};
    mst_ruleset_fill(engine->rules, number, verdict, &wanted);
    for (size_t i = 0; i < engine->tally_count; i++) {
        const struct mst_tally *tally = &engine->tallies[i];
        if (tally->verdict == wanted.name && tally->outcome != wanted.outcome && tally->count > 0)
            return false;
    }
    return !lacks_facts(engine->rules->vm);
}

/* ---- dates ------------------------------------------------------------------------------- */

/* Once each; what a decision says wins over the name of a field. */
static void note_date(struct calendar *calendar, struct date date)
{
    const char *texts = calendar->texts.ptr;
    for (unsigned i = 0; i < calendar->count; i++) {
        struct date *known = &calendar->dates[i];
        const bool is_same =
            known->len == date.len && memcmp(texts + known->text, texts + date.text, date.len) == 0;
        if (known->at != date.at || (!is_same && !known->is_name && !date.is_name))
            continue;
        if (known->is_name && !date.is_name)
            *known = date;
        return;
    }
    if (calendar->count < STEPS_MAX * DATES_MAX)
        calendar->dates[calendar->count++] = date;
}

/* "next_baseline" as people write it. */
static void add_words(struct mst_grown *out, mst_text name)
{
    mst_grown_add(out, name.ptr, name.len);
    for (size_t i = out->len - name.len; i < out->len; i++)
        if (out->ptr[i] == '_')
            out->ptr[i] = ' ';
}

/* Of the last evaluation the fields that lie ahead: the first one is when that happens which the
 * decision says, the others are called by their names. */
static void take_fields(struct calendar *calendar, const mst_verdict *verdict)
{
    mst_field field = MST_FIELD_INIT;
    bool is_first = true;
    for (uint32_t i = 0; mst_field_at(calendar->engine->rules->vm, i, &field) == MST_OK; i++) {
        struct date date = {.is_day = field.type == MST_TYPE_DATE, .is_name = !is_first};
        if (!field.known || (field.type != MST_TYPE_TIME && field.type != MST_TYPE_DATE))
            continue;
        date.at = date.is_day ? field.value * DAY_S : field.value;
        if (date.at <= calendar->engine->now)
            continue;
        date.text = calendar->texts.len;
        if (is_first)
            add_label(calendar, verdict, &calendar->texts);
        else
            add_words(&calendar->texts, field.name);
        date.len = calendar->texts.len - date.text;
        note_date(calendar, date);
        is_first = false;
    }
}

static void take_turn(struct calendar *calendar, const mst_verdict *verdict, int64_t at)
{
    struct date date = {.at = at, .text = calendar->texts.len};
    add_label(calendar, verdict, &calendar->texts);
    date.len = calendar->texts.len - date.text;
    note_date(calendar, date);
}

/* From now on, from turn to turn. A decision without fields ahead has its turns for dates. */
static void take_steps(struct calendar *calendar, bool wants_turns)
{
    const mst_engine *engine = calendar->engine;
    int64_t at = engine->now;
    for (unsigned step = 0; step < STEPS_MAX && at < MST_NEVER; step++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        if (mst_eval(engine->rules->vm, calendar->verdict->index, at, &verdict) != MST_OK)
            return;
        if (!wants_turns)
            take_fields(calendar, &verdict);
        else if (step > 0)
            take_turn(calendar, &verdict, at);
        at = verdict.valid_until;
    }
}

static int compare_dates(const void *a, const void *b)
{
    const struct date *left = a, *right = b;
    return (left->at > right->at) - (left->at < right->at);
}

/* ---- the page ---------------------------------------------------------------------------- */

static void add_now(const struct calendar *calendar, const mst_verdict *verdict,
                    struct mst_grown *out)
{
    struct mst_grown text = {NULL, 0, 0};
    const mst_text title = calendar->verdict->info.title;
    const mst_text name = title.len > 0 ? title : calendar->verdict->info.name;
    mst_grown_puts(out, "<h2>");
    mst_grown_html(out, name.ptr, name.len);
    mst_grown_puts(out, "</h2>\n<p><b>");
    add_label(calendar, verdict, &text);
    mst_grown_html(out, text.ptr, text.len);
    mst_grown_puts(out, "</b>");
    text.len = 0;
    if (add_part(calendar, MST_PART_REASON, &text)) {
        mst_grown_puts(out, " <span class=\"dim\">");
        mst_grown_html(out, text.ptr, text.len);
        mst_grown_puts(out, "</span>");
    }
    mst_grown_puts(out, "</p>\n");
    free(text.ptr);
}

static void add_dates(struct calendar *calendar, struct mst_grown *out)
{
    if (calendar->count == 0)
        return;
    qsort(calendar->dates, calendar->count, sizeof calendar->dates[0], compare_dates);
    mst_grown_puts(out, "<table>\n");
    for (unsigned i = 0; i < calendar->count && i < DATES_MAX; i++) {
        const struct date *date = &calendar->dates[i];
        mst_grown_puts(out, "<tr><th>");
        mst_page_time(out, date->at, date->is_day);
        mst_grown_puts(out, " <span class=\"dim\">");
        mst_page_wait(out, date->at - calendar->engine->now);
        mst_grown_puts(out, "</span></th><td>");
        mst_grown_html(out, calendar->texts.ptr + date->text, date->len);
        mst_grown_puts(out, "</td></tr>\n");
    }
    mst_grown_puts(out, "</table>\n");
}

bool mst_page_calendar(mst_engine *engine, uint32_t number, struct mst_grown *out)
{
    struct calendar calendar = {.engine = engine, .verdict = &engine->rules->verdicts[number]};
    mst_verdict verdict = MST_VERDICT_INIT;
    if (calendar.verdict->info.is_policy)
        return false;
    mst_facts_clear(engine->rules->vm);
    (void)mst_eval(engine->rules->vm, calendar.verdict->index, engine->now, &verdict);
    if (!is_of_all(&calendar, &verdict))
        return false;
    add_now(&calendar, &verdict, out);
    take_steps(&calendar, false);
    if (calendar.count == 0)
        take_steps(&calendar, true);
    add_dates(&calendar, out);
    free(calendar.texts.ptr);
    return true;
}
