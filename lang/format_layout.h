/* SPDX-License-Identifier: Apache-2.0
 *
 * format_layout.h - where the lines of a formatted rule file end. A module is tokens and
 * sequences of them, with places at which a line may or must end; printing breaks the outermost
 * sequences first, and only those that do not fit. Nothing here knows the grammar.
 *
 * Comments belong to the tokens: lines of comment stand before theirs, a comment at the end of a
 * line stands behind the last one on it. So none is lost, wherever it was written. */
#ifndef MST_LANG_FORMAT_LAYOUT_H
#define MST_LANG_FORMAT_LAYOUT_H

#include "arena.h"

/* Longer lines are broken where that is possible; texts never are. */
#define MST_LAYOUT_COLUMNS 100

struct mst_layout_comment {
    const char *text;
    uint32_t len;
    bool blank_before; /* an empty line before it */
};

#define MST_LAYOUT_NONE UINT32_MAX

struct mst_layout_token {
    int kind; /* of grammar.y */
    const char *text;
    uint32_t len;
    uint32_t at;                           /* in the source, in bytes */
    uint32_t line, end_line;               /* of the source, from 0 */
    uint32_t first_comment, comment_count; /* lines of comment before it */
    uint32_t trailing;                     /* the comment behind it, or MST_LAYOUT_NONE */
    bool blank_before; /* an empty line before it, behind its lines of comment */
};

enum mst_doc_kind {
    MST_DOC_TOKEN,    /* number: which */
    MST_DOC_SPACES,   /* number: how many */
    MST_DOC_LINE,     /* one blank, or the end of a line where its group is broken */
    MST_DOC_SOFT,     /* nothing, or the end of a line where its group is broken */
    MST_DOC_BREAK,    /* the end of a line, always; an empty line of the source is kept behind */
    MST_DOC_COMMENTS, /* the lines of comment of token `number`, before it is met: in its block */
    MST_DOC_SEQUENCE, /* first, last: its parts; number: how much deeper its lines begin */
};

struct mst_doc {
    enum mst_doc_kind kind;
    bool is_group; /* SEQUENCE: its lines are broken together, or none is */
    bool is_align; /* SEQUENCE: its lines begin where it begins */
    bool is_loose; /* SPACES: what follows may stand out beyond the columns of a line */
    bool is_wide;  /* BREAK: an empty line, whatever the source has */
    uint32_t number;
    struct mst_doc *first, *last, *next;
};

struct mst_layout {
    struct mst_arena *arena;
    struct mst_layout_token *tokens;
    struct mst_layout_comment *comments;
    char *out;
    size_t out_len, out_capacity;
    size_t begin, first_token_at; /* of the last doc in `out`, and of its first token */
    uint32_t column, spaces;
    bool at_line_start, must_end, keeps_blank, needs_blank, has_first_token;
    struct mst_doc_frame *frames, *scanned; /* stacks of printing and of looking ahead */
    size_t frame_count, frame_capacity, scanned_count, scanned_capacity;
    bool *shown; /* by token: its lines of comment are printed */
};

struct mst_doc *mst_doc_new(struct mst_layout *layout, enum mst_doc_kind kind, uint32_t number);
/* Appends to a sequence; NULL is allowed for either. Returns the part. */
struct mst_doc *mst_doc_add(struct mst_doc *sequence, struct mst_doc *part);
/* Columns it takes on one line, comments not counted. */
uint32_t mst_doc_width(const struct mst_layout *layout, const struct mst_doc *doc);

/* All of it on one line, in the arena, without comments; NULL once that has failed. */
const char *mst_doc_text(struct mst_layout *layout, const struct mst_doc *doc);
/* It stands on one line, comments not counted. */
bool mst_doc_is_line(const struct mst_doc *doc);

/* Prints behind what there is in `out`, beginning and ending with a line. */
void mst_layout_print(struct mst_layout *layout, struct mst_doc *doc);
/* Lines up the comments at the ends of neighbouring lines: once, at the end. */
void mst_layout_line_up(struct mst_layout *layout);

#endif
