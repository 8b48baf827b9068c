/* SPDX-License-Identifier: Apache-2.0
 *
 * Arena and atoms: alignment, growth, and what happens when the host's allocator has no more. */
#include <criterion/criterion.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "atoms.h"

/* An allocator that fails once `left` blocks have been given, and counts what is not released. */
struct budget {
    size_t left, held;
};

static void *resize_within(void *context, void *old, size_t old_size, size_t size)
{
    struct budget *budget = context;
    if (size == 0) {
        budget->held -= old_size;
        free(old);
        return NULL;
    }
    if (budget->left == 0)
        return NULL;
    budget->left--;
    budget->held += size;
    return malloc(size);
}

Test(arena, gives_zeroed_aligned_memory)
{
    struct mst_arena arena;
    mst_arena_init(&arena, NULL);
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *piece = mst_arena_alloc(&arena, 1, size);
        cr_assert_not_null(piece);
        cr_assert_eq((uintptr_t)piece % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(piece[i], 0);
        memset(piece, 0xAA, size);
    }
    mst_arena_free(&arena);
    cr_assert_eq(arena.bytes, 0);
}

Test(arena, takes_pieces_larger_than_a_chunk)
{
    struct mst_arena arena;
    mst_arena_init(&arena, NULL);
    char *large = mst_arena_alloc(&arena, 5000000, 1);
    cr_assert_not_null(large);
    large[4999999] = 'x';
    cr_assert_str_eq(mst_arena_copy(&arena, "abc\0def", 3), "abc");
    cr_assert_str_eq(mst_arena_printf(&arena, "%s-%d", "a", 42), "a-42");
    mst_arena_free(&arena);
}

Test(arena, remembers_failure_and_releases_everything)
{
    struct budget budget = {.left = 2, .held = 0};
    mst_allocator allocator = {sizeof allocator, 0, resize_within, &budget};
    struct mst_arena arena;
    mst_arena_init(&arena, &allocator);
    cr_assert_not_null(mst_arena_alloc(&arena, 1, 10000));
    cr_assert_not_null(mst_arena_alloc(&arena, 1, 100000));
    cr_assert_null(mst_arena_alloc(&arena, 1, 10000000));
    cr_assert(arena.failed);
    cr_assert_null(mst_arena_alloc(&arena, 1, 1));
    cr_assert_null(mst_arena_copy(&arena, "a", 1));
    mst_arena_free(&arena);
    cr_assert_eq(budget.held, 0);
}

Test(arena, refuses_sizes_that_overflow)
{
    struct mst_arena arena;
    mst_arena_init(&arena, NULL);
    cr_assert_null(mst_arena_alloc(&arena, SIZE_MAX / 2, 3));
    cr_assert(arena.failed);
    mst_arena_free(&arena);
}

Test(arena, grows_arrays_by_copying)
{
    struct mst_arena arena;
    mst_arena_init(&arena, NULL);
    uint32_t *numbers = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        numbers = mst_arena_grow(&arena, numbers, i, &capacity, sizeof *numbers);
        cr_assert_not_null(numbers);
        numbers[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        cr_assert_eq(numbers[i], i);
    mst_arena_free(&arena);
}

Test(atoms, equal_names_are_equal_pointers)
{
    struct mst_arena arena;
    struct mst_atoms atoms;
    mst_arena_init(&arena, NULL);
    mst_atoms_init(&atoms, &arena);
    const char *known[2000];
    char name[16];
    for (int i = 0; i < 2000; i++) {
        int len = snprintf(name, sizeof name, "n%d", i);
        known[i] = mst_atoms_intern(&atoms, name, (size_t)len);
        cr_assert_str_eq(known[i], name);
    }
    for (int i = 0; i < 2000; i++) {
        int len = snprintf(name, sizeof name, "n%d", i);
        cr_assert_eq(mst_atoms_intern(&atoms, name, (size_t)len), known[i]);
    }
    cr_assert_neq(mst_atoms_intern(&atoms, "n1x", 2), mst_atoms_intern(&atoms, "n1x", 3));
    cr_assert_eq(atoms.count, 2001);
    mst_arena_free(&arena);
}
