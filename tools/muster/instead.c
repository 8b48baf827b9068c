/* SPDX-License-Identifier: Apache-2.0
 *
 * instead.c - a loader in front of the one that reads files. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "instead.h"
#include "tool.h"

static mst_status load(void *context, mst_load_kind kind, const char *name, const char *from,
                       mst_source_text *found)
{
    struct mst_tool_instead *instead = context;
    mst_status status = instead->files->load(instead->files->context, kind, name, from, found);
    if (status != MST_OK || kind != MST_LOAD_TABLE)
        return status;
    char *path = mst_tool_whole_path(found->path);
    if (path && strcmp(path, instead->table) == 0) {
        free(found->text);
        found->text = mst_tool_copy(instead->text, instead->len);
        found->len = instead->len;
        instead->uses++;
    }
    free(path);
    return status;
}

static void release(void *context, mst_source_text *found)
{
    const struct mst_tool_instead *instead = context;
    instead->files->release(instead->files->context, found);
}

mst_loader mst_tool_instead_loader(struct mst_tool_instead *instead, const mst_loader *files)
{
    mst_loader loader = MST_LOADER_INIT;
    instead->files = files;
    loader.load = load;
    loader.release = release;
    loader.context = instead;
    return loader;
}
