/* SPDX-License-Identifier: Apache-2.0
 *
 * intune_devices.c - devices by their ids, in the balanced tree of the C library. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "intune_devices.h"

static int compare_ids(const void *left, const void *right)
{
    const struct intune_device *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static int compare_entra(const void *left, const void *right)
{
    const struct intune_device *a = left, *b = right;
    return strcmp(a->entra, b->entra);
}

struct intune_device *intune_device_find(struct intune_devices *devices, const char *id)
{
    size_t len = strlen(id);
    if (len > INTUNE_ID_MAX)
        return NULL;
    struct intune_device *device = calloc(1, sizeof *device);
    if (!device)
        return NULL;
    memcpy(device->id, id, len + 1);
    struct intune_device **found = tsearch(device, &devices->tree, compare_ids);
    if (!found || *found != device) {
        free(device);
        return found ? *found : NULL;
    }
    device->place = &devices->first;
    device->next = devices->first;
    if (device->next)
        device->next->place = &device->next;
    devices->first = device;
    devices->count++;
    return device;
}

bool intune_device_owns(const struct intune_devices *devices, const struct intune_device *device)
{
    struct intune_device *const *owner = tfind(device, &devices->owners, compare_entra);
    return owner && *owner == device;
}

static void disown(struct intune_devices *devices, const struct intune_device *device)
{
    if (intune_device_owns(devices, device))
        tdelete(device, &devices->owners, compare_entra);
}

void intune_device_given(struct intune_devices *devices, struct intune_device *device,
                         const char *entra, const char *synced)
{
    disown(devices, device);
    strncpy(device->entra, entra, INTUNE_ID_MAX);
    strncpy(device->synced, synced, INTUNE_ID_MAX);
    struct intune_device *const *owner = tfind(device, &devices->owners, compare_entra);
    if (owner && strcmp((*owner)->synced, device->synced) > 0)
        return;
    if (owner)
        tdelete(device, &devices->owners, compare_entra);
    tsearch(device, &devices->owners, compare_entra);
}

void intune_device_remove(struct intune_devices *devices, struct intune_device *device)
{
    disown(devices, device);
    tdelete(device, &devices->tree, compare_ids);
    *device->place = device->next;
    if (device->next)
        device->next->place = device->place;
    devices->count--;
    free(device);
}

void intune_devices_free(struct intune_devices *devices)
{
    while (devices->first)
        intune_device_remove(devices, devices->first);
}
