/* SPDX-License-Identifier: Apache-2.0
 *
 * autopatch_round.c - a round: what is asked for, in three phases of which each needs the answers
 * of the one before. It is a few requests for each thousand devices, so a round that fails, or is
 * cut off by a restart, begins anew. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autopatch.h"

#define RETRY_S 300 /* after a round that failed; the interval if it is shorter */
#define URL_BYTES 600
#define ASKED_MAX 100000 /* a round of more goes in a circle */
#define UPDATES "/beta/admin/windows/updates/"

/* The newest updates: a year of them. */
#define CATALOGUE                                                                                  \
    UPDATES "catalog/entries?$filter=isof('microsoft.graph.windowsUpdates."                        \
            "qualityUpdateCatalogEntry')&$expand=microsoft.graph.windowsUpdates."                  \
            "qualityUpdateCatalogEntry/productRevisions&$orderby=releaseDateTime%20desc&$top=50"

enum what { ASSETS, QUALITY, UPDATE, POLICIES, RINGS, MEMBERS, CATALOG };

struct job {
    enum what what;
    size_t group; /* MEMBERS */
};

static void begin_round(void *context, uint32_t timer);
static void next_phase(struct mst_source *source);

static void come_back(struct mst_source *source, double wait_s)
{
    source->host->timer_arm(source->host, AUTOPATCH_TIMER_ROUND, (int64_t)(wait_s * 1000),
                            begin_round, source);
}

static void fail(struct mst_source *source, const char *what, const char *why)
{
    char text[512];
    snprintf(text, sizeof text, "%s: %s", what, why);
    if (!source->failure)
        source->failure = strdup(text);
}

static void ask(struct mst_source *source, enum what what, size_t group, const char *url)
{
    if (++source->asked > ASKED_MAX) {
        fail(source, "what Graph tells", "its pages or groups have no end");
        return;
    }
    struct job *job = calloc(1, sizeof *job);
    if (job)
        *job = (struct job){what, group};
    if (job && graph_get(source->client, url, job)) {
        source->open++;
        return;
    }
    free(job);
    fail(source, "a next page", "it is not on Graph's own host, or there is no memory");
}

