/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_text.c - an explanation for people. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "explain_report.h"
#include "instant.h"
#include "output.h"
#include "terminal.h"

#define DIM "\033[2m"

static const char *color(const char *code)
{
    return mst_tool_wants_color(STDOUT_FILENO) ? code : "";
}

static void put_instant(int64_t instant)
{
    char text[MST_TOOL_INSTANT_BYTES];
    mst_tool_puts(mst_tool_instant_text(text, instant, MST_TOOL_INSTANT_FULL));
}

/* ---- the verdict ------------------------------------------------------------------------- */

static const char *color_of_kind(mst_kind kind)
{
    switch (kind) {
    case MST_KIND_PASS: return color(MST_TOOL_GREEN);
    case MST_KIND_FAIL: return color(MST_TOOL_RED);
    case MST_KIND_UNKNOWN: return color(MST_TOOL_YELLOW);
    default: return color(MST_TOOL_BOLD);
    }
}

static void put_verdict(const mst_tool_explained *explained)
{
    const mst_author_explanation *x = explained->explanation;
    if (explained->subject) {
        mst_tool_puts_tame(explained->subject);
        mst_tool_puts(": ");
    }
    mst_tool_printf("%s is %s%s%s", explained->wanted->name, color_of_kind(x->verdict.kind),
                    explained->outcome, color(MST_TOOL_PLAIN));
    if (explained->check)
        mst_tool_printf(" by check %s", explained->check);
    mst_tool_puts(", at ");
    put_instant(x->verdict.at);
    mst_tool_puts("\n");
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? explained->reason : explained->remedy;
        if (!text)
            continue;
        mst_tool_puts(i == 0 ? "  because  " : "  remedy   ");
        mst_tool_puts_tame(text);
        mst_tool_puts("\n");
    }
    for (size_t i = 0; i < explained->cause_count; i++)
        mst_tool_printf("  %-9s  %.*s\n", explained->causes[i].from,
                        (int)explained->causes[i].fact.len, explained->causes[i].fact.ptr);
}

/* Until when, and what comes then. */
static void put_next(const mst_author_explanation *x)
{
    mst_tool_puts("  until    ");
    if (x->verdict.valid_until == MST_NEVER) {
        mst_tool_puts("a fact changes: time alone does not change it\n");
        return;
    }
    put_instant(x->verdict.valid_until);
    if (!x->has_next) {
        mst_tool_puts(", when it is to be asked again; no other verdict is in sight\n");
        return;
    }
    mst_tool_puts(x->next_at == x->verdict.valid_until
                      ? "; if no fact changes it is then "
                      : ", when it is to be asked again; if no fact changes it is from ");
    if (x->next_at != x->verdict.valid_until) {
        put_instant(x->next_at);
        mst_tool_puts(" on ");
    }
    mst_tool_printf("%s%s%s\n", x->next_outcome, x->next_check ? " by check " : "",
                    x->next_check ? x->next_check : "");
}

/* ---- rules ------------------------------------------------------------------------------- */

static const char *name_role(mst_site_role role)
{
    switch (role) {
    case MST_ROLE_WHEN: return "when ";
    case MST_ROLE_UNDECIDED: return "undecided when ";
    case MST_ROLE_REQUIRE: return "require ";
    case MST_ROLE_CONDITION: return "if ";
    default: return "";
    }
}

static void put_origin(const mst_author_step *step)
{
    static const char *const words[] = {"",
                                        "from the record",
                                        "not in the record, by its default",
                                        "missing: the record has no",
                                        "invalid: the record's value does not read as its type,",
                                        "stale: reported too long ago,"};
    if (step->origin == MST_ORIGIN_NONE)
        return;
    mst_tool_printf("%s  (%s", color(DIM), words[step->origin]);
    if (step->origin != MST_ORIGIN_DEFAULT)
        mst_tool_printf(" %.*s", (int)step->path.len, step->path.ptr);
    mst_tool_printf(")%s", color(MST_TOOL_PLAIN));
}

