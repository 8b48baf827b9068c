/* SPDX-License-Identifier: Apache-2.0
 *
 * intune.c - the fact source `intune`: managed devices by Microsoft Graph, each as one record with
 * the group `intune`, which is the managedDevice as Graph writes it (windows.from_intune). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intune.h"

#define SELECT_MAX_BYTES 2000
#define DEVICE_PROPERTIES                                                                          \
    "deviceName,operatingSystem,osVersion,deviceEnrollmentType,managementAgent,"                   \
    "managedDeviceOwnerType,configurationManagerClientEnabledFeatures"
#define BETA_PROPERTIES ",skuNumber,joinType,processorArchitecture"

static mst_source_status refuse(char *why, const char *text)
{
    snprintf(why, MST_SOURCE_WHY_BYTES, "%s", text);
    return MST_SOURCE_REFUSED;
}

/* The names of "select", else those that windows.from_intune reads; behind them what the plugin
 * itself reads. NULL with `why`. */
static char *read_select(const json_t *config, bool beta, char *why)
{
    char text[SELECT_MAX_BYTES];
    const json_t *names = json_object_get(config, "select");
    size_t len = 0;
    if (!names)
        len = (size_t)snprintf(text, sizeof text, "%s%s,", DEVICE_PROPERTIES,
                               beta ? BETA_PROPERTIES : "");
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789");
        if (name[letters] || letters == 0 || letters > 100 || len + letters > sizeof text - 200) {
            refuse(why, "select: each entry is the name of one property of managedDevice");
            return NULL;
        }
        len += (size_t)snprintf(text + len, sizeof text - len, "%s,", name);
    }
    snprintf(text + len, sizeof text - len, "id,azureADDeviceId,lastSyncDateTime");
    char *copy = strdup(text);
    if (!copy)
        refuse(why, "out of memory");
    return copy;
}

static void destroy(mst_source *source)
{
    if (source->client)
        graph_free(source->client);
    graph_batch_free(&source->batch);
    intune_devices_free(&source->devices);
    free(source->round.page);
    free(source->select);
    free(source);
}

static bool read_config(mst_source *source, const json_t *config, char *why)
{
    const char *api = json_string_value(json_object_get(config, "api"));
    bool beta = !api || strcmp(api, "beta") == 0;
    const json_t *hardware = json_object_get(config, "hardware");
    source->api = beta ? "beta" : "v1.0";
    source->hardware = beta && (!hardware || json_is_true(hardware));
    source->interval_s = graph_number(config, "every_s", 900);
    source->full_s = graph_number(config, "full_every_s", 86400);
    source->overlap_s = graph_number(config, "overlap_s", 900);
    source->select = read_select(config, beta, why);
    if (!source->select)
        return false;
    source->client = graph_make(source->host, config, intune_round_answer, source, why);
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
        return refuse(why, "out of memory, or the configuration is no JSON");
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
    graph_stop(source->client, intune_round_drop);
    source->host->timer_arm(source->host, INTUNE_TIMER_ROUND, -1, NULL, NULL);
    source->host->stopped(source->host);
}

static void delivered(mst_source *source, const mst_source_outcome *outcome)
{
    graph_batch_delivered(&source->batch, outcome);
}

static void resume(mst_source *source)
{
    graph_batch_resume(&source->batch);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_WATCH | MST_SOURCE_CAN_TIME,
    .name = "intune",
    .version = "0.1.0",
    .summary = "Managed devices of Microsoft Intune, by Microsoft Graph",
    .config_schema =
        "{\"type\":\"object\",\"additionalProperties\":false,"
        "\"required\":[\"tenant\",\"client_id\"],\"properties\":{" GRAPH_SCHEMA ","
        "\"api\":{\"type\":\"string\",\"enum\":[\"beta\",\"v1.0\"],\"default\":\"beta\","
        "\"description\":\"v1.0 has no edition, join type, architecture and VBS state\"},"
        "\"hardware\":{\"type\":\"boolean\",\"default\":true,"
        "\"description\":\"Ask for each device by itself: only that tells its VBS state\"},"
        "\"select\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":100,"
        "\"items\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":100},"
        "\"description\":\"Properties to ask for; without it those that the rules read\"},"
        "\"every_s\":{\"type\":\"number\",\"minimum\":0.1,\"maximum\":86400,"
        "\"default\":900,\"description\":\"From one round to the next\"},"
        "\"full_every_s\":{\"type\":\"number\",\"minimum\":0.1,\"maximum\":2592000,"
        "\"default\":86400,\"description\":\"From one round that lists all devices to the next\"},"
        "\"overlap_s\":{\"type\":\"number\",\"minimum\":0,\"maximum\":86400,\"default\":900,"
        "\"description\":\"A round also lists what synced so long before the one before\"}"
        "}}",
    .create = create,
    .start = intune_round_start,
    .stop = stop,
    .destroy = destroy,
    .delivered = delivered,
    .resume = resume,
};
