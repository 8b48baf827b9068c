/* SPDX-License-Identifier: Apache-2.0
 *
 * cover_report.h - what tests have exercised, and the forms in which that is said. */
#ifndef MST_TOOL_COVER_REPORT_H
#define MST_TOOL_COVER_REPORT_H

#include <stdbool.h>

#include "muster/testing.h"

typedef struct mst_tool_cover_sum {
    size_t goals, hit;
} mst_tool_cover_sum;

/* Of one path, or of all where it is NULL. */
mst_tool_cover_sum mst_tool_cover_add_up(mst_author_coverage *coverage, const char *path);
/* Tenths of a percent, rounded down, so that 100.0 is all; of nothing 1000. */
unsigned mst_tool_cover_tenths(mst_tool_cover_sum sum);
/* "windows.hotpatch.readiness.mdm" as people call it: "readiness.mdm". */
const char *mst_tool_cover_name(const mst_cover_item *item);

/* `all_items`: those that are exercised in every way too. */
void mst_tool_put_cover_text(mst_author_coverage *coverage, bool has_color, bool all_items);
void mst_tool_put_cover_json(mst_author_coverage *coverage);
/* A page that needs nothing else; an exit code. */
int mst_tool_write_cover_html(mst_author_coverage *coverage, const char *path);

#endif
