/* SPDX-License-Identifier: Apache-2.0
 *
 * autopatch_reach.c - which policy applies to which device: devices by Entra id, groups of them,
 * policies with the groups they are assigned to. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "autopatch.h"

static int compare_ids(const void *left, const void *right)
{
    const struct autopatch_device *a = left, *b = right;
    return strcasecmp(a->id, b->id);
}

struct autopatch_device *autopatch_device_find(struct autopatch_reach *reach, const char *id)
{
    struct autopatch_device *device = calloc(1, sizeof *device);
    size_t len = strlen(id);
    if (!device || len == 0 || len > AUTOPATCH_ID_MAX) {
        free(device);
        return NULL;
    }
    memcpy(device->id, id, len + 1);
    struct autopatch_device **found = tsearch(device, &reach->tree, compare_ids);
    if (!found || *found != device) {
        free(device);
        return found ? *found : NULL;
    }
    device->number = reach->device_count++;
    device->place = &reach->first;
    device->next = reach->first;
    if (device->next)
        device->next->place = &device->next;
    reach->first = device;
    return device;
}

void autopatch_device_remove(struct autopatch_reach *reach, struct autopatch_device *device)
{
    tdelete(device, &reach->tree, compare_ids);
    *device->place = device->next;
    if (device->next)
        device->next->place = device->place;
    json_decref(device->enrolled);
    free(device);
}

bool autopatch_group_find(struct autopatch_reach *reach, const char *name, size_t *group)
{
    for (*group = 0; *group < reach->group_count; (*group)++)
        if (strcmp(reach->groups[*group].name, name) == 0)
            return true;
    struct autopatch_group *groups =
        realloc(reach->groups, (reach->group_count + 1) * sizeof *groups);
    if (!groups)
        return false;
    reach->groups = groups;
    char *copy = strdup(name);
    if (!copy)
        return false;
    groups[reach->group_count++] = (struct autopatch_group){.name = copy};
    return true;
}

bool autopatch_group_add(struct autopatch_group *group, const struct autopatch_device *device)
{
    size_t word = device->number / 64;
    if (word >= group->words) {
        size_t words = word * 2 + 16;
        uint64_t *bits = realloc(group->bits, words * sizeof *bits);
        if (!bits)
            return false;
        memset(bits + group->words, 0, (words - group->words) * sizeof *bits);
        group->bits = bits;
        group->words = words;
    }
    group->bits[word] |= UINT64_C(1) << device->number % 64;
    return true;
}

struct autopatch_policy *autopatch_policy_add(struct autopatch_reach *reach,
                                              enum autopatch_kind kind, json_t *facts)
{
    struct autopatch_policy *policies =
        realloc(reach->policies, (reach->policy_count + 1) * sizeof *policies);
    if (!policies) {
        json_decref(facts);
        return NULL;
    }
    reach->policies = policies;
    policies[reach->policy_count] = (struct autopatch_policy){.kind = kind, .facts = facts};
    return &policies[reach->policy_count++];
}

bool autopatch_assign(struct autopatch_reach *reach, struct autopatch_policy *policy,
                      const char *group, bool spares)
{
    size_t **list = spares ? &policy->out : &policy->in;
    size_t *count = spares ? &policy->out_count : &policy->in_count;
    size_t *grown = realloc(*list, (*count + 1) * sizeof *grown);
    if (!grown)
        return false;
    *list = grown;
    return autopatch_group_find(reach, group, &grown[*count]) && ++*count > 0;
}

static bool is_in(const struct autopatch_reach *reach, const size_t *list, size_t count,
                  const struct autopatch_device *device)
{
    size_t word = device->number / 64;
    for (size_t i = 0; i < count; i++) {
        const struct autopatch_group *group = &reach->groups[list[i]];
        if (word < group->words && group->bits[word] >> device->number % 64 & 1)
            return true;
    }
    return false;
}

bool autopatch_applies(const struct autopatch_reach *reach, const struct autopatch_policy *policy,
                       const struct autopatch_device *device)
{
    return (policy->everyone || is_in(reach, policy->in, policy->in_count, device)) &&
           !is_in(reach, policy->out, policy->out_count, device);
}

void autopatch_reach_clear(struct autopatch_reach *reach)
{
    for (size_t i = 0; i < reach->policy_count; i++) {
        json_decref(reach->policies[i].facts);
        free(reach->policies[i].in);
        free(reach->policies[i].out);
    }
    for (size_t i = 0; i < reach->group_count; i++) {
        free(reach->groups[i].name);
        free(reach->groups[i].bits);
    }
    free(reach->policies);
    free(reach->groups);
    reach->policies = NULL;
    reach->groups = NULL;
    reach->policy_count = reach->group_count = 0;
    reach->unresolved = false;
}
