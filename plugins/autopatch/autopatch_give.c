/* SPDX-License-Identifier: Apache-2.0
 *
 * autopatch_give.c - from what was read to the record of each device. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "autopatch.h"

#define DEVICES_A_TURN 200 /* then the loop serves others */

/* What the policies of a kind that apply to the device say, where they agree; else NULL: which of
 * two that contradict each other wins is not documented. Borrowed. */
static json_t *agreed(const struct autopatch_reach *reach, enum autopatch_kind kind,
                      const struct autopatch_device *device)
{
    json_t *found = NULL;
    for (size_t i = 0; i < reach->policy_count; i++) {
        const struct autopatch_policy *policy = &reach->policies[i];
        if (policy->kind != kind || !autopatch_applies(reach, policy, device))
            continue;
        if (found && !json_equal(found, policy->facts))
            return NULL;
        found = policy->facts;
    }
    return found;
}

static json_t *count_policies(const struct autopatch_reach *reach,
                              const struct autopatch_device *device)
{
    int allowed = 0, blocked = 0;
    for (size_t i = 0; i < reach->policy_count; i++) {
        const struct autopatch_policy *policy = &reach->policies[i];
        if (policy->kind != AUTOPATCH_QUALITY || !autopatch_applies(reach, policy, device))
            continue;
        if (json_is_true(policy->facts))
            allowed++;
        else
            blocked++;
    }
    return json_pack("{s:i, s:i}", "hotpatchAllowed", allowed, "hotpatchBlocked", blocked);
}

static json_t *make_facts(const struct mst_source *source, const struct autopatch_device *device)
{
    json_t *facts = json_object();
    json_t *update = agreed(&source->reach, AUTOPATCH_UPDATE, device);
    json_t *ring = agreed(&source->reach, AUTOPATCH_RING, device);
    if (device->enrolled)
        json_object_set(facts, "enrollment", device->enrolled);
    if (source->reads_quality && !source->reach.unresolved)
        json_object_set_new(facts, "qualityUpdatePolicies", count_policies(&source->reach, device));
    if (update)
        json_object_set(facts, "updatePolicy", update);
    if (ring)
        json_object_set(facts, "ring", ring);
    if (source->tenant_default)
        json_object_set_new(facts, "tenant",
                            json_pack("{s:O}", "hotpatchDefault", source->tenant_default));
    return facts;
}

/* Never 0. */
static uint64_t digest_of(const json_t *facts)
{
    char *text = json_dumps(facts, JSON_COMPACT | JSON_SORT_KEYS);
    uint64_t digest = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *at = text ? text : ""; *at; at++)
        digest = (digest ^ (unsigned char)*at) * UINT64_C(1099511628211);
    free(text);
    return digest | 1;
}

/* What is the same as before is given again from time to time, for facts grow old. */
static void give_one(struct mst_source *source, struct autopatch_device *device)
{
    json_t *facts = make_facts(source, device);
    uint64_t digest = digest_of(facts);
    int64_t now = source->host->now_s(source->host);
    bool same = digest == device->digest && now >= device->given_s &&
                now - device->given_s < (int64_t)source->refresh_s;
    char read_at[32];
    struct tm when;
    if (same || !gmtime_r(&(time_t){source->read_s}, &when)) {
        json_decref(facts);
        return;
    }
    strftime(read_at, sizeof read_at, "%Y-%m-%dT%H:%M:%SZ", &when);
    json_object_set_new(facts, "readAt", json_string(read_at));
    graph_batch_add(&source->batch, device->id, "autopatch", facts);
    device->digest = digest;
    device->given_s = now;
    source->given++;
}

static void on_give(void *context, uint32_t timer)
{
    (void)timer;
    autopatch_give(context);
}

void autopatch_give(struct mst_source *source)
{
    for (int i = 0; i < DEVICES_A_TURN && source->at && !source->batch.waits; i++) {
        struct autopatch_device *device = source->at;
        source->at = device->next;
        if (device->round == source->round) {
            give_one(source, device);
            continue;
        }
        source->gone++;
        graph_batch_add(&source->batch, device->id, "autopatch", NULL);
        autopatch_device_remove(&source->reach, device);
    }
    if (source->batch.waits)
        return; /* autopatch_resume() goes on */
    if (source->at)
        source->host->timer_arm(source->host, AUTOPATCH_TIMER_GIVE, 0, on_give, source);
    else
        autopatch_finish(source);
}
