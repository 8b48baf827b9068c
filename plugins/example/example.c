/* SPDX-License-Identifier: Apache-2.0
 *
 * example.c - the smallest fact source that is of use: delivers the records of a file (one a line,
 * at most 1 MiB) at the start and whenever the file has changed. The cursor is what it looked like
 * when it was delivered, so that a restart delivers nothing twice. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "muster_source.h"

struct mst_source {
    const mst_source_host *host;
    char *file;
    int every_s;
    char seen[64]; /* the file as it was delivered last */
};

static mst_source_status create(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **source, char *why)
{
    const char *file;
    int every_s = 60;
    json_t *root = json_loadb(config, config_len, 0, NULL); /* it fits the schema */
    json_unpack(root, "{s:s, s?:i}", "file", &file, "every_s", &every_s);
    *source = calloc(1, sizeof **source);
    if (*source)
        **source = (mst_source){.host = host, .file = strdup(file), .every_s = every_s};
    else
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
    json_decref(root);
    return *source ? MST_SOURCE_OK : MST_SOURCE_REFUSED;
}

static void look(void *context, uint32_t timer)
{
    static char text[MST_SOURCE_BATCH_MAX_BYTES]; /* every call is on the same thread */
    mst_source *source = context;
    struct stat info;
    char cursor[sizeof source->seen];
    FILE *file = fopen(source->file, "rb");
    source->host->timer_arm(source->host, timer, source->every_s * INT64_C(1000), look, source);
    if (!file || fstat(fileno(file), &info) != 0) {
        source->host->report(source->host, MST_SOURCE_TROUBLED, "the file cannot be read");
    } else {
        snprintf(cursor, sizeof cursor, "%lld.%09ld %lld", (long long)info.st_mtim.tv_sec,
                 info.st_mtim.tv_nsec, (long long)info.st_size);
        mst_source_batch batch = {.size = sizeof batch, .records = text, .cursor = cursor};
        batch.cursor_len = strlen(cursor);
        if (strcmp(cursor, source->seen) != 0) {
            batch.len = fread(text, 1, sizeof text, file);
            if (source->host->deliver(source->host, &batch) == MST_SOURCE_OK)
                strcpy(source->seen, cursor); /* after a WAIT: the next look tries again */
        }
        source->host->report(source->host, MST_SOURCE_GOOD, NULL);
    }
    if (file)
        fclose(file);
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
    free(source->file);
    free(source);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_TIME,
    .name = "example",
    .version = "1.0",
    .summary = "the records of a file, whenever it changes",
    .config_schema = "{\"type\": \"object\", \"required\": [\"file\"],"
                     " \"additionalProperties\": false, \"properties\": {"
                     "  \"file\": {\"type\": \"string\", \"minLength\": 1},"
                     "  \"every_s\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 86400}}}",
    .create = create,
    .start = start,
    .stop = stop,
    .destroy = destroy,
};
