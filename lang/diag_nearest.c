/* SPDX-License-Identifier: Apache-2.0
 *
 * diag_nearest.c - "did you mean": the candidate at the least distance from what was written,
 * counting letters added, dropped, changed or swapped, where a difference in case costs little. */
#include <string.h>

#include "diag.h"

#define MAX_LEN 64
#define LETTER_COST 4 /* of one letter added, dropped, changed or swapped; a change of case: 1 */

static int fold_case(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static unsigned least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned change_cost(char a, char b)
{
    if (a == b)
        return 0;
    return fold_case(a) == fold_case(b) ? 1 : LETTER_COST;
}

/* Damerau-Levenshtein with adjacent swaps, three rows at a time. */
static unsigned measure_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned rows[3][MAX_LEN + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j * LETTER_COST;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = (unsigned)i * LETTER_COST;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned best = above[j - 1] + change_cost(a[i - 1], b[j - 1]);
            best = least_of(best, above[j] + LETTER_COST);
            best = least_of(best, row[j - 1] + LETTER_COST);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least_of(best, two_above[j - 2] + LETTER_COST);
            row[j] = best;
        }
    }
    return rows[a_len % 3][b_len];
}

/* One letter wrong in a short name, two in a longer one; any number in the wrong case. */
static unsigned most_allowed(size_t len)
{
    if (len <= 2)
        return LETTER_COST - 1;
    return len <= 4 ? LETTER_COST + 1 : 2 * LETTER_COST + 2;
}

static bool differ_only_in_case(const char *a, const char *b)
{
    while (*a != '\0' && fold_case(*a) == fold_case(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

const char *mst_diag_nearest(const char *wrong, const char *const *candidates, size_t count)
{
    size_t len = strlen(wrong);
    const char *nearest = NULL;
    unsigned least = most_allowed(len) + 1;
    for (size_t i = 0; i < count && len <= MAX_LEN; i++) {
        size_t candidate_len = strlen(candidates[i]);
        if (candidate_len > MAX_LEN)
            continue;
        if (differ_only_in_case(wrong, candidates[i]))
            return candidates[i];
        unsigned distance = measure_distance(wrong, len, candidates[i], candidate_len);
        if (distance < least) {
            least = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
