/* SPDX-License-Identifier: Apache-2.0
 *
 * instead.h - rules compiled as if one of their tables were another file: what a new table would
 * change is seen before it takes the place of the old one. */
#ifndef MST_TOOL_INSTEAD_H
#define MST_TOOL_INSTEAD_H

#include "muster/lang.h"

struct mst_tool_instead {
    char *table; /* whole path (files.h) of the table in whose place... */
    const char *text;
    size_t len;    /* ...this is read */
    uint64_t uses; /* how often it was */
    const mst_loader *files;
};

/* The loader in front of `files`, which is borrowed while this one is used. */
mst_loader mst_tool_instead_loader(struct mst_tool_instead *instead, const mst_loader *files);

#endif
