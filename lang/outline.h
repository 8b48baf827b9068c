/* SPDX-License-Identifier: Apache-2.0
 *
 * outline.h - what the modules of a program consist of, for people and for comparing: names, texts
 * and expressions as they are written. Made of the tree, once it has been checked. */
#ifndef MST_LANG_OUTLINE_H
#define MST_LANG_OUTLINE_H

#include "program.h"

struct mst_outline_node {
    mst_outline_kind kind;
    uint32_t depth;
    const char *name, *title, *type, *text, *path;
    struct mst_span span;
};

struct mst_outline_nodes {
    struct mst_outline_node *items;
    size_t count, capacity;
};

/* Appends to `nodes`, in the program's arena. */
void mst_outline_make(struct mst_program *program, struct mst_outline_nodes *nodes);

#endif
