/* SPDX-License-Identifier: Apache-2.0
 *
 * agent_source.c - a fact source that takes reports of endpoints from a folder. A file is one
 * report, put there by renaming it; it is deleted once its record is kept, and moved aside where it
 * is no good. There is no cursor: what is not kept is still there. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

/* So that delivered() names every record that was rejected. */
#define FILES_MAX MST_SOURCE_ERROR_COUNT

struct mst_source {
    const mst_source_host *host;
    char *folder, *bad_folder;
    json_int_t every_s;
    char *records; /* the batch that is being made, or on its way */
    size_t len;
    struct agent_file files[FILES_MAX]; /* of its records */
    size_t file_count;
    bool has_more, has_failed, is_stopping;
};

static const char schema[] =
    "{\"type\": \"object\", \"required\": [\"folder\"], \"additionalProperties\": false,"
    " \"properties\": {"
    "  \"folder\": {\"type\": \"string\", \"minLength\": 1, \"description\":"
    "   \"where reports are put, *.json and *.txt, by renaming them\"},"
    "  \"bad_folder\": {\"type\": \"string\", \"minLength\": 1, \"description\":"
    "   \"where reports that are no good are moved to; without it, 'bad' in the folder\"},"
    "  \"every_s\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 86400, \"default\": 5,"
    "   \"description\": \"seconds between two looks at the folder\"}}}";

/* ---- files ------------------------------------------------------------------------------- */

static void tell(mst_source *source, const char *name, const char *why)
{
    char text[AGENT_WHY_BYTES + 300];
    snprintf(text, sizeof text, "report=%.250s reason=\"%s\"", name, why);
    source->host->log(source->host, MST_SOURCE_WARNING, text);
}

/* What stays in the folder would be read again and again: not before the next look. */
static void fail(mst_source *source, const char *why)
{
    source->has_failed = true;
    source->has_more = false;
    source->host->report(source->host, MST_SOURCE_TROUBLED, why);
}

static void move_aside(mst_source *source, const char *name, const char *why)
{
    char trouble[AGENT_WHY_BYTES];
    tell(source, name, why);
    if (!agent_folder_move(source->folder, name, source->bad_folder, trouble)) {
        tell(source, name, trouble);
        fail(source, trouble);
    }
}

/* False: it does not fit the batch any more. */
static bool add_file(mst_source *source, const char *name)
{
    char why[AGENT_WHY_BYTES];
    size_t len;
    struct agent_file *file = &source->files[source->file_count];
    char *bytes = agent_folder_read(source->folder, name, file, &len, why);
    char *record = NULL;
    if (bytes)
        record = agent_report_read(bytes, len, name[strlen(name) - 1] == 't', why);
    free(bytes);
    const size_t record_len = record ? strlen(record) : 0;
    bool fits = true;
    if (!record || record_len + 1 > MST_SOURCE_BATCH_MAX_BYTES) {
        move_aside(source, name, record ? "its record has more than 1 MiB" : why);
    } else if (source->len + record_len + 1 > MST_SOURCE_BATCH_MAX_BYTES) {
        fits = false;
    } else {
        memcpy(source->records + source->len, record, record_len);
        source->len += record_len;
        source->records[source->len++] = '\n';
        source->file_count++;
    }
    free(record);
    return fits;
}

/* ---- looking ----------------------------------------------------------------------------- */

static void look(void *context, uint32_t timer);

/* A round is over. */
static void look_again(mst_source *source)
{
    const mst_source_host *host = source->host;
    if (source->is_stopping)
        return;
    if (!source->has_failed)
        host->report(host, MST_SOURCE_GOOD, NULL);
    host->timer_arm(host, 0, source->has_more && !source->has_failed ? 0 : source->every_s * 1000,
                    look, source);
}

static void gather(mst_source *source, DIR *folder)
{
    for (uint32_t read = 0; !source->has_more;) {
        const struct dirent *entry = readdir(folder);
        if (!entry)
            return;
        if (agent_folder_is_report(entry->d_name))
            source->has_more = read++ == 4 * FILES_MAX || source->file_count == FILES_MAX ||
                               !add_file(source, entry->d_name);
    }
}

static void deliver(mst_source *source)
{
    const mst_source_batch batch = {
        .size = sizeof batch, .records = source->records, .len = source->len};
    (void)source->host->deliver(source->host, &batch); /* after a WAIT resume() comes */
}

static void look(void *context, uint32_t timer)
{
    mst_source *source = context;
    (void)timer;
    source->len = 0;
    source->file_count = 0;
    source->has_more = source->has_failed = false;
    DIR *folder = opendir(source->folder);
    if (folder) {
        gather(source, folder);
        closedir(folder);
    } else {
        char text[AGENT_WHY_BYTES];
        snprintf(text, sizeof text, "the folder cannot be read: %s", strerror(errno));
        fail(source, text);
    }
    if (source->file_count > 0)
        deliver(source);
    else
        look_again(source);
}

static const char *find_error(const mst_source_outcome *outcome, uint64_t line)
{
    for (size_t i = 0; i < outcome->error_count; i++)
        if (outcome->errors[i].line == line)
            return outcome->errors[i].message;
    return NULL;
}

static void delivered(mst_source *source, const mst_source_outcome *outcome)
{
    char why[AGENT_WHY_BYTES];
    for (size_t i = 0; i < source->file_count; i++) {
        const struct agent_file *file = &source->files[i];
        const char *message = find_error(outcome, i + 1);
        if (message) {
            move_aside(source, file->name, message);
        } else if (!agent_folder_remove(source->folder, file, why)) {
            tell(source, file->name, why);
            fail(source, why);
        }
    }
    look_again(source);
}

static void resume(mst_source *source)
{
    deliver(source);
}

/* ---- the plugin -------------------------------------------------------------------------- */

static void destroy(mst_source *source)
{
    free(source->folder);
    free(source->bad_folder);
    free(source->records);
    free(source);
}

static mst_source_status create(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **made, char *why)
{
    const char *folder = "", *bad_folder = NULL;
    json_t *root = json_loadb(config, config_len, 0, NULL);
    mst_source *source = calloc(1, sizeof *source);
    if (source) {
        source->host = host;
        source->every_s = 5;
        json_unpack(root, "{s:s, s?:s, s?:I}", "folder", &folder, "bad_folder", &bad_folder,
                    "every_s", &source->every_s);
        source->folder = strdup(folder);
        source->records = malloc(MST_SOURCE_BATCH_MAX_BYTES);
        if (bad_folder)
            source->bad_folder = strdup(bad_folder);
        else if (asprintf(&source->bad_folder, "%s/bad", folder) < 0)
            source->bad_folder = NULL;
    }
    json_decref(root);
    if (source && source->folder && source->records && source->bad_folder) {
        *made = source;
        return MST_SOURCE_OK;
    }
    if (source)
        destroy(source);
    snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
    return MST_SOURCE_REFUSED;
}

static void start(mst_source *source, const char *cursor, size_t cursor_len)
{
    (void)cursor;
    (void)cursor_len;
    look(source, 0);
}

static void stop(mst_source *source)
{
    source->is_stopping = true;
    source->host->timer_arm(source->host, 0, -1, NULL, NULL);
    source->host->stopped(source->host);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_TIME,
    .name = "agent",
    .version = "1.0",
    .summary = "reports of endpoints, files in a folder",
    .config_schema = schema,
    .create = create,
    .start = start,
    .stop = stop,
    .destroy = destroy,
    .delivered = delivered,
    .resume = resume,
};
