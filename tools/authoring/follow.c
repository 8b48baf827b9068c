/* SPDX-License-Identifier: Apache-2.0
 *
 * follow.c - from instructions to sites, by the rule that lang.h gives for them. */
#include "follow.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static void read_sites(struct mst_follow *follow, const mst_compilation *compilation)
{
    static const mst_site empty = MST_SITE_INIT;
    follow->count = mst_site_count(compilation);
    follow->sites = mst_memory_resize(NULL, follow->count * sizeof *follow->sites);
    for (uint32_t i = 0; i < follow->count; i++) {
        follow->sites[i] = empty;
        mst_site_at(compilation, i, &follow->sites[i]);
        if (follow->sites[i].first != MST_INDEX_NONE && follow->sites[i].end >= follow->pc_count)
            follow->pc_count = follow->sites[i].end + 1;
    }
}

void mst_follow_init(struct mst_follow *follow, const mst_compilation *compilation)
{
    *follow = (struct mst_follow){.sites = NULL};
    read_sites(follow, compilation);
    follow->first_at = mst_memory_zero(follow->pc_count * sizeof *follow->first_at);
    follow->next_at = mst_memory_zero(follow->count * sizeof *follow->next_at);
    for (uint32_t i = 0; i < follow->count; i++) { /* the last comes first: parts before wholes */
        if (follow->sites[i].first == MST_INDEX_NONE)
            continue;
        uint32_t *head = &follow->first_at[follow->sites[i].end];
        follow->next_at[i] = *head;
        *head = i + 1;
    }
}

void mst_follow_free(struct mst_follow *follow)
{
    free(follow->sites);
    free(follow->first_at);
    free(follow->next_at);
    *follow = (struct mst_follow){.sites = NULL};
}

static void step(void *context, mst_vm *vm, uint32_t pc, uint32_t before)
{
    const struct mst_follow *follow = context;
    if (pc >= follow->pc_count)
        return;
    for (uint32_t i = follow->first_at[pc]; i != 0; i = follow->next_at[i - 1]) {
        const mst_site *site = &follow->sites[i - 1];
        if (site->first == site->end ||
            (before != MST_INDEX_NONE && before >= site->first && before < site->end))
            follow->done(follow->context, vm, i - 1);
    }
}

void mst_follow_begin(struct mst_follow *follow, mst_vm *vm, mst_follow_done *done, void *context)
{
    follow->done = done;
    follow->context = context;
    mst_watch_begin(vm, step, follow);
}

void mst_follow_end(mst_vm *vm)
{
    mst_watch_begin(vm, NULL, NULL);
}

bool mst_follow_is_within(const struct mst_follow *follow, uint32_t site, uint32_t of)
{
    while (site != MST_INDEX_NONE && site > of)
        site = follow->sites[site].parent;
    return site == of;
}

bool mst_follow_is_of_test(const struct mst_follow *follow, uint32_t i)
{
    for (uint32_t k = i; k != MST_INDEX_NONE; k = follow->sites[k].parent) {
        if (k != i && follow->sites[k].kind == MST_SITE_DEF)
            return false;
        if (follow->sites[k].role == MST_ROLE_EXPECTATION)
            return true;
    }
    return false;
}
