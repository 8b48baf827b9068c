/* SPDX-License-Identifier: Apache-2.0
 *
 * loop_traced.c - the same loop, which also keeps the set of causes of everything unknown. It runs
 * once for a verdict whose causes are asked for. */
#define MST_LOOP_FUNCTION mst_loop_run_traced
#define MST_LOOP_TRACED 1
#define MST_LOOP_WATCHED 0
#include "core/loop.inc"
