/* SPDX-License-Identifier: Apache-2.0
 *
 * record_keys.c - collects the keys of the first records, and finds one that is like another. */
#include "record_keys.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "options.h"
#include "tool.h"

#define MOST_PATHS 2000
#define DEEPEST 4

static bool is_known(const mst_tool_keys *keys, const char *path)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->paths[i], path) == 0)
            return true;
    return false;
}

static void add_object(mst_tool_keys *keys, const char *prefix, json_t *object, unsigned depth)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        char *path = mst_tool_format("%s%s%s", prefix, *prefix ? "." : "", key);
        if (json_is_object(value) && depth < DEEPEST)
            add_object(keys, path, value, depth + 1);
        if (json_is_null(value) || keys->count == MOST_PATHS || is_known(keys, path)) {
            free(path);
            continue;
        }
        keys->paths = mst_tool_grow(keys->paths, keys->count, &keys->capacity, sizeof *keys->paths);
        keys->paths[keys->count++] = path;
    }
}

bool mst_tool_keys_wanted(const mst_tool_keys *keys)
{
    return keys->record_count < MST_TOOL_KEYS_RECORDS;
}

void mst_tool_keys_take(mst_tool_keys *keys, const char *record, size_t len)
{
    if (!mst_tool_keys_wanted(keys))
        return;
    keys->record_count++;
    json_t *root = json_loadb(record, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    if (json_is_object(root)) /* what jansson will not have is passed over: it is a hint only */
        add_object(keys, "", root, 1);
    json_decref(root);
}

static bool is_read(const mst_image *image, const char *path)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    for (uint32_t i = 0; mst_fact_info_at(image, i, &info) == MST_OK; i++)
        if (info.path.len == strlen(path) && memcmp(info.path.ptr, path, info.path.len) == 0)
            return true;
    return false;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

const char *mst_tool_keys_nearest(const mst_tool_keys *keys, const mst_image *image, mst_text path)
{
    const char **unread = mst_tool_resize(NULL, (keys->count + 1) * sizeof *unread);
    char *wanted = mst_tool_copy(path.ptr, path.len);
    size_t count = 0;
    for (size_t i = 0; i < keys->count; i++)
        if (!is_read(image, keys->paths[i]))
            unread[count++] = keys->paths[i];
    const char *nearest = mst_tool_nearest(wanted, unread, count, sizeof *unread);
    for (size_t i = 0; i < count && !nearest; i++) /* the same name in another place */
        if (strcasecmp(last_part(unread[i]), last_part(wanted)) == 0)
            nearest = unread[i];
    free(wanted);
    free(unread);
    return nearest;
}

void mst_tool_keys_free(mst_tool_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        free(keys->paths[i]);
    free(keys->paths);
}
