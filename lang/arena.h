/* SPDX-License-Identifier: Apache-2.0
 *
 * arena.h - all memory of a compilation: taken bit by bit, released at once. When the allocator
 * has no more, the arena remembers it (`failed`). While a module is parsed (Bison keeps memory of
 * its own) it then hands out NULL and callers return quietly; behind the parser nothing owns
 * anything but the arena, so `escape` leads straight back to mst_compile(), and the checker and
 * what follows need no path of their own for it. */
#ifndef MST_LANG_ARENA_H
#define MST_LANG_ARENA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster/lang.h"

struct mst_arena {
    const mst_allocator *allocator;
    struct mst_arena_chunk *chunks;
    unsigned char *next, *end;
    size_t bytes; /* taken from the allocator */
    bool failed;
    jmp_buf *escape; /* where to go on failure, or NULL: then callers see it */
};

void mst_arena_init(struct mst_arena *arena, const mst_allocator *allocator); /* NULL: libc */
void mst_arena_free(struct mst_arena *arena);

/* Zeroed memory for `count` things of `size` bytes, aligned for any of them; NULL only when
 * failed. */
void *mst_arena_alloc(struct mst_arena *arena, size_t count, size_t size);
#define MST_NEW(arena, type) ((type *)mst_arena_alloc((arena), 1, sizeof(type)))
#define MST_NEW_ARRAY(arena, count, type) ((type *)mst_arena_alloc((arena), (count), sizeof(type)))

/* A copy of `len` bytes with a zero byte behind them. */
char *mst_arena_copy(struct mst_arena *arena, const char *bytes, size_t len);
/* As printf, into the arena. */
char *mst_arena_printf(struct mst_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *mst_arena_vprintf(struct mst_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Room for one more in a growing array whose storage is the arena: doubles by copying. Returns
 * the (possibly moved) array, or NULL when failed. */
void *mst_arena_grow(struct mst_arena *arena, void *array, size_t count, size_t *capacity,
                     size_t size);

#endif
