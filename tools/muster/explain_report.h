/* SPDX-License-Identifier: Apache-2.0
 *
 * explain_report.h - an explanation in the forms in which it is told. */
#ifndef MST_TOOL_EXPLAIN_REPORT_H
#define MST_TOOL_EXPLAIN_REPORT_H

#include "eval_run.h"
#include "muster/explaining.h"

/* What is explained, with its texts as they were rendered before the facts were cleared. */
typedef struct mst_tool_explained {
    const mst_tool_wanted *wanted;
    const mst_author_explanation *explanation;
    char *subject, *outcome, *check; /* NULL where there is none */
    char *reason, *remedy;
    mst_author_change *causes; /* fact: what is to blame, from: the kind of cause */
    size_t cause_count;
} mst_tool_explained;

void mst_tool_put_explained_text(const mst_tool_explained *explained);
void mst_tool_put_explained_json(const mst_tool_explained *explained);

#endif
