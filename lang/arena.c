/* SPDX-License-Identifier: Apache-2.0
 *
 * arena.c - chunks from the host's allocator, cut off piece by piece. Chunks double in size, so
 * their number stays small; a large piece gets a chunk of its own. */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In pieces, each piece is an allocation of its own: a sanitizer sees where it ends, and each can
 * fail. */
#if MST_ARENA_IN_PIECES
#define FIRST_CHUNK_BYTES ((size_t)1)
#define LARGEST_CHUNK_BYTES ((size_t)1)
#else
#define FIRST_CHUNK_BYTES ((size_t)16 << 10)
#define LARGEST_CHUNK_BYTES ((size_t)1 << 20)
#endif
#define FIRST_ARRAY_CAPACITY 8

struct mst_arena_chunk {
    struct mst_arena_chunk *previous;
    size_t bytes; /* this head included */
    alignas(max_align_t) unsigned char data[];
};

static void *resize_with_libc(void *context, void *old, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, size);
}

static const mst_allocator libc_allocator = {sizeof libc_allocator, 0, resize_with_libc, NULL};

void mst_arena_init(struct mst_arena *arena, const mst_allocator *allocator)
{
    memset(arena, 0, sizeof *arena);
    arena->allocator = allocator != NULL ? allocator : &libc_allocator;
}

void mst_arena_free(struct mst_arena *arena)
{
    const mst_allocator *allocator = arena->allocator;
    struct mst_arena_chunk *chunk = arena->chunks;
    while (chunk != NULL) {
        struct mst_arena_chunk *previous = chunk->previous;
        allocator->resize(allocator->context, chunk, chunk->bytes, 0);
        chunk = previous;
    }
    mst_arena_init(arena, allocator);
}

static void fail(struct mst_arena *arena)
{
    arena->failed = true;
    if (arena->escape != NULL)
        longjmp(*arena->escape, 1);
}

static size_t choose_chunk_bytes(const struct mst_arena *arena, size_t wanted)
{
    size_t bytes = FIRST_CHUNK_BYTES;
    while (bytes < arena->bytes && bytes < LARGEST_CHUNK_BYTES)
        bytes *= 2;
    size_t least = wanted + sizeof(struct mst_arena_chunk);
    return bytes < least ? least : bytes;
}

static bool add_chunk(struct mst_arena *arena, size_t wanted)
{
    size_t bytes = choose_chunk_bytes(arena, wanted);
    struct mst_arena_chunk *chunk =
        arena->allocator->resize(arena->allocator->context, NULL, 0, bytes);
    if (chunk == NULL)
        return false;
    chunk->bytes = bytes;
    chunk->previous = arena->chunks;
    arena->chunks = chunk;
    arena->next = chunk->data;
    arena->end = (unsigned char *)chunk + bytes;
    arena->bytes += bytes;
    return true;
}

static size_t round_up(size_t bytes)
{
    const size_t align = alignof(max_align_t);
    return (bytes + align - 1) / align * align;
}

void *mst_arena_alloc(struct mst_arena *arena, size_t count, size_t size)
{
    if (arena->failed)
        return NULL;
    if (size != 0 && count > (SIZE_MAX / 2) / size) {
        fail(arena);
        return NULL;
    }
    size_t bytes = round_up(count * size);
    if (bytes == 0)
        bytes = alignof(max_align_t); /* so that NULL always means failure */
    if (bytes > (size_t)(arena->end - arena->next) && !add_chunk(arena, bytes)) {
        fail(arena);
        return NULL;
    }
    void *piece = arena->next;
    arena->next += bytes;
    memset(piece, 0, bytes);
    return piece;
}

char *mst_arena_copy(struct mst_arena *arena, const char *bytes, size_t len)
{
    char *copy = mst_arena_alloc(arena, len + 1, 1);
    if (copy != NULL && len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *mst_arena_printf(struct mst_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mst_arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

char *mst_arena_vprintf(struct mst_arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return NULL;
    char *text = mst_arena_alloc(arena, (size_t)len + 1, 1);
    if (text != NULL)
        (void)vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

/* An array that is the newest piece, and has room behind it in the chunk, stays where it is. */
static bool extend_last(struct mst_arena *arena, void *array, size_t capacity, size_t larger,
                        size_t size)
{
    size_t held = round_up(capacity * size), more = round_up(larger * size) - held;
    if (array == NULL || (unsigned char *)array + held != arena->next ||
        more > (size_t)(arena->end - arena->next))
        return false;
    memset(arena->next, 0, more);
    arena->next += more;
    return true;
}

void *mst_arena_grow(struct mst_arena *arena, void *array, size_t count, size_t *capacity,
                     size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity == 0 ? FIRST_ARRAY_CAPACITY : *capacity * 2;
    if (extend_last(arena, array, *capacity, larger, size)) {
        *capacity = larger;
        return array;
    }
    void *moved = mst_arena_alloc(arena, larger, size);
    if (moved == NULL)
        return NULL;
    if (count != 0)
        memcpy(moved, array, count * size);
    *capacity = larger;
    return moved;
}
