/* SPDX-License-Identifier: Apache-2.0
 *
 * format.c - mst_format(): the canonical layout of a module. Items are described and printed one
 * by one; what stands between them is decided here. */
#include "format.h"

#include <string.h>

#include "grammar.h"

struct item {
    struct mst_format_row row;
    int kind;
    uint32_t first;    /* its first token */
    bool is_line;      /* of one line, where neighbours may be lined up */
    size_t begin, end; /* what was printed */
    uint32_t line_count;
};

struct items {
    struct item *list;
    size_t count, capacity;
};

static bool is_aligned(int kind)
{
    return kind == TOK_LET || kind == TOK_SET || kind == TOK_PARAM;
}

/* Nothing but a line end stands between this item and the one before. */
static bool follows_closely(const struct mst_format *f, const struct item *item)
{
    const struct mst_layout_token *token = &f->layout.tokens[item->first];
    return token->comment_count == 0 && !token->blank_before;
}

static bool has_comment_inside(const struct mst_format *f, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i + 1 < to; i++)
        if (f->layout.tokens[i].trailing != MST_LAYOUT_NONE ||
            f->layout.tokens[i + 1].comment_count > 0)
            return true;
    return false;
}

static void describe_header(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    mst_format_space(f, to);
    mst_format_path(f, to);
    for (;;) {
        int kind = mst_format_kind(f);
        if (kind == TOK_VERSION)
            mst_format_space(f, to);
        else if (kind == TOK_TEXT || kind == TOK_EFFECTIVE)
            mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_BREAK, 0));
        else
            return;
        uint32_t words = kind == TOK_VERSION ? 2 : kind == TOK_TEXT ? 1 : 3;
        for (uint32_t i = 0; i < words; i++) {
            if (i > 0)
                mst_format_space(f, to);
            mst_format_take(f, to);
        }
    }
}

static void describe(struct mst_format *f, struct item *item)
{
    item->kind = mst_format_kind(f);
    item->first = f->at;
    item->row = (struct mst_format_row){.doc = mst_format_sequence(f, NULL, 0)};
    if (item->kind == TOK_MODULE)
        describe_header(f, item->row.doc);
    else if (item->kind == TOK_END)
        mst_doc_add(item->row.doc, mst_doc_new(&f->layout, MST_DOC_COMMENTS, f->at));
    else
        mst_format_item(f, &item->row);
    if (!is_aligned(item->kind))
        return;
    mst_format_align_rows(f, &item->row, 1, 0);
    item->is_line = mst_doc_width(&f->layout, item->row.doc) <= MST_LAYOUT_COLUMNS &&
                    !has_comment_inside(f, item->first, f->at);
}

static bool describe_all(struct mst_format *f, struct items *items)
{
    for (bool is_end = false; !is_end && !f->arena->failed;) {
        items->list = mst_arena_grow(f->arena, items->list, items->count, &items->capacity,
                                     sizeof *items->list);
        if (items->list == NULL)
            return false;
        struct item *item = &items->list[items->count++];
        memset(item, 0, sizeof *item);
        describe(f, item);
        is_end = item->kind == TOK_END;
    }
    return !f->arena->failed;
}

/* Neighbours of one kind and one line each have their parts below each other. */
static void line_up(struct mst_format *f, struct items *items)
{
    struct mst_format_rows rows = {0};
    for (size_t i = 0; i <= items->count; i++) {
        const struct item *item = i < items->count ? &items->list[i] : NULL;
        bool goes_on = item != NULL && rows.count > 0 && item->is_line &&
                       item->kind == item[-1].kind && follows_closely(f, item);
        if (!goes_on) {
            mst_format_align_short_rows(f, rows.items, rows.count, 0);
            rows.count = 0;
        }
        if (item == NULL || !item->is_line)
            continue;
        struct mst_format_row *row = mst_format_add_row(f, &rows, NULL);
        if (row != NULL)
            *row = item->row;
    }
}

static void print(struct mst_format *f, struct item *item)
{
    struct mst_layout *layout = &f->layout;
    item->begin = layout->out_len;
    mst_layout_print(layout, item->row.doc);
    item->end = layout->out_len;
    for (size_t i = layout->first_token_at; i < item->end; i++)
        item->line_count += layout->out[i] == '\n';
}

static bool has_blank_between(const struct mst_format *f, const struct item *before,
                              const struct item *item)
{
    const struct mst_layout_token *token = &f->layout.tokens[item->first];
    bool is_written = token->comment_count > 0
                          ? f->layout.comments[token->first_comment].blank_before
                          : token->blank_before;
    bool are_lines = before->line_count == 1 && item->line_count == 1;
    if (item->kind == TOK_END)
        return is_written && token->comment_count > 0;
    return is_written || !are_lines || before->kind != item->kind;
}

/* Prints all, with empty lines between them. */
static void print_all(struct mst_format *f, struct items *items)
{
    struct mst_layout *layout = &f->layout;
    for (size_t i = 0; i < items->count; i++)
        print(f, &items->list[i]);
    size_t capacity = layout->out_len + items->count;
    char *text = mst_arena_alloc(f->arena, capacity + 1, 1);
    if (text == NULL)
        return;
    size_t len = 0;
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->list[i];
        if (i > 0 && has_blank_between(f, item - 1, item))
            text[len++] = '\n';
        if (item->end > item->begin)
            memcpy(text + len, layout->out + item->begin, item->end - item->begin);
        len += item->end - item->begin;
    }
    layout->out = text;
    layout->out_len = len;
    mst_layout_line_up(layout);
}

const char *mst_format_module(struct mst_arena *arena, struct mst_atoms *atoms,
                              struct mst_diags *diags, uint32_t source, size_t *len)
{
    struct mst_format f = {.arena = arena};
    struct items items = {0};
    if (!mst_format_read(&f, atoms, diags, source) || !describe_all(&f, &items))
        return NULL;
    line_up(&f, &items);
    print_all(&f, &items);
    *len = f.layout.out_len;
    return arena->failed ? NULL : f.layout.out;
}
