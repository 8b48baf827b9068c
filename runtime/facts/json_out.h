/* SPDX-License-Identifier: Apache-2.0
 *
 * json_out.h - pieces of JSON into a caller's buffer of fixed size. What does not fit is counted
 * only, so that the caller can be told how much would. */
#ifndef MST_FACTS_JSON_OUT_H
#define MST_FACTS_JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/base.h"
#include "muster/muster.h"

/* The most bytes that one byte of a text becomes: \u0001. */
#define MST_JSON_OUT_WIDEST 6

/* Once `len` is above `capacity` the content of the buffer means nothing any more, and len is a
 * capacity that is enough. */
struct mst_json_out {
    char *buffer;
    size_t capacity, len;
};

/* Bytes as they are; a literal of C. Inline, so that a literal is a few stores. */
static inline void mst_json_out_raw(struct mst_json_out *out, const char *ptr, size_t len)
{
    if (out->len <= out->capacity && len <= out->capacity - out->len)
        memcpy(out->buffer + out->len, ptr, len);
    out->len += len;
}
#define MST_JSON_OUT_LITERAL(out, text) mst_json_out_raw(out, text, sizeof(text) - 1)

/* The first `len` of MST_JSON_OUT_PADDED bytes that can all be read: a few stores, no call. */
#define MST_JSON_OUT_PADDED 32
static inline void mst_json_out_padded(struct mst_json_out *out, const char *ptr, size_t len)
{
    MST_ASSERT(len <= MST_JSON_OUT_PADDED);
    if (out->len <= out->capacity && out->capacity - out->len >= MST_JSON_OUT_PADDED) {
        memcpy(out->buffer + out->len, ptr, MST_JSON_OUT_PADDED);
        out->len += len;
        return;
    }
    mst_json_out_raw(out, ptr, len);
}

/* A string with its quotes and escapes; {NULL, 0} becomes null. What is not UTF-8, which only a
 * host can have put in, becomes U+FFFD. */
void mst_json_out_text(struct mst_json_out *out, mst_text text);

/* The same without quotes, a part of a longer string; {NULL, 0} is empty. */
void mst_json_out_inside(struct mst_json_out *out, mst_text text);

/* Bytes of the text with its escapes, without quotes. */
size_t mst_json_out_measure(mst_text text);

void mst_json_out_uint(struct mst_json_out *out, uint64_t value);

/* Room for the inside of a string that someone renders straight into the buffer, and its end:
 * mst_json_out_rendered() adds the quotes and escapes what was rendered in place. `rendered` may
 * exceed the room: the text was cut then, and is only counted. */
char *mst_json_out_room(const struct mst_json_out *out, size_t *capacity);
void mst_json_out_rendered(struct mst_json_out *out, size_t rendered);

#endif
