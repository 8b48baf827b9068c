/* SPDX-License-Identifier: Apache-2.0
 *
 * test_places.c - which segments are free and which may be emptied. */
#include <criterion/criterion.h>

#include "state_places.h"

#define ROW_BYTES 1000

static struct mst_places places;

static void init(void)
{
    places = (struct mst_places){0};
}

static void fini(void)
{
    mst_places_free(&places);
}

TestSuite(places, .init = init, .fini = fini);

static void stage(uint32_t slot, uint32_t segment)
{
    const struct mst_place place = {.segment = segment, .offset = 20, .size = ROW_BYTES};
    cr_assert(mst_places_stage(&places, slot, place));
}

/* A batch that writes a slot twice leaves nothing that counts in the first of its segments. */
Test(places, what_a_batch_begins_and_frees_is_not_emptied)
{
    uint32_t open = MST_PLACES_NONE;
    for (unsigned batch = 0; batch < 20; batch++) {
        mst_places_begin(&places, open);
        cr_assert_eq(mst_places_oldest(&places, open), MST_PLACES_NONE);
        const uint32_t first = mst_places_take(&places);
        open = mst_places_take(&places);
        cr_assert_neq(first, open);
        stage(0, first);
        stage(0, open);
        mst_places_keep(&places, open);
        cr_assert_eq(places.extents[first].sequence, 0);
        cr_assert_eq(places.live, ROW_BYTES);
        for (uint32_t i = places.queue_head; i < places.queue_count; i++)
            cr_assert_neq(places.queue[i].sequence, 0, "segment %u is free and in the queue",
                          places.queue[i].segment);
    }
    cr_assert_eq(places.extent_count, 3, "free segments are taken again: %u", places.extent_count);
}

/* What is not kept leaves everything as it was. */
Test(places, what_is_forgotten_was_never_begun)
{
    mst_places_begin(&places, MST_PLACES_NONE);
    const uint32_t open = mst_places_take(&places);
    stage(7, open);
    mst_places_keep(&places, open);
    for (unsigned batch = 0; batch < 20; batch++) {
        mst_places_begin(&places, open);
        stage(7, mst_places_take(&places));
        mst_places_forget(&places);
    }
    cr_assert_eq(places.extent_count, 1);
    cr_assert_eq(places.sequence, 1);
    cr_assert_eq(mst_places_find(&places, 7)->segment, open);
    cr_assert_not(mst_places_find(&places, 7)->is_staged);
}
