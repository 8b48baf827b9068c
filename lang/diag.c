/* SPDX-License-Identifier: Apache-2.0
 *
 * diag.c - the bounded list of an author's mistakes. What is over the limit is counted and
 * written to a spare one, so that no caller needs a second path. How a diagnostic looks is
 * diag_render.c; where it is, source.c. */
#include "diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/builtins.h"

#define DEFAULT_MAX_ERRORS 100
#define MAX_BESIDE 2000 /* bytes between two errors that may come of one mistake */

struct description {
    enum mst_diag_id id;
    bool is_warning;
};

enum { SEVERITY_ERROR = 0, SEVERITY_WARNING = 1 };

static const struct description descriptions[] = {
#define MST_DIAG(number, severity, name, doc) {MST_DIAG_##name, SEVERITY_##severity == 1},
#include "diag.def"
#undef MST_DIAG
};

void mst_diags_init(struct mst_diags *diags, struct mst_arena *arena, size_t max_errors)
{
    memset(diags, 0, sizeof *diags);
    diags->arena = arena;
    diags->max_errors = max_errors != 0 ? max_errors : DEFAULT_MAX_ERRORS;
}

/* ---- what a terminal may show -------------------------------------------------------------- */

uint32_t mst_diag_character(const char *at, const char *end)
{
    uint32_t len = 1;
    while (at + len < end && ((unsigned char)at[len] & 0xC0u) == 0x80u)
        len++;
    return len;
}

bool mst_diag_is_harmful(const char *at, uint32_t len)
{
    const unsigned char *c = (const unsigned char *)at;
    if (len == 1)
        return c[0] < 0x20 || c[0] >= 0x7F;
    if (!mst_utf8_valid(at, len))
        return true;
    if (len == 2)
        return (c[0] == 0xC2 && c[1] < 0xA0) || (c[0] == 0xD8 && c[1] == 0x9C);
    if (len == 3 && c[0] == 0xE2)
        return (c[1] == 0x80 && ((c[2] >= 0xAA && c[2] <= 0xAE) || c[2] == 0x8E || c[2] == 0x8F)) ||
               (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
    return false;
}

/* A message quotes sources: each byte of what is harmful becomes a mark. */
__attribute__((format(printf, 2, 0))) static const char *
format_harmless(struct mst_diags *diags, const char *format, va_list args)
{
    char *text = mst_arena_vprintf(diags->arena, format, args);
    const char *end = text != NULL ? text + strlen(text) : NULL;
    uint32_t len = 0;
    for (char *at = text; at != end; at += len) {
        len = mst_diag_character(at, end);
        if (mst_diag_is_harmful(at, len))
            memset(at, '?', len);
    }
    return text;
}

/* ---- the list ------------------------------------------------------------------------------ */

bool mst_diags_full(const struct mst_diags *diags)
{
    return diags->dropped != 0;
}

static bool is_warning_id(enum mst_diag_id id)
{
    for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++)
        if (descriptions[i].id == id)
            return descriptions[i].is_warning;
    return false;
}

static struct mst_diag *find_reported(struct mst_diags *diags, enum mst_diag_id id,
                                      struct mst_span span)
{
    for (size_t i = diags->count; i-- > 0;) {
        struct mst_diag *diag = &diags->list[i];
        if (diag->id == id && diag->span.source == span.source && diag->span.at == span.at &&
            diag->span.len == span.len)
            return diag;
    }
    return NULL;
}

/* Has the author been told of something on this line or the next? It may be the same mistake. */
static bool is_beside_error(const struct mst_diags *diags, struct mst_span span)
{
    const char *text = diags->sources[span.source].text;
    for (size_t i = 0; i < diags->count; i++) {
        struct mst_span other = diags->list[i].span;
        uint32_t from = span.at < other.at ? span.at : other.at;
        uint32_t to = span.at < other.at ? other.at : span.at;
        if (other.source != span.source || to - from > MAX_BESIDE)
            continue;
        unsigned lines = 0;
        for (uint32_t at = from; at < to && lines < 2; at++)
            lines += text[at] == '\n';
        if (lines == 0 || (lines == 1 && span.at < other.at))
            return true;
    }
    return false;
}

/* Wrong whatever stood in the items that could not be read: a fact that its group, read as a whole,
 * does not have, and types that do not go together. A name may have been declared there. */
static bool is_certain(enum mst_diag_id id)
{
    switch (id) {
    case MST_DIAG_FACT_UNKNOWN:
    case MST_DIAG_EXPECTED:
    case MST_DIAG_MISMATCH:
    case MST_DIAG_EQ_UNKNOWN:
    case MST_DIAG_NO_EQUALITY:
    case MST_DIAG_NO_ORDER:
    case MST_DIAG_OR_MEMBER:
    case MST_DIAG_ARITHMETIC: return true;
    default: return false;
    }
}

/* Errors and warnings have separate room, so that a thousand warnings cannot hide an error. */
static struct mst_diag *add_diag(struct mst_diags *diags, bool is_warning)
{
    size_t same_kind = is_warning ? diags->count - diags->error_count : diags->error_count;
    if (same_kind >= diags->max_errors) {
        diags->dropped += is_warning ? 0 : 1;
        return &diags->spare;
    }
    struct mst_diag *list = mst_arena_grow(diags->arena, diags->list, diags->count,
                                           &diags->capacity, sizeof *diags->list);
    if (list == NULL)
        return &diags->spare;
    diags->list = list;
    diags->error_count += is_warning ? 0 : 1;
    return &list[diags->count++];
}

struct mst_diag *mst_diag_report(struct mst_diags *diags, enum mst_diag_id id, struct mst_span span,
                                 const char *format, ...)
{
    if (find_reported(diags, id, span) != NULL)
        return &diags->spare;
    if (diags->only_certain && (!is_certain(id) || is_beside_error(diags, span)))
        return &diags->spare;
    bool is_warning = is_warning_id(id);
    struct mst_diag *diag = add_diag(diags, is_warning);
    memset(diag, 0, sizeof *diag);
    diag->id = id;
    diag->is_warning = is_warning;
    diag->span = span;
    if (diag == &diags->spare)
        return diag;
    (void)snprintf(diag->code, sizeof diag->code, "%c%04u", is_warning ? 'W' : 'E',
                   (unsigned)id % 10000);
    va_list args;
    va_start(args, format);
    diag->message = format_harmless(diags, format, args);
    va_end(args);
    return diag;
}

void mst_diag_help(struct mst_diags *diags, struct mst_diag *diag, const char *format, ...)
{
    if (diag == &diags->spare)
        return;
    va_list args;
    va_start(args, format);
    diag->help = format_harmless(diags, format, args);
    va_end(args);
}

void mst_diag_other(struct mst_diags *diags, struct mst_diag *diag, struct mst_span span,
                    const char *format, ...)
{
    if (diag == &diags->spare)
        return;
    va_list args;
    va_start(args, format);
    diag->other = span;
    diag->other_message = format_harmless(diags, format, args);
    va_end(args);
}

static int compare_diags(const void *left, const void *right)
{
    const struct mst_diag *a = left, *b = right;
    if (a->span.source != b->span.source)
        return a->span.source < b->span.source ? -1 : 1;
    if (a->span.at != b->span.at)
        return a->span.at < b->span.at ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->span.len < b->span.len ? -1 : a->span.len > b->span.len;
}

void mst_diags_sort(struct mst_diags *diags)
{
    if (diags->count > 1)
        qsort(diags->list, diags->count, sizeof *diags->list, compare_diags);
}
