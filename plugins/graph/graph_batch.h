/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_batch.h - records on their way to the host. While the host says wait, the client that
 * brings more of them is held. */
#ifndef MST_GRAPH_BATCH_H
#define MST_GRAPH_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "graph_client.h"
#include "muster_source.h"

struct graph_batch {
    const mst_source_host *host;
    struct graph_client *client;
    char *text; /* records, one a line */
    size_t len, capacity, records;
    char *cursor; /* goes with them; NULL: none */
    bool waits;
};

/* The record of a device: {"device":{"id":id}, group:value}. Takes the value over; NULL is null.
 * Goes to the host with others, at the latest with graph_batch_flush(). A record that is too large
 * is left out, and the log says so. */
void graph_batch_add(struct graph_batch *batch, const char *id, const char *group, json_t *value);

/* Gives the host all that is there. With a cursor: where to go on after that; until the host has
 * taken it, nothing must be added. Takes the cursor over. */
void graph_batch_flush(struct graph_batch *batch, json_t *cursor);

/* Tells the log of records that the host did not take. */
void graph_batch_delivered(const struct graph_batch *batch, const mst_source_outcome *outcome);

/* The host takes batches again. */
void graph_batch_resume(struct graph_batch *batch);

void graph_batch_free(struct graph_batch *batch);

#endif
