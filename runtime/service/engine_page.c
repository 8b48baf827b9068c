/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_page.c - /metrics for machines and the status page for people. */
#include "engine_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/builtins.h"

#define DAY_S 86400

typedef unsigned long long count;

/* ---- metrics ----------------------------------------------------------------------------- */

static void add_metric(struct mst_grown *out, const char *name, const char *type, const char *help,
                       uint64_t value)
{
    mst_grown_printf(out, "# HELP muster_%s %s\n# TYPE muster_%s %s\nmuster_%s %llu\n", name, help,
                     name, type, name, (count)value);
}

static void add_seconds(struct mst_grown *out, const char *name, const char *help, int64_t us)
{
    mst_grown_printf(out, "# HELP muster_%s %s\n# TYPE muster_%s gauge\nmuster_%s %.6f\n", name,
                     help, name, name, (double)us / 1e6);
}

static void add_label(const mst_engine *engine, struct mst_grown *out, const char *label,
                      uint32_t name)
{
    mst_text text = mst_state_name_text(engine->state, name);
    mst_grown_label(out, label, text.ptr, text.len);
}

static void add_tallies(const mst_engine *engine, struct mst_grown *out)
{
    mst_grown_puts(out,
                   "# HELP muster_subjects_by_verdict Subjects by verdict, outcome and check.\n"
                   "# TYPE muster_subjects_by_verdict gauge\n");
    for (size_t i = 0; i < engine->tally_count; i++) {
        const struct mst_tally *tally = &engine->tallies[i];
        mst_grown_puts(out, "muster_subjects_by_verdict");
        add_label(engine, out, "verdict", tally->verdict);
        add_label(engine, out, "outcome", tally->outcome);
        add_label(engine, out, "check", tally->check);
        mst_grown_printf(out, "} %lld\n", (long long)tally->count);
    }
}

void mst_engine_metrics(mst_engine *engine, struct mst_query *query)
{
    struct mst_grown *out = &query->body;
    const struct mst_engine_counts *counts = &engine->counts;
    const struct {
        const char *name, *type, *help;
        uint64_t value;
    } metrics[] = {
        {"ready", "gauge", "1 while records can be kept.", engine->is_ready},
        {"subjects", "gauge", "Subjects that are kept.", engine->roster.count},
        {"records_accepted_total", "counter", "Records that were kept.", counts->accepted},
        {"records_rejected_total", "counter", "Bad records.", counts->rejected},
        {"records_retried_total", "counter", "Records that could not be kept.", counts->retried},
        {"batches_total", "counter", "Batches of records.", counts->batches},
        {"commits_failed_total", "counter", "Batches that could not be kept.",
         counts->commits_failed},
        {"groups_older_total", "counter", "Groups dropped for older than what is kept.",
         counts->groups_older},
        {"observed_ahead_total", "counter", "Observed times set back to the arrival.",
         counts->observed_ahead},
        {"changes_total", "counter", "Verdicts that turned.", counts->changes},
        {"change_sequence", "gauge", "Id of the last change.", engine->committed_changes},
        {"evaluations_due_total", "counter", "Evaluations because time passed.",
         counts->evaluations_due},
        {"evaluations_rules_total", "counter", "Evaluations because rules or clock changed.",
         counts->evaluations_swept},
        {"due", "gauge", "Subjects whose time has come, not evaluated yet.",
         engine->wheel.ripe_count},
        {"timers", "gauge", "Subjects whose verdicts will change with time.", engine->wheel.count},
        {"rules_taken_total", "counter", "New rules that became active.", counts->reloads},
        {"rules_refused_total", "counter", "New rules that were refused.", counts->reloads_refused},
        {"clock_held_total", "counter", "Looks at a clock that was slightly behind.",
         counts->clock_held},
        {"clock_back_total", "counter", "Jumps of the clock back, all evaluated anew.",
         counts->clock_back},
        {"clock_ahead_total", "counter", "Jumps of the clock ahead.", counts->clock_ahead},
    };
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        add_metric(out, metrics[i].name, metrics[i].type, metrics[i].help, metrics[i].value);
    add_seconds(out, "due_lag_seconds", "How late the last due verdicts were evaluated.",
                counts->lag_us);
    add_seconds(out, "due_lag_max_seconds", "The same at worst, since the start.",
                counts->lag_us_max);
    mst_grown_puts(out, "# HELP muster_rules_info The active rules.\n"
                        "# TYPE muster_rules_info gauge\nmuster_rules_info");
    mst_grown_label(out, "rules", engine->rules->id, strlen(engine->rules->id));
    mst_grown_puts(out, "} 1\n");
    add_tallies(engine, out);
}

/* ---- the page ---------------------------------------------------------------------------- */

