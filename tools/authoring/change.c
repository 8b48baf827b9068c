/* SPDX-License-Identifier: Apache-2.0
 *
 * change.c - the fewest facts whose change makes a policy pass. First each fact by itself, with
 * every value worth trying; then two and three together, those first whose changes mend different
 * checks. What is handed out has been evaluated and passes. */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "memory.h"

#define MAX_EVALUATIONS 10000
#define MAX_OPTIONS 96 /* changes of one fact that are kept to be combined */

/* One fact changed, and what does not pass then: a bit for each check (those from 63 on share). */
struct option {
    size_t fact;
    struct mst_facts_value value;
    uint64_t broken;
};

struct changing {
    const struct mst_facts *facts;
    const struct mst_facts_pool *pool;
    struct mst_follow *follow;
    mst_vm *vm;
    uint32_t verdict;
    int64_t at;
    struct mst_facts_value *now; /* by fact */
    bool *is_read;               /* by fact: may the verdict depend on it? */
    struct option *options;
    size_t option_count;
    uint64_t broken; /* of the evaluation that runs */
    mst_author_changes *found;
};

/* ---- evaluating ---------------------------------------------------------------------------- */

static void note_check(void *context, mst_vm *vm, uint32_t i)
{
    struct changing *c = context;
    const mst_site *site = &c->follow->sites[i];
    mst_watched value = MST_WATCHED_INIT;
    if (site->kind != MST_SITE_CHECK || site->index != c->verdict ||
        mst_watch_value(vm, site->slot, &value) != MST_OK || (value.known && value.word != 0))
        return;
    c->broken |= (uint64_t)1 << (site->number < 63 ? site->number : 63);
}

/* Does the policy pass with the facts that are in the vm? */
static bool passes(struct changing *c)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    c->found->evaluations++;
    c->broken = 0;
    if (mst_eval(c->vm, c->verdict, c->at, &verdict) != MST_OK)
        return false;
    (void)mst_eval_all_checks(c->vm);
    return verdict.kind == MST_KIND_PASS;
}

static bool is_spent(const struct changing *c)
{
    return c->found->evaluations >= MAX_EVALUATIONS;
}

static void put(struct changing *c, size_t fact, const struct mst_facts_value *value)
{
    mst_facts_put(c->facts, fact, c->vm, value);
}

/* ---- one fact ------------------------------------------------------------------------------ */

/* The first change of a fact with this effect is enough. */
static void keep_option(struct changing *c, size_t fact, const struct mst_facts_value *value,
                        uint64_t before)
{
    if (c->broken == before)
        return;
    for (size_t i = 0; i < c->option_count; i++)
        if (c->options[i].fact == fact && c->options[i].broken == c->broken)
            return;
    if (c->option_count >= MAX_OPTIONS)
        return;
    struct option *option = MST_MEMORY_ADD(c->options, c->option_count);
    *option = (struct option){fact, mst_facts_copy(value), c->broken};
}

/* A value that a person could bring about: neither none, nor one that the rules do not know. */
static bool is_offered(const struct changing *c, size_t fact, const struct mst_facts_value *value)
{
    const struct mst_facts_fact *f = &c->facts->list[fact];
    return value->known == MST_FACTS_KNOWN &&
           (f->info.type != MST_TYPE_ENUM || value->word != f->members);
}

static void take_change(struct changing *c, size_t fact, const struct mst_facts_value *value)
{
    mst_author_change *change = &c->found->list[c->found->count++];
    change->fact = c->facts->list[fact].info.name;
    change->path = c->facts->list[fact].info.path;
    if (c->now[fact].known == MST_FACTS_KNOWN)
        change->from = mst_facts_literal(c->facts, fact, c->vm, &c->now[fact]);
    else
        change->from = mst_memory_format("%s", c->now[fact].known == MST_FACTS_MISSING ? "missing"
                                                                                       : "invalid");
    change->to = mst_facts_literal(c->facts, fact, c->vm, value);
}

