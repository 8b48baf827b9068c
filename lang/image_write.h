/* SPDX-License-Identifier: Apache-2.0
 *
 * image_write.h - a lowered program to the bytes of an image. */
#ifndef MST_LANG_IMAGE_WRITE_H
#define MST_LANG_IMAGE_WRITE_H

#include "ir.h"

struct mst_image_bytes {
    unsigned char *bytes;
    size_t count;
};

/* The image in the arena; bytes is NULL where the program is over a bound of the format
 * (reported) or memory ran out. `digest`: 32 bytes. */
struct mst_image_bytes mst_image_write(struct mst_lowered *lowered, const unsigned char *digest);

#endif
