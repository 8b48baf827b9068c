/* SPDX-License-Identifier: Apache-2.0
 *
 * catalogue.c - reads the catalogue: qualityUpdateCatalogEntry with its productRevisions, in the
 * spellings of Graph's metadata and in those of its documents. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalogue.h"
#include "files.h"
#include "tool.h"

enum { BUILD_24H2 = 26100, BUILD_25H2 = 26200 };

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* The metadata calls it isHotpatchUpdate, the page of the type isHotpatchEnabled, and an example
 * writes a text. */
static bool read_hotpatch(const json_t *revision, bool *is_hotpatch)
{
    const json_t *value = json_object_get(revision, "isHotpatchUpdate");
    if (!value || json_is_null(value))
        value = json_object_get(revision, "isHotpatchEnabled");
    const char *text = json_string_value(value);
    *is_hotpatch = json_is_true(value) || (text && strcasecmp(text, "true") == 0);
    return json_is_boolean(value) || *is_hotpatch || (text && strcasecmp(text, "false") == 0);
}

/* Of Windows 11: Windows Server 2025 has the build 26100 too. */
static bool is_windows_11(const json_t *revision)
{
    const char *product = text_of(revision, "product");
    if (!product[0])
        product = text_of(revision, "displayName");
    return strncmp(product, "Windows 11", strlen("Windows 11")) == 0;
}

static bool is_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") >= count;
}

static bool is_date(const char *text)
{
    return strlen(text) >= 10 && is_digits(text, 4) && text[4] == '-' && is_digits(text + 5, 2) &&
           text[7] == '-' && is_digits(text + 8, 2);
}

static bool read_revision(const json_t *entry, const json_t *revision, mst_tool_update *update)
{
    const json_t *article = json_object_get(revision, "knowledgeBaseArticle");
    const char *kb = text_of(article, "id");
    const char *date = text_of(revision, "releaseDateTime");
    const json_t *build = json_object_get(revision, "osBuild");
    const json_t *ubr = json_object_get(build, "updateBuildRevision");
    if (!is_date(date))
        date = text_of(entry, "releaseDateTime");
    if (!is_date(date) || strncmp(kb, "KB", 2) != 0 || strlen(kb) >= sizeof update->kb ||
        !is_digits(kb + 2, strlen(kb) - 2) || !kb[2] || !json_is_integer(ubr) ||
        !read_hotpatch(revision, &update->is_hotpatch))
        return false;
    memcpy(update->date, date, 10);
    memcpy(update->kb, kb, strlen(kb) + 1);
    update->ubr = (long)json_integer_value(ubr);
    update->is_monthly = strcasecmp(text_of(entry, "qualityUpdateCadence"), "monthly") == 0;
    update->is_security =
        strcasecmp(text_of(entry, "qualityUpdateClassification"), "nonSecurity") != 0;
    return update->ubr > 0;
}

/* The same update for the other release is one row with it. */
static void keep(mst_tool_catalogue *catalogue, const mst_tool_update *update)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        mst_tool_update *known = &catalogue->list[i];
        if (strcmp(known->kb, update->kb) == 0 && known->ubr == update->ubr) {
            known->on_24h2 |= update->on_24h2;
            known->on_25h2 |= update->on_25h2;
            return;
        }
    }
    catalogue->list = mst_tool_grow(catalogue->list, catalogue->count, &catalogue->capacity,
                                    sizeof *catalogue->list);
    catalogue->list[catalogue->count++] = *update;
}

static int read_entry(mst_tool_catalogue *catalogue, const char *path, const json_t *entry)
{
    size_t i;
    const json_t *revision;
    json_array_foreach(json_object_get(entry, "productRevisions"), i, revision)
    {
        mst_tool_update update = {0};
        json_int_t build = json_integer_value(
            json_object_get(json_object_get(revision, "osBuild"), "buildNumber"));
        update.on_24h2 = build == BUILD_24H2;
        update.on_25h2 = build == BUILD_25H2;
        if (!is_windows_11(revision) || (!update.on_24h2 && !update.on_25h2)) {
            catalogue->left_out++;
            continue;
        }
        if (!read_revision(entry, revision, &update)) {
            mst_tool_say("'%s': the revision %.40s of '%.60s' lacks a date, a KB number, a revision"
                         " or whether it is a hotpatch",
                         path, text_of(revision, "id"), text_of(entry, "displayName"));
            return MST_TOOL_WANTING;
        }
        keep(catalogue, &update);
    }
    return MST_TOOL_GOOD;
}

static int compare_updates(const void *left, const void *right)
{
    const mst_tool_update *a = left, *b = right;
    int order = strcmp(a->date, b->date);
    if (order == 0)
        order = b->is_hotpatch - a->is_hotpatch;
    return order != 0 ? order : strcmp(a->kb, b->kb);
}

int mst_tool_catalogue_read(mst_tool_catalogue *catalogue, const char *path)
{
    unsigned char *text;
    size_t len, i;
    json_error_t error;
    const json_t *entry;
    *catalogue = (mst_tool_catalogue){0};
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    json_t *whole = json_loadb((const char *)text, len, 0, &error);
    free(text);
    const json_t *entries = json_object_get(whole, "value");
    if (!whole)
        mst_tool_say("'%s', line %d: %s", path, error.line, error.text);
    else if (!json_is_array(entries))
        mst_tool_say("'%s' is no catalogue: it has no list \"value\"", path);
    if (!json_is_array(entries))
        code = MST_TOOL_WANTING;
    json_array_foreach(entries, i, entry)
    {
        if (code == MST_TOOL_GOOD)
            code = read_entry(catalogue, path, entry);
    }
    json_decref(whole);
    if (catalogue->count > 0)
        qsort(catalogue->list, catalogue->count, sizeof *catalogue->list, compare_updates);
    return code;
}

void mst_tool_catalogue_free(mst_tool_catalogue *catalogue)
{
    free(catalogue->list);
}
