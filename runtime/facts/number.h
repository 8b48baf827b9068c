/* SPDX-License-Identifier: Apache-2.0
 *
 * number.h - integers from numbers as JSON writes them, without floating point. */
#ifndef MST_FACTS_NUMBER_H
#define MST_FACTS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of a number in JSON's grammar, where it is integral (1.0 and 1e3 are) and fits into
 * 64 bits; else false. Linear in len. */
bool mst_number_integral(const char *text, size_t len, int64_t *value);

#endif
