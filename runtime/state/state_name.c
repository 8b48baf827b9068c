/* SPDX-License-Identifier: Apache-2.0
 *
 * state_name.c - names and their numbers. A new name is in memory at once and goes to the store
 * with the next batch: where that fails, it goes with the one after. */
#include <stdlib.h>
#include <string.h>

#include "state_parts.h"

#define NAME_MAX_COUNT 1000000 /* a reload of rules brings one; a stream of new ones is a mistake */

static uint32_t hash_text(const char *text, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* The place of the name in the table, or the free one where it belongs. */
static uint32_t find_place(const struct mst_state_names *names, const char *text, size_t len)
{
    uint32_t mask = names->table_size - 1, place = hash_text(text, len) & mask;
    for (;; place = (place + 1) & mask) {
        uint32_t number = names->table[place];
        if (number == 0)
            return place;
        const mst_text *name = &names->list[number];
        if (name->len == len && memcmp(name->ptr, text, len) == 0)
            return place;
    }
}

static bool grow_table(struct mst_state_names *names)
{
    uint32_t size = names->table_size > 0 ? names->table_size * 2 : 256;
    uint32_t *table = calloc(size, sizeof *table);
    if (!table)
        return false;
    free(names->table);
    names->table = table;
    names->table_size = size;
    for (uint32_t i = 1; i < names->count; i++)
        table[find_place(names, names->list[i].ptr, names->list[i].len)] = i;
    return true;
}

static bool add_name(struct mst_state_names *names, const char *text, size_t len)
{
    if (names->count >= names->table_size / 2 && !grow_table(names))
        return false;
    mst_text *list = mst_state_grow(names->list, names->count, &names->capacity, sizeof *list);
    if (!list)
        return false;
    names->list = list;
    char *copy = malloc(len + 1);
    if (!copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    list[names->count] = (mst_text){copy, (uint32_t)len};
    if (names->count > 0)
        names->table[find_place(names, text, len)] = names->count;
    names->count++;
    return true;
}

mst_state_status mst_state_names_load(mst_state *state)
{
    struct mst_state_names *names = &state->names;
    if (names->count == 0 && !add_name(names, "", 0))
        return mst_state_fail(state, MST_STATE_MEMORY, "out of memory");
    for (;;) {
        mst_text name;
        mst_state_status status = state->store->type->get_name(state->store, names->count, &name);
        names->kept_count = names->count;
        if (status == MST_STATE_NOT_FOUND)
            return MST_STATE_OK;
        if (status != MST_STATE_OK)
            return mst_state_from_store(state, status);
        if (!add_name(names, name.ptr, name.len))
            return mst_state_fail(state, MST_STATE_MEMORY, "out of memory");
    }
}

void mst_state_names_free(struct mst_state_names *names)
{
    for (uint32_t i = 0; i < names->count; i++)
        free((void *)(uintptr_t)names->list[i].ptr);
    free(names->list);
    free(names->table);
}

mst_state_status mst_state_name(mst_state *state, const char *name, size_t len, uint32_t *number)
{
    struct mst_state_names *names = &state->names;
    if (len > MST_STATE_NAME_MAX_BYTES)
        return mst_state_fail(state, MST_STATE_LIMIT, "a name of %zu bytes is too long", len);
    if (len == 0) {
        *number = 0;
        return MST_STATE_OK;
    }
    uint32_t known = names->table_size > 0 ? names->table[find_place(names, name, len)] : 0;
    if (known == 0) {
        if (state->options.is_read_only)
            return mst_state_fail(state, MST_STATE_NOT_FOUND, "'%.*s' is no name in the state",
                                  (int)len, name);
        if (names->count >= NAME_MAX_COUNT)
            return mst_state_fail(state, MST_STATE_LIMIT, "there are %u names already",
                                  names->count);
        if (!add_name(names, name, len))
            return mst_state_fail(state, MST_STATE_MEMORY, "out of memory");
        known = names->count - 1;
    }
    *number = known;
    return MST_STATE_OK;
}

mst_text mst_state_name_text(const mst_state *state, uint32_t number)
{
    return number < state->names.count ? state->names.list[number] : (mst_text){NULL, 0};
}