static const char page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta http-equiv=\"refresh\" content=\"10\"><title>Muster</title>\n<style>\n"
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
    "color:#1c2430;background:#fff}\n"
    "h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .4rem}\n"
    "p{margin:.2rem 0}.dim{color:#5a6573}\n"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem .3rem 0;"
    "border-bottom:1px solid #e3e7ec;vertical-align:top}th{font-weight:500;width:40%}\n"
    "td.n{text-align:right;font-variant-numeric:tabular-nums;width:6rem;white-space:nowrap}\n"
    "td.bar{padding-left:.6rem}"
    "td.bar span{display:block;height:.8rem;border-radius:2px;min-width:1px}\n"
    ".k0 span{background:#2c8a4b}.k1 span{background:#c4452f}.k2 span{background:#3b6fb5}"
    ".k3 span{background:#b98a1e}\n"
    ".good{color:#2c8a4b}.bad{color:#c4452f;font-weight:600}\n"
    "@media (prefers-color-scheme:dark){body{color:#dfe5ec;background:#14181d}.dim{color:#93a0ae}"
    "th,td{border-color:#2b323a}.good{color:#55c07c}.bad{color:#f0806c}}\n"
    "@media (max-width:40rem){body{margin:1rem auto}th{width:50%;overflow-wrap:anywhere}"
    "td.n{width:auto}td.bar{width:14%}}\n"
    "</style></head><body>\n";

static void add_name(const mst_engine *engine, struct mst_grown *out, uint32_t name)
{
    mst_text text = mst_state_name_text(engine->state, name);
    mst_grown_html(out, text.ptr, text.len);
}

static void add_number(struct mst_grown *out, int64_t number)
{
    char digits[32], text[48];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)number), at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            text[at++] = ',';
        text[at++] = digits[i];
    }
    mst_grown_add(out, text, (size_t)at);
}

void mst_page_time(struct mst_grown *out, int64_t time, bool is_day)
{
    char text[MST_PRINT_MAX];
    mst_grown_add(out, text,
                  is_day ? mst_print_value(MST_TYPE_DATE, time / DAY_S, text)
                         : mst_print_value(MST_TYPE_TIME, time, text));
}

static void add_time(struct mst_grown *out, int64_t time)
{
    mst_page_time(out, time, false);
}

static int compare_tallies(const void *a, const void *b)
{
    const struct mst_tally *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return left->count > right->count ? -1 : left->count < right->count;
}

static void add_tally_row(const mst_engine *engine, struct mst_grown *out,
                          const struct mst_tally *tally)
{
    double share =
        engine->roster.count > 0 ? 100.0 * (double)tally->count / (double)engine->roster.count : 0;
    mst_grown_puts(out, "<tr><th>");
    add_name(engine, out, tally->outcome);
    if (tally->check != 0) {
        mst_grown_puts(out, " <span class=\"dim\">");
        add_name(engine, out, tally->check);
        mst_grown_puts(out, "</span>");
    }
    mst_grown_puts(out, "</th><td class=\"n\">");
    add_number(out, tally->count);
    mst_grown_printf(out,
                     "</td><td class=\"n\">%.1f %%</td><td class=\"bar k%u\">"
                     "<span style=\"width:%.1f%%\"></span></td></tr>\n",
                     share, tally->kind, share);
}

static void add_verdict_table(mst_engine *engine, struct mst_grown *out,
                              const struct mst_ruleset_verdict *verdict)
{
    mst_text title = verdict->info.title.len > 0 ? verdict->info.title : verdict->info.name;
    mst_grown_puts(out, "<h2>");
    mst_grown_html(out, title.ptr, title.len);
    mst_grown_puts(out, "</h2>\n<table>\n");
    for (size_t i = 0; i < engine->tally_count; i++)
        if (engine->tallies[i].verdict == verdict->name && engine->tallies[i].count > 0)
            add_tally_row(engine, out, &engine->tallies[i]);
    mst_grown_puts(out, "</table>\n");
}

/* First what is the same for all, such as the calendar of releases. */
static void add_verdicts(mst_engine *engine, struct mst_grown *out)
{
    const uint32_t verdicts = engine->rules->verdict_count;
    bool *is_shown = mst_grown_zeroed(verdicts, sizeof *is_shown);
    for (uint32_t i = 0; i < verdicts; i++)
        is_shown[i] = mst_page_calendar(engine, i, out);
    for (uint32_t i = 0; i < verdicts; i++)
        if (!is_shown[i])
            add_verdict_table(engine, out, &engine->rules->verdicts[i]);
    free(is_shown);
}

static void add_head(const mst_engine *engine, struct mst_grown *out)
{
    mst_grown_puts(out, page_head);
    mst_grown_puts(out, "<h1>Muster</h1>\n<p><b>");
    mst_grown_html(out, engine->rules->id, strlen(engine->rules->id));
    mst_grown_puts(out, "</b></p>\n<p>");
    add_number(out, engine->roster.count);
    mst_grown_puts(out, " subjects as of ");
    add_time(out, engine->now);
    mst_grown_puts(out, engine->is_ready ? ", <span class=\"good\">ready</span></p>\n"
                                         : ", <span class=\"bad\">not ready: the state cannot be "
                                           "written to</span></p>\n");
    uint32_t left = engine->roster.slot_count - engine->swept;
    if (left > 0) {
        mst_grown_puts(out, "<p>");
        add_number(out, left);
        mst_grown_puts(out, " subjects have not been evaluated by these rules yet.</p>\n");
    }
    if (engine->pending) {
        mst_grown_puts(out, "<p>From ");
        add_time(out, mst_image_effective_from(&engine->pending->image));
        mst_grown_puts(out, " on: ");
        mst_grown_html(out, engine->pending->id, strlen(engine->pending->id));
        mst_grown_puts(out, "</p>\n");
    }
    if (engine->refusal.at != 0) {
        mst_grown_puts(out, "<p><span class=\"bad\">Rules refused</span> at ");
        add_time(out, engine->refusal.at);
        mst_grown_puts(out, ": ");
        mst_grown_html(out, engine->refusal.why, strlen(engine->refusal.why));
        mst_grown_puts(out, "</p>\n");
    }
}

