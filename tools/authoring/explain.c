/* SPDX-License-Identifier: Apache-2.0
 *
 * explain.c - a verdict taken apart: its checks or cases in order, each with the expressions that
 * it is made of, lets and defaults followed to what they name. */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "record.h"

#define MAX_DEPTH 24
#define MAX_TURNS 64 /* instants looked at for the next one at which the verdict turns */

struct explaining {
    const mst_compilation *compilation;
    const mst_image *image;
    mst_vm *vm;
    struct mst_follow follow;
    struct mst_record record;
    bool *is_told; /* by site: its parts have been told */
    mst_author_rule *rule;
};

/* ---- steps --------------------------------------------------------------------------------- */

static char *one_line(mst_text text)
{
    char *line = mst_memory_text(text);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_blank = strchr(" \t\r\n", line[i]) != NULL;
        if (!is_blank || (len > 0 && line[len - 1] != ' '))
            line[len++] = is_blank ? ' ' : line[i];
    }
    line[len] = '\0';
    return line;
}

static mst_author_origin find_origin(const struct explaining *e, const mst_site *site,
                                     const mst_fact_info *info, uint8_t causes)
{
    mst_watched raw = MST_WATCHED_INIT;
    (void)mst_watch_value(e->vm, info->slot, &raw);
    if ((causes >> MST_CAUSE_STALE & 1) != 0)
        return MST_ORIGIN_STALE;
    if (raw.known)
        return MST_ORIGIN_RECORD;
    if ((raw.causes >> MST_CAUSE_INVALID & 1) != 0)
        return MST_ORIGIN_INVALID;
    return site->target != MST_INDEX_NONE ? MST_ORIGIN_DEFAULT : MST_ORIGIN_MISSING;
}

static mst_author_step *add_step(struct explaining *e, uint32_t i, unsigned depth)
{
    const mst_site *site = &e->follow.sites[i];
    const struct mst_record_value *value = &e->record.values[i];
    mst_author_step *step = MST_MEMORY_ADD(e->rule->steps, e->rule->step_count);
    step->depth = depth;
    step->role = site->role;
    step->text = one_line(site->text);
    if (value->state == MST_RECORD_UNREAD)
        return step;
    step->value = mst_memory_copy(value->text, strlen(value->text));
    step->is_known = value->state == MST_RECORD_KNOWN;
    step->causes = value->causes;
    mst_fact_info info = MST_FACT_INFO_INIT;
    if (site->kind == MST_SITE_FACT && mst_fact_info_at(e->image, site->index, &info) == MST_OK) {
        step->origin = find_origin(e, site, &info, value->causes);
        step->path = info.path;
    }
    return step;
}

/* What says itself, what is the last of many rounds, and what is told already has no parts. */
static bool has_parts(const mst_site *site)
{
    return site->kind != MST_SITE_LITERAL && site->kind != MST_SITE_MEMBER &&
           site->kind != MST_SITE_QUANTIFIER && site->kind != MST_SITE_LOCAL &&
           site->kind != MST_SITE_PART;
}

static bool is_worth_telling(const mst_site *site)
{
    return site->kind != MST_SITE_LITERAL && site->kind != MST_SITE_MEMBER &&
           site->kind != MST_SITE_ELEMENT && site->kind != MST_SITE_PARAM && site->type_code != 0;
}

static void tell_parts(struct explaining *e, uint32_t of, unsigned depth);

static void tell(struct explaining *e, uint32_t i, unsigned depth)
{
    const mst_site *site = &e->follow.sites[i];
    mst_author_step *step = add_step(e, i, depth);
    if (step->value == NULL || !has_parts(site) || depth >= MAX_DEPTH)
        return;
    uint32_t target = site->target;
    if (target == MST_INDEX_NONE) {
        tell_parts(e, i, depth + 1);
    } else if (site->kind == MST_SITE_FACT && step->origin != MST_ORIGIN_DEFAULT) {
        return; /* its default was not read */
    } else if (e->is_told[target]) {
        step->is_again = true;
    } else {
        e->is_told[target] = true;
        if (is_worth_telling(&e->follow.sites[target]))
            tell(e, target, depth + 1);
    }
}

static void tell_parts(struct explaining *e, uint32_t of, unsigned depth)
{
    for (uint32_t i = of + 1; i < e->follow.count; i++) {
        const mst_site *site = &e->follow.sites[i];
        if (site->parent == MST_INDEX_NONE)
            break;
        if (site->parent == of && is_worth_telling(site))
            tell(e, i, depth);
    }
}

/* ---- rules --------------------------------------------------------------------------------- */

static mst_author_result result_of(const struct explaining *e, uint32_t i)
{
    const mst_site *site = &e->follow.sites[i];
    const struct mst_record_value *value = &e->record.values[i];
    if (value->state == MST_RECORD_UNREAD)
        return MST_RESULT_UNREAD;
    if (site->type_code == 0)
        return MST_RESULT_TRUE; /* `otherwise` */
    if (value->state == MST_RECORD_UNKNOWN)
        return MST_RESULT_UNKNOWN;
    return value->word != 0 ? MST_RESULT_TRUE : MST_RESULT_FALSE;
}

static char *last_part(mst_text name)
{
    uint32_t from = name.len;
    while (from > 0 && name.ptr[from - 1] != '.')
        from--;
    return mst_memory_copy(name.ptr + from, name.len - from);
}

