/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_json.c - an explanation as one JSON object on a line. */
#include <inttypes.h>

#include "explain_report.h"
#include "instant.h"
#include "output.h"

static void put_view(const char *key, mst_text text)
{
    mst_tool_printf("\"%s\":", key);
    mst_tool_put_json(text.ptr, text.len);
}

static void put_step(const mst_author_step *step)
{
    static const char *const roles[] = {"whole", "expectation", "operand", "condition",
                                        "when",  "undecided",   "require"};
    static const char *const origins[] = {NULL, "record", "default", "missing", "invalid", "stale"};
    mst_tool_printf("{\"depth\":%u,\"role\":\"%s\",", step->depth, roles[step->role]);
    mst_tool_put_json_member("text", step->text);
    mst_tool_printf(",\"read\":%s,\"known\":%s,", step->value ? "true" : "false",
                    step->is_known ? "true" : "false");
    mst_tool_put_json_member("value", step->is_known ? step->value : NULL);
    if (step->origin != MST_ORIGIN_NONE) {
        mst_tool_puts(",");
        mst_tool_put_json_member("origin", origins[step->origin]);
        mst_tool_puts(",");
        put_view("path", step->path);
    }
    mst_tool_puts("}");
}

static void put_rule(const mst_author_rule *rule, bool is_policy)
{
    static const char *const policy[] = {"passed", "failed", "unknown", "not_read"};
    static const char *const decision[] = {"taken", "not_taken", "unknown", "not_read"};
    mst_tool_puts("{");
    mst_tool_put_json_member("name", rule->name);
    mst_tool_puts(",");
    mst_tool_put_json_member("result", (is_policy ? policy : decision)[rule->result]);
    mst_tool_printf(",\"decides\":%s,\"counts\":%s,", rule->decides ? "true" : "false",
                    rule->is_behind ? "false" : "true");
    mst_tool_put_json_member("file", rule->place.path);
    mst_tool_printf(",\"line\":%" PRIu32 ",\"steps\":[", rule->place.line);
    for (size_t i = 0; i < rule->step_count; i++) {
        mst_tool_puts(i > 0 ? "," : "");
        put_step(&rule->steps[i]);
    }
    mst_tool_puts("]}");
}

static void put_changes(const mst_author_changes *changes)
{
    mst_tool_printf("{\"found\":%s,\"evaluations\":%zu,\"complete\":%s,\"facts\":[",
                    changes->count > 0 ? "true" : "false", changes->evaluations,
                    changes->is_complete ? "true" : "false");
    for (size_t i = 0; i < changes->count; i++) {
        mst_tool_puts(i > 0 ? ",{" : "{");
        put_view("fact", changes->list[i].fact);
        mst_tool_puts(",");
        put_view("path", changes->list[i].path);
        mst_tool_puts(",");
        mst_tool_put_json_member("from", changes->list[i].from);
        mst_tool_puts(",");
        mst_tool_put_json_member("to", changes->list[i].to);
        mst_tool_puts("}");
    }
    mst_tool_puts("]}");
}

static void put_causes(const mst_tool_explained *explained)
{
    mst_tool_puts("\"causes\":[");
    for (size_t i = 0; i < explained->cause_count; i++) {
        mst_tool_puts(i > 0 ? ",{" : "{");
        mst_tool_put_json_member("kind", explained->causes[i].from);
        mst_tool_puts(",");
        put_view("name", explained->causes[i].fact);
        mst_tool_puts("}");
    }
    mst_tool_puts("]");
}

static void put_next(const mst_author_explanation *x)
{
    mst_tool_puts(",\"then\":");
    if (!x->has_next) {
        mst_tool_puts("null");
        return;
    }
    mst_tool_puts("{");
    mst_tool_put_json_instant("at", x->next_at);
    mst_tool_puts(",");
    mst_tool_put_json_member("outcome", x->next_outcome);
    mst_tool_puts(",");
    mst_tool_put_json_member("check", x->next_check);
    mst_tool_puts("}");
}

void mst_tool_put_explained_json(const mst_tool_explained *explained)
{
    const mst_author_explanation *x = explained->explanation;
    bool is_policy = explained->wanted->info.is_policy;
    mst_tool_puts("{");
    mst_tool_put_json_member("subject", explained->subject);
    mst_tool_puts(",");
    mst_tool_put_json_member("verdict", explained->wanted->name);
    mst_tool_puts(",");
    mst_tool_put_json_member("outcome", explained->outcome);
    mst_tool_puts(",");
    mst_tool_put_json_member("check", explained->check);
    mst_tool_puts(",");
    mst_tool_put_json_member("reason", explained->reason);
    mst_tool_puts(",");
    mst_tool_put_json_member("remedy", explained->remedy);
    mst_tool_puts(",");
    put_causes(explained);
    mst_tool_puts(",");
    mst_tool_put_json_instant("at", x->verdict.at);
    mst_tool_puts(",");
    mst_tool_put_json_instant("valid_until", x->verdict.valid_until);
    put_next(x);
    mst_tool_printf(",\"%s\":[", is_policy ? "checks" : "cases");
    for (size_t i = 0; i < x->rule_count; i++) {
        mst_tool_puts(i > 0 ? "," : "");
        put_rule(&x->rules[i], is_policy);
    }
    mst_tool_puts("],\"changes\":");
    if (x->wants_changes)
        put_changes(&x->changes);
    else
        mst_tool_puts("null");
    mst_tool_puts("}\n");
}
