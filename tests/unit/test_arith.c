/* SPDX-License-Identifier: Apache-2.0
 *
 * Checked multiplication, both ways that it is done, against 128 bits. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "format/arith.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

static uint64_t state = 42;

/* Numbers of every size, and those beside a power of two. */
static uint64_t next_number(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    const uint64_t number = state >> (state >> 58);
    const uint64_t power = UINT64_C(1) << (state >> 58 & 63);
    return state >> 40 & 1 ? number : power + (state >> 41 & 3) - 1;
}

Test(arith, multiplies_unsigned)
{
    for (int i = 0; i < 1000000; i++) {
        const uint64_t a = next_number(), b = next_number();
        const unsigned_wide product = (unsigned_wide)a * b;
        uint64_t by_halves = 7, whole = 7;
        const bool fits = product <= UINT64_MAX;
        cr_assert_eq(mst_mul_halves(a, b, &by_halves), fits, "%" PRIu64 " * %" PRIu64, a, b);
        cr_assert_eq(mst_mul_unsigned(a, b, &whole), fits);
        cr_assert_eq(by_halves, fits ? (uint64_t)product : 7);
        cr_assert_eq(whole, fits ? (uint64_t)product : 7);
    }
}

Test(arith, multiplies_signed)
{
    for (int i = 0; i < 1000000; i++) {
        const int64_t a = (int64_t)next_number(), b = (int64_t)next_number();
        const wide product = (wide)a * b;
        const bool fits = product >= INT64_MIN && product <= INT64_MAX;
        int64_t found = 7;
        cr_assert_eq(mst_mul(a, b, &found), fits, "%" PRId64 " * %" PRId64, a, b);
        cr_assert_eq(found, fits ? (int64_t)product : 7);
    }
}

Test(arith, multiplies_at_the_limits)
{
    int64_t found;
    cr_assert(mst_mul(INT64_MIN, 1, &found) && found == INT64_MIN);
    cr_assert(mst_mul(1, INT64_MIN, &found) && found == INT64_MIN);
    cr_assert(!mst_mul(INT64_MIN, -1, &found));
    cr_assert(mst_mul(INT64_C(-4294967296), INT64_C(2147483648), &found) && found == INT64_MIN);
    cr_assert(!mst_mul(INT64_C(4294967296), INT64_C(2147483648), &found));
}
