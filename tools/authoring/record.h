/* SPDX-License-Identifier: Apache-2.0
 *
 * record.h - the values of an evaluation, written down: what each site was when it was evaluated
 * last, as text. */
#ifndef MST_AUTHORING_RECORD_H
#define MST_AUTHORING_RECORD_H

#include "follow.h"
#include "muster/testing.h"

enum mst_record_state {
    MST_RECORD_UNREAD = 0, /* the evaluation did not come here */
    MST_RECORD_KNOWN = 1,
    MST_RECORD_UNKNOWN = 2,
};

struct mst_record_value {
    enum mst_record_state state;
    uint8_t causes; /* where it is unknown: 1 << mst_cause_kind of each kind */
    int64_t word;
    char *text;
};

struct mst_record {
    struct mst_follow *follow;
    struct mst_record_value *values; /* by site */
};

void mst_record_init(struct mst_record *record, struct mst_follow *follow);
void mst_record_free(struct mst_record *record);
void mst_record_clear(struct mst_record *record);
/* The done function: its context is the record. */
void mst_record_done(void *context, mst_vm *vm, uint32_t i);
/* Evaluates a verdict anew, at `at`, and writes it down; the vm is not followed any more then. */
void mst_record_verdict(struct mst_record *record, mst_vm *vm, uint32_t verdict, int64_t at,
                        mst_verdict *found);

/* The check or case of a verdict by its number; MST_INDEX_NONE if it has no site. */
uint32_t mst_record_find(const struct mst_record *record, mst_site_kind kind, uint32_t verdict,
                         uint32_t number);
/* The last case of a decision that the evaluation came to. */
uint32_t mst_record_last_case(const struct mst_record *record, uint32_t verdict);

/* What is read below a site, each name once and in order: facts, parts of records, lets, verdicts
 * and `now` with their values; `deeply`: lets are followed to what they name. Added to the list. */
void mst_record_read(const struct mst_record *record, uint32_t site, bool deeply,
                     mst_author_value **list, size_t *count);

#endif
