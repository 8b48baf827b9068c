/* SPDX-License-Identifier: Apache-2.0
 *
 * sweep.h - passing over many bytes that need no look each: 16 at a time where the machine has
 * vectors of that size, 8 in a plain register elsewhere, with the same result. MST_SWEEP_PLAIN
 * takes the second way everywhere. In a header because the scanner's speed is these loops. */
#ifndef MST_FACTS_SWEEP_H
#define MST_FACTS_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "format/base.h"

/* Can the inside of a string not simply pass over this byte? A quote, a backslash, a control
 * character or anything beyond ASCII. */
static inline bool mst_sweep_is_special(unsigned char c)
{
    return c < ' ' || c >= 0x80 || c == '"' || c == '\\';
}

#define MST_SWEEP_EACH(b) ((uint64_t)(b)*0x0101010101010101u)

/* The top bit of each byte that is zero; above such a byte in significance perhaps of others: so
 * it only says whether there is one. */
static inline uint64_t mst_sweep_zeros(uint64_t v)
{
    return (v - MST_SWEEP_EACH(1)) & ~v & MST_SWEEP_EACH(0x80);
}

static inline uint64_t mst_sweep_load(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The first byte in [p, end) that is no digit, or end. Up to 7 digits take no branch. */
static inline const unsigned char *mst_sweep_digits(const unsigned char *p,
                                                    const unsigned char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - p >= 8) {
        const uint64_t v = mst_sweep_load(p) ^ MST_SWEEP_EACH('0');
        const uint64_t others = ((v + MST_SWEEP_EACH(0x80 - 10)) | v) & MST_SWEEP_EACH(0x80);
        if (others != 0)
            return p + (unsigned)__builtin_ctzll(others) / 8;
        p += 8;
    }
#endif
    while (p < end && (unsigned)*p - '0' < 10)
        p++;
    return p;
}

/* Is one of 8 bytes special? */
static inline bool mst_sweep_has_special(uint64_t v)
{
    uint64_t marks = v | (v - MST_SWEEP_EACH(' ')) | mst_sweep_zeros(v ^ MST_SWEEP_EACH('"')) |
                     mst_sweep_zeros(v ^ MST_SWEEP_EACH('\\'));
    return (marks & MST_SWEEP_EACH(0x80)) != 0;
}

#if defined(__SSE2__) && !defined(MST_SWEEP_PLAIN)

/* Vector types of GCC and Clang rather than the intrinsics' header, which drags in more. */
typedef signed char mst_sweep_vector __attribute__((vector_size(16)));
typedef char mst_sweep_mask __attribute__((vector_size(16)));

/* One bit for each byte of a comparison's result. */
static inline unsigned mst_sweep_bits(mst_sweep_vector marks)
{
    return (unsigned)__builtin_ia32_pmovmskb128((mst_sweep_mask)marks);
}

/* A bit for each of 16 bytes, set where it is special. Compared as signed numbers, all bytes beyond
 * ASCII are below a space, like the control characters. */
static inline unsigned mst_sweep_special_bits(const unsigned char *p)
{
    mst_sweep_vector v;
    memcpy(&v, p, sizeof v);
    return mst_sweep_bits((mst_sweep_vector)(v == '"') | (mst_sweep_vector)(v < ' ') |
                          (mst_sweep_vector)(v == '\\'));
}

/* The first special byte in [p, end), or end. Two vectors at a time: the end of most strings is
 * found without a branch that depends on their length, which nobody can foresee. */
static inline const unsigned char *mst_sweep_string(const unsigned char *p,
                                                    const unsigned char *end)
{
    while (end - p >= 32) {
        const unsigned bits = mst_sweep_special_bits(p) | mst_sweep_special_bits(p + 16) << 16;
        if (bits != 0) {
            p += (unsigned)__builtin_ctz(bits);
            MST_ASSUME(p < end);
            return p;
        }
        p += 32;
    }
    while (p < end && !mst_sweep_is_special(*p))
        p++;
    return p;
}

/* Of 16 bytes, which are newlines. */
static inline mst_sweep_vector mst_sweep_newlines(const unsigned char *p)
{
    mst_sweep_vector v;
    memcpy(&v, p, sizeof v);
    return (mst_sweep_vector)(v == '\n');
}

/* The first newline in [p, end), or end. Lines are long: four vectors take one branch. */
static inline const unsigned char *mst_sweep_line(const unsigned char *p, const unsigned char *end)
{
    for (; end - p >= 64; p += 64) {
        if (mst_sweep_bits(mst_sweep_newlines(p) | mst_sweep_newlines(p + 16) |
                           mst_sweep_newlines(p + 32) | mst_sweep_newlines(p + 48)) != 0)
            break;
    }
    for (; end - p >= 16; p += 16) {
        const unsigned bits = mst_sweep_bits(mst_sweep_newlines(p));
        if (bits != 0)
            return p + (unsigned)__builtin_ctz(bits);
    }
    while (p < end && *p != '\n')
        p++;
    return p;
}

#else

static inline const unsigned char *mst_sweep_string(const unsigned char *p,
                                                    const unsigned char *end)
{
    while (end - p >= 8 && !mst_sweep_has_special(mst_sweep_load(p)))
        p += 8;
    while (p < end && !mst_sweep_is_special(*p))
        p++;
    return p;
}

static inline const unsigned char *mst_sweep_line(const unsigned char *p, const unsigned char *end)
{
    while (end - p >= 8 && !mst_sweep_zeros(mst_sweep_load(p) ^ MST_SWEEP_EACH('\n')))
        p += 8;
    while (p < end && *p != '\n')
        p++;
    return p;
}

#endif
#endif
