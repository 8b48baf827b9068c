/* SPDX-License-Identifier: Apache-2.0
 *
 * state_segment.c - rows into a segment and out of it. What is read may be damaged. */
#include "state_segment.h"

#include <string.h>

#include "state_bytes.h"

#define SEQUENCE_AT 8
#define USED_AT 16
#define USED_BYTES 4

/* Of what stands behind the number of it. */
static size_t body_size(const struct mst_state_row *row)
{
    return mst_number_size(row->slot) + mst_number_size(row->id.len) + row->id.len + row->data.len;
}

size_t mst_segment_row_size(const struct mst_state_row *row)
{
    size_t size = body_size(row);
    return mst_number_size(size) + size;
}

void mst_segment_begin(char *data, uint64_t sequence)
{
    mst_store_word(data + SEQUENCE_AT, sequence);
}

void mst_segment_put(char *data, size_t offset, const struct mst_state_row *row)
{
    char *at = mst_put_number(data + offset, body_size(row));
    at = mst_put_number(at, row->slot);
    at = mst_put_number(at, row->id.len);
    if (row->id.len > 0)
        memcpy(at, row->id.ptr, row->id.len);
    if (row->data.len > 0)
        memcpy(at + row->id.len, row->data.ptr, row->data.len);
}

static uint64_t sum_of(const char *data, size_t used, uint32_t number)
{
    return mst_sum_bytes(number, data + SEQUENCE_AT, used - SEQUENCE_AT);
}

void mst_segment_seal(char *data, size_t used, uint32_t number)
{
    for (unsigned i = 0; i < USED_BYTES; i++)
        data[USED_AT + i] = (char)(unsigned char)(used >> (8 * i));
    mst_store_word(data, sum_of(data, used, number));
}

bool mst_segment_open_again(struct mst_segment_cursor *cursor, mst_text data)
{
    size_t used = 0;
    if (data.len < MST_SEGMENT_HEAD_BYTES)
        return false;
    for (unsigned i = 0; i < USED_BYTES; i++)
        used |= (size_t)(unsigned char)data.ptr[USED_AT + i] << (8 * i);
    if (used < MST_SEGMENT_HEAD_BYTES || used > data.len)
        return false;
    *cursor = (struct mst_segment_cursor){data.ptr, data.ptr + MST_SEGMENT_HEAD_BYTES,
                                          data.ptr + used, mst_load_word(data.ptr + SEQUENCE_AT)};
    return cursor->sequence > 0;
}

bool mst_segment_open(struct mst_segment_cursor *cursor, uint32_t number, mst_text data)
{
    return mst_segment_open_again(cursor, data) &&
           mst_load_word(data.ptr) ==
               sum_of(data.ptr, (size_t)(cursor->end - cursor->begin), number);
}

bool mst_segment_next(struct mst_segment_cursor *cursor, struct mst_segment_row *row)
{
    struct mst_byte_cursor bytes = {cursor->at, cursor->end, false};
    if (cursor->at == cursor->end)
        return false;
    size_t size = mst_take_number_below(&bytes, UINT32_MAX);
    const char *body = mst_take_bytes(&bytes, size);
    if (bytes.is_bad)
        return false;
    struct mst_byte_cursor inside = {body, bytes.at, false};
    row->row.slot = mst_take_number_below(&inside, MST_STATE_SLOT_MAX);
    row->row.id.len = mst_take_number_below(&inside, MST_STATE_ID_MAX_BYTES + 1);
    row->row.id.ptr = mst_take_bytes(&inside, row->row.id.len);
    if (inside.is_bad)
        return false;
    row->row.data = (mst_text){inside.at, (uint32_t)(inside.end - inside.at)};
    row->offset = (uint32_t)(cursor->at - cursor->begin);
    row->size = (uint32_t)(bytes.at - cursor->at);
    cursor->at = bytes.at;
    return true;
}