static bool try_fact(struct changing *c, size_t fact, uint64_t before)
{
    size_t count;
    bool found = false;
    struct mst_facts_value *list =
        mst_facts_candidates(c->facts, fact, c->pool, &c->now[fact], &count);
    for (size_t i = 0; i < count && !found && !is_spent(c); i++) {
        if (!is_offered(c, fact, &list[i]))
            continue;
        put(c, fact, &list[i]);
        found = passes(c);
        if (found)
            take_change(c, fact, &list[i]);
        else
            keep_option(c, fact, &list[i], before);
    }
    put(c, fact, &c->now[fact]);
    for (size_t i = 0; i < count; i++)
        mst_facts_drop(&list[i]);
    free(list);
    return found;
}

/* Facts that the record has come before those that would have to be added. */
static bool try_one(struct changing *c)
{
    (void)passes(c);
    uint64_t before = c->broken;
    for (int is_missing = 0; is_missing <= 1; is_missing++)
        for (size_t i = 0; i < c->facts->count; i++) {
            bool is_there = c->now[i].known != MST_FACTS_MISSING;
            if (c->is_read[i] && is_there == !is_missing && try_fact(c, i, before))
                return true;
        }
    c->found->is_complete = !is_spent(c);
    return false;
}

/* ---- several facts ------------------------------------------------------------------------- */

static bool try_together(struct changing *c, const size_t *chosen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(c, c->options[chosen[i]].fact, &c->options[chosen[i]].value);
    bool found = passes(c);
    for (size_t i = 0; i < count; i++)
        put(c, c->options[chosen[i]].fact, &c->now[c->options[chosen[i]].fact]);
    for (size_t i = 0; i < count && found; i++)
        take_change(c, c->options[chosen[i]].fact, &c->options[chosen[i]].value);
    return found;
}

static bool are_different(const struct changing *c, const size_t *chosen, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (c->options[chosen[i]].fact == c->options[chosen[k]].fact)
                return false;
    return true;
}

/* Combinations of `count` options. `likely`: those alone whose changes, each by itself, leave no
 * check that all of them leave. */
static bool try_several(struct changing *c, size_t count, bool likely)
{
    size_t chosen[MST_CHANGE_MAX] = {0, 1, 2};
    if (c->option_count < count)
        return false;
    for (;;) {
        uint64_t common = UINT64_MAX;
        for (size_t i = 0; i < count; i++)
            common &= c->options[chosen[i]].broken;
        if (is_spent(c))
            return false;
        if ((common == 0) == likely && are_different(c, chosen, count) &&
            try_together(c, chosen, count))
            return true;
        size_t last = count;
        while (last > 0 && chosen[last - 1] == c->option_count - count + last - 1)
            last--;
        if (last == 0)
            return false;
        chosen[last - 1]++;
        for (size_t i = last; i < count; i++)
            chosen[i] = chosen[i - 1] + 1;
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void find_facts(struct changing *c)
{
    for (uint32_t i = 0; i < c->follow->count; i++) {
        const mst_site *site = &c->follow->sites[i];
        if (site->kind == MST_SITE_CHECK && site->index == c->verdict)
            mst_facts_below(c->facts, c->follow, i, c->is_read);
    }
}

void mst_change_find(const struct mst_facts *facts, struct mst_facts_pool *pool,
                     struct mst_follow *follow, mst_vm *vm, uint32_t verdict, int64_t at,
                     mst_author_changes *changes)
{
    struct changing c = {.facts = facts,
                         .pool = pool,
                         .follow = follow,
                         .vm = vm,
                         .verdict = verdict,
                         .at = at,
                         .found = changes};
    c.now = mst_memory_zero(facts->count * sizeof *c.now);
    c.is_read = mst_memory_zero(facts->count * sizeof *c.is_read);
    for (size_t i = 0; i < facts->count; i++)
        c.now[i] = mst_facts_take(facts, i, vm);
    find_facts(&c);
    mst_follow_begin(follow, vm, note_check, &c);
    if (!try_one(&c))
        for (size_t count = 2; count <= MST_CHANGE_MAX && changes->count == 0; count++)
            if (!try_several(&c, count, true))
                (void)try_several(&c, count, false);
    mst_follow_end(vm);
    mst_facts_clear(vm); /* they were borrowed from here */
    for (size_t i = 0; i < facts->count; i++)
        mst_facts_drop(&c.now[i]);
    for (size_t i = 0; i < c.option_count; i++)
        mst_facts_drop(&c.options[i].value);
    free(c.options);
    free(c.now);
    free(c.is_read);
}
