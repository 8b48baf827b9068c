/* SPDX-License-Identifier: Apache-2.0
 *
 * source_list.h - the fact sources of a service: what --source names, found, configured, begun, and
 * their batches on the way to the engine that records of connections take. A cursor is kept in the
 * transaction of its batch. On the loop's thread only. */
#ifndef MST_SERVICE_SOURCE_LIST_H
#define MST_SERVICE_SOURCE_LIST_H

#include <stdbool.h>
#include <uv.h>

#include "clock.h"
#include "grown.h"
#include "session.h"
#include "settings.h"
#include "state/state.h"

struct mst_source_list {
    struct mst_source_feed *first;
};

/* Loads and creates what settings->sources names; plugins without a path are looked for in
 * `folders` (ended by NULL). The cursors are read from the state, which nobody uses meanwhile.
 * False after a line of the log. */
bool mst_source_list_open(struct mst_source_list *sources, uv_loop_t *loop,
                          const mst_settings *settings, const char *const *folders,
                          struct mst_clock clock, struct mst_intake *intake, mst_state *state);
void mst_source_list_begin(struct mst_source_list *sources);
/* Stops them; over once all are, and their batches kept. */
void mst_source_list_end(struct mst_source_list *sources);
bool mst_source_list_are_over(const struct mst_source_list *sources);
/* Once nothing is on its way; then the loop runs its handles out, and then they are freed. */
void mst_source_list_close(struct mst_source_list *sources);
void mst_source_list_free(struct mst_source_list *sources);

void mst_source_list_metrics(const struct mst_source_list *sources, struct mst_grown *out);
/* As rows of the status page. */
void mst_source_list_status_rows(const struct mst_source_list *sources, struct mst_grown *rows);

#endif
