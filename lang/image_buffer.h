/* SPDX-License-Identifier: Apache-2.0
 *
 * image_buffer.h - the sections of an image while they are being filled. */
#ifndef MST_LANG_IMAGE_BUFFER_H
#define MST_LANG_IMAGE_BUFFER_H

#include "format/bytes.h"
#include "format/layout.h"
#include "ir.h"

struct mst_section_buffer {
    unsigned char *bytes;
    size_t count, capacity; /* in bytes */
    uint32_t records;
};

struct mst_image_buffer {
    struct mst_lowered *lowered;
    struct mst_program *program;
    struct mst_section_buffer section[MST_SECTION_KINDS]; /* optional ones: left out where empty */
    /* where slots of each place begin */
    uint32_t first_const, first_result, first_register;
    uint16_t minor; /* of the format: the lowest that has all that the image uses */
};

/* A new zeroed record at the end of a section; never NULL (memory that ran out is noted). */
unsigned char *mst_image_record(struct mst_image_buffer *image, enum mst_section section);
/* Bytes at the end of a section; returns where they begin. */
uint32_t mst_image_bytes_append(struct mst_image_buffer *image, enum mst_section section,
                                const void *bytes, size_t count);
/* All sections behind header and section table. */
unsigned char *mst_image_assemble(struct mst_image_buffer *image, const unsigned char *digest,
                                  size_t *count);
/* String index of a text that ends with a zero byte; NULL is the empty text. */
uint32_t mst_image_text(struct mst_image_buffer *image, const char *text);

/* image_debug.c: where the next instruction comes from, unless the one before is of that line. */
struct mst_image_place {
    uint32_t source, line; /* line 0: nowhere yet */
};
void mst_image_write_place(struct mst_image_buffer *image, struct mst_span span,
                           struct mst_image_place *before);
/* image_code.c: blocks, code, origins, and what they cost. */
bool mst_image_write_code(struct mst_image_buffer *image);
/* image_test.c: the steps of rule tests, where the options ask for them. */
void mst_image_write_tests(struct mst_image_buffer *image);
/* image_rules.c: verdicts, checks, cases, fields. */
void mst_image_write_rules(struct mst_image_buffer *image);

#endif
