/* SPDX-License-Identifier: Apache-2.0
 *
 * loop.c - the interpreter's loop as it runs for every verdict. */
#define MST_LOOP_FUNCTION mst_loop_run
#define MST_LOOP_TRACED 0
#define MST_LOOP_WATCHED 0
#include "core/loop.inc"

#if MST_COUNT_STEPS
uint64_t mst_loop_steps;
uint64_t mst_loop_most = UINT64_MAX;
#endif
