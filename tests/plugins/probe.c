/* SPDX-License-Identifier: Apache-2.0
 *
 * probe.c - a fact source that does what a test wants: delivers devices D-0 to D-(records-1), which
 * the cursor counts, from start() on and until WAIT; may be driven by a thread that wakes it, fail
 * after a while, and take its time to stop. Everything that the ABI promises is asserted. */
#undef NDEBUG /* in every build */
#include <assert.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "muster_source.h"

struct mst_source {
    const mst_source_host *host;
    json_int_t records, batch, fail_after, linger_ms, observed_s, every;
    int has_thread, is_finite;
    json_int_t next, delivered, on_the_way;
    uint64_t number;
    int is_waiting, is_calling, is_stopping, has_failed;
    pthread_t thread;
    atomic_int ends;
    char text[MST_SOURCE_BATCH_MAX_BYTES];
};

static const char schema[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "\"records\": {\"type\": \"integer\", \"minimum\": 0},"
    "\"batch\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1000},"
    "\"fail_after\": {\"type\": \"integer\"}, \"linger_ms\": {\"type\": \"integer\"},"
    "\"observed_s\": {\"type\": \"integer\"}, \"every\": {\"type\": \"integer\", \"minimum\": 1},"
    "\"thread\": {\"type\": \"boolean\"}, \"finite\": {\"type\": \"boolean\"}}}";

static mst_source_status create(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **source, char *why)
{
    json_t *root = json_loadb(config, config_len, 0, NULL);
    mst_source *made = calloc(1, sizeof *made);
    assert(root && made && MST_SOURCE_HAS(host, mst_source_host, stopped));
    made->host = host;
    made->batch = 100;
    made->every = 1;
    json_unpack(root, "{s?:I, s?:I, s?:I, s?:I, s?:I, s?:I, s?:b, s?:b}", "records", &made->records,
                "batch", &made->batch, "fail_after", &made->fail_after, "linger_ms",
                &made->linger_ms, "observed_s", &made->observed_s, "every", &made->every, "thread",
                &made->has_thread, "finite", &made->is_finite);
    json_decref(root);
    *source = made;
    (void)why;
    return MST_SOURCE_OK;
}

/* Devices from `next` on; every `every`-th record is not JSON. */
static size_t write_records(mst_source *source, json_int_t count)
{
    size_t len = 0;
    for (json_int_t i = source->next; i < source->next + count; i++)
        len += (size_t)snprintf(source->text + len, sizeof source->text - len,
                                source->every > 1 && i % source->every == 0
                                    ? "{\"device\":%lld\n"
                                    : "{\"device\":{\"id\":\"D-%lld\"},\"os\":{\"build\":"
                                      "\"26100.5\"},\"vbs\":{\"status\":\"running\"}}\n",
                                (long long)i);
    return len;
}

static void send_more(mst_source *source)
{
    const mst_source_host *host = source->host;
    while (source->next < source->records && !source->is_waiting && !source->is_stopping) {
        char cursor[32];
        const json_int_t left = source->records - source->next;
        const json_int_t count = left < source->batch ? left : source->batch;
        snprintf(cursor, sizeof cursor, "%lld", (long long)(source->next + count));
        const mst_source_batch batch = {.size = sizeof batch,
                                        .records = source->text,
                                        .len = write_records(source, count),
                                        .observed_s = source->observed_s,
                                        .cursor = cursor,
                                        .cursor_len = strlen(cursor),
                                        .number = source->number + 1};
        source->is_calling = 1;
        const mst_source_status status = host->deliver(host, &batch);
        source->is_calling = 0;
        assert(status != MST_SOURCE_REFUSED);
        source->is_waiting = status == MST_SOURCE_WAIT;
        if (status == MST_SOURCE_OK) {
            source->number++;
            source->on_the_way++;
            source->next += count;
        }
        if (source->has_thread)
            return; /* one batch each time it is woken */
    }
}

static void *wake_on_and_on(void *context)
{
    mst_source *source = context;
    const struct timespec pause = {0, 1000000};
    while (!atomic_load(&source->ends)) {
        source->host->wake(source->host);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void start(mst_source *source, const char *cursor, size_t cursor_len)
{
    char text[32] = "0";
    assert(cursor_len < sizeof text && (cursor || cursor_len == 0));
    if (cursor)
        memcpy(text, cursor, cursor_len);
    source->next = strtoll(text, NULL, 10);
    if (source->has_thread)
        assert(pthread_create(&source->thread, NULL, wake_on_and_on, source) == 0);
    else
        send_more(source);
}

static void delivered(mst_source *source, const mst_source_outcome *outcome)
{
    assert(!source->is_calling && outcome->size >= sizeof *outcome && source->on_the_way > 0);
    assert(outcome->number == source->number + 1 - (uint64_t)source->on_the_way);
    assert((outcome->rejected > 0) == (outcome->error_count > 0));
    source->on_the_way--;
    source->delivered++;
    if (source->delivered == source->fail_after && source->next < source->records) {
        source->has_failed = 1;
        source->host->report(source->host, MST_SOURCE_FAILED, "as the test wants");
    } else if (source->is_finite && source->next == source->records) {
        source->host->report(source->host, MST_SOURCE_FINISHED, NULL);
    }
}

static void resume(mst_source *source)
{
    assert(source->is_waiting && !source->is_calling);
    source->is_waiting = 0;
    if (!source->has_failed)
        send_more(source);
}

static void woken(mst_source *source)
{
    assert(!source->is_calling);
    send_more(source);
}

static void end(void *context, uint32_t timer)
{
    mst_source *source = context;
    (void)timer;
    source->host->stopped(source->host);
}

static void stop(mst_source *source)
{
    const mst_source_batch batch = {.size = sizeof batch, .records = "{}", .len = 2};
    assert(!source->is_calling && !source->is_stopping);
    source->is_stopping = 1;
    assert(source->host->deliver(source->host, &batch) == MST_SOURCE_REFUSED);
    if (source->has_thread) {
        atomic_store(&source->ends, 1);
        pthread_join(source->thread, NULL);
    }
    if (source->linger_ms > 0)
        source->host->timer_arm(source->host, 1, source->linger_ms, end, source);
    else
        source->host->stopped(source->host);
}

static void destroy(mst_source *source)
{
    assert(source->is_stopping);
    free(source);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_TIME | MST_SOURCE_CAN_WAKE,
    .name = "probe",
    .version = "0",
    .summary = "what a test wants",
    .config_schema = schema,
    .create = create,
    .start = start,
    .stop = stop,
    .destroy = destroy,
    .delivered = delivered,
    .resume = resume,
    .woken = woken,
};
