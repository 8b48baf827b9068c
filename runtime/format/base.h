/* SPDX-License-Identifier: Apache-2.0
 *
 * base.h - what freestanding code has instead of <string.h> and <assert.h>: the four mem functions
 * that every environment provides, assertions, and hints for the compiler. */
#ifndef MST_FORMAT_BASE_H
#define MST_FORMAT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef MST_WITH_STRING_H /* code beside the library, which has the C library's */
#include <string.h>
#else
void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
#endif

#ifndef MST_ASSERT_ENABLED
#define MST_ASSERT_ENABLED 0
#endif

/* Our own mistakes end here. A hostile image or a caller's mistake never does. What is assumed is
 * also told to the compiler, where it saves a test. */
#if MST_ASSERT_ENABLED
#define MST_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#define MST_ASSUME(condition) MST_ASSERT(condition)
#else
#define MST_ASSERT(condition) ((void)0)
#define MST_ASSUME(condition) ((condition) ? (void)0 : __builtin_unreachable())
#endif

static inline bool mst_bytes_same_8(const unsigned char *a, const unsigned char *b)
{
    uint64_t words[2];
    memcpy(&words[0], a, 8);
    memcpy(&words[1], b, 8);
    return words[0] == words[1];
}

static inline bool mst_bytes_same_4(const unsigned char *a, const unsigned char *b)
{
    uint32_t words[2];
    memcpy(&words[0], a, 4);
    memcpy(&words[1], b, 4);
    return words[0] == words[1];
}

/* Not memcmp() == 0: compilers may turn that into bcmp(), which not every environment has; and most
 * texts are shorter than a call is worth. The last word may overlap the one before. */
static inline bool mst_bytes_equal(const void *a, const void *b, size_t len)
{
    const unsigned char *left = a;
    const unsigned char *right = b;
    if (len >= 8) {
        for (size_t i = 0; i < len - 8; i += 8)
            if (!mst_bytes_same_8(left + i, right + i))
                return false;
        return mst_bytes_same_8(left + len - 8, right + len - 8);
    }
    if (len >= 4)
        return mst_bytes_same_4(left, right) && mst_bytes_same_4(left + len - 4, right + len - 4);
    for (size_t i = 0; i < len; i++)
        if (left[i] != right[i])
            return false;
    return true;
}

#define MST_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MST_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define MST_NOINLINE __attribute__((noinline))

#endif
