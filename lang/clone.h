/* SPDX-License-Identifier: Apache-2.0
 *
 * clone.h - copying expressions, with names replaced: the rows of a test. */
#ifndef MST_LANG_CLONE_H
#define MST_LANG_CLONE_H

#include "arena.h"
#include "ast.h"

/* A copy of `expr` in which each bare name of `names` (an expression list of names) is replaced by
 * a copy of the cell at the same place of `cells`. NULL for NULL, or when out of memory. */
struct mst_expr *mst_clone_expr(struct mst_arena *arena, const struct mst_expr *expr,
                                const struct mst_expr_list *names,
                                const struct mst_expr_list *cells);

#endif
