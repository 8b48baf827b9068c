/* SPDX-License-Identifier: Apache-2.0
 *
 * zones.c - zones.csv (made from tzdata by tools/zones) as data. */
#include "zones.h"

#include <string.h>

#include "format/bytes.h"
#include "format/layout.h"

static const struct {
    const char *zone;
    int64_t at;
    int32_t offset_s;
} rows[] = {
#define MST_ZONE_ROW(zone, at, offset) {zone, at, offset},
#include "zones.inc"
#undef MST_ZONE_ROW
};
enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* The first row of the zone with this number, or ROW_COUNT. A zone's first row has no instant. */
static size_t first_row(uint32_t zone)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].at == INT64_MIN && seen++ == zone)
            return i;
    return ROW_COUNT;
}

uint32_t mst_zones_find(const char *name)
{
    uint32_t number = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].at != INT64_MIN)
            continue;
        if (strcmp(rows[i].zone, name) == 0)
            return number;
        number++;
    }
    return UINT32_MAX;
}

const char *mst_zones_name(uint32_t zone)
{
    size_t i = first_row(zone);
    return i < ROW_COUNT ? rows[i].zone : "";
}

const char *mst_zones_list(void)
{
    return "utc, us_eastern, us_central, us_mountain, us_arizona, us_pacific, us_alaska, "
           "us_hawaii, europe_london, europe_paris, europe_berlin, asia_kolkata, asia_tokyo, "
           "australia_sydney";
}

struct mst_zone mst_zones_records(struct mst_arena *arena, uint32_t zone)
{
    struct mst_zone records = {NULL, 0};
    size_t first = first_row(zone), end = first;
    do
        end++;
    while (end < ROW_COUNT && rows[end].at != INT64_MIN);
    unsigned char *bytes = MST_NEW_ARRAY(arena, (end - first) * 16, unsigned char);
    if (bytes == NULL || first == ROW_COUNT)
        return records;
    for (size_t i = first; i < end; i++) {
        unsigned char *p = bytes + (i - first) * 16;
        mst_store_u64(p + MST_TRANSITION_AT, (uint64_t)rows[i].at);
        mst_store_u32(p + MST_TRANSITION_OFFSET, (uint32_t)rows[i].offset_s);
    }
    records.records = bytes;
    records.count = (uint32_t)(end - first);
    return records;
}
