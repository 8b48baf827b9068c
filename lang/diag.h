/* SPDX-License-Identifier: Apache-2.0
 *
 * diag.h - reporting an author's mistakes: a bounded list of diagnostics, each with a stable code
 * of diag.def, a span, and words that say what to write instead. */
#ifndef MST_LANG_DIAG_H
#define MST_LANG_DIAG_H

#include <stdarg.h>

#include "arena.h"
#include "ast.h"

/* diag.def: MST_DIAG(number, SEVERITY, NAME, "what it is about, for spec/diagnostics.md") with
 * the code E or W and four digits: 01xx text and words, 02xx grammar, 03xx names, 04xx types,
 * 05xx values and time, 06xx items, 07xx tables, 08xx bounds, 09xx tests; warnings 1xxx. */
enum mst_diag_id {
#define MST_DIAG(number, severity, name, doc) MST_DIAG_##name = (number),
#include "diag.def"
#undef MST_DIAG
};

struct mst_source {
    const char *path;
    const char *text; /* with a zero byte behind it */
    uint32_t len;
    uint32_t *line_starts; /* made when first needed */
    uint32_t line_count;
    uint32_t known_at, known_column; /* the place asked for last: long lines are counted once */
};

struct mst_diag {
    enum mst_diag_id id;
    bool is_warning;
    char code[6]; /* E0201 */
    struct mst_span span, other;
    const char *message, *help, *other_message; /* in the arena; help, other_message may be NULL */
};

struct mst_diags {
    struct mst_arena *arena;
    struct mst_source *sources; /* grows; numbered from 0 */
    size_t source_count, source_capacity;
    struct mst_diag *list;
    size_t count, capacity, max_errors, error_count, dropped;
    struct mst_diag spare; /* what is over the limit is written here */
    bool only_certain;     /* parts could not be read: only what they cannot have caused counts */
};

void mst_diags_init(struct mst_diags *diags, struct mst_arena *arena, size_t max_errors);
/* Copies the text; returns its number, or UINT32_MAX when out of memory or over 4 GiB. */
uint32_t mst_diags_add_source(struct mst_diags *diags, const char *path, const char *text,
                              size_t len);

/* Reports; returns the diagnostic so that help and a second place can be added (never NULL: what
 * is over the limit goes to a spare one). The same id at the same span is reported once. */
struct mst_diag *mst_diag_report(struct mst_diags *diags, enum mst_diag_id id, struct mst_span span,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));
void mst_diag_help(struct mst_diags *diags, struct mst_diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void mst_diag_other(struct mst_diags *diags, struct mst_diag *diag, struct mst_span span,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* No more errors are kept: whoever goes through a long input may stop. */
bool mst_diags_full(const struct mst_diags *diags);

/* "E0201": letter and four digits, in the arena; NULL when that has failed. */
/* Bytes of the character at `at`, a stray byte counting as one with those behind it. */
uint32_t mst_diag_character(const char *at, const char *end);
/* Controls, also those of bidirectional text, and what is no UTF-8: not for a terminal. */
bool mst_diag_is_harmful(const char *at, uint32_t len);

/* Of `candidates`, the one that `wrong` most likely was meant to be (case, one or two letters),
 * or NULL: for "did you mean". */
const char *mst_diag_nearest(const char *wrong, const char *const *candidates, size_t count);

/* Sorts by source and place; once, at the end. */
void mst_diags_sort(struct mst_diags *diags);

/* Line and column (from 1, in characters) of an offset. */
void mst_source_place(struct mst_diags *diags, uint32_t source, uint32_t at, uint32_t *line,
                      uint32_t *column);
/* The bytes of a line (from 1) without its line end; an empty span if there is no such line. */
struct mst_span mst_source_line(struct mst_diags *diags, uint32_t source, uint32_t line);

/* A diagnostic as text for people: place, code and message, the source line with the span
 * underlined, the other place, the help. Writes as much as fits (no zero byte behind) and returns
 * the whole length. */
size_t mst_diag_render(struct mst_diags *diags, const struct mst_diag *diag, bool color,
                       char *buffer, size_t capacity);

#endif
