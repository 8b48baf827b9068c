/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_batch.c - records gathered, given to the host, and given again where it said wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_batch.h"

/* Small batches: their verdicts show soon. A page, and the requests under way when the host says
 * wait, may bring more than one batch holds. */
#define GIVEN_RECORDS 100
#define GIVEN_BYTES ((size_t)256 << 10)
#define RECORD_MAX_BYTES ((size_t)16 << 10)

/* Bytes of the records that one batch of the host's may hold, and how many they are. */
static size_t measure(const struct graph_batch *batch, size_t *records)
{
    size_t end = 0;
    for (*records = 0; *records < MST_SOURCE_BATCH_MAX_RECORDS && end < batch->len; ++*records) {
        const char *newline = memchr(batch->text + end, '\n', batch->len - end);
        const size_t next = (size_t)(newline - batch->text) + 1;
        if (next > MST_SOURCE_BATCH_MAX_BYTES)
            break;
        end = next;
    }
    return end;
}

/* The cursor goes with the last records. */
static mst_source_status give_some(struct graph_batch *batch)
{
    size_t records, len = measure(batch, &records);
    const bool is_all = len == batch->len;
    const char *cursor = is_all ? batch->cursor : NULL;
    const size_t cursor_len = cursor ? strlen(cursor) : 0;
    const mst_source_batch given = {.size = sizeof given,
                                    .records = batch->text,
                                    .len = len,
                                    .cursor = cursor,
                                    .cursor_len = cursor_len,
                                    .number = 1};
    mst_source_status status = len > 0 ? batch->host->deliver(batch->host, &given)
                                       : batch->host->save_cursor(batch->host, cursor, cursor_len);
    if (status == MST_SOURCE_WAIT)
        return status;
    batch->records -= records;
    batch->len -= len;
    if (batch->len > 0)
        memmove(batch->text, batch->text + len, batch->len);
    if (is_all) {
        free(batch->cursor);
        batch->cursor = NULL;
    }
    return status;
}

static void give(struct graph_batch *batch)
{
    batch->waits = false;
    while (!batch->waits && (batch->records > 0 || batch->cursor))
        batch->waits = give_some(batch) == MST_SOURCE_WAIT;
    graph_hold(batch->client, batch->waits);
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
