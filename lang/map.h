/* SPDX-License-Identifier: Apache-2.0
 *
 * map.h - a hash table from 64-bit keys to numbers, in an arena: for interning. */
#ifndef MST_LANG_MAP_H
#define MST_LANG_MAP_H

#include "arena.h"

struct mst_map_entry {
    uint64_t key;
    uint32_t number;
    bool used;
};

/* All zero: empty. */
struct mst_map {
    struct mst_map_entry *entries;
    size_t count, capacity;
};

/* The entry for `key`; `next` is its number if it is new. NULL when out of memory. */
struct mst_map_entry *mst_map_intern(struct mst_arena *arena, struct mst_map *map, uint64_t key,
                                     size_t next);

#endif
