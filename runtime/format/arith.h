/* SPDX-License-Identifier: Apache-2.0
 *
 * arith.h - checked arithmetic on the language's values: each function returns false on overflow,
 * division by zero or a result out of its type's range, and then leaves *r alone. The compiler
 * folds constants with these very functions. */
#ifndef MST_FORMAT_ARITH_H
#define MST_FORMAT_ARITH_H

#include <stdbool.h>
#include <stdint.h>

#include "format/limits.h"

#define MST_DAY_S 86400

static inline bool mst_add(int64_t a, int64_t b, int64_t *r)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *r = sum;
    return true;
}

static inline bool mst_sub(int64_t a, int64_t b, int64_t *r)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return false;
    *r = difference;
    return true;
}

/* By halves, for 32 bits: compilers would call functions there that not every machine has. */
static inline bool mst_mul_halves(uint64_t a, uint64_t b, uint64_t *r)
{
    const uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX);
    const uint64_t cross = (a >> 32) * (b & UINT32_MAX) + (a & UINT32_MAX) * (b >> 32);
    if (((a >> 32) != 0 && (b >> 32) != 0) || cross > UINT32_MAX || cross << 32 > UINT64_MAX - low)
        return false;
    *r = (cross << 32) + low;
    return true;
}

static inline bool mst_mul_unsigned(uint64_t a, uint64_t b, uint64_t *r)
{
#if UINTPTR_MAX > UINT32_MAX
    uint64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *r = product;
    return true;
#else
    return mst_mul_halves(a, b, r);
#endif
}

static inline bool mst_mul(int64_t a, int64_t b, int64_t *r)
{
    const bool is_negative = (a < 0) != (b < 0);
    const uint64_t limit = (uint64_t)INT64_MAX + (is_negative ? 1u : 0u);
    const uint64_t left = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    const uint64_t right = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    uint64_t product;
    if (!mst_mul_unsigned(left, right, &product) || product > limit)
        return false;
    *r = (int64_t)(is_negative ? 0 - product : product);
    return true;
}

static inline bool mst_div(int64_t a, int64_t b, int64_t *r)
{
    if (b == 0 || (a == INT64_MIN && b == -1))
        return false;
    *r = a / b;
    return true;
}

static inline bool mst_mod(int64_t a, int64_t b, int64_t *r)
{
    if (b == 0 || (a == INT64_MIN && b == -1))
        return false;
    *r = a % b;
    return true;
}

static inline bool mst_in_range(int64_t value, int64_t low, int64_t high, int64_t *r)
{
    if (value < low || value > high)
        return false;
    *r = value;
    return true;
}

static inline bool mst_add_time(int64_t time, int64_t duration, int64_t *r)
{
    int64_t sum;
    return mst_add(time, duration, &sum) && mst_in_range(sum, MST_TIME_MIN, MST_TIME_MAX, r);
}

static inline bool mst_sub_time(int64_t time, int64_t duration, int64_t *r)
{
    int64_t difference;
    return mst_sub(time, duration, &difference) &&
           mst_in_range(difference, MST_TIME_MIN, MST_TIME_MAX, r);
}

/* A date moves by whole days only. */
static inline bool mst_add_date(int64_t date, int64_t duration, int64_t *r)
{
    return duration % MST_DAY_S == 0 &&
           mst_in_range(date + duration / MST_DAY_S, MST_DATE_MIN, MST_DATE_MAX, r);
}

static inline bool mst_sub_date(int64_t date, int64_t duration, int64_t *r)
{
    return duration % MST_DAY_S == 0 &&
           mst_in_range(date - duration / MST_DAY_S, MST_DATE_MIN, MST_DATE_MAX, r);
}

static inline bool mst_add_month(int64_t month, int64_t count, int64_t *r)
{
    int64_t sum;
    return mst_add(month, count, &sum) && mst_in_range(sum, MST_MONTH_MIN, MST_MONTH_MAX, r);
}

static inline bool mst_sub_month(int64_t month, int64_t count, int64_t *r)
{
    int64_t difference;
    return mst_sub(month, count, &difference) &&
           mst_in_range(difference, MST_MONTH_MIN, MST_MONTH_MAX, r);
}

#endif
