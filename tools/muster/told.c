/* SPDX-License-Identifier: Apache-2.0
 *
 * told.c - diagnostics by place, code and words. */
#include "told.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

bool mst_tool_tell_once(struct mst_tool_told *told, const mst_compilation *compilation,
                        size_t index)
{
    mst_diagnostic diagnostic = MST_DIAGNOSTIC_INIT;
    if (mst_diagnostic_at(compilation, index, &diagnostic) != MST_OK)
        return false;
    char *key = mst_tool_format("%s:%" PRIu32 ":%" PRIu32 ":%s:%s", diagnostic.place.path,
                                diagnostic.place.line, diagnostic.place.column, diagnostic.code,
                                diagnostic.message);
    char *const *kept = tsearch(key, &told->keys, compare);
    const bool is_new = !kept || *kept == key; /* without memory rather twice than never */
    if (!kept || !is_new)
        free(key);
    told->count += is_new;
    return is_new;
}

void mst_tool_told_free(struct mst_tool_told *told)
{
    while (told->keys) {
        char *key = *(char **)told->keys; /* the root begins with it */
        (void)tdelete(key, &told->keys, compare);
        free(key);
    }
    told->count = 0;
}