static void add_rule(struct explaining *e, mst_author_explanation *x, uint32_t i)
{
    const mst_site *site = &e->follow.sites[i];
    bool is_policy = site->kind == MST_SITE_CHECK;
    e->rule = MST_MEMORY_ADD(x->rules, x->rule_count);
    e->rule->name = last_part(site->name);
    e->rule->title = is_policy
                         ? mst_memory_text(mst_check_title(e->image, site->index, site->number))
                         : mst_memory_copy("", 0);
    e->rule->place = site->place;
    e->rule->result = result_of(e, i);
    e->rule->decides =
        is_policy ? x->verdict.check == site->number
                  : e->rule->result == MST_RESULT_TRUE || e->rule->result == MST_RESULT_UNKNOWN;
    e->rule->is_behind =
        is_policy && x->verdict.kind == MST_KIND_FAIL && site->number > x->verdict.check;
    if (e->rule->result != MST_RESULT_UNREAD)
        tell_parts(e, i, 0);
}

/* The vm is followed through the checks behind the deciding one too. */
static void evaluate(struct explaining *e, uint32_t verdict, int64_t at, mst_verdict *found)
{
    mst_record_clear(&e->record);
    mst_follow_begin(&e->follow, e->vm, mst_record_done, &e->record);
    (void)mst_eval(e->vm, verdict, at, found);
    (void)mst_eval_all_checks(e->vm); /* nothing, unless a policy failed */
    mst_follow_end(e->vm);
}

/* ---- what comes next ----------------------------------------------------------------------- */

static bool is_other(const struct explaining *e, const mst_verdict *a, const mst_verdict *b)
{
    mst_text x = mst_outcome_name(e->image, a), y = mst_outcome_name(e->image, b);
    return a->kind != b->kind || a->check != b->check || x.len != y.len ||
           memcmp(x.ptr, y.ptr, x.len) != 0;
}

/* valid_until may come early: the first instant at which there is another verdict. */
static void find_next(const struct explaining *e, mst_author_explanation *x)
{
    mst_verdict later = x->verdict;
    for (unsigned turn = 0; turn < MAX_TURNS && later.valid_until != MST_NEVER; turn++) {
        int64_t at = later.valid_until;
        if (mst_eval(e->vm, x->verdict.index, at, &later) != MST_OK)
            return;
        if (!is_other(e, &later, &x->verdict))
            continue;
        x->has_next = true;
        x->next_at = at;
        x->next_outcome = mst_memory_text(mst_outcome_name(e->image, &later));
        if (later.check != MST_INDEX_NONE)
            x->next_check =
                mst_memory_text(mst_check_name(e->image, x->verdict.index, later.check));
        return;
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void find_changes(struct explaining *e, mst_author_explanation *x)
{
    struct mst_facts facts;
    struct mst_facts_pool pool;
    mst_facts_init(&facts, e->image, &e->follow);
    mst_facts_pool_init(&pool, &e->follow);
    for (uint32_t i = 0; i < e->follow.count; i++)
        if (e->record.values[i].state == MST_RECORD_KNOWN && e->follow.sites[i].type_code != 0)
            mst_facts_pool_add(&pool, e->follow.sites[i].type_code, e->record.values[i].word);
    mst_facts_pool_add_keys(&pool, e->compilation);
    x->wants_changes = true;
    mst_change_find(&facts, &pool, &e->follow, e->vm, x->verdict.index, x->verdict.at, &x->changes);
    mst_facts_pool_free(&pool);
    mst_facts_free(&facts);
}

void mst_author_explain(const mst_compilation *compilation, const mst_image *image, mst_vm *vm,
                        uint32_t verdict, int64_t at, mst_author_explanation *explanation)
{
    mst_author_explanation *x = explanation;
    static const mst_verdict empty = MST_VERDICT_INIT;
    struct explaining e = {.compilation = compilation, .image = image, .vm = vm};
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    *x = (mst_author_explanation){.verdict = empty};
    if (mst_verdict_info_at(image, verdict, &info) != MST_OK)
        return;
    mst_follow_init(&e.follow, compilation);
    mst_record_init(&e.record, &e.follow);
    e.is_told = mst_memory_zero(e.follow.count * sizeof *e.is_told);
    evaluate(&e, verdict, at, &x->verdict);
    mst_site_kind kind = info.is_policy ? MST_SITE_CHECK : MST_SITE_CASE;
    for (uint32_t i = 0; i < e.follow.count; i++)
        if (e.follow.sites[i].kind == kind && e.follow.sites[i].index == verdict &&
            e.follow.sites[i].first != MST_INDEX_NONE)
            add_rule(&e, x, i);
    find_next(&e, x);
    if (info.is_policy && x->verdict.kind != MST_KIND_PASS)
        find_changes(&e, x);
    mst_facts_clear(vm);
    free(e.is_told);
    mst_record_free(&e.record);
    mst_follow_free(&e.follow);
}

void mst_author_explanation_free(mst_author_explanation *explanation)
{
    mst_author_explanation *x = explanation;
    for (size_t i = 0; i < x->rule_count; i++) {
        for (size_t k = 0; k < x->rules[i].step_count; k++) {
            free(x->rules[i].steps[k].text);
            free(x->rules[i].steps[k].value);
        }
        free(x->rules[i].steps);
        free(x->rules[i].name);
        free(x->rules[i].title);
    }
    for (size_t i = 0; i < x->changes.count; i++) {
        free(x->changes.list[i].from);
        free(x->changes.list[i].to);
    }
    free(x->rules);
    free(x->next_outcome);
    free(x->next_check);
}
