/* SPDX-License-Identifier: Apache-2.0
 *
 * kept_work.c - see kept_work.h. Batch n touches some of the slots, chosen by n: it puts a subject
 * with a group and a verdict that carry n, or deletes it; it appends two changes and notes n. */
#include "kept_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 3000

static uint32_t mix(uint32_t a, uint32_t b)
{
    uint64_t x = ((uint64_t)a << 32 | b) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(x >> 35);
}

/* Some slots are seldom written: what is kept of them has to be carried along. */
static bool touches(uint32_t number, uint32_t slot)
{
    return mix(number, slot) % (slot % 3 == 0 ? 40 : 8) == 0;
}

static bool deletes(uint32_t number, uint32_t slot)
{
    return mix(number * 31, slot + 7) % 6 == 0;
}

/* The text of a group: its length and every letter follow from the batch and the slot. */
static mst_text group_text(uint32_t number, uint32_t slot, char *text)
{
    uint32_t len = 20 + mix(number, slot * 3) % (TEXT_BYTES - 20);
    memset(text, 'a' + (int)(mix(number, slot) % 26), len);
    char head[32];
    int head_len = snprintf(head, sizeof head, "%u/%u ", number, slot);
    memcpy(text, head, (size_t)head_len);
    return (mst_text){text, len};
}

static mst_state_status put_one(mst_state *state, uint32_t number, uint32_t slot)
{
    char text[TEXT_BYTES], id[16];
    uint32_t name;
    if (deletes(number, slot))
        return mst_state_delete_subject(state, slot);
    int id_len = snprintf(id, sizeof id, "D-%u", slot);
    int text_len = snprintf(text, sizeof text, "name-%u", number / 10);
    mst_state_status status = mst_state_name(state, text, (size_t)text_len, &name);
    mst_state_verdict verdict = {name, name, 0, name, 1, number, MST_NEVER};
    if (status == MST_STATE_OK)
        status = mst_state_put_subject(state, slot, (mst_text){id, (uint32_t)id_len});
    if (status == MST_STATE_OK)
        status = mst_state_put_group(state, slot, name, number, group_text(number, slot, text));
    return status == MST_STATE_OK ? mst_state_put_verdicts(state, slot, &verdict, 1) : status;
}

static mst_state_status put_all(mst_state *state, uint32_t number)
{
    char text[16];
    uint64_t sequence;
    mst_state_status status = MST_STATE_OK;
    for (uint32_t slot = 0; slot < WORK_SLOTS && status == MST_STATE_OK; slot++)
        if (touches(number, slot))
            status = put_one(state, number, slot);
    mst_text event = {text, (uint32_t)snprintf(text, sizeof text, "%u", number)};
    for (int i = 0; i < 2 && status == MST_STATE_OK; i++)
        status = mst_state_append_change(state, event, &sequence);
    return status == MST_STATE_OK ? mst_state_put_meta(state, "batch", event) : status;
}

mst_state_status work_write(mst_state *state, uint32_t number)
{
    mst_state_status status = mst_state_begin(state);
    if (status != MST_STATE_OK)
        return status;
    status = put_all(state, number);
    if (status == MST_STATE_OK)
        return mst_state_commit(state);
    mst_state_rollback(state);
    return status;
}

/* ---- finding it again -------------------------------------------------------------------- */

/* The batch that wrote what must be in the slot once `last` is there; 0: nothing. */
static uint32_t writer_of(uint32_t last, uint32_t slot)
{
    while (last > 0 && !touches(last, slot))
        last--;
    return last > 0 && !deletes(last, slot) ? last : 0;
}

static bool is_right(const mst_state_subject *subject, uint32_t number)
{
    char text[TEXT_BYTES];
    mst_text expected = group_text(number, subject->slot, text);
    return subject->group_count == 1 && subject->verdict_count == 1 &&
           subject->groups[0].observed == number && subject->verdicts[0].since == number &&
           subject->groups[0].text.len == expected.len &&
           memcmp(subject->groups[0].text.ptr, expected.ptr, expected.len) == 0;
}

struct found {
    uint32_t last;
    bool is_there[WORK_SLOTS];
    uint32_t wrong_slot; /* WORK_SLOTS: none */
};

static bool look_at_subject(void *context, const mst_state_subject *subject)
{
    struct found *found = context;
    uint32_t writer = subject->slot < WORK_SLOTS ? writer_of(found->last, subject->slot) : 0;
    if (writer == 0 || !is_right(subject, writer))
        found->wrong_slot = subject->slot;
    else
        found->is_there[subject->slot] = true;
    return found->wrong_slot == WORK_SLOTS;
}

static bool look_at_change(void *context, uint64_t sequence, mst_text event)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)(sequence + 1) / 2);
    bool is_same = event.len == (uint32_t)len && memcmp(text, event.ptr, event.len) == 0;
    *(uint64_t *)context += is_same;
    return is_same;
}

static bool has_subjects(mst_state *state, uint32_t last, char *wrong, size_t size)
{
    struct found found = {.last = last, .wrong_slot = WORK_SLOTS};
    uint32_t next;
    mst_state_status status = mst_state_scan(state, 0, UINT32_MAX, look_at_subject, &found, &next);
    for (uint32_t slot = 0; slot < WORK_SLOTS && found.wrong_slot == WORK_SLOTS; slot++)
        if (!found.is_there[slot] && writer_of(last, slot) > 0)
            found.wrong_slot = slot;
    if (status != MST_STATE_OK)
        snprintf(wrong, size, "%s", mst_state_message(state));
    else if (found.wrong_slot != WORK_SLOTS)
        snprintf(wrong, size, "slot %u is not as batch %u left it", found.wrong_slot, last);
    return status == MST_STATE_OK && found.wrong_slot == WORK_SLOTS;
}

static bool has_changes(mst_state *state, uint32_t last, char *wrong, size_t size)
{
    uint64_t first_change, last_change, right_count = 0;
    mst_state_status status = mst_state_history(state, &first_change, &last_change);
    if (status == MST_STATE_OK)
        status = mst_state_read_changes(state, first_change - 1, UINT32_MAX, look_at_change,
                                        &right_count);
    uint64_t expected = last * 2 < WORK_HISTORY ? last * 2 : WORK_HISTORY;
    bool is_whole = last_change == last * 2 && right_count == expected;
    if (status != MST_STATE_OK)
        snprintf(wrong, size, "%s", mst_state_message(state));
    else if (!is_whole)
        snprintf(wrong, size, "the history after batch %u: %llu good changes up to %llu", last,
                 (unsigned long long)right_count, (unsigned long long)last_change);
    return status == MST_STATE_OK && is_whole;
}

int64_t work_find(mst_state *state, char *wrong, size_t size)
{
    char text[16] = "0";
    mst_text value;
    mst_state_status status = mst_state_get_meta(state, "batch", &value);
    if (status == MST_STATE_OK)
        snprintf(text, sizeof text, "%.*s", (int)value.len, value.ptr);
    if (status != MST_STATE_OK && status != MST_STATE_NOT_FOUND) {
        snprintf(wrong, size, "%s", mst_state_message(state));
        return -1;
    }
    uint32_t last = (uint32_t)strtoul(text, NULL, 10);
    bool is_whole = has_subjects(state, last, wrong, size) && has_changes(state, last, wrong, size);
    return is_whole ? (int64_t)last : -1;
}
