/* SPDX-License-Identifier: Apache-2.0
 *
 * calendar.c - dates and zones by arithmetic alone. The conversions between days and civil dates
 * count years from March, so that the leap day is the last of its year. */
#include "format/calendar.h"

#include "format/base.h"
#include "format/bytes.h"
#include "format/layout.h"
#include "format/limits.h"

#define DAYS_PER_ERA 146097     /* 400 years */
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 */
#define LOCAL_MARGIN_S 86400    /* more than any zone's offset */

int64_t mst_floor_div(int64_t a, int64_t b)
{
    MST_ASSERT(b > 0);
    return a / b - (a % b < 0);
}

int64_t mst_days_from_civil(int64_t year, int32_t month, int32_t day)
{
    MST_ASSERT(month >= 1 && month <= 12);
    const int64_t y = year - (month <= 2);
    const int64_t era = mst_floor_div(y, 400);
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970;
}

/* After Neri and Schneider, "Euclidean affine functions and their application to calendar
 * algorithms": within an era 32 bits are enough, and most divisions become shifts. Every verdict
 * prints times. */
struct mst_civil mst_civil_from_days(int64_t days)
{
    const int64_t shifted = days + DAYS_BEFORE_1970;
    const int64_t era = mst_floor_div(shifted, DAYS_PER_ERA);
    const uint32_t quarters = 4 * (uint32_t)(shifted - era * DAYS_PER_ERA) + 3;
    const uint32_t century = quarters / DAYS_PER_ERA;
    const uint64_t years = (uint64_t)2939745 * (quarters % DAYS_PER_ERA | 3); /* 2^32 / 1461 */
    const uint32_t day_of_year = (uint32_t)years / 2939745 / 4;               /* from March */
    const uint32_t months = 2141 * day_of_year + 197913;
    const bool is_next_year = day_of_year >= 306;
    struct mst_civil civil;
    civil.day = (int32_t)((months & 0xffff) / 2141 + 1);
    civil.month = (int32_t)(months >> 16) - (is_next_year ? 12 : 0);
    civil.year = era * 400 + (int64_t)(100 * century + (uint32_t)(years >> 32) + is_next_year);
    return civil;
}

int32_t mst_days_in_month(int64_t year, int32_t month)
{
    static const signed char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    MST_ASSERT(month >= 1 && month <= 12);
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int32_t mst_weekday(int64_t days)
{
    /* 1970-01-01 was a Thursday */
    const int64_t from_monday = days + 3;
    return (int32_t)(from_monday - 7 * mst_floor_div(from_monday, 7)) + 1;
}

/* ---- zones --------------------------------------------------------------------------------- */

static struct mst_transition read_transition(const struct mst_zone *zone, uint32_t i)
{
    MST_ASSERT(i < zone->count);
    const unsigned char *record = zone->records + (size_t)i * 16;
    struct mst_transition transition;
    transition.at = (int64_t)mst_load_u64(record + MST_TRANSITION_AT);
    transition.offset_s = (int32_t)mst_load_u32(record + MST_TRANSITION_OFFSET);
    return transition;
}

/* The last transition that is not after `time`; the first one counts from the beginning. */
static uint32_t find_transition(const struct mst_zone *zone, int64_t time)
{
    uint32_t low = 0;
    uint32_t high = zone->count;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (read_transition(zone, middle).at <= time)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool mst_zone_is_utc(const struct mst_zone *zone)
{
    return zone->count == 1 && read_transition(zone, 0).offset_s == 0;
}

static bool is_covered(const struct mst_zone *zone, int64_t time)
{
    return (time >= MST_ZONE_BEGIN && time < MST_ZONE_END) || mst_zone_is_utc(zone);
}

bool mst_zone_offset(const struct mst_zone *zone, int64_t time, int32_t *offset_s)
{
    MST_ASSERT(zone->count > 0);
    if (!is_covered(zone, time))
        return false;
    *offset_s = read_transition(zone, find_transition(zone, time)).offset_s;
    return true;
}

bool mst_zone_instant(const struct mst_zone *zone, int64_t local, int64_t *time)
{
    MST_ASSERT(zone->count > 0);
    uint32_t i = find_transition(zone, local - LOCAL_MARGIN_S);
    int64_t instant = local - read_transition(zone, i).offset_s;
    /* The first offset under which `local` does not lie after its end: valid, or in the gap before
     * it, and then the offset before the gap moves it forward. */
    while (++i < zone->count) {
        const struct mst_transition next = read_transition(zone, i);
        if (instant < next.at || local - next.offset_s < next.at)
            break;
        instant = local - next.offset_s;
    }
    *time = instant;
    return is_covered(zone, instant);
}

int64_t mst_zone_next_transition(const struct mst_zone *zone, int64_t time)
{
    const uint32_t next = find_transition(zone, time) + 1;
    return next < zone->count ? read_transition(zone, next).at : INT64_MAX;
}
