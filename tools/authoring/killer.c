/* SPDX-License-Identifier: Apache-2.0
 *
 * killer.c - a test that would notice a change of the rules: facts under which the rules as they
 * are and the changed ones give different verdicts. It starts from the facts of the tests that are
 * there, changes them one at a time, and leaves out what does not matter. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "mutants.h"

#define MAX_LATER 24         /* tests whose verdicts are looked at where they turn */
#define MAX_COMPARISONS 4000 /* of one change, beside those with the facts of tests as they are */

/* ---- seeds --------------------------------------------------------------------------------- */

static void note_value(void *context, mst_vm *vm, uint32_t i)
{
    struct mst_killer *killer = context;
    const mst_site *site = &killer->follow.sites[i];
    mst_watched watched = MST_WATCHED_INIT;
    if (site->type_code > MST_TYPE_TIME || site->type_code == 0 ||
        mst_watch_value(vm, site->slot, &watched) != MST_OK || !watched.known)
        return;
    mst_facts_pool_add(&killer->pool, site->type_code, watched.word);
}

struct seeding {
    struct mst_killer *killer;
    uint32_t test; /* the one that was seen last */
};

static void take_seed(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    struct seeding *seeding = context;
    struct mst_killer *killer = seeding->killer;
    killer->failures += !result->passed;
    if (seeding->test == result->test)
        return;
    seeding->test = result->test;
    struct mst_seed *seed = MST_MEMORY_ADD(killer->seeds, killer->seed_count);
    seed->at = result->at;
    seed->values = mst_memory_resize(NULL, killer->facts.count * sizeof *seed->values);
    for (size_t i = 0; i < killer->facts.count; i++)
        seed->values[i] = mst_facts_take(&killer->facts, i, vm);
}

mst_status mst_killer_init(struct mst_killer *killer, const mst_author_root *root)
{
    struct seeding seeding = {killer, MST_INDEX_NONE};
    *killer = (struct mst_killer){.root = root};
    mst_status status = mst_machine_open(&killer->base, root, NULL, NULL, true);
    if (status != MST_OK)
        return status;
    mst_follow_init(&killer->follow, killer->base.compilation);
    mst_facts_init(&killer->facts, &killer->base.image, &killer->follow);
    mst_facts_pool_init(&killer->pool, &killer->follow);
    mst_follow_begin(&killer->follow, killer->base.vm, note_value, killer);
    (void)mst_selftest(killer->base.vm, take_seed, &seeding);
    mst_follow_end(killer->base.vm);
    mst_facts_pool_add_keys(&killer->pool, killer->base.compilation);
    return MST_OK;
}

static void free_values(const struct mst_killer *killer, struct mst_facts_value *values)
{
    for (size_t i = 0; i < killer->facts.count; i++)
        mst_facts_drop(&values[i]);
    free(values);
}

void mst_killer_free(struct mst_killer *killer)
{
    for (size_t i = 0; i < killer->seed_count; i++)
        free_values(killer, killer->seeds[i].values);
    free(killer->seeds);
    mst_facts_pool_free(&killer->pool);
    mst_facts_free(&killer->facts);
    mst_follow_free(&killer->follow);
    mst_machine_close(&killer->base);
}

/* ---- comparing ----------------------------------------------------------------------------- */

/* What a test could ask of a verdict that is not the same. */
enum ask { ASK_NOTHING, ASK_OUTCOME, ASK_CHECK, ASK_FIELD, ASK_UNTIL };

struct search {
    const struct mst_killer *killer;
    mst_vm *vm; /* of the rules as they are */
    struct mst_machine *mutant;
    int64_t at;
    struct mst_facts_value *values; /* now in both vms */
    size_t comparisons, limit;
    size_t *near; /* facts that matter to the changed place */
    size_t near_count;
    uint32_t chance; /* of a generator: the same in each run */

    /* the first difference */
    enum ask ask;
    uint32_t verdict, field;
};

