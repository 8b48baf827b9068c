/* SPDX-License-Identifier: Apache-2.0
 *
 * state_row.h - a subject's groups and verdicts as bytes, the form in which a store keeps them:
 *
 *     sum      8 bytes, little end first, over slot, id and the rest: a changed byte is noticed
 *     counts   of verdicts, of groups
 *     verdict  name outcome check rules, kind * 2 (+ 1: valid for ever), since, valid_until if any
 *     group    name, observed, length of the text, the text
 *
 * All numbers are of 7 bits a byte, the lowest first; instants are folded so that small negative
 * ones stay short. */
#ifndef MST_STATE_STATE_ROW_H
#define MST_STATE_STATE_ROW_H

#include "state.h"

struct mst_state_row {
    uint32_t slot;
    mst_text id;
    mst_text data;
};

/* How many bytes the subject may take at most. */
size_t mst_state_row_bound(const mst_state_subject *subject);
/* Writes the subject; returns the bytes used. */
size_t mst_state_row_write(const mst_state_subject *subject, char *data);

/* Whether the sum is right; says how much room the subject takes. */
bool mst_state_row_count(const struct mst_state_row *row, uint32_t *group_count,
                         uint32_t *verdict_count);
/* Reads what was counted. Texts stay where they are in the row. False: it is damaged. */
bool mst_state_row_read(const struct mst_state_row *row, mst_state_group *groups,
                        mst_state_verdict *verdicts);

#endif
