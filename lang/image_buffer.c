/* SPDX-License-Identifier: Apache-2.0
 *
 * image_buffer.c - growing sections, and putting them behind a header. */
#include "image_buffer.h"

#include <string.h>

#include "format/limits.h"

/* Where records go when memory has run out: nobody reads them. */
static unsigned char nowhere[256];

static unsigned char *extend(struct mst_arena *arena, struct mst_section_buffer *section,
                             size_t count)
{
    if (section->bytes == NULL || section->count + count > section->capacity) {
        size_t capacity = section->capacity != 0 ? section->capacity * 2 : 1024;
        while (capacity < section->count + count)
            capacity *= 2;
        unsigned char *bytes = mst_arena_alloc(arena, capacity, 1);
        if (bytes == NULL)
            return NULL;
        if (section->bytes != NULL)
            memcpy(bytes, section->bytes, section->count);
        section->bytes = bytes;
        section->capacity = capacity;
    }
    unsigned char *at = section->bytes + section->count;
    section->count += count;
    return at;
}

unsigned char *mst_image_record(struct mst_image_buffer *image, enum mst_section section)
{
    struct mst_section_buffer *buffer = &image->section[section];
    unsigned char *at = extend(image->program->arena, buffer, mst_record_bytes(section));
    buffer->records++;
    return at != NULL ? at : nowhere;
}

uint32_t mst_image_bytes_append(struct mst_image_buffer *image, enum mst_section section,
                                const void *bytes, size_t count)
{
    struct mst_section_buffer *buffer = &image->section[section];
    uint32_t first = (uint32_t)buffer->count;
    unsigned char *at = extend(image->program->arena, buffer, count);
    if (at != NULL && count > 0)
        memcpy(at, bytes, count);
    buffer->records = (uint32_t)buffer->count;
    return first;
}

uint32_t mst_image_text(struct mst_image_buffer *image, const char *text)
{
    return text != NULL ? mst_ir_string(image->lowered, text, strlen(text)) : 0;
}

static size_t align8(size_t offset)
{
    return (offset + 7) & ~(size_t)7;
}

static void write_entry(unsigned char *entry, uint32_t section, size_t offset,
                        const struct mst_section_buffer *buffer)
{
    mst_store_u32(entry + MST_ENTRY_ID, mst_section_id(section));
    mst_store_u32(entry + MST_ENTRY_OFFSET, (uint32_t)offset);
    mst_store_u32(entry + MST_ENTRY_COUNT, buffer->records);
    mst_store_u32(entry + MST_ENTRY_BYTES, (uint32_t)buffer->count);
}

static bool is_written(const struct mst_image_buffer *image, uint32_t section)
{
    return section < MST_SECTION_COUNT || image->section[section].records > 0;
}

/* Length of the image, and of its header and section table. */
static size_t measure(const struct mst_image_buffer *image, size_t *head)
{
    *head = MST_HEADER_BYTES;
    for (uint32_t i = 0; i < MST_SECTION_KINDS; i++)
        *head += is_written(image, i) ? MST_ENTRY_SIZE : 0;
    size_t total = *head;
    for (uint32_t i = 0; i < MST_SECTION_KINDS; i++)
        if (is_written(image, i))
            total = align8(total) + image->section[i].count;
    return total;
}

unsigned char *mst_image_assemble(struct mst_image_buffer *image, const unsigned char *digest,
                                  size_t *count)
{
    size_t offset = 0, total = measure(image, &offset);
    unsigned char *bytes = mst_arena_alloc(image->program->arena, total, 1);
    if (bytes == NULL || total > MST_MAX_IMAGE_BYTES)
        return NULL;
    memcpy(bytes + MST_HEADER_MAGIC, MST_IMAGE_MAGIC, sizeof MST_IMAGE_MAGIC - 1);
    mst_store_u16(bytes + MST_HEADER_MAJOR, MST_IMAGE_MAJOR);
    mst_store_u16(bytes + MST_HEADER_MINOR, image->minor);
    mst_store_u32(bytes + MST_HEADER_BYTE_COUNT, (uint32_t)total);
    mst_store_u32(bytes + MST_HEADER_SECTION_COUNT,
                  (uint32_t)((offset - MST_HEADER_BYTES) / MST_ENTRY_SIZE));
    memcpy(bytes + MST_HEADER_DIGEST, digest, 32);
    unsigned char *entry = bytes + MST_HEADER_BYTES;
    for (uint32_t i = 0; i < MST_SECTION_KINDS; i++) {
        const struct mst_section_buffer *section = &image->section[i];
        if (!is_written(image, i))
            continue;
        offset = align8(offset);
        write_entry(entry, i, offset, section);
        entry += MST_ENTRY_SIZE;
        if (section->count > 0)
            memcpy(bytes + offset, section->bytes, section->count);
        offset += section->count;
    }
    *count = total;
    return bytes;
}
