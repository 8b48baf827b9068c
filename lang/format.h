/* SPDX-License-Identifier: Apache-2.0
 *
 * format.h - the formatter: from the tokens of a module without mistakes to a described layout
 * (format_layout.h). It walks the tokens as the grammar does, which has accepted them, and moves
 * none: what it makes differs from what it reads in white space and in commas before a closing
 * bracket only. Private to format*.c. */
#ifndef MST_LANG_FORMAT_H
#define MST_LANG_FORMAT_H

#include "format_layout.h"
#include "lex.h"

/* The text of a source that could be read without a mistake, in its canonical layout; NULL once
 * the arena has failed. */
const char *mst_format_module(struct mst_arena *arena, struct mst_atoms *atoms,
                              struct mst_diags *diags, uint32_t source, size_t *len);

struct mst_format {
    struct mst_arena *arena;
    struct mst_layout layout;
    uint32_t token_count;
    uint32_t at;      /* the token that comes next */
    bool in_one_line; /* of what is written now, no line ends: a message, a short block */
};

/* ---- walking (format_tokens.c) ----------------------------------------------------------- */

/* Reads all tokens of a source and gives each its comments; false once the arena has failed. */
bool mst_format_read(struct mst_format *f, struct mst_atoms *atoms, struct mst_diags *diags,
                     uint32_t source);

int mst_format_kind(const struct mst_format *f);
struct mst_layout_token *mst_format_token(const struct mst_format *f);
/* Appends the next token to a sequence and goes on. */
void mst_format_take(struct mst_format *f, struct mst_doc *to);
/* Appends the comma between two parts of a list; one before a closing bracket is left out. False
 * at the end of the list. */
bool mst_format_take_comma(struct mst_format *f, struct mst_doc *to);
/* The bracket that closes the one at `open`. */
uint32_t mst_format_closing(const struct mst_format *f, uint32_t open);
/* No comment stands behind token `from` and before token `to`, and both are on one line. */
bool mst_format_is_one_line(const struct mst_format *f, uint32_t from, uint32_t to);

void mst_format_space(struct mst_format *f, struct mst_doc *to);
/* Before a text that breaks nothing, however long it is. */
void mst_format_loose_space(struct mst_format *f, struct mst_doc *to);
void mst_format_line(struct mst_format *f, struct mst_doc *to);
/* The same between parts of a list: empty lines of the source are kept there. */
void mst_format_next(struct mst_format *f, struct mst_doc *to);
void mst_format_soft(struct mst_format *f, struct mst_doc *to);
/* A new sequence at the end of `to` (may be NULL). */
struct mst_doc *mst_format_sequence(struct mst_format *f, struct mst_doc *to, uint32_t indent);
struct mst_doc *mst_format_group(struct mst_format *f, struct mst_doc *to, uint32_t indent);
struct mst_doc *mst_format_align(struct mst_format *f, struct mst_doc *to);

/* ---- columns (format_columns.c) ---------------------------------------------------------- */

#define MST_FORMAT_MAX_CELLS 24

/* One line of several whose parts stand below each other. */
struct mst_format_row {
    struct mst_doc *doc;
    struct mst_doc *cells[MST_FORMAT_MAX_CELLS];
    struct mst_doc *pads[MST_FORMAT_MAX_CELLS]; /* behind each cell */
    uint32_t count;
    uint32_t extra; /* columns by which its first pad is longer: what the others have there */
};

struct mst_format_rows {
    struct mst_format_row *items;
    size_t count, capacity;
};

struct mst_format_row *mst_format_add_row(struct mst_format *f, struct mst_format_rows *rows,
                                          struct mst_doc *doc);
/* A new cell of the row; what it holds is added to it. The cells above MST_FORMAT_MAX_CELLS are one
 * with the last. */
struct mst_doc *mst_format_cell(struct mst_format *f, struct mst_format_row *row);
/* Gives the pads of some rows their lengths. Cells wider than `most` stand as they are. */
void mst_format_align_rows(struct mst_format *f, struct mst_format_row *rows, size_t count,
                           uint32_t most);
/* The same, unless a row would then be wider than a line, `indent` included. */
void mst_format_align_short_rows(struct mst_format *f, struct mst_format_row *rows, size_t count,
                                 uint32_t indent);

/* A block in braces: { parts }, one of them a line by `part`, which fills a row; with their cells
 * below each other. On one line where it was written so, without comments, and fits. */
typedef void mst_format_part(struct mst_format *f, struct mst_format_row *row);
void mst_format_block(struct mst_format *f, struct mst_doc *to, uint32_t width_before,
                      mst_format_part *part);

/* ---- expressions (format_expr.c) ----------------------------------------------------------- */

void mst_format_expr(struct mst_format *f, struct mst_doc *to);
/* An expression, list or record as tests have them. */
void mst_format_element(struct mst_format *f, struct mst_doc *to);
/* `=` and the expression behind it. */
void mst_format_value(struct mst_format *f, struct mst_doc *to);
void mst_format_text(struct mst_format *f, struct mst_doc *to);
void mst_format_path(struct mst_format *f, struct mst_doc *to);
void mst_format_type(struct mst_format *f, struct mst_doc *to);
void mst_format_braces(struct mst_format *f, struct mst_doc *to);
void mst_format_fields(struct mst_format *f, struct mst_doc *to);
bool mst_format_is_text(const struct mst_format *f);

/* ---- items (format_items.c, format_rules.c) ------------------------------------------------ */

/* The item that comes next. Items that may stand in lines below each other (let, set, param) fill
 * the cells of `row`. */
void mst_format_item(struct mst_format *f, struct mst_format_row *row);
void mst_format_policy(struct mst_format *f, struct mst_doc *to);
void mst_format_decision(struct mst_format *f, struct mst_doc *to);
void mst_format_test(struct mst_format *f, struct mst_doc *to);
void mst_format_rows_in_braces(struct mst_format *f, struct mst_doc *to, uint32_t width_before);

#endif
