/* SPDX-License-Identifier: Apache-2.0
 *
 * example.c - the smallest fact source that is of use: delivers the records of a file, one a line,
 * whenever the file has changed. The cursor is how it looked then: nothing is delivered twice. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "muster_source.h"

struct mst_source {
    const mst_source_host *host;
    json_t *config;
    char seen[64]; /* the file as it was delivered last */
};

static mst_source_status create(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **source, char *why)
{
    *source = calloc(1, sizeof **source);
    if (!*source) {
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
        return MST_SOURCE_REFUSED;
    }
    (*source)->host = host;
    (*source)->config = json_loadb(config, config_len, 0, NULL); /* it fits the schema */
    return MST_SOURCE_OK;
}

static void deliver(mst_source *source, FILE *file)
{
    static char records[MST_SOURCE_BATCH_MAX_BYTES]; /* every call is on the same thread */
    char cursor[sizeof source->seen] = "";
    struct stat info;
    if (fstat(fileno(file), &info) == 0)
        snprintf(cursor, sizeof cursor, "%lld.%09ld", (long long)info.st_mtim.tv_sec,
                 info.st_mtim.tv_nsec);
    if (strcmp(cursor, source->seen) == 0)
        return;
    mst_source_batch batch = {.size = sizeof batch, .records = records, .cursor = cursor};
    batch.len = fread(records, 1, sizeof records, file);
    batch.cursor_len = strlen(cursor);
    if (source->host->deliver(source->host, &batch) == MST_SOURCE_OK)
        memcpy(source->seen, cursor, sizeof cursor); /* after a WAIT the next look tries again */
}

static void look(void *context, uint32_t timer)
{
    mst_source *source = context;
    FILE *file = fopen(json_string_value(json_object_get(source->config, "file")), "rb");
    if (file) {
        deliver(source, file);
        fclose(file);
    }
    source->host->report(source->host, file ? MST_SOURCE_GOOD : MST_SOURCE_TROUBLED,
                         file ? NULL : "the file cannot be opened");
    source->host->timer_arm(source->host, timer, 10000, look, source);
}

static void start(mst_source *source, const char *cursor, size_t cursor_len)
{
    if (cursor && cursor_len < sizeof source->seen)
        memcpy(source->seen, cursor, cursor_len);
    look(source, 0);
}

static void stop(mst_source *source)
{
    source->host->timer_arm(source->host, 0, -1, NULL, NULL);
    source->host->stopped(source->host);
}

static void destroy(mst_source *source)
{
    json_decref(source->config);
    free(source);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_TIME,
    .name = "example",
    .version = "1.0",
    .summary = "the records of a file, whenever it changes",
    .config_schema = "{\"type\": \"object\", \"required\": [\"file\"], \"properties\":"
                     " {\"file\": {\"type\": \"string\"}}, \"additionalProperties\": false}",
    .create = create,
    .start = start,
    .stop = stop,
    .destroy = destroy,
};
