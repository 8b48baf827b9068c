/* SPDX-License-Identifier: Apache-2.0
 *
 * wheel.h - a hierarchical timer wheel: which slots are due at an instant, to the second. One timer
 * a slot; setting, moving and taking one costs the same however many there are. */
#ifndef MST_SERVICE_WHEEL_H
#define MST_SERVICE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define MST_WHEEL_NONE UINT32_MAX
#define MST_WHEEL_LEVELS 5 /* of 256 places each: 2^40 seconds, beyond the year 9999 */
#define MST_WHEEL_PLACES 256

struct mst_wheel_timer {
    int64_t due;
    uint32_t next, before; /* slots; NONE where the list ends */
    uint16_t place;        /* level * MST_WHEEL_PLACES + place, or PLACE_NONE */
};

struct mst_wheel {
    int64_t now; /* every timer up to here has been taken or waits in `ripe` */
    uint32_t ripe, ripe_last;
    uint64_t count, ripe_count;
    uint32_t places[MST_WHEEL_LEVELS][MST_WHEEL_PLACES];
    struct mst_wheel_timer *(*timer_of)(void *context, uint32_t slot);
    void *context;
};

/* timer_of finds the timer that lies with a slot's other data. */
void mst_wheel_init(struct mst_wheel *wheel, int64_t now,
                    struct mst_wheel_timer *(*timer_of)(void *context, uint32_t slot),
                    void *context);

/* A timer that was never set. */
void mst_wheel_timer_init(struct mst_wheel_timer *timer);

/* Sets or moves the timer of a slot. One that is due already is taken next. INT64_MAX: never. */
void mst_wheel_set(struct mst_wheel *wheel, uint32_t slot, int64_t due);
void mst_wheel_unset(struct mst_wheel *wheel, uint32_t slot);

/* Makes ripe what is due up to `now`. The instant may be moved backwards too: what is ripe stays
 * so, nothing else becomes so. */
void mst_wheel_advance(struct mst_wheel *wheel, int64_t now);

/* A slot whose timer is ripe, unset by this; NONE where there is none. In the order in which they
 * came due. */
uint32_t mst_wheel_take(struct mst_wheel *wheel);

/* Calls `visit` for each timer that is set, of one in `step` of the slots below slot_count, which
 * are chosen without a pattern. */
void mst_wheel_visit(const struct mst_wheel *wheel, uint32_t slot_count, uint32_t step,
                     void (*visit)(void *context, int64_t due), void *context);

#endif