static bool is_equal_text(mst_text a, mst_text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static bool has_other_field(struct search *search, const mst_verdict *base)
{
    char left[256], right[256];
    for (uint32_t i = 0; i < base->field_count; i++) {
        size_t a = 0, b = 0;
        mst_status one = mst_field_render(search->vm, i, left, sizeof left, &a);
        mst_status two = mst_field_render(search->mutant->vm, i, right, sizeof right, &b);
        if (one != MST_OK || two != MST_OK || (a == b && memcmp(left, right, a) == 0))
            continue;
        search->field = i;
        return true;
    }
    return false;
}

static enum ask compare_verdict(struct search *search, uint32_t index)
{
    const mst_image *image = &search->killer->base.image, *other = &search->mutant->image;
    mst_verdict a = MST_VERDICT_INIT, b = MST_VERDICT_INIT;
    if (mst_eval(search->vm, index, search->at, &a) != MST_OK ||
        mst_eval(search->mutant->vm, index, search->at, &b) != MST_OK)
        return ASK_NOTHING;
    if (!is_equal_text(mst_outcome_name(image, &a), mst_outcome_name(other, &b)))
        return ASK_OUTCOME;
    if (a.kind == MST_KIND_FAIL && a.unknown_count == 0 && b.unknown_count == 0 &&
        a.check != b.check)
        return ASK_CHECK;
    if (a.kind == MST_KIND_CASE && a.field_count == b.field_count && has_other_field(search, &a))
        return ASK_FIELD;
    return a.valid_until != b.valid_until ? ASK_UNTIL : ASK_NOTHING;
}

/* Do the two differ? Notes the first verdict that does, one that differs in more than its time
 * before all others. */
static bool differ(struct search *search)
{
    search->ask = ASK_NOTHING;
    search->comparisons++;
    for (uint32_t i = 0; i < mst_verdict_count(&search->killer->base.image); i++) {
        enum ask ask = compare_verdict(search, i);
        if (ask == ASK_NOTHING || (ask == ASK_UNTIL && search->ask == ASK_UNTIL))
            continue;
        search->ask = ask;
        search->verdict = i;
        if (ask != ASK_UNTIL)
            break;
    }
    return search->ask != ASK_NOTHING;
}

/* ---- searching ----------------------------------------------------------------------------- */

static void put(struct search *search, size_t fact, const struct mst_facts_value *value)
{
    mst_facts_put(&search->killer->facts, fact, search->vm, value);
    mst_facts_put(&search->killer->facts, fact, search->mutant->vm, value);
}

static void put_seed(struct search *search, const struct mst_seed *seed)
{
    const struct mst_facts *facts = &search->killer->facts;
    mst_facts_clear(search->vm);
    mst_facts_clear(search->mutant->vm);
    search->at = seed->at;
    for (size_t i = 0; i < facts->count; i++) {
        mst_facts_drop(&search->values[i]);
        search->values[i] = mst_facts_copy(&seed->values[i]);
        put(search, i, &search->values[i]);
    }
}

/* At the instants at which a verdict turns, and the second before. */
static bool differ_later(struct search *search)
{
    int64_t seed_at = search->at;
    for (uint32_t i = 0; i < mst_verdict_count(&search->killer->base.image); i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        if (mst_eval(search->vm, i, seed_at, &verdict) != MST_OK ||
            verdict.valid_until == MST_NEVER)
            continue;
        for (int64_t before = 0; before <= 1; before++) {
            search->at = verdict.valid_until - before;
            if (differ(search))
                return true;
        }
        search->at = seed_at;
    }
    return false;
}

/* One fact changed: the value stays where the two differ. */
static bool differ_with(struct search *search, size_t fact)
{
    const struct mst_killer *killer = search->killer;
    size_t count;
    bool found = false;
    struct mst_facts_value *list =
        mst_facts_candidates(&killer->facts, fact, &killer->pool, &search->values[fact], &count);
    for (size_t i = 0; i < count && !found && search->comparisons < search->limit; i++) {
        put(search, fact, &list[i]);
        found = differ(search);
        if (found) {
            struct mst_facts_value before = search->values[fact];
            search->values[fact] = list[i];
            list[i] = before;
        }
    }
    if (!found)
        put(search, fact, &search->values[fact]);
    for (size_t i = 0; i < count; i++)
        mst_facts_drop(&list[i]);
    free(list);
    return found;
}

static size_t choose(struct search *search, size_t count)
{
    search->chance = search->chance * 1664525u + 1013904223u;
    return (size_t)(((uint64_t)search->chance * count) >> 32);
}

/* Gives a fact another value, whatever comes of it. */
static void change_one(struct search *search, size_t fact)
{
    const struct mst_killer *killer = search->killer;
    size_t count;
    struct mst_facts_value *list =
        mst_facts_candidates(&killer->facts, fact, &killer->pool, &search->values[fact], &count);
    if (count > 0) {
        size_t chosen = choose(search, count);
        struct mst_facts_value before = search->values[fact];
        search->values[fact] = list[chosen];
        list[chosen] = before;
        put(search, fact, &search->values[fact]);
    }
    for (size_t i = 0; i < count; i++)
        mst_facts_drop(&list[i]);
    free(list);
}

/* One fact changed, then two, each time of another test: facts that matter to the changed place
 * more often than others. */
static bool differ_by_chance(struct search *search)
{
    const struct mst_killer *killer = search->killer;
    /* where any fact may matter most tries are in vain */
    bool is_aimed = search->near_count < killer->facts.count;
    size_t tries = is_aimed ? MAX_COMPARISONS : MAX_COMPARISONS / 4;
    size_t most = search->comparisons + tries, half = most - tries / 2;
    search->limit = most;
    while (search->comparisons < most && search->near_count > 0) {
        put_seed(search, &killer->seeds[choose(search, killer->seed_count)]);
        if (search->comparisons >= half)
            change_one(search, choose(search, killer->facts.count));
        search->comparisons++; /* where there is nothing to change this ends too */
        if (differ_with(search, search->near[choose(search, search->near_count)]))
            return true;
    }
    return false;
}

static bool find_difference(struct search *search)
{
    const struct mst_killer *killer = search->killer;
    for (size_t s = 0; s < killer->seed_count; s++) {
        put_seed(search, &killer->seeds[s]);
        if (differ(search))
            return true;
    }
    for (size_t i = 0; i < MAX_LATER && killer->seed_count > 0; i++) {
        put_seed(search, &killer->seeds[choose(search, killer->seed_count)]);
        if (differ_later(search))
            return true;
    }
    return differ_by_chance(search);
}

/* ---- which facts matter -------------------------------------------------------------------- */

static void find_near(struct search *search, const mst_author_mutant *mutant)
{
    const struct mst_follow *follow = &search->killer->follow;
    bool *is_read = mst_memory_zero(search->killer->facts.count * sizeof *is_read);
    for (uint32_t i = 0; i < follow->count; i++) {
        const mst_site *site = &follow->sites[i];
        if (site->parent == MST_INDEX_NONE && site->first != MST_INDEX_NONE &&
            site->offset <= mutant->offset && mutant->offset < site->offset + site->text.len &&
            strcmp(site->place.path, mutant->path) == 0)
            mst_facts_below(&search->killer->facts, follow, i, is_read);
    }
    for (size_t i = 0; i < search->killer->facts.count; i++)
        if (is_read[i])
            search->near[search->near_count++] = i;
    free(is_read);
    for (size_t i = 0; search->near_count == 0 && i < search->killer->facts.count; i++)
        search->near[i] = i; /* of a table or set: any may */
    if (search->near_count == 0)
        search->near_count = search->killer->facts.count;
}

/* ---- the shortest test --------------------------------------------------------------------- */

/* Leaves out each fact without which the two still differ in the same way. */
static void reduce(struct search *search)
{
    const struct mst_facts_value missing = {MST_FACTS_MISSING, 0, NULL};
    enum ask ask = search->ask;
    uint32_t verdict = search->verdict;
    for (size_t i = 0; i < search->killer->facts.count; i++) {
        if (search->values[i].known == MST_FACTS_MISSING)
            continue;
        put(search, i, &missing);
        if (differ(search) && search->ask == ask && search->verdict == verdict) {
            mst_facts_drop(&search->values[i]);
            search->values[i] = missing;
        } else {
            put(search, i, &search->values[i]);
        }
    }
    (void)differ(search);
}

/* ---- writing ------------------------------------------------------------------------------- */

static char *join(char *text, char *more)
{
    char *longer = mst_memory_format("%s%s", text, more);
    free(text);
    free(more);
    return longer;
}

static char *instant_text(int64_t instant)
{
    time_t seconds = (time_t)instant;
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL)
        return mst_memory_copy("never", 5);
    return mst_memory_format("%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static mst_text short_name(mst_text name)
{
    for (uint32_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.')
            return (mst_text){name.ptr + i, name.len - i};
    return name;
}

static char *expect_field(struct search *search, mst_text name)
{
    mst_field field = MST_FIELD_INIT;
    char value[256];
    size_t len = 0;
    mst_vm *vm = search->vm;
    (void)mst_field_at(vm, search->field, &field);
    (void)mst_field_render(vm, search->field, value, sizeof value, &len);
    const char *quote = field.known && field.type == MST_TYPE_TEXT ? "\"" : "";
    return mst_memory_format("  expect %.*s.%.*s == %s%.*s%s\n", (int)name.len, name.ptr,
                             (int)field.name.len, field.name.ptr, quote, (int)len, value, quote);
}

/* What the rules as they are say, as the last clause of the test. */
static char *expectation(struct search *search)
{
    const mst_image *image = &search->killer->base.image;
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    mst_verdict verdict = MST_VERDICT_INIT;
    (void)mst_verdict_info_at(image, search->verdict, &info);
    (void)mst_eval(search->vm, search->verdict, search->at, &verdict);
    mst_text name = short_name(info.name);
    if (search->ask == ASK_FIELD)
        return expect_field(search, name);
    if (search->ask == ASK_UNTIL) {
        char *until = verdict.valid_until == MST_NEVER ? mst_memory_copy("never", 5)
                                                       : instant_text(verdict.valid_until);
        return join(mst_memory_format("  expect %.*s.valid_until == ", (int)name.len, name.ptr),
                    join(until, mst_memory_copy("\n", 1)));
    }
    if (search->ask == ASK_CHECK) {
        mst_text check = mst_check_name(image, search->verdict, verdict.check);
        return mst_memory_format("  expect text(%.*s.check) == \"%.*s\"\n", (int)name.len, name.ptr,
                                 (int)check.len, check.ptr);
    }
    if (verdict.kind == MST_KIND_UNKNOWN)
        return mst_memory_format("  expect %.*s is unknown\n", (int)name.len, name.ptr);
    mst_text outcome = mst_outcome_name(image, &verdict);
    return mst_memory_format("  expect %.*s == %.*s\n", (int)name.len, name.ptr, (int)outcome.len,
                             outcome.ptr);
}

/* What the test is for, without what a text cannot hold. */
static char *name_test(const mst_author_mutant *mutant)
{
    char *name =
        mst_memory_format("%s: %s -> %s in %s", mutant->what, mutant->before,
                          *mutant->after != '\0' ? mutant->after : "nothing", mutant->context);
    size_t len = 0;
    for (size_t i = 0; name[i] != '\0' && len < 80; i++)
        if (strchr("\"{}\n\r\t", name[i]) == NULL)
            name[len++] = name[i];
    while (len > 0 && ((unsigned char)name[len - 1] & 0x80u) != 0)
        len--;
    name[len] = '\0';
    return name;
}

static char *write_test(struct search *search, const mst_author_mutant *mutant)
{
    const struct mst_facts *facts = &search->killer->facts;
    char *at = instant_text(search->at), *name = name_test(mutant);
    char *text = mst_memory_format("test \"%s\" {\n  at %s\n", name, at);
    free(at);
    free(name);
    for (size_t i = 0; i < facts->count; i++) {
        if (search->values[i].known == MST_FACTS_MISSING)
            continue;
        mst_text fact = facts->list[i].info.name;
        char *literal = mst_facts_literal(facts, i, search->vm, &search->values[i]);
        text =
            join(text, mst_memory_format("  given %.*s = %s\n", (int)fact.len, fact.ptr, literal));
        free(literal);
    }
    return join(join(text, expectation(search)), mst_memory_copy("}\n", 2));
}

/* A test is handed out only if it does what it is for. */
static bool is_proven(struct search *search, const mst_author_source *changed, const char *test)
{
    const mst_author_root *root = search->killer->root;
    struct mst_machine machine;
    if (mst_machine_open(&machine, root, NULL, test, false) != MST_OK)
        return false;
    bool passes = mst_machine_failures(&machine) == 0;
    mst_machine_close(&machine);
    if (!passes || mst_machine_open(&machine, root, changed, test, false) != MST_OK)
        return false;
    bool fails = mst_machine_failures(&machine) > 0;
    mst_machine_close(&machine);
    return fails;
}

char *mst_killer_find(const struct mst_killer *killer, struct mst_machine *machine,
                      const mst_author_mutant *mutant, const mst_author_source *changed)
{
    struct search search = {.killer = killer, .mutant = machine};
    char *test = NULL;
    size_t size = mst_vm_size(&killer->base.image);
    void *block = mst_memory_resize(NULL, size);
    search.values = mst_memory_zero(killer->facts.count * sizeof *search.values);
    search.near = mst_memory_zero(killer->facts.count * sizeof *search.near);
    find_near(&search, mutant);
    if (mst_vm_init(&search.vm, block, size, &killer->base.image) == MST_OK &&
        find_difference(&search)) {
        reduce(&search);
        test = write_test(&search, mutant);
        if (!is_proven(&search, changed, test)) {
            free(test);
            test = NULL;
        }
    }
    free(search.near);
    free_values(killer, search.values);
    free(block);
    return test;
}
