/* SPDX-License-Identifier: Apache-2.0
 *
 * atoms.h - interned names: equal names of a compilation are equal pointers. Atoms live in the
 * arena, end with a zero byte and are never released one by one. */
#ifndef MST_LANG_ATOMS_H
#define MST_LANG_ATOMS_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct mst_atom_entry {
    const char *text;
    size_t len;
    uint32_t hash;
};

struct mst_atoms {
    struct mst_arena *arena;
    struct mst_atom_entry *entries; /* open addressing; text NULL: free */
    size_t count, capacity;         /* capacity: 0 or a power of two */
};

void mst_atoms_init(struct mst_atoms *atoms, struct mst_arena *arena);

/* The atom of `len` bytes; NULL when the arena has failed. */
const char *mst_atoms_intern(struct mst_atoms *atoms, const char *bytes, size_t len);

#endif
