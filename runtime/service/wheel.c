/* SPDX-License-Identifier: Apache-2.0
 *
 * wheel.c - level 0 has a place for each of the next 256 seconds, level 1 for each run of 256
 * seconds, and so on. When the hand passes the begin of a run, the timers of its place are
 * spread over the level below. A step over many seconds in which nothing is due costs a look at
 * each run, not at each second. */
#include "wheel.h"

#include "format/base.h"

#define BITS 8
#define PLACE_NONE UINT16_MAX
#define PLACE_RIPE (UINT16_MAX - 1)

void mst_wheel_init(struct mst_wheel *wheel, int64_t now,
                    struct mst_wheel_timer *(*timer_of)(void *context, uint32_t slot),
                    void *context)
{
    *wheel = (struct mst_wheel){.now = now, .timer_of = timer_of, .context = context};
    wheel->ripe = wheel->ripe_last = MST_WHEEL_NONE;
    memset(wheel->places, 0xff, sizeof wheel->places);
}

void mst_wheel_timer_init(struct mst_wheel_timer *timer)
{
    *timer = (struct mst_wheel_timer){INT64_MAX, MST_WHEEL_NONE, MST_WHEEL_NONE, PLACE_NONE};
}

static struct mst_wheel_timer *timer_of(struct mst_wheel *wheel, uint32_t slot)
{
    return wheel->timer_of(wheel->context, slot);
}

static uint32_t *head_of(struct mst_wheel *wheel, uint16_t place)
{
    return place == PLACE_RIPE ? &wheel->ripe
                               : &wheel->places[place / MST_WHEEL_PLACES][place % MST_WHEEL_PLACES];
}

/* The place of an instant after `now`: the level on which the two differ first. */
static uint16_t place_of(const struct mst_wheel *wheel, int64_t due)
{
    uint64_t differ = (uint64_t)due ^ (uint64_t)wheel->now;
    unsigned level = 0;
    while (level < MST_WHEEL_LEVELS - 1 && differ >> (BITS * (level + 1)) != 0)
        level++;
    unsigned place = (unsigned)((uint64_t)due >> (BITS * level)) % MST_WHEEL_PLACES;
    return (uint16_t)(level * MST_WHEEL_PLACES + place);
}

static void unlink_slot(struct mst_wheel *wheel, uint32_t slot)
{
    struct mst_wheel_timer *timer = timer_of(wheel, slot);
    if (timer->place == PLACE_NONE)
        return;
    if (timer->before == MST_WHEEL_NONE)
        *head_of(wheel, timer->place) = timer->next;
    else
        timer_of(wheel, timer->before)->next = timer->next;
    if (timer->next != MST_WHEEL_NONE)
        timer_of(wheel, timer->next)->before = timer->before;
    else if (timer->place == PLACE_RIPE)
        wheel->ripe_last = timer->before;
    if (timer->place == PLACE_RIPE)
        wheel->ripe_count--;
    timer->place = PLACE_NONE;
    timer->next = timer->before = MST_WHEEL_NONE;
    wheel->count--;
}

static void link_ripe(struct mst_wheel *wheel, uint32_t slot, struct mst_wheel_timer *timer)
{
    timer->place = PLACE_RIPE;
    timer->next = MST_WHEEL_NONE;
    timer->before = wheel->ripe_last;
    if (wheel->ripe_last == MST_WHEEL_NONE)
        wheel->ripe = slot;
    else
        timer_of(wheel, wheel->ripe_last)->next = slot;
    wheel->ripe_last = slot;
    wheel->ripe_count++;
    wheel->count++;
}

static void link_slot(struct mst_wheel *wheel, uint32_t slot)
{
    struct mst_wheel_timer *timer = timer_of(wheel, slot);
    if (timer->due <= wheel->now) {
        link_ripe(wheel, slot, timer);
        return;
    }
    timer->place = place_of(wheel, timer->due);
    uint32_t *head = head_of(wheel, timer->place);
    timer->before = MST_WHEEL_NONE;
    timer->next = *head;
    if (*head != MST_WHEEL_NONE)
        timer_of(wheel, *head)->before = slot;
    *head = slot;
    wheel->count++;
}

