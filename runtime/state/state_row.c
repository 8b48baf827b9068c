/* SPDX-License-Identifier: Apache-2.0
 *
 * state_row.c - a subject to bytes and back. What is read may be damaged: every length is held
 * against the bytes that are left. */
#include "state_row.h"

#include <string.h>

#define SUM_BYTES 8
#define NUMBER_MAX_BYTES 10
#define VERDICT_MAX_BYTES (7 * NUMBER_MAX_BYTES)
#define VERDICT_MIN_BYTES 6
#define GROUP_MAX_BYTES (3 * NUMBER_MAX_BYTES)
#define GROUP_MIN_BYTES 3

/* ---- the sum ----------------------------------------------------------------------------- */

static uint64_t load_word(const char *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return word;
}

static void store_word(char *bytes, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (char)(unsigned char)(word >> (8 * i));
}

/* Each step can be undone, so two texts that differ in one word never have the same sum. */
static uint64_t add_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 32;
}

static uint64_t add_bytes(uint64_t sum, const char *bytes, size_t len)
{
    char last[8] = {0};
    sum = add_word(sum, len);
    for (; len >= 8; bytes += 8, len -= 8)
        sum = add_word(sum, load_word(bytes));
    if (len > 0) {
        memcpy(last, bytes, len);
        sum = add_word(sum, load_word(last));
    }
    return sum;
}

static uint64_t sum_row(uint32_t slot, mst_text id, const char *body, size_t len)
{
    return add_bytes(add_bytes(slot, id.ptr, id.len), body, len);
}

/* ---- writing ----------------------------------------------------------------------------- */

static char *put_number(char *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (char)(unsigned char)(number | 0x80);
    *at++ = (char)(unsigned char)number;
    return at;
}

static char *put_instant(char *at, int64_t instant)
{
    uint64_t sign = instant < 0 ? UINT64_MAX : 0;
    return put_number(at, (uint64_t)instant << 1 ^ sign);
}

static char *put_verdict(char *at, const mst_state_verdict *verdict)
{
    bool is_for_ever = verdict->valid_until == MST_NEVER;
    at = put_number(at, verdict->name);
    at = put_number(at, verdict->outcome);
    at = put_number(at, verdict->check);
    at = put_number(at, verdict->rules);
    at = put_number(at, (uint64_t)verdict->kind << 1 | is_for_ever);
    at = put_instant(at, verdict->since);
    return is_for_ever ? at : put_instant(at, verdict->valid_until);
}

static char *put_group(char *at, const mst_state_group *group)
{
    at = put_number(at, group->name);
    at = put_instant(at, group->observed);
    at = put_number(at, group->text.len);
    if (group->text.len > 0)
        memcpy(at, group->text.ptr, group->text.len);
    return at + group->text.len;
}

size_t mst_state_row_bound(const mst_state_subject *subject)
{
    size_t bound = SUM_BYTES + 2 * NUMBER_MAX_BYTES + subject->verdict_count * VERDICT_MAX_BYTES;
    for (uint32_t i = 0; i < subject->group_count; i++)
        bound += GROUP_MAX_BYTES + subject->groups[i].text.len;
    return bound;
}

size_t mst_state_row_write(const mst_state_subject *subject, char *data)
{
    char *body = data + SUM_BYTES, *at = body;
    at = put_number(at, subject->verdict_count);
    at = put_number(at, subject->group_count);
    for (uint32_t i = 0; i < subject->verdict_count; i++)
        at = put_verdict(at, &subject->verdicts[i]);
    for (uint32_t i = 0; i < subject->group_count; i++)
        at = put_group(at, &subject->groups[i]);
    store_word(data, sum_row(subject->slot, subject->id, body, (size_t)(at - body)));
    return (size_t)(at - data);
}

/* ---- reading ----------------------------------------------------------------------------- */

struct cursor {
    const char *at, *end;
    bool is_bad;
};

static uint64_t take_number(struct cursor *cursor)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
        unsigned char byte = (unsigned char)*cursor->at++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return number;
    }
    cursor->is_bad = true;
    return 0;
}

static uint32_t take_number_below(struct cursor *cursor, uint64_t limit)
{
    uint64_t number = take_number(cursor);
    if (number < limit)
        return (uint32_t)number;
    cursor->is_bad = true;
    return 0;
}

static int64_t take_instant(struct cursor *cursor)
{
    uint64_t number = take_number(cursor);
    uint64_t bits = number >> 1 ^ (number & 1 ? UINT64_MAX : 0);
    int64_t instant;
    memcpy(&instant, &bits, sizeof instant);
    return instant;
}

static uint32_t take_name(struct cursor *cursor)
{
    return take_number_below(cursor, UINT64_C(1) << 32);
}

static void take_verdict(struct cursor *cursor, mst_state_verdict *verdict)
{
    verdict->name = take_name(cursor);
    verdict->outcome = take_name(cursor);
    verdict->check = take_name(cursor);
    verdict->rules = take_name(cursor);
    uint64_t kind = take_number_below(cursor, UINT64_C(1) << 32);
    verdict->kind = (uint32_t)(kind >> 1);
    verdict->since = take_instant(cursor);
    verdict->valid_until = kind & 1 ? MST_NEVER : take_instant(cursor);
}

static void take_group(struct cursor *cursor, mst_state_group *group)
{
    group->name = take_name(cursor);
    group->observed = take_instant(cursor);
    group->text.len = take_number_below(cursor, MST_STATE_GROUP_MAX_BYTES + 1);
    group->text.ptr = cursor->at;
    if ((size_t)(cursor->end - cursor->at) < group->text.len)
        cursor->is_bad = true;
    else
        cursor->at += group->text.len;
}

/* A cursor behind the counts. */
static struct cursor open_row(const struct mst_state_row *row, uint32_t *group_count,
                              uint32_t *verdict_count)
{
    struct cursor cursor = {row->data.ptr, row->data.ptr, row->data.len < SUM_BYTES};
    *verdict_count = *group_count = 0;
    if (cursor.is_bad)
        return cursor;
    cursor.at += SUM_BYTES;
    cursor.end = row->data.ptr + row->data.len;
    *verdict_count = take_number_below(&cursor, MST_STATE_VERDICT_MAX + 1);
    *group_count = take_number_below(&cursor, MST_STATE_GROUP_MAX + 1);
    return cursor;
}

bool mst_state_row_count(const struct mst_state_row *row, uint32_t *group_count,
                         uint32_t *verdict_count)
{
    struct cursor cursor = open_row(row, group_count, verdict_count);
    if (cursor.is_bad || *verdict_count * VERDICT_MIN_BYTES + *group_count * GROUP_MIN_BYTES >
                             (size_t)(cursor.end - cursor.at))
        return false;
    const char *body = row->data.ptr + SUM_BYTES;
    return load_word(row->data.ptr) ==
           sum_row(row->slot, row->id, body, (size_t)(cursor.end - body));
}

bool mst_state_row_read(const struct mst_state_row *row, mst_state_group *groups,
                        mst_state_verdict *verdicts)
{
    uint32_t group_count, verdict_count;
    struct cursor cursor = open_row(row, &group_count, &verdict_count);
    for (uint32_t i = 0; i < verdict_count; i++)
        take_verdict(&cursor, &verdicts[i]);
    for (uint32_t i = 0; i < group_count; i++)
        take_group(&cursor, &groups[i]);
    return !cursor.is_bad && cursor.at == cursor.end;
}
