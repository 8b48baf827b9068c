/* SPDX-License-Identifier: Apache-2.0
 *
 * follow.h - an evaluation followed site by site: the bridge from instructions, which a watched vm
 * tells of, to the expressions, checks and cases of the rules. */
#ifndef MST_AUTHORING_FOLLOW_H
#define MST_AUTHORING_FOLLOW_H

#include "muster/lang.h"
#include "muster/muster.h"

/* Called when the value of a site is there; parts of an expression before the whole. */
typedef void mst_follow_done(void *context, mst_vm *vm, uint32_t site);

struct mst_follow {
    mst_site *sites;
    uint32_t count;
    uint32_t *first_at; /* by instruction: a site that is complete there, from 1; 0: none */
    uint32_t *next_at;  /* by site: the next one of that instruction */
    uint32_t pc_count;
    mst_follow_done *done;
    void *context;
};

/* Learns the sites of a compilation, whose texts stay borrowed. */
void mst_follow_init(struct mst_follow *follow, const mst_compilation *compilation);
void mst_follow_free(struct mst_follow *follow);
/* Has the vm followed from its next evaluation on, until mst_follow_end(). */
void mst_follow_begin(struct mst_follow *follow, mst_vm *vm, mst_follow_done *done, void *context);
void mst_follow_end(mst_vm *vm);

/* Is `site` a part of `of`, or that itself? */
bool mst_follow_is_within(const struct mst_follow *follow, uint32_t site, uint32_t of);

/* Does it stand in the expectation of a test? What stands in a def that the test calls does not. */
bool mst_follow_is_of_test(const struct mst_follow *follow, uint32_t site);

#endif
