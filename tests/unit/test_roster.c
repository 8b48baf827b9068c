/* SPDX-License-Identifier: Apache-2.0
 *
 * test_roster.c - which slot an id has, through coming and going, and whose record is guessed to be
 * next. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/lookahead.h"
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

/* ---- looking ahead ----------------------------------------------------------------------- */

static struct mst_batch batch;

static void add_record(const char *text)
{
    struct mst_entry *entry = &batch.entries[batch.count++];
    size_t len = strlen(text);
    *entry = (struct mst_entry){.offset = batch.in_len, .len = (uint32_t)len};
    memcpy(batch.in + batch.in_len, text, len);
    batch.in_len += len;
}

/* Which slot is guessed for an entry, when the one `step` before it is next. */
static uint32_t guess(struct mst_lookahead *ahead, uint32_t entry, uint32_t step)
{
    for (uint32_t i = entry - step; i <= entry - 4; i++)
        mst_lookahead_step(ahead, &batch, i, &roster);
    uint32_t place = entry % MST_LOOKAHEAD_RING;
    return ahead->is_guessed[place] ? ahead->slots[place] : MST_ROSTER_NONE;
}

Test(lookahead, guesses_the_subjects_of_records_that_begin_alike)
{
    static char text[4096];
    char record[64];
    struct mst_lookahead ahead;
    mst_roster_init(&roster, IDS, 3);
    for (unsigned number = 0; number < 100; number++)
        cr_assert_neq(add(number), MST_ROSTER_NONE);
    batch.in = text;
    for (unsigned i = 0; i < 16; i++) {
        snprintf(record, sizeof record, "{\"device\":{\"id\":\"device-%u\"},\"os\":{}}",
                 i * 7 % 100);
        add_record(record);
    }
    add_record("{\"device\":{\"id\":\"somebody\"}}");
    add_record("{\"os\":{},\"device\":{\"id\":\"device-2\"}}");
    add_record("{\"device\":{\"id\":\"device-3");
    mst_lookahead_begin(&ahead);
    cr_assert_eq(guess(&ahead, 7, 7), MST_ROSTER_NONE); /* nothing was read yet */
    mst_lookahead_note(&ahead, text, batch.entries[0].len, (mst_text){text + 17, 8});
    cr_assert_eq(memcmp(text + 17, "device-0", 8), 0);
    for (uint32_t i = 7; i < 16; i++)
        cr_assert_eq(guess(&ahead, i, 6), find(i * 7 % 100));
    for (uint32_t i = 16; i < batch.count; i++)
        cr_assert_eq(guess(&ahead, i, 6), MST_ROSTER_NONE);
    batch.entries[9].is_bad = true;
    cr_assert_eq(guess(&ahead, 9, 6), MST_ROSTER_NONE);
    mst_lookahead_note(&ahead, text, batch.entries[0].len, (mst_text){"elsewhere", 9});
    cr_assert_eq(guess(&ahead, 8, 6), MST_ROSTER_NONE);
    mst_roster_free(&roster);
}
