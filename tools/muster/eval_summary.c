/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_summary.c - what stands under the table: how often each outcome, which checks fail most,
 * which facts the unknown lack, and which facts no record had. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval_run.h"
#include "instant.h"
#include "output.h"
#include "table.h"
#include "terminal.h"
#include "tool.h"

#define MOST_SHOWN 5 /* failing checks, causes */
#define FACTS_SHOWN 10
#define BAR_COLUMNS 20

/* Something that was counted. */
struct tally {
    mst_text name, title;
    mst_kind kind;        /* of an outcome */
    mst_cause_kind cause; /* of a cause */
    uint64_t count;
};

/* What was counted of one verdict. */
struct tallies {
    struct tally *outcomes; /* the last one is the unknown */
    uint32_t *outcome_of;   /* by the outcome of a verdict: which of them */
    struct tally *checks;   /* that failed */
    struct tally *causes;   /* of unknown verdicts */
    size_t outcome_count, cause_count, cause_capacity;
};

/* Of one worker. Who evaluates changes only its own; they are added up when all is done. */
struct mst_tool_summary {
    struct tallies *tallies; /* by wanted verdict */
};

static bool is_same_text(mst_text a, mst_text b)
{
    return a.len == b.len && (a.ptr == b.ptr || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ---- counting ---------------------------------------------------------------------------- */

/* Several cases of a decision may have one outcome; they are counted together. */
static uint32_t find_outcome(const struct tallies *tallies, mst_text name)
{
    uint32_t i = 0;
    while (i < tallies->outcome_count && !is_same_text(tallies->outcomes[i].name, name))
        i++;
    return i;
}

static void add_outcome(struct tallies *tallies, mst_text name, mst_kind kind)
{
    tallies->outcomes[tallies->outcome_count++] = (struct tally){.name = name, .kind = kind};
}

static void prepare_outcomes(struct tallies *tallies, const mst_image *image,
                             const mst_tool_wanted *wanted)
{
    const mst_verdict_info *info = &wanted->info;
    uint32_t count = info->is_policy ? 2 : info->case_count;
    mst_verdict verdict = MST_VERDICT_INIT;
    verdict.index = wanted->index;
    tallies->outcomes = mst_tool_resize(NULL, (count + 1) * sizeof *tallies->outcomes);
    tallies->outcome_of = mst_tool_resize(NULL, (count + 1) * sizeof *tallies->outcome_of);
    for (uint32_t i = 0; i < count; i++) {
        verdict.outcome = i;
        verdict.kind = !info->is_policy ? MST_KIND_CASE : i == 0 ? MST_KIND_PASS : MST_KIND_FAIL;
        mst_text name = mst_outcome_name(image, &verdict);
        tallies->outcome_of[i] = 0;
        if (is_same_text(name, (mst_text){"unknown", 7}))
            continue; /* `then unknown`: counted as such */
        tallies->outcome_of[i] = find_outcome(tallies, name);
        if (tallies->outcome_of[i] == tallies->outcome_count)
            add_outcome(tallies, name, verdict.kind);
    }
    verdict.outcome = info->is_policy ? 2 : MST_INDEX_NONE;
    verdict.kind = MST_KIND_UNKNOWN;
    add_outcome(tallies, mst_outcome_name(image, &verdict), MST_KIND_UNKNOWN);
}

static void prepare_checks(struct tallies *tallies, const mst_image *image,
                           const mst_tool_wanted *wanted)
{
    uint32_t count = wanted->info.check_count;
    tallies->checks = mst_tool_resize(NULL, count * sizeof *tallies->checks);
    for (uint32_t i = 0; i < count; i++)
        tallies->checks[i] = (struct tally){.name = mst_check_name(image, wanted->index, i),
                                            .title = mst_check_title(image, wanted->index, i)};
}

mst_tool_summary *mst_tool_summary_new(const mst_tool_run *run)
{
    mst_tool_summary *summary = mst_tool_resize(NULL, sizeof *summary);
    summary->tallies = mst_tool_resize(NULL, run->wanted_count * sizeof *summary->tallies);
    for (size_t i = 0; i < run->wanted_count; i++) {
        const mst_tool_wanted *wanted = &run->wanted[i];
        const mst_image *image = run->modules[wanted->module].image;
        summary->tallies[i] = (struct tallies){.outcome_count = 0};
        prepare_outcomes(&summary->tallies[i], image, wanted);
        prepare_checks(&summary->tallies[i], image, wanted);
    }
    return summary;
}

void mst_tool_summary_free(mst_tool_summary *summary, const mst_tool_run *run)
{
    for (size_t i = 0; i < run->wanted_count; i++) {
        free(summary->tallies[i].outcomes);
        free(summary->tallies[i].outcome_of);
        free(summary->tallies[i].checks);
        free(summary->tallies[i].causes);
    }
    free(summary->tallies);
    free(summary);
}

static void count_cause(struct tallies *tallies, mst_cause_kind kind, mst_text name, uint64_t count)
{
    for (size_t i = 0; i < tallies->cause_count; i++) {
        struct tally *tally = &tallies->causes[i];
        if (tally->cause == kind && is_same_text(tally->name, name)) {
            tally->count += count;
            return;
        }
    }
    tallies->causes = mst_tool_grow(tallies->causes, tallies->cause_count, &tallies->cause_capacity,
                                    sizeof *tallies->causes);
    tallies->causes[tallies->cause_count++] =
        (struct tally){.name = name, .cause = kind, .count = count};
}

void mst_tool_summary_count(mst_tool_summary *summary, const mst_tool_run *run, size_t wanted,
                            const mst_verdict *verdict, mst_vm *vm)
{
    struct tallies *tallies = &summary->tallies[wanted];
    if (verdict->kind == MST_KIND_FAIL && verdict->check < run->wanted[wanted].info.check_count)
        tallies->checks[verdict->check].count++;
    if (verdict->kind != MST_KIND_UNKNOWN) {
        tallies->outcomes[tallies->outcome_of[verdict->outcome]].count++;
        return;
    }
    tallies->outcomes[tallies->outcome_count - 1].count++;
    uint32_t cursor = 0;
    mst_cause cause = MST_CAUSE_INIT;
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK)
        count_cause(tallies, cause.kind, cause.name, 1);
}

static void add_tallies(struct tallies *tallies, const struct tallies *more, size_t check_count)
{
    for (size_t i = 0; i < tallies->outcome_count; i++)
        tallies->outcomes[i].count += more->outcomes[i].count;
    for (size_t i = 0; i < check_count; i++)
        tallies->checks[i].count += more->checks[i].count;
    for (size_t i = 0; i < more->cause_count; i++)
        count_cause(tallies, more->causes[i].cause, more->causes[i].name, more->causes[i].count);
}

/* ---- showing ----------------------------------------------------------------------------- */

/* "81.2 %" in tenths, rounded down, so that only all of them are 100 %. */
static void add_percent(mst_tool_table *table, uint64_t part, uint64_t whole)
{
    char text[32];
    uint64_t tenths = whole > 0 ? part * 1000 / whole : 0;
    snprintf(text, sizeof text, "%u.%u %%", (unsigned)(tenths / 10), (unsigned)(tenths % 10));
    mst_tool_table_text(table, text);
}

/* A bar in eighths of a column; what is there at all is visible. */
static void add_bar(mst_tool_table *table, const struct tally *tally, uint64_t whole)
{
    static const char *const ends[] = {"",       "\u258f", "\u258e", "\u258d",
                                       "\u258c", "\u258b", "\u258a", "\u2589"};
    static const char *const colors[] = {MST_TOOL_GREEN, MST_TOOL_RED, NULL, MST_TOOL_YELLOW};
    static const char full[] = "\u2588";
    char bar[(BAR_COLUMNS + 1) * 3 + 1];
    size_t len = 0;
    double share = whole > 0 ? (double)tally->count / (double)whole : 0;
    unsigned eighths = (unsigned)(share * BAR_COLUMNS * 8 + 0.5);
    if (eighths == 0 && tally->count > 0)
        eighths = 1;
    for (; eighths >= 8; eighths -= 8, len += sizeof full - 1)
        memcpy(bar + len, full, sizeof full - 1);
    len += (size_t)snprintf(bar + len, sizeof bar - len, "%s", ends[eighths]);
    mst_tool_table_cell(table, bar, len, colors[tally->kind]);
}

static void show_outcomes(const struct tallies *tallies)
{
    mst_tool_table table;
    uint64_t whole = 0;
    for (size_t i = 0; i < tallies->outcome_count; i++)
        whole += tallies->outcomes[i].count;
    mst_tool_table_begin(&table, 2, false);
    mst_tool_table_column(&table, "outcome");
    mst_tool_table_column(&table, "count")->is_right = true;
    mst_tool_table_column(&table, "share")->is_right = true;
    mst_tool_table_column(&table, "bar");
    for (size_t i = 0; i < tallies->outcome_count; i++) {
        const struct tally *tally = &tallies->outcomes[i];
        mst_tool_table_cell(&table, tally->name.ptr, tally->name.len, NULL);
        mst_tool_table_count(&table, tally->count);
        add_percent(&table, tally->count, whole);
        add_bar(&table, tally, whole);
    }
    mst_tool_table_end(&table);
}

/* The most frequent first. Equals stay in order: checks as in the rules; causes by name, for
 * whichever worker has met them first. */
static bool is_before(const struct tally *a, const struct tally *b, bool has_causes)
{
    if (a->count != b->count || !has_causes)
        return a->count > b->count;
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = len > 0 ? memcmp(a->name.ptr, b->name.ptr, len) : 0;
    if (order != 0 || a->name.len != b->name.len)
        return order != 0 ? order < 0 : a->name.len < b->name.len;
    return a->cause < b->cause;
}

/* Few enough to be sorted by insertion, which keeps equals in order. */
static size_t sort_tallies(struct tally *list, size_t count, bool has_causes)
{
    size_t shown = 0;
    for (size_t i = 1; i < count; i++) {
        struct tally tally = list[i];
        size_t at = i;
        for (; at > 0 && is_before(&tally, &list[at - 1], has_causes); at--)
            list[at] = list[at - 1];
        list[at] = tally;
    }
    while (shown < count && shown < MOST_SHOWN && list[shown].count > 0)
        shown++;
    return shown;
}

static void show_tallies(const char *title, struct tally *list, size_t count, bool has_causes)
{
    static const char *const causes[] = {"missing", "invalid", "stale", "undecided", "fault"};
    size_t shown = sort_tallies(list, count, has_causes);
    mst_tool_table table;
    if (shown == 0)
        return;
    mst_tool_printf("  %s\n", title);
    mst_tool_table_begin(&table, 4, false);
    mst_tool_table_column(&table, "name");
    mst_tool_table_column(&table, "count")->is_right = true;
    mst_tool_table_column(&table, "title")->min_width = 20;
    for (size_t i = 0; i < shown; i++) {
        mst_tool_table_cell(&table, list[i].name.ptr, list[i].name.len, NULL);
        mst_tool_table_count(&table, list[i].count);
        if (has_causes)
            mst_tool_table_text(&table, causes[list[i].cause]);
        else
            mst_tool_table_cell(&table, list[i].title.ptr, list[i].title.len, NULL);
    }
    mst_tool_table_end(&table);
}

static void show_verdict(const mst_tool_wanted *wanted, struct tallies *tallies)
{
    bool color = mst_tool_wants_color(1);
    mst_text title = wanted->info.title;
    mst_tool_puts(color ? MST_TOOL_BOLD : "");
    mst_tool_puts_tame(wanted->name);
    mst_tool_puts(color ? MST_TOOL_PLAIN : "");
    mst_tool_puts(title.len > 0 ? ": " : "");
    mst_tool_put_tame(title.ptr, title.len);
    mst_tool_puts("\n");
    show_outcomes(tallies);
    show_tallies("failed by", tallies->checks, wanted->info.check_count, false);
    show_tallies("unknown because of", tallies->causes, tallies->cause_count, true);
    mst_tool_puts("\n");
}

/* ---- facts that no record had ------------------------------------------------------------ */

static bool was_seen(const mst_tool_run *run, size_t module, uint32_t fact)
{
    for (size_t i = 0; i < run->worker_count; i++)
        if (mst_reader_seen(run->workers[i].machines[module].reader, fact) > 0)
            return true;
    return false;
}

/* A default makes a fact that is not sent an ordinary one; a part of a record or list goes with
 * the whole. */
static bool is_absent(const mst_tool_run *run, size_t module, uint32_t fact, mst_fact_info *info)
{
    *info = (mst_fact_info)MST_FACT_INFO_INIT;
    return mst_fact_info_at(run->modules[module].image, fact, info) == MST_OK &&
           !info->has_default && info->parent == MST_INDEX_NONE && !was_seen(run, module, fact);
}

/* Modules that share a group share its facts: each is named once. */
static bool is_named_before(const mst_tool_run *run, size_t module, mst_text name)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    for (size_t m = 0; m < module; m++)
        for (uint32_t i = 0; i < mst_fact_count(run->modules[m].image); i++)
            if (run->modules[m].is_used &&
                mst_fact_info_at(run->modules[m].image, i, &info) == MST_OK &&
                is_same_text(info.name, name))
                return true;
    return false;
}

