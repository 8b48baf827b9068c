/* SPDX-License-Identifier: Apache-2.0
 *
 * mutation.c - each change of the rules compiled and tested: does a test notice? Compiling takes
 * the most time, so a change is tried first in the module whose tests have noticed the one before
 * it, and ends with the first that does. Threads take one change after the other; what they share
 * they only read. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mutants.h"

struct running {
    struct mst_killer *killers; /* by root */
    size_t count;
    mst_author_mutation *mutation;
    const mst_mutate_options *options;
    pthread_mutex_t lock; /* for all below */
    size_t next, done;    /* changes */
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
    static const int ranks[MST_MUTANT_FATES] = {
        [MST_MUTANT_KILLED] = 3, [MST_MUTANT_REFUSED] = 2, [MST_MUTANT_SURVIVED] = 1};
    return ranks[a] >= ranks[b] ? a : b;
}

static void find_test(const struct running *running, mst_author_mutant *mutant,
                      const mst_author_source *changed)
{
    for (size_t i = 0; i < running->count && mutant->test == NULL; i++) {
        const struct mst_killer *killer = &running->killers[i];
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

/* `first` is the root to try first; becomes the one that notices. */
static mst_mutant_fate find_fate(const struct running *running, const mst_author_mutant *mutant,
                                 const mst_author_source *changed, size_t *first)
{
    mst_mutant_fate fate = MST_MUTANT_EQUAL;
    size_t begin = *first;
    for (size_t k = 0; k < running->count && fate != MST_MUTANT_KILLED; k++) {
        size_t i = (begin + k) % running->count;
        struct mst_machine machine;
        if (!concerns(&running->killers[i], mutant))
            continue;
        fate = worse(fate, judge(&running->killers[i], &machine, changed));
        mst_machine_close(&machine);
        if (fate == MST_MUTANT_KILLED)
            *first = i;
    }
    return fate;
}

static const mst_author_source *find_source(const struct running *running, const char *path)
{
    const mst_author_source *source = NULL;
    for (size_t i = 0; i < running->count && source == NULL; i++)
        source = mst_author_sources_find(running->killers[i].root->sources, path);
    return source;
}

static void run_mutant(const struct running *running, mst_author_mutant *mutant, size_t *first)
{
    const mst_explained_changes *explained = running->options->explained;
    mst_author_source changed = change_source(find_source(running, mutant->path), mutant);
    mutant->fate = find_fate(running, mutant, &changed, first);
    if (mutant->fate == MST_MUTANT_SURVIVED && explained != NULL &&
        mst_explained_find(explained, mutant) != NULL)
        mutant->fate = MST_MUTANT_EXPLAINED;
    else if (mutant->fate == MST_MUTANT_SURVIVED)
        find_test(running, mutant, &changed);
    free((char *)(uintptr_t)changed.text);
}

/* ---- threads ------------------------------------------------------------------------------- */

static mst_author_mutant *take_mutant(struct running *running, bool has_done, size_t *done)
{
    mst_author_mutation *mutation = running->mutation;
    pthread_mutex_lock(&running->lock);
    running->done += has_done;
    *done = running->done;
    mst_author_mutant *mutant =
        running->next < mutation->count ? &mutation->mutants[running->next++] : NULL;
    pthread_mutex_unlock(&running->lock);
    return mutant;
}

static void *work(void *context)
{
    struct running *running = context;
    size_t first = 0, done;
    mst_author_mutant *mutant = take_mutant(running, false, &done);
    while (mutant != NULL) {
        run_mutant(running, mutant, &first);
        mutant = take_mutant(running, true, &done);
    }
    return NULL;
}

/* The caller's thread works too, and tells how far all are. */
static void work_and_tell(struct running *running)
{
    const mst_mutate_options *options = running->options;
    size_t first = 0, done;
    mst_author_mutant *mutant = take_mutant(running, false, &done);
    while (mutant != NULL) {
        if (options->progress != NULL)
            options->progress(options->context, done, running->mutation->count);
        run_mutant(running, mutant, &first);
        mutant = take_mutant(running, true, &done);
    }
}

/* A thread that cannot be had is none: the others do its work. */
static void run_all(struct running *running)
{
    size_t count = 0, most = running->options->jobs > 1 ? running->options->jobs - 1 : 0;
    pthread_t *threads = mst_memory_resize(NULL, most * sizeof *threads);
    while (count < most && pthread_create(&threads[count], NULL, work, running) == 0)
        count++;
    work_and_tell(running);
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
}

/* ---- all of them --------------------------------------------------------------------------- */

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

static void free_mutant(mst_author_mutant *mutant)
{
    free(mutant->before);
    free(mutant->after);
    free(mutant->context);
    free(mutant->was);
    free(mutant->becomes);
    free(mutant->item);
    free(mutant->test);
}

/* Orders them, says how each reads, and leaves those that are to be tried. */
static void choose(struct running *running)
{
    mst_author_mutation *mutation = running->mutation;
    const mst_mutate_options *options = running->options;
    size_t sample = options->sample > 1 ? options->sample : 1, count = 0;
    if (mutation->count > 0)
        qsort(mutation->mutants, mutation->count, sizeof *mutation->mutants, compare_mutants);
    for (size_t i = 0; i < mutation->count; i++) {
        mst_author_mutant *mutant = &mutation->mutants[i];
        mst_mutant_tell(mutant, find_source(running, mutant->path));
        mst_explained_change *explained =
            options->explained != NULL ? mst_explained_find(options->explained, mutant) : NULL;
        if (explained != NULL)
            explained->state = MST_EXPLAINED_UNTRIED;
        if (i % sample == 0)
            mutation->mutants[count++] = *mutant;
        else
            free_mutant(mutant);
    }
    mutation->count = count;
}

static void count_fates(struct running *running)
{
    mst_explained_changes *explained = running->options->explained;
    for (size_t i = 0; i < running->mutation->count; i++) {
        const mst_author_mutant *mutant = &running->mutation->mutants[i];
        mst_explained_change *change =
            explained != NULL ? mst_explained_find(explained, mutant) : NULL;
        running->mutation->fates[mutant->fate]++;
        if (change != NULL && change->state != MST_EXPLAINED_HOLDS)
            change->state =
                mutant->fate == MST_MUTANT_EXPLAINED ? MST_EXPLAINED_HOLDS : MST_EXPLAINED_KILLED;
    }
}

mst_status mst_author_mutate(const mst_author_root *roots, size_t root_count,
                             const mst_mutate_options *options, mst_author_mutation *mutation)
{
    struct running running = {.mutation = mutation, .options = options};
    *mutation = (mst_author_mutation){.mutants = NULL};
    pthread_mutex_init(&running.lock, NULL);
    mst_status status = prepare(&running, roots, root_count);
    if (status == MST_OK) {
        choose(&running);
        run_all(&running);
        count_fates(&running);
    }
    for (size_t i = 0; i < running.count; i++)
        mst_killer_free(&running.killers[i]);
    free(running.killers);
    pthread_mutex_destroy(&running.lock);
    if (status != MST_OK)
        mst_author_mutation_free(mutation);
    return status;
}

void mst_author_mutation_free(mst_author_mutation *mutation)
{
    for (size_t i = 0; i < mutation->count; i++)
        free_mutant(&mutation->mutants[i]);
    free(mutation->mutants);
    *mutation = (mst_author_mutation){.mutants = NULL};
}
