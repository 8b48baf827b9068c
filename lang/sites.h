/* SPDX-License-Identifier: Apache-2.0
 *
 * sites.h - what lowering notes for mst_site_at(): which expression became which instructions, and
 * where its value is then. It notes without changing what is emitted, and only where the options
 * ask for it. */
#ifndef MST_LANG_SITES_H
#define MST_LANG_SITES_H

#include "lower.h"

/* Opens a site in the block that is being lowered, as a part of the one that is open. Returns what
 * mst_site_close() wants: 0 where nothing is noted. */
uint32_t mst_site_open_expr(struct mst_lower *lower, const struct mst_expr *expr);
uint32_t mst_site_open_rule(struct mst_lower *lower, const struct mst_rules *rules,
                            const struct mst_entry *entry, uint32_t number);
uint32_t mst_site_open_case(struct mst_lower *lower, const struct mst_rules *rules,
                            const struct mst_case *c, uint32_t number);
void mst_site_close(struct mst_lower *lower, uint32_t number, mst_ref value);
/* The open quantifier goes over a table: its row is there. */
void mst_site_note_row(struct mst_lower *lower, mst_ref row);

/* All sites of a program, when its code is written. */
struct mst_sites {
    const struct mst_program *program;
    MST_VECTOR(struct mst_site_code) list; /* parents and targets count in this list */
};

void mst_sites_collect(struct mst_sites *sites, struct mst_lowered *lowered);
/* All of a site but what its source tells; and where that is. */
mst_site mst_sites_describe(const struct mst_sites *sites, uint32_t index, struct mst_span *span);
/* The span with the brackets that belong to it: that of an operation begins and ends with what
 * stands within those of its operands. `text`: of the source. */
struct mst_span mst_sites_balance(struct mst_span span, const char *text, uint32_t len);

#endif
