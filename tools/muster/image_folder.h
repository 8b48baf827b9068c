/* SPDX-License-Identifier: Apache-2.0
 *
 * image_folder.h - a folder of compiled images that are versions of one module, for a service that
 * takes the newest. */
#ifndef MST_TOOL_IMAGE_FOLDER_H
#define MST_TOOL_IMAGE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "rules.h"

/* Whether the name is that of a folder with images in it and no rule text in or below it. */
bool mst_tool_is_image_folder(const char *name);

/* The bytes of the newest image, to be freed; each that was looked at is noted. One that is no good
 * is reported and passed over. MST_TOOL_WANTING, reported: none is good, or they are of several
 * modules. */
int mst_tool_newest_image(const char *folder, struct mst_tool_seen *seen, unsigned char **bytes,
                          size_t *byte_count);

#endif