/* An id becomes part of an address. */
static bool plain_id(const char *id)
{
    return id && id[0] && strlen(id) <= 100 &&
           id[strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")] == 0;
}

static void begin_round(void *context, uint32_t timer)
{
    struct mst_source *source = context;
    (void)timer;
    autopatch_reach_clear(&source->reach);
    source->round++;
    source->phase = 0;
    source->read_s = 0;
    source->given = source->gone = source->asked = 0;
    ask(source, ASSETS, 0, UPDATES "updatableAssets");
    if (source->reads_quality)
        ask(source, QUALITY, 0,
            "/beta/deviceManagement/windowsQualityUpdatePolicies?$expand=assignments");
    if (source->reads_update)
        ask(source, UPDATE, 0, UPDATES "updatePolicies");
    if (source->reads_rings)
        ask(source, POLICIES, 0, UPDATES "policies");
    if (source->catalogue_file)
        ask(source, CATALOG, 0, CATALOGUE);
    if (source->open == 0)
        next_phase(source);
}

/* For `muster baselines`. */
static void write_catalogue(struct mst_source *source, const json_t *body)
{
    char path[AUTOPATCH_PATH_MAX + 8];
    snprintf(path, sizeof path, "%s.new", source->catalogue_file);
    if (json_dump_file(body, path, JSON_INDENT(1)) == 0 &&
        rename(path, source->catalogue_file) == 0)
        return;
    char text[AUTOPATCH_PATH_MAX + 100];
    snprintf(text, sizeof text, "the catalogue_file '%s' cannot be written: %s",
             source->catalogue_file, strerror(errno));
    source->host->log(source->host, MST_SOURCE_WARNING, text);
    remove(path);
}

/* Members of each group that a policy names: of Entra, or of a deployment audience. */
static void ask_groups(struct mst_source *source)
{
    char url[URL_BYTES];
    for (size_t i = 0; i < source->reach.group_count; i++) {
        const char *name = source->reach.groups[i].name;
        if (strncmp(name, "audience/", 9) == 0)
            snprintf(url, sizeof url, UPDATES "deploymentAudiences/%s", name + 9);
        else if (plain_id(name))
            snprintf(url, sizeof url,
                     "/v1.0/groups/%s/transitiveMembers/microsoft.graph.device"
                     "?$count=true&$select=deviceId&$top=999",
                     name);
        else
            continue;
        ask(source, MEMBERS, i, url);
    }
}

void autopatch_finish(struct mst_source *source)
{
    char text[200];
    graph_batch_flush(&source->batch, NULL);
    snprintf(text, sizeof text, "round: %zu devices given, %zu gone; %zu policies and rings%s",
             source->given, source->gone, source->reach.policy_count,
             source->reach.unresolved
                 ? "; a quality update policy is assigned in a way that is not understood, so "
                   "nothing is said about any of them"
                 : "");
    if (source->given || source->gone || source->reach.unresolved)
        source->host->log(source->host,
                          source->reach.unresolved ? MST_SOURCE_WARNING : MST_SOURCE_INFO, text);
    source->host->report(source->host, MST_SOURCE_GOOD, NULL);
    autopatch_reach_clear(&source->reach);
    source->phase = 0;
    come_back(source, source->interval_s);
}

static void next_phase(struct mst_source *source)
{
    if (source->failure) {
        source->host->report(source->host, MST_SOURCE_TROUBLED, source->failure);
        free(source->failure);
        source->failure = NULL;
        come_back(source, source->interval_s < RETRY_S ? source->interval_s : RETRY_S);
        return;
    }
    if (source->phase++ == 0)
        ask_groups(source);
    if (source->open > 0)
        return;
    source->phase = 2;
    source->at = source->reach.first;
    autopatch_give(source);
}

static void ask_rings(struct mst_source *source, const json_t *policy)
{
    const char *id = json_string_value(json_object_get(policy, "id"));
    char url[URL_BYTES];
    if (!plain_id(id))
        return;
    snprintf(url, sizeof url, UPDATES "policies/%s/rings", id);
    ask(source, RINGS, 0, url);
}

/* A member of an audience may be a group of devices, which has members of its own. */
static bool take_member(struct mst_source *source, size_t group, const json_t *member)
{
    const char *type = json_string_value(json_object_get(member, "@odata.type"));
    const char *id = json_string_value(json_object_get(member, "id"));
    char url[URL_BYTES];
    if (type && strstr(type, "updatableAssetGroup") && plain_id(id)) {
        snprintf(url, sizeof url,
                 UPDATES "updatableAssets/%s/microsoft.graph.windowsUpdates."
                         "updatableAssetGroup/members",
                 id);
        ask(source, MEMBERS, group, url);
        return true;
    }
    const struct autopatch_device *device = autopatch_take_member(source, member);
    return device && autopatch_group_add(&source->reach.groups[group], device);
}

static bool take_value(struct mst_source *source, const struct job *job, const json_t *value)
{
    switch (job->what) {
    case ASSETS: return autopatch_take_asset(source, value);
    case QUALITY: return autopatch_take_quality(source, value);
    case UPDATE: return autopatch_take_update(source, value);
    case POLICIES: ask_rings(source, value); return true;
    case RINGS: return autopatch_take_ring(source, value);
    case MEMBERS: return take_member(source, job->group, value);
    case CATALOG: return true; /* written as a whole */
    }
    return false;
}

void autopatch_answer(void *context, void *item, const struct graph_answer *answer)
{
    static const char *const names[] = {"updatable assets",
                                        "quality update policies",
                                        "update policies",
                                        "policies of rings",
                                        "rings",
                                        "members of a group",
                                        "catalogue of updates"};
    struct mst_source *source = context;
    struct job *job = item;
    const char *next = json_string_value(json_object_get(answer->body, "@odata.nextLink"));
    size_t i;
    const json_t *value;
    bool good = true;
    source->open--;
    if (answer->result != GRAPH_OK && !(answer->result == GRAPH_GONE && job->what == MEMBERS))
        fail(source, names[job->what], answer->why); /* a group that is gone has no members */
    const bool is_list = json_is_array(json_object_get(answer->body, "value"));
    if (answer->result == GRAPH_OK && !is_list)
        fail(source, names[job->what], "the answer has no 'value'");
    if (source->read_s == 0)
        source->read_s = answer->date_s ? answer->date_s : source->host->now_s(source->host);
    json_array_foreach(json_object_get(answer->body, "value"), i, value) good =
        take_value(source, job, value) && good;
    if (!good)
        source->host->log(source->host, MST_SOURCE_WARNING,
                          "an entry of Graph's has no id, or there is no memory: left out");
    if (job->what == CATALOG && is_list)
        write_catalogue(source, answer->body);
    else if (next && job->what != CATALOG)
        ask(source, job->what, job->group, next);
    autopatch_drop(source, job);
    if (source->open == 0)
        next_phase(source);
}

void autopatch_drop(void *context, void *item)
{
    (void)context;
    free(item);
}

void autopatch_start(struct mst_source *source, const char *cursor, size_t len)
{
    (void)cursor, (void)len; /* a round is short, and begins anew */
    come_back(source, 0);
}

void autopatch_resume(struct mst_source *source)
{
    graph_batch_resume(&source->batch);
    if (source->phase == 2 && !source->batch.waits)
        autopatch_give(source);
}
