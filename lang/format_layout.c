/* SPDX-License-Identifier: Apache-2.0
 *
 * format_layout.c - prints a described module: a group stands on one line if it fits there,
 * together with what follows it up to the next place where a line may end. Linear in the number
 * of tokens, since looking ahead stops at the end of a line. */
#include "format_layout.h"

#include <string.h>

#include "diag.h"

/* Stands before a comment at the end of a line until mst_layout_line_up(): no source holds it. */
#define COMMENT_MARK '\x01'

/* A doc and those behind it in its sequence. */
struct mst_doc_frame {
    struct mst_doc *doc;
    uint32_t indent;
    bool is_flat;
};

struct mst_doc *mst_doc_new(struct mst_layout *layout, enum mst_doc_kind kind, uint32_t number)
{
    struct mst_doc *doc = MST_NEW(layout->arena, struct mst_doc);
    if (doc == NULL)
        return NULL;
    doc->kind = kind;
    doc->number = number;
    return doc;
}

struct mst_doc *mst_doc_add(struct mst_doc *sequence, struct mst_doc *part)
{
    if (sequence == NULL || part == NULL)
        return part;
    if (sequence->last != NULL)
        sequence->last->next = part;
    else
        sequence->first = part;
    sequence->last = part;
    return part;
}

static uint32_t count_columns(const char *text, uint32_t len)
{
    uint32_t columns = 0;
    for (uint32_t i = 0; i < len; i++)
        columns += ((unsigned char)text[i] & 0xC0u) != 0x80u;
    return columns;
}

static uint32_t token_width(const struct mst_layout *layout, uint32_t token)
{
    return count_columns(layout->tokens[token].text, layout->tokens[token].len);
}

uint32_t mst_doc_width(const struct mst_layout *layout, const struct mst_doc *doc)
{
    uint32_t width = 0;
    if (doc == NULL)
        return 0;
    switch (doc->kind) {
    case MST_DOC_TOKEN: return token_width(layout, doc->number);
    case MST_DOC_SPACES: return doc->number;
    case MST_DOC_LINE: return 1;
    case MST_DOC_SOFT:
    case MST_DOC_BREAK:
    case MST_DOC_COMMENTS: return 0;
    case MST_DOC_SEQUENCE:
        for (const struct mst_doc *part = doc->first; part != NULL; part = part->next)
            width += mst_doc_width(layout, part);
    }
    return width;
}

bool mst_doc_is_line(const struct mst_doc *doc)
{
    bool is_line = doc == NULL || doc->kind != MST_DOC_BREAK;
    if (doc == NULL || doc->kind != MST_DOC_SEQUENCE)
        return is_line;
    for (const struct mst_doc *part = doc->first; part != NULL && is_line; part = part->next)
        is_line = mst_doc_is_line(part);
    return is_line;
}

/* ---- output ------------------------------------------------------------------------------ */

static void put_bytes(struct mst_layout *layout, const char *bytes, size_t len)
{
    while (layout->out_len + len > layout->out_capacity) {
        size_t capacity = layout->out_capacity * 2 + len + 256;
        char *out = mst_arena_alloc(layout->arena, capacity, 1);
        if (out == NULL)
            return;
        if (layout->out_len > 0)
            memcpy(out, layout->out, layout->out_len);
        layout->out = out;
        layout->out_capacity = capacity;
    }
    if (layout->out == NULL)
        return;
    memcpy(layout->out + layout->out_len, bytes, len);
    layout->out_len += len;
}

static void put_columns(struct mst_layout *layout, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put_bytes(layout, " ", 1);
}

static void end_line(struct mst_layout *layout)
{
    if (!layout->at_line_start)
        put_bytes(layout, "\n", 1);
    layout->at_line_start = true;
    layout->must_end = false;
    layout->spaces = 0;
}

/* The beginning of a line, or the blanks that stand before what comes next on it. */
static void begin_text(struct mst_layout *layout, uint32_t indent)
{
    if (layout->at_line_start) {
        put_columns(layout, indent);
        layout->column = indent;
    } else {
        put_columns(layout, layout->spaces);
        layout->column += layout->spaces;
    }
    layout->at_line_start = false;
    layout->spaces = 0;
}

static void put_blank_line(struct mst_layout *layout)
{
    if (layout->needs_blank && layout->at_line_start && layout->out_len > layout->begin)
        put_bytes(layout, "\n", 1);
    layout->needs_blank = false;
}

static void put_comment_lines(struct mst_layout *layout, uint32_t token, uint32_t indent)
{
    const struct mst_layout_token *t = &layout->tokens[token];
    if (t->comment_count == 0 || layout->shown[token])
        return;
    layout->shown[token] = true;
    for (uint32_t i = 0; i < t->comment_count; i++) {
        const struct mst_layout_comment *comment = &layout->comments[t->first_comment + i];
        end_line(layout);
        if (comment->blank_before && (i > 0 || layout->keeps_blank))
            layout->needs_blank = true;
        put_blank_line(layout);
        begin_text(layout, indent);
        put_bytes(layout, comment->text, comment->len);
    }
    end_line(layout);
    layout->keeps_blank = true;
}

