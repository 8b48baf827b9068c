/* SPDX-License-Identifier: Apache-2.0
 *
 * guess.c - keys are kept in a table of open addressing. Of a table that is full near a key's own
 * place, that place is given to the new key: links that led to the old one then fail. */
#include "guess.h"

#include "scan.h"

#define FIRST_KEY 2 /* behind NONE and ROOT */
#define PROBES 8

/* What a key is known by, all but its text, as it stands in a record between quotes. */
static struct mst_guess describe(uint32_t place, const struct mst_span *key)
{
    struct mst_guess guess = {.mask = UINT64_MAX, .place = place, .len = key->len + 3};
    const unsigned char *text = (const unsigned char *)key->ptr - 1;
    if (guess.len >= 8) {
        guess.first = mst_sweep_load(text);
        guess.last = mst_sweep_load(text + guess.len - 8);
    } else {
        unsigned char bytes[8] = {0}, mask[8] = {0};
        for (uint32_t i = 0; i < guess.len; i++) {
            bytes[i] = text[i];
            mask[i] = 0xff;
        }
        guess.first = guess.last = mst_sweep_load(bytes);
        guess.mask = mst_sweep_load(mask);
    }
    return guess;
}

static uint32_t hash_key(const struct mst_guess *key)
{
    const uint64_t factor = 0x9e3779b97f4a7c15u;
    uint64_t hash = (key->first ^ ((uint64_t)key->place << 32 | key->len)) * factor;
    hash = (hash ^ hash >> 32 ^ key->last) * factor;
    return (uint32_t)(hash >> 32);
}

static bool is_same(const struct mst_guess *a, const struct mst_guess *b,
                    const struct mst_span *key)
{
    return a->first == b->first && a->last == b->last && a->len == b->len && a->place == b->place &&
           (a->len <= 16 || mst_bytes_equal(a->text + 8, key->ptr + 7, a->len - 16));
}

/* The link has failed. It leads to the key in future, unless it was right the time before. */
static void relink(struct mst_guess_link *link, uint32_t to)
{
    const bool is_kept = link->to != MST_GUESS_NONE && !link->has_failed;
    link->has_failed = is_kept;
    if (!is_kept)
        link->to = (uint16_t)to;
}

uint32_t mst_guess_find(struct mst_guess *guesses, struct mst_guess_link *link, uint32_t place,
                        const struct mst_span *key)
{
    const struct mst_guess guess = describe(place, key);
    const uint32_t hash = hash_key(&guess);
    for (uint32_t probe = 0; probe < PROBES; probe++) {
        const uint32_t at = FIRST_KEY + (hash + probe) % (MST_GUESS_COUNT - FIRST_KEY);
        if (guesses[at].len == 0)
            break;
        if (is_same(&guesses[at], &guess, key)) {
            relink(link, at);
            return at;
        }
    }
    return MST_GUESS_NONE;
}

uint32_t mst_guess_keep(struct mst_guess *guesses, struct mst_guess_link *link, uint32_t place,
                        uint32_t child, const struct mst_span *key)
{
    struct mst_guess guess = describe(place, key);
    if (guess.len > sizeof guess.text || key->ptr[key->len + 1] != ':')
        return MST_GUESS_NONE;
    memcpy(guess.text, key->ptr - 1, guess.len);
    guess.child = child;
    const uint32_t hash = hash_key(&guess);
    uint32_t at = FIRST_KEY + hash % (MST_GUESS_COUNT - FIRST_KEY);
    for (uint32_t probe = 0; probe < PROBES; probe++) {
        const uint32_t free = FIRST_KEY + (hash + probe) % (MST_GUESS_COUNT - FIRST_KEY);
        if (guesses[free].len == 0) {
            at = free;
            break;
        }
    }
    guesses[at] = guess;
    relink(link, at);
    return at;
}
