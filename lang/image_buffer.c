/* SPDX-License-Identifier: Apache-2.0
 *
 * image_buffer.c - growing sections, and putting them behind a header. */
#include "image_buffer.h"

#include <string.h>

#include "format/limits.h"

static const uint32_t record_bytes[MST_SECTION_COUNT] = {
#define MST_SECTION(number, name, bytes, doc) [number] = (bytes),
    MST_SECTIONS(MST_SECTION)
#undef MST_SECTION
};

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
    unsigned char *at = extend(image->program->arena, buffer, record_bytes[section]);
    buffer->records++;
    return at != NULL ? at : nowhere;
}

unsigned char *mst_image_extend(struct mst_image_buffer *image, struct mst_section_buffer *section,
                                size_t count)
{
    unsigned char *at = extend(image->program->arena, section, count);
    section->records++;
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

static void write_entry(unsigned char *entry, uint32_t id, size_t offset,
                        const struct mst_section_buffer *section)
{
    mst_store_u32(entry + MST_ENTRY_ID, id);
    mst_store_u32(entry + MST_ENTRY_OFFSET, (uint32_t)offset);
    mst_store_u32(entry + MST_ENTRY_COUNT, section->records);
    mst_store_u32(entry + MST_ENTRY_BYTES, (uint32_t)section->count);
}

unsigned char *mst_image_assemble(struct mst_image_buffer *image, const unsigned char *digest,
                                  size_t *count)
{
    uint32_t sections = MST_SECTION_COUNT + (image->selftest.records > 0 ? 1 : 0);
    size_t offset = MST_HEADER_BYTES + (size_t)sections * MST_ENTRY_SIZE;
    size_t total = offset;
    for (uint32_t i = 0; i < sections; i++)
        total = align8(total) + (i < MST_SECTION_COUNT ? image->section[i] : image->selftest).count;
    unsigned char *bytes = mst_arena_alloc(image->program->arena, total, 1);
    if (bytes == NULL || total > MST_MAX_IMAGE_BYTES)
        return NULL;
    memcpy(bytes + MST_HEADER_MAGIC, MST_IMAGE_MAGIC, sizeof MST_IMAGE_MAGIC - 1);
    mst_store_u16(bytes + MST_HEADER_MAJOR, MST_IMAGE_MAJOR);
    mst_store_u16(bytes + MST_HEADER_MINOR, MST_IMAGE_MINOR);
    mst_store_u32(bytes + MST_HEADER_BYTE_COUNT, (uint32_t)total);
    mst_store_u32(bytes + MST_HEADER_SECTION_COUNT, sections);
    memcpy(bytes + MST_HEADER_DIGEST, digest, 32);
    for (uint32_t i = 0; i < sections; i++) {
        const struct mst_section_buffer *section =
            i < MST_SECTION_COUNT ? &image->section[i] : &image->selftest;
        offset = align8(offset);
        write_entry(bytes + MST_HEADER_BYTES + (size_t)i * MST_ENTRY_SIZE,
                    i < MST_SECTION_COUNT ? i : (uint32_t)MST_SECTION_SELFTEST, offset, section);
        if (section->count > 0)
            memcpy(bytes + offset, section->bytes, section->count);
        offset += section->count;
    }
    *count = total;
    return bytes;
}
