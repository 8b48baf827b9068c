/* SPDX-License-Identifier: Apache-2.0
 *
 * mutation.c - each change of the rules compiled and tested: does a test notice? */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mutants.h"

struct running {
    struct mst_killer *killers; /* by root */
    size_t count;
    mst_author_mutation *mutation;
};

/* The source with the change made; its text is to be freed. */
static mst_author_source change_source(const mst_author_source *source,
                                       const mst_author_mutant *mutant)
{
    size_t after = strlen(mutant->after), behind = mutant->offset + mutant->len;
    size_t len = source->len - mutant->len + after;
    char *text = mst_memory_resize(NULL, len + 1);
    memcpy(text, source->text, mutant->offset);
    memcpy(text + mutant->offset, mutant->after, after);
    memcpy(text + mutant->offset + after, source->text + behind, source->len - behind + 1);
    return (mst_author_source){source->path, text, len};
}

/* The images differ in more than what they are called by: the digest of their sources. */
static bool is_same_image(const struct mst_machine *a, const struct mst_machine *b)
{
    size_t a_count, b_count;
    const unsigned char *x = mst_compilation_image(a->compilation, &a_count);
    const unsigned char *y = mst_compilation_image(b->compilation, &b_count);
    size_t digest = (size_t)(mst_image_digest(&a->image) - x);
    return a_count == b_count && memcmp(x, y, digest) == 0 &&
           memcmp(x + digest + 32, y + digest + 32, a_count - digest - 32) == 0;
}

static mst_mutant_fate judge(const struct mst_killer *killer, struct mst_machine *machine,
                             const mst_author_source *changed)
{
    mst_status status = mst_machine_open(machine, killer->root, changed, NULL, false);
    if (status != MST_OK)
        return MST_MUTANT_REFUSED;
    if (is_same_image(&killer->base, machine))
        return MST_MUTANT_EQUAL;
    return mst_machine_failures(machine) > 0 ? MST_MUTANT_KILLED : MST_MUTANT_SURVIVED;
}

static bool concerns(const struct mst_killer *killer, const mst_author_mutant *mutant)
{
    return mst_author_sources_find(killer->root->sources, mutant->path) != NULL;
}

/* What is worst for the mutant counts; it survives only where no root kills it. */
static mst_mutant_fate worse(mst_mutant_fate a, mst_mutant_fate b)
{
    static const int ranks[MST_MUTANT_FATES] = {3, 1, 2, 0};
    return ranks[a] >= ranks[b] ? a : b;
}

static void find_test(struct running *running, mst_author_mutant *mutant,
                      const mst_author_source *changed)
{
    for (size_t i = 0; i < running->count && mutant->test == NULL; i++) {
        struct mst_killer *killer = &running->killers[i];
        struct mst_machine machine;
        if (!concerns(killer, mutant) || killer->seed_count == 0)
            continue;
        if (judge(killer, &machine, changed) == MST_MUTANT_SURVIVED) {
            mutant->test = mst_killer_find(killer, &machine, mutant, changed);
            mutant->test_path = mutant->test != NULL ? killer->root->path : NULL;
        }
        mst_machine_close(&machine);
    }
}

static void run_mutant(struct running *running, mst_author_mutant *mutant)
{
    mst_author_source changed = {NULL, NULL, 0};
    mutant->fate = MST_MUTANT_EQUAL;
    for (size_t i = 0; i < running->count && mutant->fate != MST_MUTANT_KILLED; i++) {
        struct mst_killer *killer = &running->killers[i];
        struct mst_machine machine;
        if (!concerns(killer, mutant))
            continue;
        if (changed.text == NULL)
            changed =
                change_source(mst_author_sources_find(killer->root->sources, mutant->path), mutant);
        mutant->fate = worse(mutant->fate, judge(killer, &machine, &changed));
        mst_machine_close(&machine);
    }
    if (mutant->fate == MST_MUTANT_SURVIVED)
        find_test(running, mutant, &changed);
    running->mutation->fates[mutant->fate]++;
    free((char *)(uintptr_t)changed.text);
}

static int compare_mutants(const void *a, const void *b)
{
    const mst_author_mutant *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    if (order != 0)
        return order;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->len != y->len ? (x->len < y->len ? -1 : 1) : strcmp(x->after, y->after);
}

static mst_status prepare(struct running *running, const mst_author_root *roots, size_t count)
{
    running->killers = mst_memory_zero(count * sizeof *running->killers);
    for (; running->count < count; running->count++) {
        struct mst_killer *killer = &running->killers[running->count];
        mst_status status = mst_killer_init(killer, &roots[running->count]);
        if (status != MST_OK)
            return status;
        mst_mutants_add(running->mutation, killer->root, killer->base.compilation,
                        &killer->base.image, &killer->follow);
        if (killer->failures > 0) {
            running->count++;
            return MST_ERR_RULES;
        }
    }
    return MST_OK;
}

mst_status mst_author_mutate(const mst_author_root *roots, size_t root_count,
                             void (*progress)(void *context, size_t done, size_t count),
                             void *context, mst_author_mutation *mutation)
{
    struct running running = {.mutation = mutation};
    *mutation = (mst_author_mutation){.mutants = NULL};
    mst_status status = prepare(&running, roots, root_count);
    if (status == MST_OK && mutation->count > 0)
        qsort(mutation->mutants, mutation->count, sizeof *mutation->mutants, compare_mutants);
    for (size_t i = 0; i < mutation->count && status == MST_OK; i++) {
        if (progress != NULL)
            progress(context, i, mutation->count);
        run_mutant(&running, &mutation->mutants[i]);
    }
    for (size_t i = 0; i < running.count; i++)
        mst_killer_free(&running.killers[i]);
    free(running.killers);
    if (status != MST_OK)
        mst_author_mutation_free(mutation);
    return status;
}

void mst_author_mutation_free(mst_author_mutation *mutation)
{
    for (size_t i = 0; i < mutation->count; i++) {
        free(mutation->mutants[i].before);
        free(mutation->mutants[i].after);
        free(mutation->mutants[i].context);
        free(mutation->mutants[i].test);
    }
    free(mutation->mutants);
    *mutation = (mst_author_mutation){.mutants = NULL};
}
