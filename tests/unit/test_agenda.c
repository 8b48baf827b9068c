/* SPDX-License-Identifier: Apache-2.0
 *
 * What the status page says of the time to come, and of the last minute. */
#include <criterion/criterion.h>

#include "service/agenda.h"

#define SLOTS 60000 /* more than are looked at for instants that are shared */
#define NOW 1000000

static struct mst_wheel_timer timers[SLOTS];

static struct mst_wheel_timer *timer_of(void *context, uint32_t slot)
{
    return (struct mst_wheel_timer *)context + slot;
}

/* A third share one instant, one in fifty another, one in 200 a third; each of the others has one
 * of its own. The last 1,000 slots have none. */
static void fill(struct mst_wheel *wheel)
{
    mst_wheel_init(wheel, NOW, timer_of, timers);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        mst_wheel_timer_init(&timers[slot]);
    for (uint32_t slot = 0; slot < SLOTS - 1000; slot++)
        mst_wheel_set(wheel, slot,
                      NOW + (slot % 3 == 0     ? 3600 * 48
                             : slot % 50 == 1  ? 3600
                             : slot % 200 == 2 ? 77
                                               : 40 * 86400 + (int64_t)slot));
}

Test(agenda, instants_that_many_share)
{
    struct mst_wheel wheel;
    struct mst_agenda agenda;
    uint64_t shared[2] = {0, 0}, soon = 0;
    fill(&wheel);
    for (uint32_t slot = 0; slot < SLOTS - 1000; slot++) {
        shared[0] += timers[slot].due == NOW + 3600;
        shared[1] += timers[slot].due == NOW + 3600 * 48;
        soon += timers[slot].due == NOW + 77;
    }
    mst_agenda_make(&agenda, &wheel, SLOTS, NOW);
    cr_assert_eq(agenda.instant_count, 2);
    cr_assert_eq(agenda.instants[0].at, NOW + 3600);
    cr_assert_eq(agenda.instants[0].subjects, shared[0]);
    cr_assert_eq(agenda.instants[1].at, NOW + 3600 * 48);
    cr_assert_eq(agenda.instants[1].subjects, shared[1]);
    cr_assert_eq(agenda.within[0], shared[0] + soon);
    cr_assert_eq(agenda.within[1], shared[0] + soon);
    cr_assert_eq(agenda.within[2], shared[0] + shared[1] + soon);
    cr_assert_eq(agenda.within[3], shared[0] + shared[1] + soon);
}

Test(agenda, timers_that_were_taken_away)
{
    struct mst_wheel wheel;
    struct mst_agenda agenda;
    fill(&wheel);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        mst_wheel_unset(&wheel, slot);
    mst_agenda_make(&agenda, &wheel, SLOTS, NOW);
    cr_assert_eq(agenda.instant_count, 0);
    cr_assert_eq(agenda.within[3], 0);
}

Test(rate, of_the_last_minute)
{
    struct mst_rate rate = {.sample_count = 0};
    cr_assert_float_eq(mst_rate_of(&rate, 5000000, 10), 0, 1e-9);
    for (int64_t ms = 0; ms < 300000; ms += 200) /* 50 a second, then 10 */
        mst_rate_note(&rate, 1 + ms * 1000, (uint64_t)(ms < 200000 ? ms / 20 : 8000 + ms / 100));
    cr_assert_float_eq(mst_rate_of(&rate, 1 + 300000000, 11000), 10, 0.01);
}