static void put_token(struct mst_layout *layout, uint32_t token, uint32_t indent)
{
    const struct mst_layout_token *t = &layout->tokens[token];
    put_comment_lines(layout, token, indent);
    if (layout->must_end)
        end_line(layout);
    if (layout->at_line_start && layout->keeps_blank && t->blank_before)
        layout->needs_blank = true;
    put_blank_line(layout);
    layout->keeps_blank = false;
    begin_text(layout, indent);
    if (!layout->has_first_token)
        layout->first_token_at = layout->out_len;
    layout->has_first_token = true;
    put_bytes(layout, t->text, t->len);
    layout->column += count_columns(t->text, t->len);
    if (t->trailing == MST_LAYOUT_NONE)
        return;
    char mark = COMMENT_MARK;
    put_bytes(layout, &mark, 1);
    put_bytes(layout, layout->comments[t->trailing].text, layout->comments[t->trailing].len);
    layout->must_end = true;
}

static void put_flat(struct mst_layout *layout, const struct mst_doc *doc)
{
    switch (doc->kind) {
    case MST_DOC_TOKEN:
        put_bytes(layout, layout->tokens[doc->number].text, layout->tokens[doc->number].len);
        break;
    case MST_DOC_SPACES: put_columns(layout, doc->number); break;
    case MST_DOC_LINE:
    case MST_DOC_BREAK: put_columns(layout, 1); break;
    case MST_DOC_SOFT:
    case MST_DOC_COMMENTS: break;
    case MST_DOC_SEQUENCE:
        for (const struct mst_doc *part = doc->first; part != NULL; part = part->next)
            put_flat(layout, part);
    }
}

const char *mst_doc_text(struct mst_layout *layout, const struct mst_doc *doc)
{
    layout->out_len = 0;
    if (doc != NULL)
        put_flat(layout, doc);
    return mst_arena_copy(layout->arena, layout->out != NULL ? layout->out : "", layout->out_len);
}

/* ---- printing ---------------------------------------------------------------------------- */

static void push(struct mst_layout *layout, struct mst_doc_frame frame)
{
    if (frame.doc == NULL)
        return;
    struct mst_doc_frame *frames =
        mst_arena_grow(layout->arena, layout->frames, layout->frame_count, &layout->frame_capacity,
                       sizeof *frames);
    if (frames == NULL)
        return;
    layout->frames = frames;
    frames[layout->frame_count++] = frame;
}

static void push_scanned(struct mst_layout *layout, struct mst_doc_frame frame)
{
    if (frame.doc == NULL)
        return;
    struct mst_doc_frame *scanned =
        mst_arena_grow(layout->arena, layout->scanned, layout->scanned_count,
                       &layout->scanned_capacity, sizeof *scanned);
    if (scanned == NULL)
        return;
    layout->scanned = scanned;
    scanned[layout->scanned_count++] = frame;
}

enum fit { FITS, FITS_NOT, FITS_SO_FAR };

/* What one doc says about whether its line fits; `room` is what is left of the line. */
static enum fit look_at(struct mst_layout *layout, const struct mst_doc_frame *frame, int64_t *room,
                        bool *has_comment, bool is_first)
{
    const struct mst_doc *doc = frame->doc;
    const struct mst_layout_token *token = &layout->tokens[doc->number];
    bool is_token = doc->kind == MST_DOC_TOKEN || doc->kind == MST_DOC_COMMENTS;
    if (is_token && !is_first && token->comment_count > 0 && !layout->shown[doc->number])
        return frame->is_flat ? FITS_NOT : FITS;
    switch (doc->kind) {
    case MST_DOC_TOKEN:
        if (*has_comment)
            return FITS_NOT;
        *room -= token_width(layout, doc->number);
        *has_comment = token->trailing != MST_LAYOUT_NONE;
        break;
    case MST_DOC_BREAK: return frame->is_flat ? FITS_NOT : FITS;
    case MST_DOC_SOFT:
    case MST_DOC_LINE:
        if (!frame->is_flat)
            return FITS;
        *room -= doc->kind == MST_DOC_LINE;
        break;
    case MST_DOC_SPACES:
        if (doc->is_loose)
            return FITS;
        *room -= doc->number;
        break;
    case MST_DOC_COMMENTS: break;
    case MST_DOC_SEQUENCE:
        push_scanned(layout, (struct mst_doc_frame){doc->first, 0, frame->is_flat});
        break;
    }
    return *room < 0 ? FITS_NOT : FITS_SO_FAR;
}

