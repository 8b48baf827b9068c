/* SPDX-License-Identifier: Apache-2.0
 *
 * check_table.h - what the files that read tables share: check_table.c (columns, rows in braces,
 * order, key) and check_csv.c (rows of a file). Private to them. */
#ifndef MST_LANG_CHECK_TABLE_H
#define MST_LANG_CHECK_TABLE_H

#include "check.h"

/* A table while it is being read. */
struct mst_table_reading {
    struct mst_program *program;
    struct mst_symbol *symbol;
    struct mst_table *table;
    MST_VECTOR(struct mst_cell) cells;
    MST_VECTOR(struct mst_span) row_spans;
    struct mst_name_set names; /* of the columns */
    bool has_twins;            /* a column stands twice, which is reported */
};

/* "kb, day, ubr" */
const char *mst_table_columns(const struct mst_table_reading *r);
/* Reports with a help; for what has no second place. */
void mst_table_report(const struct mst_table_reading *r, enum mst_diag_id id, struct mst_span span,
                      const char *message, const char *help);
/* Adds a row, with its computed cells. */
void mst_table_add_row(struct mst_table_reading *r, struct mst_cell *row, struct mst_span span);
/* Adds the rows of a file. */
void mst_table_load_csv(struct mst_table_reading *r, struct mst_expr *from);

#endif
