/* SPDX-License-Identifier: Apache-2.0
 *
 * explaining.h - why a verdict is what it is: its checks or cases in order, each expression with
 * its value, and the fewest facts that would have to be different. As testing.h it prints nothing,
 * and memory that runs out ends the program. */
#ifndef MUSTER_EXPLAINING_H
#define MUSTER_EXPLAINING_H

#include "muster/lang.h"
#include "muster/muster.h"

/* Where the value of a fact came from. */
typedef enum mst_author_origin {
    MST_ORIGIN_NONE = 0, /* it is no fact */
    MST_ORIGIN_RECORD = 1,
    MST_ORIGIN_DEFAULT = 2, /* the record does not have it; the steps below it say */
    MST_ORIGIN_MISSING = 3,
    MST_ORIGIN_INVALID = 4,
    MST_ORIGIN_STALE = 5
} mst_author_origin;

/* An expression, and below it (with a greater depth) what it is made of. What the evaluation did
 * not come to has no value. */
typedef struct mst_author_step {
    unsigned depth; /* from 0 */
    mst_site_role role;
    char *text;  /* as written, on one line */
    char *value; /* as messages print it; NULL: it was not read */
    bool is_known;
    bool is_again;  /* a let that is told further up */
    uint8_t causes; /* where it is unknown: 1 << mst_cause_kind */
    mst_author_origin origin;
    mst_text path; /* of a fact: where it is looked for in a record */
} mst_author_step;

typedef enum mst_author_result {
    MST_RESULT_TRUE = 0,  /* the check passed, the case was taken */
    MST_RESULT_FALSE = 1, /* the check failed, the case was not taken */
    MST_RESULT_UNKNOWN = 2,
    MST_RESULT_UNREAD = 3 /* what came before decided */
} mst_author_result;

/* A check of a policy, or a case of a decision. */
typedef struct mst_author_rule {
    char *name; /* "mdm", "on_track" */
    char *title;
    mst_author_result result;
    bool decides;
    bool is_behind; /* the deciding check; it does not count */
    mst_place place;
    mst_author_step *steps;
    size_t step_count;
} mst_author_rule;

/* A fact that would have to be different. */
typedef struct mst_author_change {
    mst_text fact, path;
    char *from, *to;
} mst_author_change;

#define MST_CHANGE_MAX 3 /* facts */

/* The fewest changes that make a policy pass. */
typedef struct mst_author_changes {
    mst_author_change list[MST_CHANGE_MAX];
    size_t count;       /* 0: none was found */
    size_t evaluations; /* that the search took */
    bool is_complete;   /* all values worth trying were tried, one fact at a time */
} mst_author_changes;

typedef struct mst_author_explanation {
    mst_verdict verdict;
    mst_author_rule *rules;
    size_t rule_count;
    bool has_next; /* the verdict turns at `next_at`, if no fact changes */
    int64_t next_at;
    char *next_outcome, *next_check; /* to this; the check may be NULL */
    bool wants_changes;              /* it is a policy that does not pass */
    mst_author_changes changes;
} mst_author_explanation;

/* Explains a verdict (its index) over the facts in the vm, at an instant. `compilation` is that of
 * the image, with sites and outline. The facts of the vm are cleared in the end. */
void mst_author_explain(const mst_compilation *compilation, const mst_image *image, mst_vm *vm,
                        uint32_t verdict, int64_t at, mst_author_explanation *explanation);
void mst_author_explanation_free(mst_author_explanation *explanation);

#endif
