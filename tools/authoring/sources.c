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
    const mst_author_source *changed; /* is given in the place of the one with its path, or NULL */
};

static mst_status give(const mst_author_sources *sources, size_t i, mst_source_text *found)
{
    const mst_author_source *source = &sources->list[i];
    if (sources->changed != NULL && strcmp(sources->changed->path, source->path) == 0)
        source = sources->changed;
    *found = (mst_source_text){(char *)(uintptr_t)source->path, (char *)(uintptr_t)source->text,
                               source->len};
    return MST_OK;
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
    for (size_t i = 0; i < sources->answer_count; i++) {
        const struct answer *answer = &sources->answers[i];
        if (answer->kind == kind && strcmp(answer->name, name) == 0 &&
            strcmp(answer->from, from) == 0)
            return give(sources, answer->source, found);
    }
    mst_source_text read = {NULL, NULL, 0};
    mst_status status = sources->below->load(sources->below->context, kind, name, from, &read);
    if (status != MST_OK)
        return status;
    size_t source = keep(sources, read.path, read.text, read.len);
    sources->below->release(sources->below->context, &read);
    struct answer *answer = MST_MEMORY_ADD(sources->answers, sources->answer_count);
    *answer = (struct answer){kind, mst_memory_copy(name, strlen(name)),
                              mst_memory_copy(from, strlen(from)), source};
    return give(sources, source, found);
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

void mst_author_sources_change(mst_author_sources *sources, const mst_author_source *changed)
{
    sources->changed = changed;
}
