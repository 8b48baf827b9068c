/* SPDX-License-Identifier: Apache-2.0
 *
 * ruleset.h - one version of the rules, ready to run: its image with a vm and a reader, the groups
 * of its facts, and what its verdicts, outcomes and checks are called in the state. Made on any
 * thread, then used by one. */
#ifndef MST_SERVICE_RULESET_H
#define MST_SERVICE_RULESET_H

#include <stdbool.h>
#include <stdint.h>

#include "facts/verdict_line.h"
#include "groups.h"
#include "muster/facts.h"
#include "muster/muster.h"
#include "state/state.h"
#include "trust/trust.h"

#define MST_RULESET_WHY_BYTES 1024

struct mst_ruleset_verdict {
    uint32_t index; /* in the image */
    mst_verdict_info info;
    uint32_t name;      /* numbers of names in the state */
    uint32_t *outcomes; /* of a policy 3, of a decision one for each case and one for unknown */
    uint32_t *checks;
    uint32_t case_count; /* 0: a policy */
};

typedef struct mst_ruleset {
    unsigned char *bytes;
    size_t byte_count;
    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    uint64_t *vm_block, *reader_block;
    struct mst_reader_outline outline; /* of the record that the reader has read last */
    mst_groups groups;
    uint32_t group_names[MST_GROUPS_MAX]; /* of the paths, in the state */
    mst_slot subject_slot;
    size_t line_max; /* bytes of the longest verdict */
    struct mst_line_memo memo;
    struct mst_ruleset_verdict *verdicts; /* policies and decisions of the root module */
    uint32_t verdict_count;
    uint32_t name; /* of "windows.hotpatch@2026.11+3fa9c210", in the state */
    char id[256];  /* the same as text */
    char digest[65];
} mst_ruleset;

/* Takes the bytes of an image (freed by mst_ruleset_free(), also where this fails). NULL with why
 * in words: a broken image, one without a subject or verdicts, one with too many groups. */
mst_ruleset *mst_ruleset_open(unsigned char *bytes, size_t byte_count,
                              char why[MST_RULESET_WHY_BYTES]);
void mst_ruleset_free(mst_ruleset *ruleset);

/* Runs the tests that the image carries: false with why where one fails. */
bool mst_ruleset_test(mst_ruleset *ruleset, char why[MST_RULESET_WHY_BYTES]);

/* Looks up what everything is called in the state: on the thread of the state. */
mst_state_status mst_ruleset_name(mst_ruleset *ruleset, mst_state *state);

/* The verdict of the last mst_eval() as the state keeps it; `since` is left alone. */
void mst_ruleset_fill(const mst_ruleset *ruleset, uint32_t i, const mst_verdict *verdict,
                      mst_state_verdict *kept);

/* What the order of versions looks at. */
void mst_ruleset_stand(const mst_ruleset *ruleset, mst_trust_stand *stand);

#endif
