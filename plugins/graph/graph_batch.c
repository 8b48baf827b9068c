/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_batch.c - records gathered, given to the host, and given again where it said wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_batch.h"

/* Small batches: their verdicts show soon. The requests under way when the host says wait may
 * still bring theirs, which must find room. */
#define GIVEN_RECORDS 100
#define GIVEN_BYTES ((size_t)256 << 10)
#define RECORD_MAX_BYTES ((size_t)16 << 10)

_Static_assert(GIVEN_BYTES + 33 * RECORD_MAX_BYTES <= MST_SOURCE_BATCH_MAX_BYTES,
               "what 32 connections bring after a wait has room");

static void give(struct graph_batch *batch)
{
    mst_source_status status = MST_SOURCE_OK;
    size_t cursor_len = batch->cursor ? strlen(batch->cursor) : 0;
    if (batch->records > 0) {
        mst_source_batch given = {.size = sizeof given,
                                  .records = batch->text,
                                  .len = batch->len,
                                  .cursor = batch->cursor,
                                  .cursor_len = cursor_len,
                                  .number = 1};
        status = batch->host->deliver(batch->host, &given);
    } else if (batch->cursor) {
        status = batch->host->save_cursor(batch->host, batch->cursor, cursor_len);
    }
    batch->waits = status == MST_SOURCE_WAIT;
    graph_hold(batch->client, batch->waits);
    if (batch->waits)
        return;
    batch->len = batch->records = 0;
    free(batch->cursor);
    batch->cursor = NULL;
}

static bool append(struct graph_batch *batch, const char *text, size_t len)
{
    if (batch->len + len + 1 > batch->capacity) {
        size_t capacity = batch->capacity * 2 + len + 1;
        char *grown = realloc(batch->text, capacity);
        if (!grown)
            return false;
        batch->text = grown;
        batch->capacity = capacity;
    }
    memcpy(batch->text + batch->len, text, len);
    batch->len += len;
    batch->text[batch->len++] = '\n';
    batch->records++;
    return true;
}

void graph_batch_add(struct graph_batch *batch, const char *id, const char *group, json_t *value)
{
    json_t *record =
        json_pack("{s:{s:s}, s:o}", "device", "id", id, group, value ? value : json_null());
    char *text = record ? json_dumps(record, JSON_COMPACT) : NULL;
    size_t len = text ? strlen(text) : 0;
    if (!text || len > RECORD_MAX_BYTES || !append(batch, text, len)) {
        char line[128];
        snprintf(line, sizeof line, "%.64s: a record of %zu bytes is left out", id, len);
        batch->host->log(batch->host, MST_SOURCE_WARNING, line);
    }
    free(text);
    json_decref(record);
    if (!batch->waits && (batch->records >= GIVEN_RECORDS || batch->len >= GIVEN_BYTES))
        give(batch);
}

void graph_batch_flush(struct graph_batch *batch, json_t *cursor)
{
    if (cursor) {
        free(batch->cursor);
        batch->cursor = json_dumps(cursor, JSON_COMPACT);
        json_decref(cursor);
    }
    if (!batch->waits)
        give(batch);
}

void graph_batch_delivered(const struct graph_batch *batch, const mst_source_outcome *outcome)
{
    char line[256];
    if (outcome->rejected == 0)
        return;
    snprintf(line, sizeof line, "%llu records were not taken, the first because of: %.150s",
             (unsigned long long)outcome->rejected,
             outcome->error_count > 0 ? outcome->errors[0].message : "");
    batch->host->log(batch->host, MST_SOURCE_WARNING, line);
}

void graph_batch_resume(struct graph_batch *batch)
{
    if (batch->waits)
        give(batch);
}

void graph_batch_free(struct graph_batch *batch)
{
    free(batch->text);
    free(batch->cursor);
    *batch = (struct graph_batch){0};
}
