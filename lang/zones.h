/* SPDX-License-Identifier: Apache-2.0
 *
 * zones.h - the time zones that rules can name, as the transitions that go into images. */
#ifndef MST_LANG_ZONES_H
#define MST_LANG_ZONES_H

#include "arena.h"
#include "format/builtins.h"

/* Number of the zone, or UINT32_MAX. */
uint32_t mst_zones_find(const char *name);
const char *mst_zones_name(uint32_t zone);
/* "utc, us_eastern, …" */
const char *mst_zones_list(void);
/* Its transitions in the form of the image's TRANSITIONS section, in the arena. */
struct mst_zone mst_zones_records(struct mst_arena *arena, uint32_t zone);

#endif
