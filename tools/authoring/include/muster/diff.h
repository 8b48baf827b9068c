/* SPDX-License-Identifier: Apache-2.0
 *
 * diff.h - what has changed between two versions of rules, by what they say: items are found by
 * their names, so that what was moved or laid out anew has not changed; but the order of checks
 * and of cases, which decides, counts. Out of memory ends the program. */
#ifndef MUSTER_DIFF_H
#define MUSTER_DIFF_H

#include "muster/lang.h"

/* The nodes of one version: those of its modules, each once, in any order. */
typedef struct mst_diff_rules {
    mst_outline *nodes;
    size_t count;
    char **texts; /* that the nodes point to, where no compilation has them */
    size_t text_count;
} mst_diff_rules;

/* Adds the modules of a compilation made with_outline that are not there yet. The compilation must
 * stay. */
void mst_diff_add_compilation(mst_diff_rules *rules, const mst_compilation *compilation);
/* Adds what an image tells about its rules: facts, verdicts, outcomes, names and titles of checks,
 * but no conditions, texts or tables. */
void mst_diff_add_image(mst_diff_rules *rules, const mst_image *image);
void mst_diff_free_rules(mst_diff_rules *rules);

typedef enum mst_change_kind {
    MST_CHANGE_ADDED = 0,
    MST_CHANGE_REMOVED = 1,
    MST_CHANGE_ALTERED = 2,
    MST_CHANGE_MOVED = 3, /* a check or case stands elsewhere among the others */
    MST_CHANGE_LAST = 0x7fffffff
} mst_change_kind;

#define MST_CHANGE_MAX_DEPTH 4

typedef struct mst_change {
    mst_change_kind kind;
    uint32_t depth; /* of the node that changed: path[depth] is it, path[0] its module */
    const mst_outline
        *path[MST_CHANGE_MAX_DEPTH]; /* of the newer rules; what is gone, of the older */
    size_t node_count;               /* ADDED, REMOVED: the node and all that belongs to it */
    const char *what;           /* ALTERED: "title", "when", ...; "text" where it is all there is */
    const char *before, *after; /* ALTERED: NULL where there was, or is, nothing;
                                   MOVED, after: the name of what it follows now, or NULL */
} mst_change;

typedef struct mst_diff {
    mst_change *changes; /* by module and item of the newer rules; what is gone last in each */
    size_t count;
} mst_diff;

/* Both must stay while the diff is used. */
void mst_diff_make(mst_diff *diff, const mst_diff_rules *before, const mst_diff_rules *after);
void mst_diff_free(mst_diff *diff);

/* "policy", "check", "row": what people call a node. */
const char *mst_diff_word(mst_outline_kind kind);

#endif
