/* SPDX-License-Identifier: Apache-2.0
 *
 * calendar.h - the proleptic Gregorian calendar and zones as lists of transitions. */
#ifndef MST_FORMAT_CALENDAR_H
#define MST_FORMAT_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "format/builtins.h"

#define MST_ZONE_BEGIN 0        /* 1970-01-01T00:00:00Z, the first instant that zones cover */
#define MST_ZONE_END 2556144000 /* 2051-01-01T00:00:00Z, the first one that they do not */

struct mst_civil {
    int64_t year;
    int32_t month, day; /* from 1 */
};

int64_t mst_days_from_civil(int64_t year, int32_t month, int32_t day);
struct mst_civil mst_civil_from_days(int64_t days);
int32_t mst_days_in_month(int64_t year, int32_t month);
int32_t mst_weekday(int64_t days);           /* 1 monday to 7 sunday */
int64_t mst_floor_div(int64_t a, int64_t b); /* b > 0 */

/* Seconds that local time is ahead of UTC at an instant; false outside 1970-2050, the years that
 * zones cover (utc, the zone with a single transition and no offset, covers all). */
bool mst_zone_offset(const struct mst_zone *zone, int64_t time, int32_t *offset_s);

/* The instant at which the zone's clocks show `local` (seconds since 1970 as if UTC): a skipped
 * local time moves forward by the gap, a repeated one is its first occurrence. False where that
 * instant is outside 1970-2050. */
bool mst_zone_instant(const struct mst_zone *zone, int64_t local, int64_t *time);

/* Is this utc? */
bool mst_zone_is_utc(const struct mst_zone *zone);

/* The first instant after `time` at which the zone's offset changes; INT64_MAX if none. */
int64_t mst_zone_next_transition(const struct mst_zone *zone, int64_t time);

#endif
