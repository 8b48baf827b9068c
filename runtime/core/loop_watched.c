/* SPDX-License-Identifier: Apache-2.0
 *
 * loop_watched.c - the same loop, which tells of each instruction before it executes it. It runs
 * for a vm that is watched (watch.c), and nowhere else. */
#define MST_LOOP_FUNCTION mst_loop_run_watched
#define MST_LOOP_TRACED 0
#define MST_LOOP_WATCHED 1
#include "core/loop.inc"
