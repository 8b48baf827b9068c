/* SPDX-License-Identifier: Apache-2.0
 *
 * test_wheel.c - the timer wheel against a plain list of instants. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "service/wheel.h"

#define SLOTS 2000

static struct mst_wheel wheel;
static struct mst_wheel_timer timers[SLOTS];
static int64_t model[SLOTS]; /* when each is due; INT64_MAX: it has no timer */

static struct mst_wheel_timer *timer_of(void *context, uint32_t slot)
{
    return (struct mst_wheel_timer *)context + slot;
}

static void begin(int64_t now)
{
    mst_wheel_init(&wheel, now, timer_of, timers);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        mst_wheel_timer_init(&timers[slot]);
        model[slot] = INT64_MAX;
    }
}

static void set(uint32_t slot, int64_t due)
{
    mst_wheel_set(&wheel, slot, due);
    model[slot] = due;
}

/* Takes all that is ripe and holds it against the model. */
static void take_all(int64_t now)
{
    int64_t last = INT64_MIN;
    for (uint32_t slot; (slot = mst_wheel_take(&wheel)) != MST_WHEEL_NONE;) {
        cr_assert_leq(model[slot], now, "slot %u is due at %lld", slot, (long long)model[slot]);
        cr_assert_geq(timers[slot].due, last);
        last = timers[slot].due;
        model[slot] = INT64_MAX;
    }
    uint64_t count = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        cr_assert_gt(model[slot], now, "slot %u was not taken", slot);
        count += model[slot] != INT64_MAX;
    }
    cr_assert_eq(wheel.count, count);
    cr_assert_eq(wheel.ripe_count, 0);
}

Test(wheel, takes_what_is_due_and_nothing_else)
{
    static const int64_t spans[] = {3, 300, 70000, 20000000, 5000000000};
    int64_t now = 1786752000;
    srand(7);
    begin(now);
    for (int step = 0; step < 3000; step++) {
        for (int i = 0; i < 20; i++) {
            uint32_t slot = (uint32_t)rand() % SLOTS;
            if (rand() % 10 == 0) {
                mst_wheel_unset(&wheel, slot);
                model[slot] = INT64_MAX;
            } else {
                set(slot, now + 1 + rand() % spans[rand() % 5]);
            }
        }
        now += 1 + rand() % spans[rand() % 4];
        mst_wheel_advance(&wheel, now);
        take_all(now);
    }
}

Test(wheel, each_second_of_the_borders_between_levels)
{
    const int64_t borders[] = {256, 65536, 16777216, 4294967296};
    for (unsigned b = 0; b < 4; b++) {
        begin(borders[b] - 300);
        for (uint32_t slot = 0; slot < 600; slot++)
            set(slot, borders[b] - 299 + slot);
        for (int64_t now = borders[b] - 299; now < borders[b] + 301; now++) {
            mst_wheel_advance(&wheel, now);
            uint32_t slot = mst_wheel_take(&wheel);
            cr_assert_eq(slot, (uint32_t)(now - borders[b] + 299));
            cr_assert_eq(mst_wheel_take(&wheel), MST_WHEEL_NONE);
        }
    }
}

Test(wheel, what_is_due_already_is_taken_next)
{
    begin(1000);
    set(1, 1000);
    set(2, 5);
    cr_assert_eq(mst_wheel_take(&wheel), 1);
    cr_assert_eq(mst_wheel_take(&wheel), 2);
    set(3, 900);
    mst_wheel_set(&wheel, 3, 1100);
    cr_assert_eq(mst_wheel_take(&wheel), MST_WHEEL_NONE);
    mst_wheel_set(&wheel, 3, INT64_MAX);
    cr_assert_eq(wheel.count, 0);
}

Test(wheel, time_that_goes_back)
{
    begin(1786752000);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        set(slot, 1786752000 + 1 + (int64_t)slot * 1000);
    mst_wheel_advance(&wheel, 1786752000 - 40000000);
    cr_assert_eq(mst_wheel_take(&wheel), MST_WHEEL_NONE);
    mst_wheel_advance(&wheel, 1786752000 + 1000000);
    take_all(1786752000 + 1000000);
}
