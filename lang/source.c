/* SPDX-License-Identifier: Apache-2.0
 *
 * source.c - sources of a compilation, and where in them an offset is. Lines are found once, when
 * the first person asks for a place; nobody counts them while scanning. */
#include "source.h"

#include <string.h>

uint32_t mst_diags_add_source(struct mst_diags *diags, const char *path, const char *text,
                              size_t len)
{
    if (len >= UINT32_MAX - 1)
        return UINT32_MAX;
    struct mst_source *sources = mst_arena_grow(diags->arena, diags->sources, diags->source_count,
                                                &diags->source_capacity, sizeof *diags->sources);
    if (sources == NULL)
        return UINT32_MAX;
    diags->sources = sources;
    struct mst_source *source = &sources[diags->source_count];
    memset(source, 0, sizeof *source);
    source->path = mst_arena_copy(diags->arena, path, strlen(path));
    source->text = mst_arena_copy(diags->arena, text, len);
    source->len = (uint32_t)len;
    if (source->path == NULL || source->text == NULL)
        return UINT32_MAX;
    return (uint32_t)diags->source_count++;
}

uint32_t mst_source_bom(const struct mst_source *source)
{
    return source->len >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static void find_lines(struct mst_diags *diags, struct mst_source *source)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < source->len; i++)
        count += source->text[i] == '\n';
    source->line_starts = MST_NEW_ARRAY(diags->arena, count, uint32_t);
    if (source->line_starts == NULL)
        return;
    uint32_t line = 1;
    for (uint32_t i = 0; i < source->len; i++)
        if (source->text[i] == '\n')
            source->line_starts[line++] = i + 1;
    source->line_starts[0] = mst_source_bom(source);
    source->line_count = count;
}

static uint32_t find_line(const struct mst_source *source, uint32_t at)
{
    uint32_t low = 0, high = source->line_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Characters of UTF-8 are counted by the bytes that begin one. */
static uint32_t count_characters(const char *text, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += ((unsigned char)text[i] & 0xC0u) != 0x80u;
    return count;
}

void mst_source_place(struct mst_diags *diags, uint32_t source, uint32_t at, uint32_t *line,
                      uint32_t *column)
{
    *line = 1;
    *column = 1;
    if (source >= diags->source_count)
        return;
    struct mst_source *s = &diags->sources[source];
    if (s->line_starts == NULL)
        find_lines(diags, s);
    if (s->line_starts == NULL)
        return;
    if (at > s->len)
        at = s->len;
    uint32_t index = find_line(s, at);
    uint32_t from = s->line_starts[index], before = 1;
    if (s->known_at >= from && s->known_at <= at && s->known_column != 0) {
        from = s->known_at;
        before = s->known_column;
    }
    *line = index + 1;
    *column = before + count_characters(s->text, from, at);
    s->known_at = at;
    s->known_column = *column;
}

struct mst_span mst_source_line(struct mst_diags *diags, uint32_t source, uint32_t line)
{
    struct mst_span span = {source, 0, 0};
    if (source >= diags->source_count)
        return span;
    struct mst_source *s = &diags->sources[source];
    if (s->line_starts == NULL)
        find_lines(diags, s);
    if (line == 0 || line > s->line_count)
        return span;
    uint32_t end = line < s->line_count ? s->line_starts[line] - 1 : s->len;
    span.at = s->line_starts[line - 1];
    while (end > span.at && s->text[end - 1] == '\r')
        end--;
    span.len = end > span.at ? end - span.at : 0;
    return span;
}
