/* SPDX-License-Identifier: Apache-2.0
 *
 * intune_devices.h - the devices of which this process has given records, by their Intune ids:
 * which of them are the same as before, and which are no longer there. */
#ifndef MST_INTUNE_DEVICES_H
#define MST_INTUNE_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTUNE_ID_MAX 63

struct intune_device {
    struct intune_device *next, **place;
    char id[INTUNE_ID_MAX + 1];     /* of Intune */
    char entra[INTUNE_ID_MAX + 1];  /* azureADDeviceId: what rules call the device */
    char synced[INTUNE_ID_MAX + 1]; /* lastSyncDateTime of what was given; "": nothing was */
    uint32_t round;                 /* in which a list had it last */
};

/* A device that enrolled anew is there twice for a while: two Intune ids, one Entra id. The owner
 * of the Entra id is the one of them that synced last. */

struct intune_devices {
    struct intune_device *first;
    void *tree, *owners; /* by id; by Entra id */
    size_t count;
};

/* The device, made if it is not there. NULL: out of memory, or the id is too long. */
struct intune_device *intune_device_find(struct intune_devices *devices, const char *id);

/* A record was given: of this Entra id, of this last sync. */
void intune_device_given(struct intune_devices *devices, struct intune_device *device,
                         const char *entra, const char *synced);

/* Whether a record of the device's Entra id is this device's. */
bool intune_device_owns(const struct intune_devices *devices, const struct intune_device *device);

void intune_device_remove(struct intune_devices *devices, struct intune_device *device);
void intune_devices_free(struct intune_devices *devices);

#endif
