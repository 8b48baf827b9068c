/* SPDX-License-Identifier: Apache-2.0
 *
 * state_admin.h - what an operator does to a state file, with the service running or not: the parts
 * of `muster state`. */
#ifndef MST_STATE_STATE_ADMIN_H
#define MST_STATE_STATE_ADMIN_H

#include "state.h"

/* Copies what is committed into the new file `to`, which is complete and on disk where this returns
 * MST_STATE_OK and not there else. Nothing is overwritten. Writers go on meanwhile. */
mst_state_status mst_state_backup(const char *path, const char *to, mst_state_why *why);

typedef struct mst_state_findings {
    uint64_t subject_count, group_count, verdict_count, change_count, name_count;
    int64_t version;
    uint64_t problem_count;
} mst_state_findings;

/* One thing that is wrong, for people. */
typedef void mst_state_problem(void *context, const char *text);
/* How many subjects have been looked at. */
typedef void mst_state_progress(void *context, uint64_t subject_count);

/* Reads all of a file and reports everything that is damaged. MST_STATE_OK where it could be read,
 * whatever was found; `why` is set else. */
mst_state_status mst_state_check(const char *path, mst_state_problem *problem,
                                 mst_state_progress *progress, void *context,
                                 mst_state_findings *findings, mst_state_why *why);

#endif
