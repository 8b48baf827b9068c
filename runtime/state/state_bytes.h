/* SPDX-License-Identifier: Apache-2.0
 *
 * state_bytes.h - numbers and sums as they stand in a state file: what rows and segments share. */
#ifndef MST_STATE_STATE_BYTES_H
#define MST_STATE_STATE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MST_NUMBER_MAX_BYTES 10

static inline uint64_t mst_load_word(const char *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++)
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return word;
}

static inline void mst_store_word(char *bytes, uint64_t word)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (char)(unsigned char)(word >> (8 * i));
}

/* Each step can be undone, so two texts that differ in one word never have the same sum. */
static inline uint64_t mst_sum_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 32;
}

static inline uint64_t mst_sum_bytes(uint64_t sum, const char *bytes, size_t len)
{
    char last[8] = {0};
    sum = mst_sum_word(sum, len);
    for (; len >= 8; bytes += 8, len -= 8)
        sum = mst_sum_word(sum, mst_load_word(bytes));
    if (len > 0) {
        memcpy(last, bytes, len);
        sum = mst_sum_word(sum, mst_load_word(last));
    }
    return sum;
}

/* 7 bits a byte, the lowest first. */
static inline char *mst_put_number(char *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (char)(unsigned char)(number | 0x80);
    *at++ = (char)(unsigned char)number;
    return at;
}

static inline size_t mst_number_size(uint64_t number)
{
    size_t size = 1;
    for (; number >= 0x80; number >>= 7)
        size++;
    return size;
}

struct mst_byte_cursor {
    const char *at, *end;
    bool is_bad; /* what was asked for was not there */
};

static inline uint64_t mst_take_number(struct mst_byte_cursor *cursor)
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

static inline uint32_t mst_take_number_below(struct mst_byte_cursor *cursor, uint64_t limit)
{
    uint64_t number = mst_take_number(cursor);
    if (number < limit)
        return (uint32_t)number;
    cursor->is_bad = true;
    return 0;
}

/* NULL where not that many bytes are left. */
static inline const char *mst_take_bytes(struct mst_byte_cursor *cursor, size_t len)
{
    const char *bytes = cursor->at;
    if ((size_t)(cursor->end - bytes) < len) {
        cursor->is_bad = true;
        return NULL;
    }
    cursor->at += len;
    return bytes;
}

#endif
