/* SPDX-License-Identifier: Apache-2.0
 *
 * test_roster.c - which slot an id has, through coming and going. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/roster.h"

#define IDS 5000

static mst_roster roster;

static uint32_t find(unsigned number)
{
    char id[32];
    return mst_roster_find(&roster, id, (size_t)snprintf(id, sizeof id, "device-%u", number));
}

static uint32_t add(unsigned number)
{
    char id[32];
    return mst_roster_add(&roster, id, (size_t)snprintf(id, sizeof id, "device-%u", number));
}

Test(roster, ids_come_and_go)
{
    static uint32_t model[IDS]; /* slot + 1; 0: not there */
    uint32_t count = 0;
    srand(3);
    mst_roster_init(&roster, IDS, 2);
    for (int step = 0; step < 100000; step++) {
        unsigned number = (unsigned)rand() % IDS;
        uint32_t slot = find(number);
        cr_assert_eq(slot, model[number] - 1);
        if (slot == MST_ROSTER_NONE && rand() % 2 == 0) {
            slot = add(number);
            cr_assert_lt(slot, IDS);
            cr_assert_eq(mst_roster_verdicts(&roster, slot)[1].name, 0);
            mst_roster_verdicts(&roster, slot)[1].name = 9;
            model[number] = slot + 1;
            count++;
        } else if (slot != MST_ROSTER_NONE && rand() % 2 == 0) {
            mst_roster_remove(&roster, slot);
            model[number] = 0;
            count--;
        }
        cr_assert_eq(roster.count, count);
    }
    cr_assert_leq(roster.slot_count, IDS);
    mst_roster_free(&roster);
}

Test(roster, slots_have_a_limit_and_are_used_again)
{
    mst_roster_init(&roster, 3, 1);
    for (unsigned i = 0; i < 3; i++)
        cr_assert_eq(add(i), i);
    cr_assert_eq(add(3), MST_ROSTER_NONE);
    mst_roster_remove(&roster, 1);
    cr_assert_eq(add(3), 1);
    mst_roster_free(&roster);
}

Test(roster, slots_as_the_state_has_them)
{
    mst_roster_init(&roster, 200000, 1);
    cr_assert(mst_roster_put(&roster, 70000, "a", 1));
    cr_assert(mst_roster_put(&roster, 2, "b", 1));
    cr_assert_not(mst_roster_put(&roster, 2, "c", 1));
    cr_assert_not(mst_roster_put(&roster, 200000, "d", 1));
    mst_roster_collect_free(&roster);
    cr_assert_eq(mst_roster_find(&roster, "a", 1), 70000);
    cr_assert_eq(mst_roster_add(&roster, "e", 1), 0);
    cr_assert_eq(mst_roster_add(&roster, "f", 1), 1);
    cr_assert_eq(mst_roster_add(&roster, "g", 1), 3);
    mst_roster_free(&roster);
}

Test(roster, verdicts_keep_their_names_when_the_list_changes)
{
    const uint32_t from[] = {MST_ROSTER_NONE, 1, 0};
    mst_roster_init(&roster, 100000, 2);
    for (unsigned i = 0; i < 70000; i++) {
        uint32_t slot = add(i);
        mst_roster_verdicts(&roster, slot)[0].name = 100 + i;
        mst_roster_verdicts(&roster, slot)[1].name = 200000 + i;
    }
    mst_roster_reshape(&roster, 3, from);
    for (unsigned i = 0; i < 70000; i++) {
        const mst_state_verdict *verdicts = mst_roster_verdicts(&roster, find(i));
        cr_assert_eq(verdicts[0].name, 0);
        cr_assert_eq(verdicts[1].name, 200000 + i);
        cr_assert_eq(verdicts[2].name, 100 + i);
    }
    mst_roster_free(&roster);
}