static void add_row(struct mst_grown *out, const char *name, uint64_t value, const char *more)
{
    mst_grown_printf(out, "<tr><th>%s</th><td>", name);
    add_number(out, (int64_t)value);
    mst_grown_printf(out, "%s</td></tr>\n", more);
}

void mst_page_wait(struct mst_grown *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {{DAY_S, "day", "days"}, {3600, "hour", "hours"}, {60, "minute", "minutes"}};
    for (unsigned i = 0; i < 3; i++) {
        const int64_t many = seconds / units[i].seconds;
        if (many > 0) {
            mst_grown_printf(out, "in %lld %s", (long long)many,
                             many == 1 ? units[i].one : units[i].many);
            return;
        }
    }
    mst_grown_puts(out, seconds > 0 ? "in less than a minute" : "now");
}

static void add_instants(const mst_engine *engine, struct mst_grown *out)
{
    const struct mst_agenda *agenda = &engine->agenda;
    mst_grown_puts(out, "<h2>What time will bring</h2>\n<table>\n");
    for (uint32_t i = 0; i < agenda->instant_count; i++) {
        mst_grown_puts(out, "<tr><th>");
        add_time(out, agenda->instants[i].at);
        mst_grown_puts(out, " <span class=\"dim\">");
        mst_page_wait(out, agenda->instants[i].at - engine->now);
        mst_grown_puts(out, "</span></th><td class=\"n\">");
        add_number(out, (int64_t)agenda->instants[i].subjects);
        mst_grown_puts(out, "</td><td></td></tr>\n");
    }
    for (unsigned i = 0; i < MST_AGENDA_SPANS; i++) {
        mst_grown_printf(out, "<tr><th>%s %s</th><td class=\"n\">",
                         agenda->instant_count > 0 ? "In all within" : "Within",
                         mst_agenda_spans[i].name);
        add_number(out, (int64_t)agenda->within[i]);
        mst_grown_puts(out, "</td><td></td></tr>\n");
    }
    mst_grown_printf(out,
                     "</table>\n<p class=\"dim\">Subjects, by the first instant at which one of "
                     "their verdicts may turn: at a release, or as facts grow stale.%s</p>\n",
                     agenda->instant_count > 0 ? " The instants that many share come first." : "");
}

static void add_agenda(mst_engine *engine, struct mst_grown *out)
{
    const int64_t run_us = mst_clock_run_us();
    struct mst_agenda *agenda = &engine->agenda;
    if (engine->wheel.count == 0)
        return;
    if (agenda->made_us == 0 || run_us - agenda->made_us >= MST_AGENDA_KEPT_US) {
        mst_agenda_make(agenda, &engine->wheel, engine->roster.slot_count, engine->now);
        agenda->made_us = run_us;
    }
    add_instants(engine, out);
}

static void add_rate(const mst_engine *engine, struct mst_grown *out)
{
    const double rate = mst_rate_of(&engine->rate, engine->run_us, engine->counts.accepted);
    mst_grown_puts(out, "<tr><th>Records over the last minute</th><td>");
    if (rate < 10)
        mst_grown_printf(out, "%.1f", rate);
    else
        add_number(out, (int64_t)(rate + 0.5));
    mst_grown_puts(out, " a second</td></tr>\n");
}

void mst_engine_status_page(mst_engine *engine, struct mst_query *query)
{
    struct mst_grown *out = &query->body;
    const struct mst_engine_counts *counts = &engine->counts;
    if (engine->tally_count > 0)
        qsort(engine->tallies, engine->tally_count, sizeof *engine->tallies, compare_tallies);
    add_head(engine, out);
    add_verdicts(engine, out);
    add_agenda(engine, out);
    mst_grown_puts(out, "<h2>What came in</h2>\n<table>\n");
    add_rate(engine, out);
    add_row(out, "Records kept", counts->accepted, " since the start");
    add_row(out, "Records rejected", counts->rejected, "");
    mst_grown_puts(out, query->text);
    mst_grown_puts(out, "</table>\n<h2>What became of it</h2>\n<table>\n");
    add_row(out, "Verdicts that turned", counts->changes, " since the start");
    add_row(out, "Waiting for their time", engine->wheel.count, " subjects");
    add_row(out, "Due now", engine->wheel.ripe_count, " subjects");
    mst_grown_puts(out, "</table>\n<p class=\"dim\">Numbers for machines: /metrics</p>\n"
                        "</body></html>\n");
}
