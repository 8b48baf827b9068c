/* SPDX-License-Identifier: Apache-2.0
 *
 * guess.h - which key comes next. Records of one source, and objects of one array, mostly have the
 * same keys in the same order: a key that is what was guessed is one comparison, and need be
 * neither scanned nor looked up. A guess that fails costs time and never changes what is read. */
#ifndef MST_FACTS_GUESS_H
#define MST_FACTS_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sweep.h"

#define MST_GUESS_BYTES 32 /* of a key, its quotes and the colon behind it, to be kept */
#define MST_GUESS_COUNT 128
#define MST_GUESS_NONE 0 /* the key before one that is not kept */
#define MST_GUESS_ROOT 1 /* stands for the record: its inside is the first key */

/* Where a key stands: inside a value that is skipped, or behind a node of the schema. */
#define MST_GUESS_SKIPPED UINT32_MAX
#define MST_GUESS_AT(node) ((node) + 1)

/* A record with its keys in another order, among many in the same, does not change the links: only
 * one that has failed the last time is replaced. */
struct mst_guess_link {
    uint16_t to; /* a key, or NONE */
    bool has_failed;
};

/* A key that was met, as it was written: well-formed and without escapes. First and last 8 bytes
 * are all of it up to 16; they overlap, and where it is shorter than 8 they are the same. */
struct mst_guess {
    uint64_t first, last;
    uint64_t mask;         /* which bytes of first and last count */
    uint32_t place, child; /* where it was met, 0: nowhere; and where it leads */
    uint32_t len;
    struct mst_guess_link next;   /* the key behind it in the same object */
    struct mst_guess_link inside; /* the first key of the object or objects in its value */
    unsigned char text[MST_GUESS_BYTES];
};

struct mst_span;

/* The number of a key that is not what `link` said, or NONE if it is not kept. It has no escapes,
 * and stands in a record, a colon somewhere behind. The link may lead to it in future. */
uint32_t mst_guess_find(struct mst_guess *guesses, struct mst_guess_link *link, uint32_t place,
                        const struct mst_span *key);

/* Keeps a key that was not found; returns its number, or NONE if it is too long, or if white space
 * is before its colon. */
uint32_t mst_guess_keep(struct mst_guess *guesses, struct mst_guess_link *link, uint32_t place,
                        uint32_t child, const struct mst_span *key);

/* Is this the key at p? More bytes than those of the key may be loaded, hence the room. */
static inline bool mst_guess_holds(const struct mst_guess *guess, uint32_t place,
                                   const unsigned char *p, const unsigned char *end)
{
    if (guess->place != place || end - p < MST_GUESS_BYTES)
        return false;
    const size_t len = guess->len;
    const uint64_t first = mst_sweep_load(p) ^ guess->first;
    const uint64_t last = mst_sweep_load(p + (len < 8 ? 0 : len - 8)) ^ guess->last;
    return ((first | last) & guess->mask) == 0 &&
           (len <= 16 || mst_bytes_equal(p + 8, guess->text + 8, len - 16));
}

#endif
