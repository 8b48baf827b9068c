/* SPDX-License-Identifier: Apache-2.0
 *
 * autopatch.c - the fact source `autopatch`: what Windows Autopatch and the quality update
 * policies of Intune say of each device, as one group `autopatch` (windows.from_autopatch). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autopatch.h"

static bool reads(const json_t *config, const char *what)
{
    const json_t *list = json_object_get(config, "read"), *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        if (strcmp(json_string_value(one), what) == 0)
            return true;
    }
    return !list;
}

static void destroy(mst_source *source)
{
    if (source->client)
        graph_free(source->client);
    graph_batch_free(&source->batch);
    autopatch_reach_clear(&source->reach);
    while (source->reach.first)
        autopatch_device_remove(&source->reach, source->reach.first);
    json_decref(source->tenant_default);
    free(source->catalogue_file);
    free(source->failure);
    free(source);
}

static bool read_config(mst_source *source, const json_t *config, char *why)
{
    const char *file = json_string_value(json_object_get(config, "catalogue_file"));
    source->reads_quality = reads(config, "quality_policies");
    source->reads_update = reads(config, "update_policies");
    source->reads_rings = reads(config, "rings");
    source->tenant_default = json_incref(json_object_get(config, "tenant_hotpatch_default"));
    source->interval_s = graph_number(config, "every_s", 3600);
    source->refresh_s = graph_number(config, "refresh_s", 86400);
    if (file && !(source->catalogue_file = strdup(file))) {
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
        return false;
    }
    source->client = graph_make(source->host, config, autopatch_answer, source, why);
    source->batch.host = source->host;
    source->batch.client = source->client;
    return source->client != NULL;
}

static mst_source_status create(const mst_source_host *host, const char *text, size_t len,
                                mst_source **made, char *why)
{
    json_t *config = json_loadb(text, len, 0, NULL);
    mst_source *source = calloc(1, sizeof *source);
    if (!config || !source) {
        json_decref(config);
        free(source);
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory, or the configuration is no JSON");
        return MST_SOURCE_REFUSED;
    }
    source->host = host;
    bool good = read_config(source, config, why);
    json_decref(config);
    if (!good) {
        destroy(source);
        return MST_SOURCE_REFUSED;
    }
    *made = source;
    return MST_SOURCE_OK;
}

static void stop(mst_source *source)
{
    graph_stop(source->client, autopatch_drop);
    source->host->timer_arm(source->host, AUTOPATCH_TIMER_ROUND, -1, NULL, NULL);
    source->host->timer_arm(source->host, AUTOPATCH_TIMER_GIVE, -1, NULL, NULL);
    source->host->stopped(source->host);
}

static void delivered(mst_source *source, const mst_source_outcome *outcome)
{
    graph_batch_delivered(&source->batch, outcome);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_WATCH | MST_SOURCE_CAN_TIME,
    .name = "autopatch",
    .version = "0.1.0",
    .summary = "Enrolment, policies and rings of Windows Autopatch, by Microsoft Graph",
    .config_schema =
        "{\"type\":\"object\",\"additionalProperties\":false,"
        "\"required\":[\"tenant\",\"client_id\"],\"properties\":{" GRAPH_SCHEMA ","
        "\"read\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
        "\"enum\":[\"quality_policies\",\"update_policies\",\"rings\"]},"
        "\"description\":\"What to read beside enrolment; without it all of them\"},"
        "\"tenant_hotpatch_default\":{\"type\":\"boolean\","
        "\"description\":\"Tenant settings, Allow hotpatch for devices in no policy: Graph does "
        "not tell it\"},"
        "\"catalogue_file\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":1000,"
        "\"description\":\"Where the catalogue of updates is written for muster baselines\"},"
        "\"every_s\":{\"type\":\"number\",\"minimum\":0.1,\"maximum\":604800,"
        "\"default\":3600,\"description\":\"From one round to the next\"},"
        "\"refresh_s\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1209600,"
        "\"default\":86400,\"description\":\"After which what has not changed is given again\"}"
        "}}",
    .create = create,
    .start = autopatch_start,
    .stop = stop,
    .destroy = destroy,
    .delivered = delivered,
    .resume = autopatch_resume,
};