/* Does the group fit on this line, from column `here`, with what follows it there? */
static bool fits(struct mst_layout *layout, struct mst_doc *group, uint32_t here)
{
    int64_t room = (int64_t)MST_LAYOUT_COLUMNS - here;
    bool has_comment = layout->must_end, is_first = true;
    size_t rest = layout->frame_count;
    layout->scanned_count = 0;
    push_scanned(layout, (struct mst_doc_frame){group->first, 0, true});
    for (;;) {
        if (layout->scanned_count == 0) {
            if (rest == 0)
                return true;
            push_scanned(layout, layout->frames[--rest]);
        }
        if (layout->arena->failed)
            return true;
        struct mst_doc_frame frame = layout->scanned[--layout->scanned_count];
        if (frame.doc->next != NULL)
            push_scanned(layout, (struct mst_doc_frame){frame.doc->next, 0, frame.is_flat});
        enum fit fit = look_at(layout, &frame, &room, &has_comment, is_first);
        if (fit != FITS_SO_FAR)
            return fit == FITS;
        is_first = is_first && frame.doc->kind != MST_DOC_TOKEN;
    }
}

static void print_one(struct mst_layout *layout, const struct mst_doc_frame *frame)
{
    struct mst_doc *doc = frame->doc;
    uint32_t here = layout->at_line_start ? frame->indent : layout->column + layout->spaces;
    switch (doc->kind) {
    case MST_DOC_TOKEN: put_token(layout, doc->number, frame->indent); break;
    case MST_DOC_SPACES: layout->spaces += doc->number; break;
    case MST_DOC_LINE:
    case MST_DOC_SOFT:
        if (!frame->is_flat)
            end_line(layout);
        layout->keeps_blank = layout->keeps_blank || (!frame->is_flat && doc->number != 0);
        layout->spaces += frame->is_flat && doc->kind == MST_DOC_LINE;
        break;
    case MST_DOC_BREAK:
        end_line(layout);
        layout->keeps_blank = doc->number != 0;
        layout->needs_blank = doc->is_wide;
        break;
    case MST_DOC_COMMENTS: put_comment_lines(layout, doc->number, frame->indent); break;
    case MST_DOC_SEQUENCE:
        push(layout,
             (struct mst_doc_frame){doc->first, doc->is_align ? here : frame->indent + doc->number,
                                    frame->is_flat || (doc->is_group && fits(layout, doc, here))});
        break;
    }
}

void mst_layout_print(struct mst_layout *layout, struct mst_doc *doc)
{
    layout->frame_count = 0;
    layout->at_line_start = true;
    layout->has_first_token = layout->must_end = false;
    layout->keeps_blank = layout->needs_blank = false;
    layout->spaces = layout->column = 0;
    layout->begin = layout->first_token_at = layout->out_len;
    push(layout, (struct mst_doc_frame){doc, 0, false});
    while (layout->frame_count > 0 && !layout->arena->failed) {
        struct mst_doc_frame frame = layout->frames[--layout->frame_count];
        push(layout, (struct mst_doc_frame){frame.doc->next, frame.indent, frame.is_flat});
        print_one(layout, &frame);
    }
    end_line(layout);
}

/* ---- comments at the ends of lines --------------------------------------------------------- */

struct line {
    const char *text;
    uint32_t len, comment_at; /* comment_at: MST_LAYOUT_NONE if there is none */
    uint32_t columns;         /* before the comment */
};

static struct line read_line(const char *at, const char *end)
{
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    uint32_t len = (uint32_t)((line_end != NULL ? line_end : end) - at);
    const char *mark = memchr(at, COMMENT_MARK, len);
    uint32_t before = mark != NULL ? (uint32_t)(mark - at) : MST_LAYOUT_NONE;
    return (struct line){at, len, before, mark != NULL ? count_columns(at, before) : 0};
}

static void put_line(struct mst_layout *layout, const struct line *line, uint32_t column)
{
    if (line->comment_at == MST_LAYOUT_NONE) {
        put_bytes(layout, line->text, line->len);
    } else {
        put_bytes(layout, line->text, line->comment_at);
        put_columns(layout, column > line->columns ? column - line->columns : 2);
        put_bytes(layout, line->text + line->comment_at + 1, line->len - line->comment_at - 1);
    }
    put_bytes(layout, "\n", 1);
}

void mst_layout_line_up(struct mst_layout *layout)
{
    const char *at = layout->out, *end = at + layout->out_len;
    layout->out = NULL;
    layout->out_len = layout->out_capacity = 0;
    while (at < end && !layout->arena->failed) {
        const char *run_end = at;
        uint32_t column = 0;
        for (struct line line; run_end < end; run_end += line.len + 1) {
            line = read_line(run_end, end);
            if (line.comment_at == MST_LAYOUT_NONE)
                break;
            if (line.columns + 2 > column && line.columns < MST_LAYOUT_COLUMNS * 3 / 4)
                column = line.columns + 2;
        }
        bool is_run = run_end > at;
        for (bool is_first = true; is_first || (is_run && at < run_end); is_first = false) {
            struct line line = read_line(at, end);
            put_line(layout, &line, column);
            at += line.len + 1;
        }
    }
}
