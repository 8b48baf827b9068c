/* SPDX-License-Identifier: Apache-2.0
 *
 * intune_take.c - what Graph says of one device, and what becomes of it. */
#include <stdio.h>
#include <string.h>

#include "intune.h"

/* azureADDeviceId of a device that never registered with Entra: nobody's name. */
#define NO_ENTRA "00000000-0000-0000-0000-000000000000"

#define URL_BYTES 3000

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static bool has_name(const json_t *device)
{
    const char *entra = text_of(device, "azureADDeviceId");
    return entra[0] && strlen(entra) <= INTUNE_ID_MAX && strcmp(entra, NO_ENTRA) != 0;
}

static void clear(struct mst_source *source, const struct intune_device *device)
{
    if (intune_device_owns(&source->devices, device))
        graph_batch_add(&source->batch, device->entra, "intune", NULL);
}

/* The record of a device, without what OData says about the answer. */
static void give(struct mst_source *source, struct intune_device *device, json_t *body)
{
    const char *entra = text_of(body, "azureADDeviceId");
    const char *key;
    json_t *value;
    void *next;
    if (device->entra[0] && strcmp(device->entra, entra) != 0)
        clear(source, device); /* it registered anew: the old name is no device any more */
    intune_device_given(&source->devices, device, entra, text_of(body, "lastSyncDateTime"));
    source->round.read++;
    json_object_foreach_safe(body, next, key, value)
    {
        if (strchr(key, '@'))
            json_object_del(body, key);
    }
    if (intune_device_owns(&source->devices, device)) /* else an enrolment that synced later does */
        graph_batch_add(&source->batch, entra, "intune", json_incref(body));
}

/* A list fills hardwareInformation with defaults, of which 0 would mean that VBS runs. */
static void give_listed(struct mst_source *source, struct intune_device *device, json_t *listed)
{
    json_object_del(listed, "hardwareInformation");
    give(source, device, listed);
}

static bool ask_device(struct mst_source *source, struct intune_device *device, json_t *listed)
{
    char url[URL_BYTES];
    snprintf(url, sizeof url, "/%s/deviceManagement/managedDevices/%s?$select=%s,%s", source->api,
             device->id, source->select, "hardwareInformation");
    return intune_ask(source, url, INTUNE_DEVICE, device, json_incref(listed));
}

/* An id becomes part of an address. */
static bool plain_id(const char *id)
{
    return id[0] && id[strspn(id, "0123456789abcdefABCDEF-")] == '\0';
}

void intune_take_listed(struct mst_source *source, json_t *listed)
{
    const char *id = text_of(listed, "id");
    struct intune_device *device = plain_id(id) ? intune_device_find(&source->devices, id) : NULL;
    if (!device || device->round == source->round.number)
        return; /* no device, or one that moved to this page from another */
    device->round = source->round.number;
    source->round.listed++;
    if (!has_name(listed)) {
        source->round.nameless++;
        return;
    }
    if (strcmp(device->synced, text_of(listed, "lastSyncDateTime")) == 0 &&
        strcmp(device->entra, text_of(listed, "azureADDeviceId")) == 0)
        return;
    if (!source->hardware) {
        give_listed(source, device, listed);
    } else if (!ask_device(source, device, listed)) {
        source->round.failed++;
        source->round.incomplete = true;
    }
}

static void forget(struct mst_source *source, struct intune_device *device)
{
    source->round.gone++;
    clear(source, device);
    intune_device_remove(&source->devices, device);
}

void intune_take_device(struct mst_source *source, const struct intune_job *job,
                        const struct graph_answer *answer)
{
    switch (answer->result) {
    case GRAPH_OK:
        if (has_name(answer->body))
            give(source, job->device, answer->body);
        break;
    case GRAPH_GONE: forget(source, job->device); break;
    case GRAPH_REFUSED: give_listed(source, job->device, job->listed); break;
    case GRAPH_FAILED:
        source->round.failed++;
        source->round.incomplete = true;
        break;
    }
}

void intune_take_check(struct mst_source *source, const struct intune_job *job,
                       const struct graph_answer *answer)
{
    if (answer->result == GRAPH_GONE)
        forget(source, job->device);
}
