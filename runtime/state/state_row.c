/* SPDX-License-Identifier: Apache-2.0
 *
 * state_row.c - a subject to bytes and back. What is read may be damaged: every length is held
 * against the bytes that are left. */
#include "state_row.h"

#include <string.h>

#include "state_bytes.h"

#define SUM_BYTES 8
#define VERDICT_MAX_BYTES (7 * MST_NUMBER_MAX_BYTES)
#define VERDICT_MIN_BYTES 6
#define GROUP_MAX_BYTES (3 * MST_NUMBER_MAX_BYTES)
#define GROUP_MIN_BYTES 3

static uint64_t sum_row(uint32_t slot, mst_text id, const char *body, size_t len)
{
    return mst_sum_bytes(mst_sum_bytes(slot, id.ptr, id.len), body, len);
}

/* ---- writing ----------------------------------------------------------------------------- */

/* Those of our time take five bytes: then there is nothing to decide at each byte. */
static char *put_instant(char *at, int64_t instant)
{
    uint64_t sign = instant < 0 ? UINT64_MAX : 0;
    uint64_t number = (uint64_t)instant << 1 ^ sign;
    if (number >> 28 == 0 || number >> 35 != 0)
        return mst_put_number(at, number);
    for (unsigned i = 0; i < 4; i++)
        at[i] = (char)(unsigned char)(number >> (7 * i) | 0x80);
    at[4] = (char)(unsigned char)(number >> 28);
    return at + 5;
}

static char *put_verdict(char *at, const mst_state_verdict *verdict)
{
    bool is_for_ever = verdict->valid_until == MST_NEVER;
    at = mst_put_number(at, verdict->name);
    at = mst_put_number(at, verdict->outcome);
    at = mst_put_number(at, verdict->check);
    at = mst_put_number(at, verdict->rules);
    at = mst_put_number(at, (uint64_t)verdict->kind << 1 | is_for_ever);
    at = put_instant(at, verdict->since);
    return is_for_ever ? at : put_instant(at, verdict->valid_until);
}

static char *put_group(char *at, const mst_state_group *group)
{
    at = mst_put_number(at, group->name);
    at = put_instant(at, group->observed);
    at = mst_put_number(at, group->text.len);
    if (group->text.len > 0)
        memcpy(at, group->text.ptr, group->text.len);
    return at + group->text.len;
}

size_t mst_state_row_bound(const mst_state_subject *subject)
{
    size_t bound =
        SUM_BYTES + 2 * MST_NUMBER_MAX_BYTES + subject->verdict_count * VERDICT_MAX_BYTES;
    for (uint32_t i = 0; i < subject->group_count; i++)
        bound += GROUP_MAX_BYTES + subject->groups[i].text.len;
    return bound;
}

size_t mst_state_row_write(const mst_state_subject *subject, char *data)
{
    char *body = data + SUM_BYTES, *at = body;
    at = mst_put_number(at, subject->verdict_count);
    at = mst_put_number(at, subject->group_count);
    for (uint32_t i = 0; i < subject->verdict_count; i++)
        at = put_verdict(at, &subject->verdicts[i]);
    for (uint32_t i = 0; i < subject->group_count; i++)
        at = put_group(at, &subject->groups[i]);
    mst_store_word(data, sum_row(subject->slot, subject->id, body, (size_t)(at - body)));
    return (size_t)(at - data);
}

/* ---- reading ----------------------------------------------------------------------------- */

static int64_t take_instant(struct mst_byte_cursor *cursor)
{
    uint64_t number = mst_take_number(cursor);
    uint64_t bits = number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
    int64_t instant;
    memcpy(&instant, &bits, sizeof instant);
    return instant;
}

static uint32_t take_name(struct mst_byte_cursor *cursor)
{
    return mst_take_number_below(cursor, UINT64_C(1) << 32);
}

static void take_verdict(struct mst_byte_cursor *cursor, mst_state_verdict *verdict)
{
    verdict->name = take_name(cursor);
    verdict->outcome = take_name(cursor);
    verdict->check = take_name(cursor);
    verdict->rules = take_name(cursor);
    uint64_t kind = mst_take_number_below(cursor, UINT64_C(1) << 32);
    verdict->kind = (uint32_t)(kind >> 1);
    verdict->since = take_instant(cursor);
    verdict->valid_until = kind & 1 ? MST_NEVER : take_instant(cursor);
}

static void take_group(struct mst_byte_cursor *cursor, mst_state_group *group)
{
    group->name = take_name(cursor);
    group->observed = take_instant(cursor);
    group->text.len = mst_take_number_below(cursor, MST_STATE_GROUP_MAX_BYTES + 1);
    group->text.ptr = mst_take_bytes(cursor, group->text.len);
}

/* A cursor behind the counts. */
static struct mst_byte_cursor open_row(const struct mst_state_row *row, uint32_t *group_count,
                                       uint32_t *verdict_count)
{
    struct mst_byte_cursor cursor = {row->data.ptr, row->data.ptr, row->data.len < SUM_BYTES};
    *verdict_count = *group_count = 0;
    if (cursor.is_bad)
        return cursor;
    cursor.at += SUM_BYTES;
    cursor.end = row->data.ptr + row->data.len;
    *verdict_count = mst_take_number_below(&cursor, MST_STATE_VERDICT_MAX + 1);
    *group_count = mst_take_number_below(&cursor, MST_STATE_GROUP_MAX + 1);
    return cursor;
}

bool mst_state_row_count(const struct mst_state_row *row, uint32_t *group_count,
                         uint32_t *verdict_count)
{
    struct mst_byte_cursor cursor = open_row(row, group_count, verdict_count);
    if (cursor.is_bad || *verdict_count * VERDICT_MIN_BYTES + *group_count * GROUP_MIN_BYTES >
                             (size_t)(cursor.end - cursor.at))
        return false;
    const char *body = row->data.ptr + SUM_BYTES;
    return mst_load_word(row->data.ptr) ==
           sum_row(row->slot, row->id, body, (size_t)(cursor.end - body));
}

bool mst_state_row_read(const struct mst_state_row *row, mst_state_group *groups,
                        mst_state_verdict *verdicts)
{
    uint32_t group_count, verdict_count;
    struct mst_byte_cursor cursor = open_row(row, &group_count, &verdict_count);
    for (uint32_t i = 0; i < verdict_count; i++)
        take_verdict(&cursor, &verdicts[i]);
    for (uint32_t i = 0; i < group_count; i++)
        take_group(&cursor, &groups[i]);
    return !cursor.is_bad && cursor.at == cursor.end;
}
