/* SPDX-License-Identifier: Apache-2.0
 *
 * atoms.c - a hash table of names with linear probing. The hash is FNV-1a: names are short, and a
 * compilation is not a server that strangers could flood. */
#include "atoms.h"

#include <string.h>

#define FIRST_CAPACITY 256

void mst_atoms_init(struct mst_atoms *atoms, struct mst_arena *arena)
{
    memset(atoms, 0, sizeof *atoms);
    atoms->arena = arena;
}

static uint32_t hash_bytes(const char *bytes, size_t len)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash;
}

static struct mst_atom_entry *find_entry(struct mst_atom_entry *entries, size_t capacity,
                                         const char *bytes, size_t len, uint32_t hash)
{
    size_t i = hash & (capacity - 1);
    while (entries[i].text != NULL) {
        struct mst_atom_entry *entry = &entries[i];
        if (entry->hash == hash && entry->len == len && memcmp(entry->text, bytes, len) == 0)
            break;
        i = (i + 1) & (capacity - 1);
    }
    return &entries[i];
}

static void enlarge(struct mst_atoms *atoms)
{
    size_t capacity = atoms->capacity == 0 ? FIRST_CAPACITY : atoms->capacity * 2;
    struct mst_atom_entry *entries = MST_NEW_ARRAY(atoms->arena, capacity, struct mst_atom_entry);
    if (entries == NULL)
        return;
    for (size_t i = 0; i < atoms->capacity; i++) {
        const struct mst_atom_entry *old = &atoms->entries[i];
        if (old->text != NULL)
            *find_entry(entries, capacity, old->text, old->len, old->hash) = *old;
    }
    atoms->entries = entries;
    atoms->capacity = capacity;
}

const char *mst_atoms_intern(struct mst_atoms *atoms, const char *bytes, size_t len)
{
    if (atoms->count * 2 >= atoms->capacity)
        enlarge(atoms);
    if (atoms->arena->failed)
        return NULL;
    uint32_t hash = hash_bytes(bytes, len);
    struct mst_atom_entry *entry = find_entry(atoms->entries, atoms->capacity, bytes, len, hash);
    if (entry->text == NULL) {
        const char *copy = mst_arena_copy(atoms->arena, bytes, len);
        if (copy == NULL)
            return NULL;
        *entry = (struct mst_atom_entry){copy, len, hash};
        atoms->count++;
    }
    return entry->text;
}