/* The records may have it under a key that is nearly the same. */
static void show_likely(const mst_tool_run *run, const mst_image *image, mst_text path)
{
    const char *meant = mst_tool_keys_nearest(&run->keys, image, path);
    if (meant) {
        mst_tool_puts("; did you mean the key ");
        mst_tool_puts_tame(meant);
        mst_tool_puts("?");
    }
    mst_tool_puts("\n");
}

static size_t show_absent(const mst_tool_run *run, size_t module, size_t shown, uint64_t good)
{
    const mst_image *image = run->modules[module].image;
    mst_fact_info info;
    char count[32];
    for (uint32_t i = 0; i < mst_fact_count(image); i++) {
        if (!is_absent(run, module, i, &info) || is_named_before(run, module, info.name))
            continue;
        if (shown++ == 0)
            mst_tool_puts("facts that no record carried\n");
        if (shown > FACTS_SHOWN)
            continue;
        mst_tool_printf("  %.*s", (int)info.name.len, info.name.ptr);
        if (!is_same_text(info.name, info.path))
            mst_tool_printf(", read from %.*s", (int)info.path.len, info.path.ptr);
        mst_tool_printf(": 0 of %s records", mst_tool_count_text(count, good));
        show_likely(run, image, info.path);
    }
    return shown;
}

