/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_fleet.c - `muster diff --facts`: each record is evaluated by both versions. What becomes of
 * whom is kept for the devices that change only; all others are counted.
 *
 * It is a sink of the crew of `muster eval`: the crew's run is that of the newer rules, and each of
 * its workers has one of the older rules beside it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff_show.h"
#include "eval_run.h"
#include "fact_stream.h"
#include "jobs.h"
#include "output.h"
#include "table.h"
#include "terminal.h"
#include "tool.h"

/* What one version says of a device. */
struct saying {
    mst_text outcome, check; /* check: no bytes where none decides */
};

/* So many devices that come from one outcome to another. */
struct transition {
    mst_text before, after;
    uint64_t count;
};

struct flip {
    char *subject;
    struct saying before, after;
};

/* A verdict that both versions have. */
struct pair {
    const mst_tool_wanted *before, *after;
    struct transition *transitions;
    size_t transition_count, transition_capacity;
    struct flip *flips;
    size_t flip_count, flip_capacity;
    uint64_t record_count, flipped_count, other_check_count;
};

struct comparison {
    const mst_tool_fleet *fleet;
    mst_tool_run before, after;
    struct pair *pairs;
    size_t pair_count;
    bool *is_ready; /* by worker: that of the older rules is there */
};

/* What came of a block. */
struct found {
    struct pair *pairs;      /* as those of the comparison */
    mst_tool_bad_record bad; /* the first that was rejected; without a message: none was */
};