/* "    require os.build within 26100 = false", cut so that the value is seen. */
static void put_step(const mst_author_step *step)
{
    const char *role = name_role(step->role);
    size_t width = mst_tool_width(), indent = 6 + 2 * (size_t)step->depth;
    size_t len = strlen(step->text);
    size_t value = step->value ? mst_tool_text_width(step->value, strlen(step->value)) : 10;
    size_t taken = indent + strlen(role) + value + 6;
    size_t room = width == 0 ? SIZE_MAX : width > taken + 24 ? width - taken : 24;
    size_t fit = mst_tool_text_fit(step->text, len, room);
    mst_tool_printf("%*s%s", (int)indent, "", role);
    mst_tool_put_tame(step->text, fit);
    mst_tool_puts(fit < len ? "..." : "");
    if (!step->value) {
        mst_tool_printf("  %s(not read)%s\n", color(DIM), color(MST_TOOL_PLAIN));
        return;
    }
    mst_tool_puts(" = ");
    mst_tool_puts(step->is_known ? "" : color(MST_TOOL_YELLOW));
    mst_tool_puts_tame(step->value);
    mst_tool_puts(step->is_known ? "" : color(MST_TOOL_PLAIN));
    if (step->is_again)
        mst_tool_printf("%s  (told above)%s", color(DIM), color(MST_TOOL_PLAIN));
    else
        put_origin(step);
    mst_tool_puts("\n");
}

static void put_rule(const mst_author_rule *rule, bool is_policy)
{
    static const char *const policy[] = {"passed", "failed", "unknown", "not read"};
    static const char *const decision[] = {"taken", "no", "unknown", "not read"};
    const char *const colors[] = {MST_TOOL_GREEN, MST_TOOL_RED, MST_TOOL_YELLOW, DIM};
    const char *word = (is_policy ? policy : decision)[rule->result];
    bool is_plain = !is_policy && rule->result != MST_RESULT_UNKNOWN && !rule->decides;
    mst_tool_printf("  %s%-8s%s  %s%s%s", is_plain ? "" : color(colors[rule->result]), word,
                    is_plain ? "" : color(MST_TOOL_PLAIN),
                    rule->decides ? color(MST_TOOL_BOLD) : "", rule->name,
                    rule->decides ? color(MST_TOOL_PLAIN) : "");
    mst_tool_printf("%s%s%s  (%s:%" PRIu32 ")\n", *rule->title ? "  " : "", rule->title,
                    rule->decides ? ", which decides" : "", rule->place.path, rule->place.line);
    for (size_t i = 0; i < rule->step_count; i++)
        put_step(&rule->steps[i]);
}

static void put_rules(const mst_author_explanation *x, bool is_policy)
{
    bool was_behind = false;
    mst_tool_puts(is_policy ? "checks in order\n" : "cases in order\n");
    for (size_t i = 0; i < x->rule_count; i++) {
        if (x->rules[i].is_behind && !was_behind)
            mst_tool_puts("  behind the check that decides; these do not count\n");
        was_behind = x->rules[i].is_behind;
        put_rule(&x->rules[i], is_policy);
    }
}

/* ---- changes ----------------------------------------------------------------------------- */

static bool has_stale(const mst_tool_explained *explained)
{
    for (size_t i = 0; i < explained->cause_count; i++)
        if (strcmp(explained->causes[i].from, "stale") == 0)
            return true;
    return false;
}

static void put_changes(const mst_tool_explained *explained)
{
    const mst_author_changes *changes = &explained->explanation->changes;
    char count[32];
    if (changes->count == 0) {
        mst_tool_printf("no change of up to %d facts was found that makes it pass, in %s "
                        "evaluations with values that the rules name\n",
                        MST_CHANGE_MAX, mst_tool_count_text(count, changes->evaluations));
        if (has_stale(explained))
            mst_tool_puts("  (what is stale stays unknown until it is reported again)\n");
        return;
    }
    mst_tool_printf("it would pass with %zu fact%s changed (%s evaluations)\n", changes->count,
                    changes->count == 1 ? "" : "s",
                    mst_tool_count_text(count, changes->evaluations));
    for (size_t i = 0; i < changes->count; i++) {
        const mst_author_change *change = &changes->list[i];
        mst_tool_printf("  %.*s = ", (int)change->fact.len, change->fact.ptr);
        mst_tool_puts_tame(change->to);
        mst_tool_puts("  (now ");
        mst_tool_puts_tame(change->from);
        if (change->path.len != change->fact.len ||
            memcmp(change->path.ptr, change->fact.ptr, change->path.len) != 0)
            mst_tool_printf("; in the record %.*s", (int)change->path.len, change->path.ptr);
        mst_tool_puts(")\n");
    }
    if (changes->count > 1 && changes->is_complete)
        mst_tool_puts("  no single fact with a value that the rules name would do\n");
}

void mst_tool_put_explained_text(const mst_tool_explained *explained)
{
    const mst_author_explanation *x = explained->explanation;
    put_verdict(explained);
    put_next(x);
    put_rules(x, explained->wanted->info.is_policy);
    if (x->wants_changes)
        put_changes(explained);
}
