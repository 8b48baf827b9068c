/* SPDX-License-Identifier: Apache-2.0
 *
 * arena_in_pieces.c - the arena of the compiler with a chunk for each piece, so that each piece is
 * an allocation of its own, which can fail. */
#undef MST_ARENA_IN_PIECES
#define MST_ARENA_IN_PIECES 1
#include "arena.c"