static void show_all_absent(const mst_tool_run *run, uint64_t good)
{
    size_t shown = 0;
    for (size_t i = 0; i < run->module_count; i++)
        if (run->modules[i].is_used)
            shown = show_absent(run, i, shown, good);
    if (shown > FACTS_SHOWN)
        mst_tool_printf("  and %zu more\n", shown - FACTS_SHOWN);
    if (shown > 0)
        mst_tool_puts("\n");
}

static void show_totals(const mst_tool_run *run)
{
    char count[32], at[MST_TOOL_INSTANT_BYTES];
    uint64_t good = run->record_count - run->bad_count;
    mst_tool_printf("%s %s evaluated at %s", mst_tool_count_text(count, good),
                    good == 1 ? "record" : "records",
                    mst_tool_instant_text(at, run->at, MST_TOOL_INSTANT_FULL));
    if (run->bad_count > 0)
        mst_tool_printf(", %s rejected", mst_tool_count_text(count, run->bad_count));
    mst_tool_puts("\n");
}

void mst_tool_summary_show(const mst_tool_run *run)
{
    uint64_t good = run->record_count - run->bad_count;
    for (size_t i = 0; i < run->wanted_count && good > 0; i++) {
        struct tallies *tallies = &run->workers[0].summary->tallies[i];
        for (size_t w = 1; w < run->worker_count; w++)
            add_tallies(tallies, &run->workers[w].summary->tallies[i],
                        run->wanted[i].info.check_count);
        show_verdict(&run->wanted[i], tallies);
    }
    if (good > 0)
        show_all_absent(run, good);
    show_totals(run);
}
