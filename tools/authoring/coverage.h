/* SPDX-License-Identifier: Apache-2.0
 *
 * coverage.h - what run.c tells of an evaluation for its coverage. */
#ifndef MST_AUTHORING_COVERAGE_H
#define MST_AUTHORING_COVERAGE_H

#include "follow.h"
#include "muster/testing.h"

/* The sites that are followed from here on; adds their items. */
void mst_coverage_attach(mst_author_coverage *coverage, const mst_compilation *compilation,
                         const mst_image *image, const struct mst_follow *follow);
/* Site `i` is complete. What that exercises counts when it is settled. */
void mst_coverage_done(mst_author_coverage *coverage, const struct mst_follow *follow,
                       const mst_vm *vm, uint32_t i);
/* Counts what was exercised since the last time, or forgets it. */
void mst_coverage_settle(mst_author_coverage *coverage, bool counts);

#endif
