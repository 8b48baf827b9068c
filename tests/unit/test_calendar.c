/* SPDX-License-Identifier: Apache-2.0
 *
 * test_calendar.c - dates against known ones and against counting; a zone with two switches. */
#include <criterion/criterion.h>

#include "format/bytes.h"
#include "format/calendar.h"
#include "format/limits.h"

Test(calendar, known_days)
{
    cr_assert_eq(mst_days_from_civil(1970, 1, 1), 0);
    cr_assert_eq(mst_days_from_civil(2000, 3, 1), 11017);
    cr_assert_eq(mst_days_from_civil(1, 1, 1), MST_DATE_MIN);
    cr_assert_eq(mst_days_from_civil(9999, 12, 31), MST_DATE_MAX);
    cr_assert_eq(mst_weekday(0), 4);                                 /* a Thursday */
    cr_assert_eq(mst_weekday(mst_days_from_civil(2026, 11, 10)), 2); /* a Tuesday */
    cr_assert_eq(mst_days_in_month(2000, 2), 29);
    cr_assert_eq(mst_days_in_month(1900, 2), 28);
}

Test(calendar, every_day_by_counting)
{
    int64_t year = 1;
    int32_t month = 1;
    int32_t day = 1;
    for (int64_t days = MST_DATE_MIN; days <= MST_DATE_MAX; days++) {
        const struct mst_civil civil = mst_civil_from_days(days);
        if (civil.year != year || civil.month != month || civil.day != day ||
            mst_days_from_civil(year, month, day) != days)
            cr_assert_fail("day %d", (int)days);
        if (++day > mst_days_in_month(year, month)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    cr_assert_eq(year, 10000);
}

/* us_pacific in 2026: forward on March 8 at 10:00 UTC, back on November 1 at 09:00 UTC. */
#define FORWARD 1772964000
#define BACK 1793523600
#define HOUR 3600

static unsigned char records[48];

static struct mst_zone make_zone(void)
{
    static const struct {
        int64_t at;
        int32_t offset_s;
    } changes[] = {{INT64_MIN, -8 * HOUR}, {FORWARD, -7 * HOUR}, {BACK, -8 * HOUR}};
    for (int i = 0; i < 3; i++) {
        mst_store_u64(records + i * 16, (uint64_t)changes[i].at);
        mst_store_u32(records + i * 16 + 8, (uint32_t)changes[i].offset_s);
    }
    return (struct mst_zone){records, 3};
}

Test(calendar, offsets)
{
    const struct mst_zone zone = make_zone();
    int32_t offset_s = 0;
    cr_assert(mst_zone_offset(&zone, FORWARD - 1, &offset_s));
    cr_assert_eq(offset_s, -8 * HOUR);
    cr_assert(mst_zone_offset(&zone, FORWARD, &offset_s));
    cr_assert_eq(offset_s, -7 * HOUR);
    cr_assert(mst_zone_offset(&zone, BACK, &offset_s));
    cr_assert_eq(offset_s, -8 * HOUR);
    cr_assert_not(mst_zone_offset(&zone, -1, &offset_s));
    cr_assert_not(mst_zone_offset(&zone, MST_ZONE_END, &offset_s));
    cr_assert_eq(mst_zone_next_transition(&zone, FORWARD), BACK);
    cr_assert_eq(mst_zone_next_transition(&zone, BACK), INT64_MAX);
}

Test(calendar, local_times)
{
    const struct mst_zone zone = make_zone();
    int64_t time = 0;
    const int64_t gap = FORWARD - 8 * HOUR; /* 02:00 local, which is skipped */
    cr_assert(mst_zone_instant(&zone, gap - 1, &time));
    cr_assert_eq(time, FORWARD - 1);
    cr_assert(mst_zone_instant(&zone, gap + HOUR / 2, &time));
    cr_assert_eq(time, FORWARD + HOUR / 2); /* 02:30 is read as 03:30 */
    cr_assert(mst_zone_instant(&zone, gap + HOUR, &time));
    cr_assert_eq(time, FORWARD);
    const int64_t twice = BACK - 8 * HOUR; /* 01:00 local, for the second time at BACK */
    cr_assert(mst_zone_instant(&zone, twice + HOUR / 2, &time));
    cr_assert_eq(time, BACK - HOUR / 2);
    cr_assert(mst_zone_instant(&zone, twice + HOUR, &time));
    cr_assert_eq(time, BACK + HOUR);
    cr_assert_not(mst_zone_instant(&zone, -8 * HOUR - 1, &time)); /* before 1970, in UTC */
    cr_assert(mst_zone_instant(&zone, -8 * HOUR, &time));
    cr_assert_eq(time, 0);
    cr_assert(mst_zone_instant(&zone, MST_ZONE_END - 8 * HOUR - 1, &time));
    cr_assert_not(mst_zone_instant(&zone, MST_ZONE_END - 8 * HOUR, &time));
}

static struct mst_value in_zone(int64_t word, struct mst_value *args)
{
    args[0] = (struct mst_value){.word = word};
    args[1] = (struct mst_value){.zone = make_zone()};
    return args[0];
}

/* The next change against looking at each second. */
static void compare_next(uint32_t number, int64_t start)
{
    struct mst_value args[3] = {0};
    struct mst_value now = {0};
    struct mst_value then = {0};
    in_zone(start, args);
    const enum mst_outcome outcome = mst_builtin_call(number, args, NULL, 0, &now);
    const int64_t next = mst_builtin_next_change(number, args);
    cr_assert_gt(next, 0);
    cr_assert_lt(next, 60 * 86400);
    args[0].word = start + next - 1;
    cr_assert_eq(mst_builtin_call(number, args, NULL, 0, &then), outcome);
    cr_assert_eq(then.word, now.word);
    args[0].word = start + next;
    const bool changed =
        mst_builtin_call(number, args, NULL, 0, &then) != outcome || then.word != now.word;
    cr_assert(changed, "built-in %u at %lld", number, (long long)start);
}

Test(calendar, next_changes)
{
    for (int64_t start = FORWARD - 3 * 86400; start < FORWARD + 3 * 86400; start += 1799) {
        compare_next(47, start); /* date in the zone */
        compare_next(44, start); /* month_of in the zone */
        compare_next(46, start); /* date */
        compare_next(43, start); /* month_of */
    }
    for (int64_t start = BACK - 3 * 86400; start < BACK + 3 * 86400; start += 1799) {
        compare_next(47, start);
        compare_next(44, start);
    }
    struct mst_value args[3] = {0};
    in_zone(-5, args);
    cr_assert_eq(mst_builtin_next_change(47, args), 5);
    in_zone(MST_ZONE_END, args);
    cr_assert_eq(mst_builtin_next_change(47, args), INT64_MAX);
}