static bool is_same(mst_text a, mst_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ---- what is compared -------------------------------------------------------------------- */

static const mst_tool_wanted *find_wanted(const mst_tool_run *run, const char *name)
{
    for (size_t i = 0; i < run->wanted_count; i++)
        if (strcmp(run->wanted[i].name, name) == 0)
            return &run->wanted[i];
    return NULL;
}

static void note_alone(const mst_tool_run *run, const mst_tool_run *other, const char *which)
{
    for (size_t i = 0; i < run->wanted_count; i++)
        if (find_wanted(other, run->wanted[i].name) == NULL)
            mst_tool_say("only the %s rules have the verdict '%s': it is not compared", which,
                         run->wanted[i].name);
}

static int pair_verdicts(struct comparison *c)
{
    c->pairs = mst_tool_resize(NULL, (c->after.wanted_count + 1) * sizeof *c->pairs);
    for (size_t i = 0; i < c->after.wanted_count; i++) {
        const mst_tool_wanted *after = &c->after.wanted[i];
        const mst_tool_wanted *before = find_wanted(&c->before, after->name);
        if (before != NULL)
            c->pairs[c->pair_count++] = (struct pair){.before = before, .after = after};
    }
    note_alone(&c->before, &c->after, "old");
    note_alone(&c->after, &c->before, "new");
    if (c->pair_count > 0)
        return MST_TOOL_GOOD;
    return mst_tool_misused("the rules have no verdict in common: nothing can be compared over the "
                            "facts");
}

/* ---- one record -------------------------------------------------------------------------- */

static void ask(const mst_tool_run *run, const mst_tool_worker *worker,
                const mst_tool_wanted *wanted, struct saying *saying)
{
    const mst_tool_machine *machine = &worker->machines[wanted->module];
    const mst_image *image = machine->image;
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_status status = mst_eval(machine->vm, wanted->index, run->at, &verdict);
    if (status != MST_OK) { /* verified rules at a time that is one: it cannot be */
        mst_tool_failed("cannot evaluate '%s': %s", wanted->name, mst_status_text(status));
        exit(MST_TOOL_FAILED);
    }
    saying->outcome = mst_outcome_name(image, &verdict);
    saying->check = (mst_text){NULL, 0};
    if (verdict.check != MST_INDEX_NONE)
        saying->check = mst_check_name(image, wanted->index, verdict.check);
}

static void count_transition(struct pair *pair, mst_text before, mst_text after, uint64_t count)
{
    size_t i = 0;
    while (i < pair->transition_count && !(is_same(pair->transitions[i].before, before) &&
                                           is_same(pair->transitions[i].after, after)))
        i++;
    if (i == pair->transition_count) {
        pair->transitions = mst_tool_grow(pair->transitions, i, &pair->transition_capacity,
                                          sizeof *pair->transitions);
        pair->transitions[pair->transition_count++] = (struct transition){before, after, 0};
    }
    pair->transitions[i].count += count;
}

static char *copy_subject(const mst_tool_machine *machine)
{
    mst_text subject = {NULL, 0};
    mst_fact_info info = MST_FACT_INFO_INIT;
    uint32_t index = mst_image_subject(machine->image);
    if (index != MST_INDEX_NONE && mst_fact_info_at(machine->image, index, &info) == MST_OK)
        subject = mst_fact_text_of(machine->vm, info.slot);
    return subject.ptr != NULL ? mst_tool_copy(subject.ptr, subject.len) : mst_tool_copy("-", 1);
}

static void compare_verdict(const struct comparison *c, struct pair *pair,
                            const mst_tool_worker *old, const mst_tool_worker *new)
{
    struct saying before, after;
    ask(&c->before, old, pair->before, &before);
    ask(&c->after, new, pair->after, &after);
    pair->record_count++;
    count_transition(pair, before.outcome, after.outcome, 1);
    if (is_same(before.outcome, after.outcome)) {
        pair->other_check_count += !is_same(before.check, after.check);
        return;
    }
    pair->flipped_count++;
    if (pair->flip_count >= c->fleet->limit)
        return;
    pair->flips =
        mst_tool_grow(pair->flips, pair->flip_count, &pair->flip_capacity, sizeof *pair->flips);
    pair->flips[pair->flip_count++] =
        (struct flip){copy_subject(&new->machines[pair->after->module]), before, after};
}

/* The worker of the older rules beside one of the crew. */
static const mst_tool_worker *find_older(struct comparison *c, const mst_tool_worker *worker)
{
    size_t i = (size_t)(worker - c->after.workers);
    if (!c->is_ready[i] && mst_tool_worker_init(&c->before.workers[i], &c->before) != MST_TOOL_GOOD)
        exit(MST_TOOL_FAILED); /* the first could be made: it cannot be */
    c->is_ready[i] = true;
    return &c->before.workers[i];
}

static bool read_older(const struct comparison *c, const mst_tool_worker *worker,
                       const mst_frame *frame, mst_record_error *error)
{
    for (size_t i = 0; i < c->before.module_count; i++) {
        const mst_tool_machine *machine = &worker->machines[i];
        if (machine->vm && mst_read_record(machine->reader, machine->vm, frame->text, frame->len,
                                           c->fleet->at, error) != MST_OK)
            return false;
    }
    return true;
}

/* ---- the crew's sink --------------------------------------------------------------------- */

static struct found *found_of(mst_tool_batch *batch)
{
    const struct comparison *c = batch->run->context;
    struct found *found = batch->found;
    if (found)
        return found;
    batch->found = found = mst_tool_resize(NULL, sizeof *found);
    *found = (struct found){.pairs = mst_tool_resize(NULL, c->pair_count * sizeof *found->pairs)};
    for (size_t i = 0; i < c->pair_count; i++)
        found->pairs[i] = (struct pair){.before = c->pairs[i].before, .after = c->pairs[i].after};
    return found;
}

static bool take_record(mst_tool_batch *batch, const mst_tool_worker *worker,
                        const mst_frame *frame, mst_record_error *error)
{
    struct comparison *c = batch->run->context;
    const mst_tool_worker *older = find_older(c, worker);
    if (!read_older(c, older, frame, error))
        return false;
    for (size_t i = 0; i < c->pair_count; i++)
        compare_verdict(c, &found_of(batch)->pairs[i], older, worker);
    return true;
}

static void note_bad(mst_tool_batch *batch, uint64_t line, const mst_record_error *error)
{
    struct found *found = found_of(batch);
    if (found->bad.message == NULL)
        found->bad = (mst_tool_bad_record){
            .line = line,
            .byte = error->byte,
            .message = mst_tool_copy(error->message, strlen(error->message)),
        };
}

static void add_pair(const struct comparison *c, struct pair *to, struct pair *from)
{
    to->record_count += from->record_count;
    to->flipped_count += from->flipped_count;
    to->other_check_count += from->other_check_count;
    for (size_t i = 0; i < from->transition_count; i++) {
        const struct transition *t = &from->transitions[i];
        count_transition(to, t->before, t->after, t->count);
    }
    for (size_t i = 0; i < from->flip_count; i++) {
        if (to->flip_count >= c->fleet->limit) {
            free(from->flips[i].subject);
            continue;
        }
        to->flips = mst_tool_grow(to->flips, to->flip_count, &to->flip_capacity, sizeof *to->flips);
        to->flips[to->flip_count++] = from->flips[i];
    }
    free(from->flips);
    free(from->transitions);
}

static void put_found(mst_tool_run *run, mst_tool_batch *batch)
{
    struct comparison *c = run->context;
    struct found *found = batch->found;
    if (!found)
        return;
    if (found->bad.message != NULL && run->bad_count == 0)
        mst_tool_say("%s, line %llu, byte %u of the record: %s; further ones are only counted",
                     run->facts, (unsigned long long)found->bad.line, found->bad.byte,
                     found->bad.message);
    for (size_t i = 0; i < c->pair_count; i++)
        add_pair(c, &c->pairs[i], &found->pairs[i]);
    free(found->bad.message);
    free(found->pairs);
    free(found);
    batch->found = NULL;
}

static void wait_idly(const mst_tool_run *run)
{
    (void)run;
}

static const mst_tool_sink sink = {
    .record = take_record,
    .bad_record = note_bad,
    .put = put_found,
    .idle = wait_idly,
};

/* ---- showing ----------------------------------------------------------------------------- */

static void put_mst_text(mst_tool_table *table, mst_text text, const char *color)
{
    mst_tool_table_cell(table, text.len > 0 ? text.ptr : "-", text.len > 0 ? text.len : 1, color);
}

static int compare_texts(mst_text a, mst_text b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_transitions(const void *a, const void *b)
{
    const struct transition *x = a, *y = b;
    bool x_stays = is_same(x->before, x->after), y_stays = is_same(y->before, y->after);
    if (x_stays != y_stays)
        return x_stays ? 1 : -1;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    int order = compare_texts(x->before, y->before);
    return order != 0 ? order : compare_texts(x->after, y->after);
}

/* A line for each way from one outcome to another, those who stay last. */
static void show_transitions(struct pair *pair)
{
    mst_tool_table table;
    if (pair->transition_count == 0)
        return;
    qsort(pair->transitions, pair->transition_count, sizeof *pair->transitions,
          compare_transitions);
    mst_tool_table_begin(&table, 2, true);
    mst_tool_table_column(&table, "BEFORE")->min_width = 12;
    mst_tool_table_column(&table, "AFTER")->min_width = 12;
    mst_tool_table_column(&table, "DEVICES")->is_right = true;
    for (size_t i = 0; i < pair->transition_count; i++) {
        const struct transition *t = &pair->transitions[i];
        bool stays = is_same(t->before, t->after);
        put_mst_text(&table, t->before, NULL);
        put_mst_text(&table, stays ? (mst_text){"the same", 8} : t->after,
                     stays ? NULL : MST_TOOL_YELLOW);
        mst_tool_table_count(&table, t->count);
    }
    mst_tool_table_end(&table);
}

static void show_flips(const struct pair *pair)
{
    mst_tool_table table;
    char count[32];
    if (pair->flip_count == 0)
        return;
    mst_tool_puts("\n");
    mst_tool_table_begin(&table, 2, true);
    mst_tool_table_column(&table, "SUBJECT")->min_width = 16;
    mst_tool_table_column(&table, "BEFORE")->min_width = 12;
    mst_tool_table_column(&table, "CHECK")->min_width = 8;
    mst_tool_table_column(&table, "AFTER")->min_width = 12;
    mst_tool_table_column(&table, "CHECK")->min_width = 8;
    for (size_t i = 0; i < pair->flip_count; i++) {
        const struct flip *flip = &pair->flips[i];
        mst_tool_table_text(&table, flip->subject);
        put_mst_text(&table, flip->before.outcome, NULL);
        put_mst_text(&table, flip->before.check, NULL);
        put_mst_text(&table, flip->after.outcome, MST_TOOL_YELLOW);
        put_mst_text(&table, flip->after.check, NULL);
    }
    mst_tool_table_end(&table);
    if (pair->flipped_count > pair->flip_count)
        mst_tool_printf("  and %s more; --limit shows more of them\n",
                        mst_tool_count_text(count, pair->flipped_count - pair->flip_count));
}

static void show_pair(struct pair *pair)
{
    bool color = mst_tool_wants_color(STDOUT_FILENO);
    char flipped[32], all[32], other[32];
    mst_tool_puts(color ? "\n" MST_TOOL_BOLD : "\n");
    mst_tool_puts_tame(pair->after->name);
    mst_tool_puts(color ? MST_TOOL_PLAIN : "");
    mst_tool_printf(": %s of %s device%s change", mst_tool_count_text(flipped, pair->flipped_count),
                    mst_tool_count_text(all, pair->record_count), &"s"[pair->record_count == 1]);
    if (pair->other_check_count > 0)
        mst_tool_printf("; %s more, only the check that decides",
                        mst_tool_count_text(other, pair->other_check_count));
    mst_tool_puts("\n");
    show_transitions(pair);
    show_flips(pair);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_json(const char *before, mst_text text)
{
    mst_tool_puts(before);
    if (text.len > 0)
        mst_tool_put_json(text.ptr, text.len);
    else
        mst_tool_puts("null");
}

static void put_json_saying(const char *key, const struct saying *saying)
{
    mst_tool_printf(",\"%s\":{", key);
    put_json("\"outcome\":", saying->outcome);
    put_json(",\"check\":", saying->check);
    mst_tool_puts("}");
}

static void show_pair_json(const struct pair *pair)
{
    mst_text name = {pair->after->name, (uint32_t)strlen(pair->after->name)};
    for (size_t i = 0; i < pair->transition_count; i++) {
        const struct transition *t = &pair->transitions[i];
        put_json("{\"verdict\":", name);
        put_json(",\"before\":", t->before);
        put_json(",\"after\":", t->after);
        mst_tool_printf(",\"devices\":%llu}\n", (unsigned long long)t->count);
    }
    for (size_t i = 0; i < pair->flip_count; i++) {
        const struct flip *flip = &pair->flips[i];
        put_json("{\"subject\":", (mst_text){flip->subject, (uint32_t)strlen(flip->subject)});
        put_json(",\"verdict\":", name);
        put_json_saying("before", &flip->before);
        put_json_saying("after", &flip->after);
        mst_tool_puts("}\n");
    }
}

/* ---- the whole --------------------------------------------------------------------------- */

static void show(struct comparison *c)
{
    for (size_t i = 0; i < c->pair_count; i++) {
        if (c->fleet->is_json)
            show_pair_json(&c->pairs[i]);
        else
            show_pair(&c->pairs[i]);
    }
    char count[32];
    if (c->after.bad_count > 0)
        mst_tool_say("%s record%s rejected", mst_tool_count_text(count, c->after.bad_count),
                     c->after.bad_count == 1 ? " was" : "s were");
}

static int run(struct comparison *c)
{
    mst_tool_stream stream;
    int code = mst_tool_stream_open(&stream, c->fleet->facts, mst_tool_crew_blocks(c->after.jobs));
    if (code != MST_TOOL_GOOD)
        return code;
    code = mst_tool_crew_run(&c->after, &stream);
    mst_tool_progress_clear();
    mst_tool_stream_close(&stream);
    if (code != MST_TOOL_GOOD)
        return code;
    show(c);
    return c->after.bad_count > 0 ? MST_TOOL_WANTING : MST_TOOL_GOOD;
}

/* Workers that are there to the front, for mst_tool_run_release(). */
static void gather_workers(struct comparison *c)
{
    for (size_t i = 1; c->is_ready != NULL && i < c->after.worker_count; i++)
        if (c->is_ready[i])
            c->before.workers[c->before.worker_count++] = c->before.workers[i];
}

static void release(struct comparison *c)
{
    for (size_t i = 0; i < c->pair_count; i++) {
        struct pair *pair = &c->pairs[i];
        for (size_t k = 0; k < pair->flip_count; k++)
            free(pair->flips[k].subject);
        free(pair->flips);
        free(pair->transitions);
    }
    free(c->pairs);
    gather_workers(c);
    free(c->is_ready);
    mst_tool_run_release(&c->before);
    mst_tool_run_release(&c->after);
}

int mst_tool_compare_fleet(const mst_tool_fleet *fleet, const mst_tool_rules *before,
                           const mst_tool_rules *after)
{
    size_t jobs = fleet->jobs != 0 ? fleet->jobs : mst_tool_usual_jobs();
    const mst_tool_run alone = {.at = fleet->at, .sink = &sink, .jobs = jobs};
    struct comparison c = {.fleet = fleet, .before = alone, .after = alone};
    c.after.context = &c;
    c.after.facts = strcmp(fleet->facts, "-") == 0 ? "standard input" : fleet->facts;
    int code = mst_tool_run_prepare(&c.before, before, fleet->verdicts, fleet->verdict_count);
    if (code == MST_TOOL_GOOD)
        code = mst_tool_run_prepare(&c.after, after, fleet->verdicts, fleet->verdict_count);
    if (code == MST_TOOL_GOOD)
        code = pair_verdicts(&c);
    if (code == MST_TOOL_GOOD) {
        c.is_ready = mst_tool_resize(NULL, jobs * sizeof *c.is_ready);
        memset(c.is_ready, 0, jobs * sizeof *c.is_ready);
        c.is_ready[0] = true;
        code = run(&c);
    }
    release(&c);
    return code;
}

/* ---- options ----------------------------------------------------------------------------- */

void mst_tool_fleet_add(mst_tool_fleet *fleet, const char *verdict)
{
    fleet->verdicts = mst_tool_grow(fleet->verdicts, fleet->verdict_count, &fleet->verdict_capacity,
                                    sizeof *fleet->verdicts);
    fleet->verdicts[fleet->verdict_count++] = verdict;
}

int mst_tool_fleet_limit(mst_tool_fleet *fleet, const char *text)
{
    char *end;
    fleet->limit = strtoull(text, &end, 10);
    fleet->has_limit = true;
    if (text[0] < '0' || text[0] > '9' || *end != '\0')
        return mst_tool_misused("--limit needs a number of devices, not '%s'", text);
    return MST_TOOL_GOOD;
}
