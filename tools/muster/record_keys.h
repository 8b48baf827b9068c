/* SPDX-License-Identifier: Apache-2.0
 *
 * record_keys.h - the keys that records have, as dotted paths: so that the summary can say what a
 * fact that no record carried was likely meant to be. */
#ifndef MST_TOOL_RECORD_KEYS_H
#define MST_TOOL_RECORD_KEYS_H

#include <stdbool.h>

#include "muster/muster.h"

#define MST_TOOL_KEYS_RECORDS 100

/* All zero: none yet. */
typedef struct mst_tool_keys {
    char **paths;
    size_t count, capacity;
    size_t record_count; /* looked at so far; after MST_TOOL_KEYS_RECORDS no more are */
} mst_tool_keys;

bool mst_tool_keys_wanted(const mst_tool_keys *keys);
/* Looks at a record that has been read without an error. */
void mst_tool_keys_take(mst_tool_keys *keys, const char *record, size_t len);
/* The path most like that of a fact of the image, of those that no fact is read from; or NULL. */
const char *mst_tool_keys_nearest(const mst_tool_keys *keys, const mst_image *image, mst_text path);
void mst_tool_keys_free(mst_tool_keys *keys);

#endif
