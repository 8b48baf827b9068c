/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_show.h - the parts of `muster diff`: cmd_diff.c reads the command line, diff_show.c shows
 * what has changed in the rules, diff_fleet.c what that means for devices. */
#ifndef MST_TOOL_DIFF_SHOW_H
#define MST_TOOL_DIFF_SHOW_H

#include "muster/diff.h"
#include "rules.h"

/* One change below the other, grouped by module; the last line says how many. */
void mst_tool_show_changes(const mst_diff *diff);
/* An object a line. */
void mst_tool_show_changes_json(const mst_diff *diff);

typedef struct mst_tool_fleet {
    const char *facts; /* a path, or "-" */
    const char **verdicts;
    size_t verdict_count, verdict_capacity;
    int64_t at;
    uint64_t limit; /* of the devices named for each verdict */
    bool has_limit; /* asked for */
    size_t jobs;    /* 0: as many as usual */
    bool is_json;
} mst_tool_fleet;

/* Another verdict to compare; without any, all. The name stays the caller's. */
void mst_tool_fleet_add(mst_tool_fleet *fleet, const char *verdict);
/* Of --limit; MST_TOOL_USAGE if it is no number. */
int mst_tool_fleet_limit(mst_tool_fleet *fleet, const char *text);
/* Evaluates each record by both, and shows who changes from what to what. An exit code. */
int mst_tool_compare_fleet(const mst_tool_fleet *fleet, const mst_tool_rules *before,
                           const mst_tool_rules *after);

#endif
