/* SPDX-License-Identifier: Apache-2.0
 *
 * sources.c - every source of some rules, read once and given again from memory. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "sources.h"

/* What was asked for, and what it turned out to be. */
struct answer {
    mst_load_kind kind;
    char *name, *from;
    size_t source;
};

struct mst_author_sources {
    mst_loader loader;
    const mst_loader *below;
    struct answer *answers;
    size_t answer_count;
    mst_author_source *list;
    size_t count;
};

static mst_status give(const mst_author_source *source, mst_source_text *found)
{
    *found = (mst_source_text){(char *)(uintptr_t)source->path, (char *)(uintptr_t)source->text,
                               source->len};
    return MST_OK;
}

static const struct answer *find_answer(const mst_author_sources *sources, mst_load_kind kind,
                                        const char *name, const char *from)
{
    for (size_t i = 0; i < sources->answer_count; i++) {
        const struct answer *answer = &sources->answers[i];
        if (answer->kind == kind && strcmp(answer->name, name) == 0 &&
            strcmp(answer->from, from) == 0)
            return answer;
    }
    return NULL;
}

static size_t keep(mst_author_sources *sources, const char *path, const char *text, size_t len)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->list[i].path, path) == 0)
            return i;
    mst_author_source *source = MST_MEMORY_ADD(sources->list, sources->count);
    source->path = mst_memory_copy(path, strlen(path));
    source->text = mst_memory_copy(text, len);
    source->len = len;
    return sources->count - 1;
}

static mst_status load(void *context, mst_load_kind kind, const char *name, const char *from,
                       mst_source_text *found)
{
    mst_author_sources *sources = context;
    const struct answer *known = find_answer(sources, kind, name, from);
    if (known != NULL)
        return give(&sources->list[known->source], found);
    mst_source_text read = {NULL, NULL, 0};
    mst_status status = sources->below->load(sources->below->context, kind, name, from, &read);
    if (status != MST_OK)
        return status;
    size_t source = keep(sources, read.path, read.text, read.len);
    sources->below->release(sources->below->context, &read);
    struct answer *answer = MST_MEMORY_ADD(sources->answers, sources->answer_count);
    *answer = (struct answer){kind, mst_memory_copy(name, strlen(name)),
                              mst_memory_copy(from, strlen(from)), source};
    return give(&sources->list[source], found);
}

static void release(void *context, mst_source_text *found)
{
    (void)context;
    (void)found;
}

mst_author_sources *mst_author_sources_new(const mst_loader *below)
{
    mst_author_sources *sources = mst_memory_zero(sizeof *sources);
    sources->below = below;
    sources->loader = (mst_loader){sizeof(mst_loader), 0, load, release, sources};
    return sources;
}

void mst_author_sources_free(mst_author_sources *sources)
{
    if (sources == NULL)
        return;
    for (size_t i = 0; i < sources->answer_count; i++) {
        free(sources->answers[i].name);
        free(sources->answers[i].from);
    }
    for (size_t i = 0; i < sources->count; i++) {
        free((char *)(uintptr_t)sources->list[i].path);
        free((char *)(uintptr_t)sources->list[i].text);
    }
    free(sources->answers);
    free(sources->list);
    free(sources);
}

const mst_loader *mst_author_sources_loader(mst_author_sources *sources)
{
    return &sources->loader;
}

void mst_author_sources_keep(mst_author_sources *sources, const char *path, const char *text,
                             size_t len)
{
    keep(sources, path, text, len);
}

const mst_author_source *mst_author_sources_find(const mst_author_sources *sources,
                                                 const char *path)
{
    for (size_t i = 0; i < sources->count; i++)
        if (strcmp(sources->list[i].path, path) == 0)
            return &sources->list[i];
    return NULL;
}

/* ---- with a change ----------------------------------------------------------------------- */

static mst_status load_changed(void *context, mst_load_kind kind, const char *name,
                               const char *from, mst_source_text *found)
{
    const struct mst_changed_sources *with = context;
    const struct answer *answer = find_answer(with->sources, kind, name, from);
    if (answer == NULL)
        return MST_ERR_NOT_FOUND;
    const mst_author_source *source = &with->sources->list[answer->source];
    bool is_changed = with->changed != NULL && strcmp(with->changed->path, source->path) == 0;
    return give(is_changed ? with->changed : source, found);
}

void mst_changed_sources_init(struct mst_changed_sources *with, const mst_author_sources *sources,
                              const mst_author_source *changed)
{
    *with = (struct mst_changed_sources){
        {sizeof(mst_loader), 0, load_changed, release, with}, sources, changed};
}