void mst_wheel_set(struct mst_wheel *wheel, uint32_t slot, int64_t due)
{
    struct mst_wheel_timer *timer = timer_of(wheel, slot);
    if (timer->place != PLACE_NONE && timer->due == due)
        return;
    /* A timer may stand too early: it is put where it belongs when its place is spread. Until then
     * its neighbours, somewhere in memory, need not be touched. */
    if (timer->place < PLACE_RIPE && due != INT64_MAX &&
        (due > timer->due || (due > wheel->now && place_of(wheel, due) == timer->place))) {
        timer->due = due;
        return;
    }
    unlink_slot(wheel, slot);
    timer->due = due;
    if (due != INT64_MAX)
        link_slot(wheel, slot);
}

void mst_wheel_unset(struct mst_wheel *wheel, uint32_t slot)
{
    unlink_slot(wheel, slot);
}

/* Takes all timers of a place and puts each where it belongs by now. */
static void spread(struct mst_wheel *wheel, unsigned level, unsigned place)
{
    uint32_t slot = wheel->places[level][place];
    wheel->places[level][place] = MST_WHEEL_NONE;
    while (slot != MST_WHEEL_NONE) {
        uint32_t next = timer_of(wheel, slot)->next;
        wheel->count--;
        link_slot(wheel, slot);
        slot = next;
    }
}

static bool is_level_empty(const struct mst_wheel *wheel, unsigned level)
{
    for (unsigned i = 0; i < MST_WHEEL_PLACES; i++)
        if (wheel->places[level][i] != MST_WHEEL_NONE)
            return false;
    return true;
}

/* The last second before the next one at which anything can be due or has to be spread. */
static int64_t skip_empty(const struct mst_wheel *wheel, int64_t now)
{
    unsigned level = 0;
    while (level < MST_WHEEL_LEVELS && is_level_empty(wheel, level))
        level++;
    if (level == MST_WHEEL_LEVELS)
        return now;
    int64_t run = (int64_t)1 << (BITS * level);
    int64_t last = (int64_t)((uint64_t)wheel->now | (uint64_t)(run - 1));
    return last < now ? last : now;
}

static void move_backwards(struct mst_wheel *wheel, int64_t now)
{
    wheel->now = now;
    for (unsigned level = 0; level < MST_WHEEL_LEVELS; level++)
        for (unsigned place = 0; place < MST_WHEEL_PLACES; place++)
            spread(wheel, level, place);
}

void mst_wheel_advance(struct mst_wheel *wheel, int64_t now)
{
    if (now < wheel->now)
        move_backwards(wheel, now);
    while (wheel->now < now) {
        wheel->now = skip_empty(wheel, now);
        if (wheel->now == now)
            break;
        wheel->now++;
        for (unsigned level = MST_WHEEL_LEVELS; level-- > 0;)
            if ((uint64_t)wheel->now % ((uint64_t)1 << (BITS * level)) == 0)
                spread(wheel, level,
                       (unsigned)((uint64_t)wheel->now >> (BITS * level)) % MST_WHEEL_PLACES);
    }
}

uint32_t mst_wheel_take(struct mst_wheel *wheel)
{
    uint32_t slot = wheel->ripe;
    if (slot != MST_WHEEL_NONE)
        unlink_slot(wheel, slot);
    return slot;
}

void mst_wheel_visit(const struct mst_wheel *wheel, uint32_t slot_count, uint32_t step,
                     void (*visit)(void *context, int64_t due), void *context)
{
    uint32_t dice = 1;
    for (uint64_t slot = 0; slot < slot_count; slot += 1 + (dice >> 8) % (2 * step - 1)) {
        const struct mst_wheel_timer *timer = wheel->timer_of(wheel->context, (uint32_t)slot);
        if (timer->place != PLACE_NONE)
            visit(context, timer->due);
        dice = dice * 1664525 + 1013904223;
    }
}
