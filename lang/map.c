/* SPDX-License-Identifier: Apache-2.0
 *
 * map.c - open addressing with linear probing, at most half full. */
#include "map.h"

static size_t hash_key(uint64_t key, size_t capacity)
{
    key = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(key >> 32) & (capacity - 1);
}

static struct mst_map_entry *find_entry(const struct mst_map *map, uint64_t key)
{
    size_t i = hash_key(key, map->capacity);
    while (map->entries[i].used && map->entries[i].key != key)
        i = (i + 1) & (map->capacity - 1);
    return &map->entries[i];
}

static bool grow_map(struct mst_arena *arena, struct mst_map *map)
{
    struct mst_map bigger = {NULL, map->count, map->capacity != 0 ? map->capacity * 2 : 64};
    bigger.entries = MST_NEW_ARRAY(arena, bigger.capacity, struct mst_map_entry);
    if (bigger.entries == NULL)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].used)
            *find_entry(&bigger, map->entries[i].key) = map->entries[i];
    *map = bigger;
    return true;
}

struct mst_map_entry *mst_map_intern(struct mst_arena *arena, struct mst_map *map, uint64_t key,
                                     size_t next)
{
    if (map->count * 2 >= map->capacity && !grow_map(arena, map))
        return NULL;
    struct mst_map_entry *entry = find_entry(map, key);
    if (!entry->used) {
        *entry = (struct mst_map_entry){key, (uint32_t)next, true};
        map->count++;
    }
    return entry;
}
