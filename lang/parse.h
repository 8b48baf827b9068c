/* SPDX-License-Identifier: Apache-2.0
 *
 * parse.h - from a source to the tree of its module. */
#ifndef MST_LANG_PARSE_H
#define MST_LANG_PARSE_H

#include "arena.h"
#include "ast.h"
#include "atoms.h"
#include "diag.h"

/* Rule files above this size are refused: a tree takes many times the memory of its text. */
#define MST_MAX_MODULE_BYTES ((uint32_t)16 << 20)
/* Trees are at most so deep: whoever walks them may recurse. */
#define MST_MAX_EXPR_DEPTH 1000
/* Items of a module, rows of a table, elements of a set: more are refused. */
#define MST_MAX_AST_LIST 100000

/* Parses source number `source` of `diags`. Always returns a module, as complete as the text
 * allows, unless the arena has failed (NULL). Whether there were errors is in `diags`. */
struct mst_module *mst_parse(struct mst_arena *arena, struct mst_atoms *atoms,
                             struct mst_diags *diags, uint32_t source);

#endif
