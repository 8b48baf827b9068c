/* SPDX-License-Identifier: Apache-2.0
 *
 * image_debug.c - the DEBUG section: from which line of which module code comes, and what stands
 * there, so that code can be read beside its source where the source is not at hand. */
#include "image_buffer.h"

#include "format/limits.h"

static const char *module_name(const struct mst_program *program, uint32_t source)
{
    for (size_t i = 0; i < program->units.count; i++)
        if (program->units.items[i]->module->span.source == source)
            return program->units.items[i]->module->name;
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0u) == 0x80u;
}

/* The line around `at` without the white space at its ends, cut between two characters. */
static mst_text line_around(const struct mst_source *source, uint32_t at)
{
    uint32_t start = at, end = at;
    while (start > 0 && source->text[start - 1] != '\n')
        start--;
    while (start < source->len && is_blank(source->text[start]))
        start++;
    while (end < source->len && source->text[end] != '\n')
        end++;
    if (end < start)
        end = start;
    if (end - start > MST_MAX_SOURCE_LINE_BYTES)
        end = start + MST_MAX_SOURCE_LINE_BYTES;
    while (end > start && (is_continuation(source->text[end]) || is_blank(source->text[end - 1])))
        end--;
    return (mst_text){source->text + start, end - start};
}

void mst_image_write_place(struct mst_image_buffer *image, struct mst_span span,
                           struct mst_image_place *before)
{
    struct mst_program *program = image->program;
    uint32_t line, column;
    const char *name = program->options->with_source ? module_name(program, span.source) : NULL;
    if (name == NULL)
        return;
    mst_source_place(program->diags, span.source, span.at, &line, &column);
    if (before->source == span.source && before->line == line)
        return;
    *before = (struct mst_image_place){span.source, line};
    mst_text text = line_around(&program->diags->sources[span.source], span.at);
    unsigned char *record = mst_image_record(image, MST_SECTION_DEBUG);
    mst_store_u32(record + MST_DEBUG_PC, image->section[MST_SECTION_CODE].records);
    mst_store_u32(record + MST_DEBUG_MODULE, mst_image_text(image, name));
    mst_store_u32(record + MST_DEBUG_LINE, line);
    mst_store_u32(record + MST_DEBUG_COLUMN, column);
    mst_store_u32(record + MST_DEBUG_SOURCE, mst_ir_string(image->lowered, text.ptr, text.len));
}
