/* SPDX-License-Identifier: Apache-2.0
 *
 * number.c - a number is mantissa * 10^exponent, the mantissa free of trailing zeros: then it is
 * integral exactly if the exponent is not negative. Zeros are held back until another digit
 * follows, so that 1000...000e-9 neither overflows nor needs long arithmetic. */
#include "number.h"

#include "format/arith.h"

/* More than the digits of any record, so that sums with it cannot change the outcome. */
#define FAR_EXPONENT 100000000

struct decimal {
    uint64_t mantissa;
    int64_t exponent;
    int64_t zeros;  /* held back */
    bool is_beyond; /* more than 64 bits of mantissa: no integer of ours, whatever the exponent */
};

static bool shift_decimal(uint64_t *mantissa, int64_t places)
{
    for (; places > 0; places--)
        if (!mst_mul_unsigned(*mantissa, 10, mantissa))
            return false;
    return true;
}

static void add_digit(struct decimal *number, unsigned digit)
{
    if (digit == 0) {
        number->zeros++;
        return;
    }
    if (number->mantissa == 0)
        number->zeros = 0; /* leading ones count for nothing */
    if (!shift_decimal(&number->mantissa, number->zeros + 1) ||
        __builtin_add_overflow(number->mantissa, (uint64_t)digit, &number->mantissa)) {
        number->is_beyond = true;
        number->mantissa = 1; /* only that it is not zero matters now */
    }
    number->zeros = 0;
}

static int64_t read_exponent(const char *p, const char *end)
{
    bool is_negative = *p == '-';
    int64_t exponent = 0;
    for (p += *p == '-' || *p == '+'; p < end; p++)
        if (exponent < FAR_EXPONENT)
            exponent = exponent * 10 + (*p - '0');
    return is_negative ? -exponent : exponent;
}

static void read_decimal(struct decimal *number, const char *p, const char *end)
{
    bool is_fraction = false;
    for (; p < end && (*p | 0x20) != 'e'; p++) {
        if (*p == '.') {
            is_fraction = true;
            continue;
        }
        add_digit(number, (unsigned)(*p - '0'));
        number->exponent -= is_fraction;
    }
    if (p < end)
        number->exponent += read_exponent(p + 1, end);
    number->exponent += number->zeros;
}

bool mst_number_integral(const char *text, size_t len, int64_t *value)
{
    struct decimal number = {0, 0, 0, false};
    bool is_negative = len > 0 && text[0] == '-';
    read_decimal(&number, text + is_negative, text + len);
    if (number.mantissa == 0) {
        *value = 0;
        return true;
    }
    if (number.is_beyond || number.exponent < 0 ||
        !shift_decimal(&number.mantissa, number.exponent))
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + is_negative;
    if (number.mantissa > limit)
        return false;
    *value = is_negative ? (int64_t)-number.mantissa : (int64_t)number.mantissa;
    return true;
}
