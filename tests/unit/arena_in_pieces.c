/* SPDX-License-Identifier: Apache-2.0
 *
 * arena_in_pieces.c - the arena of the compiler with a chunk for each piece, so that each piece is
 * an allocation of its own, which can fail. */
#define FIRST_CHUNK_BYTES 1
#define LARGEST_CHUNK_BYTES 1
#include "arena.c"
