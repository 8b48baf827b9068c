/* SPDX-License-Identifier: Apache-2.0
 *
 * mutants.c - the changes to try: in each place where a rule could be slightly wrong, the text that
 * would make it so. */
#include "mutants.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct making {
    mst_author_mutation *mutation;
    const mst_author_root *root;
    const mst_image *image;
    bool is_test; /* the root holds tests alone */
};

#define NO_PIECE                                                                                   \
    (struct mst_piece)                                                                             \
    {                                                                                              \
        0, 0                                                                                       \
    }

/* ---- adding -------------------------------------------------------------------------------- */

static char *one_line(mst_text text)
{
    size_t len = 0, from = 0;
    char *line = mst_memory_text(text);
    for (; from < text.len; from++) {
        bool is_blank = strchr(" \t\r\n", line[from]) != NULL;
        if (!is_blank || (len > 0 && line[len - 1] != ' '))
            line[len++] = is_blank ? ' ' : line[from];
    }
    line[len] = '\0';
    return line;
}

static bool is_known(const mst_author_mutation *mutation, const mst_author_mutant *new)
{
    for (size_t i = 0; i < mutation->count; i++) {
        const mst_author_mutant *m = &mutation->mutants[i];
        if (m->offset == new->offset && m->len == new->len &&strcmp(m->path, new->path) == 0 &&
            strcmp(m->after, new->after) == 0)
            return true;
    }
    return false;
}

/* Line and column of a byte of a source. */
static void find_place(const char *text, mst_author_mutant *mutant)
{
    mutant->line = mutant->column = 1;
    for (uint32_t i = 0; i < mutant->offset; i++) {
        bool is_end = text[i] == '\n';
        bool is_inside = ((unsigned char)text[i] & 0xC0u) == 0x80u;
        mutant->line += is_end;
        mutant->column = is_end ? 1 : mutant->column + !is_inside;
    }
}

/* `after` is taken over. */
static void add(struct making *making, const char *path, uint32_t offset, mst_text context,
                struct mst_piece piece, const char *what, char *after)
{
    const mst_author_source *source = mst_author_sources_find(making->root->sources, path);
    mst_author_mutant mutant = {
        .path = source != NULL ? source->path : NULL,
        .offset = offset + piece.at,
        .len = piece.len,
        .what = what,
        .after = after,
    };
    if (source == NULL || (making->is_test && strcmp(path, making->root->path) == 0) ||
        is_known(making->mutation, &mutant)) {
        free(after);
        return;
    }
    find_place(source->text, &mutant);
    mutant.before = mst_memory_copy(context.ptr + piece.at, piece.len);
    mutant.context = one_line(context);
    *MST_MEMORY_ADD(making->mutation->mutants, making->mutation->count) = mutant;
}

static void add_site(struct making *making, const mst_site *site, struct mst_piece piece,
                     const char *what, char *after)
{
    if (piece.len > 0)
        add(making, site->place.path, site->offset, site->text, piece, what, after);
    else
        free(after);
}

static char *copy(const char *text)
{
    return mst_memory_copy(text, strlen(text));
}

/* ---- operators ----------------------------------------------------------------------------- */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Behind the text or comment that begins here; `i` itself where none does. */
static uint32_t skip_text(mst_text text, uint32_t i)
{
    char end = text.ptr[i] == '"' ? '"' : '\n';
    if (text.ptr[i] != '"' && text.ptr[i] != '#')
        return i;
    for (i++; i < text.len && text.ptr[i] != end; i++)
        ;
    return i < text.len ? i + 1 : i;
}

static bool stands_here(mst_text text, uint32_t i, const char *word)
{
    uint32_t len = (uint32_t)strlen(word);
    if (i + len > text.len || memcmp(text.ptr + i, word, len) != 0)
        return false;
    if (!is_word_char(*word))
        return i + len >= text.len || strchr("<>=!", text.ptr[i + len]) == NULL;
    return (i == 0 || !is_word_char(text.ptr[i - 1])) &&
           (i + len == text.len || !is_word_char(text.ptr[i + len]));
}

/* The last place of an operator outside of brackets: where a chain of them is split. */
static struct mst_piece find_operator(mst_text text, const char *const *words, size_t *which)
{
    struct mst_piece found = NO_PIECE;
    int depth = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        uint32_t behind = skip_text(text, i);
        if (behind != i) {
            i = behind - 1;
            continue;
        }
        depth += strchr("([{", text.ptr[i]) != NULL;
        depth -= strchr(")]}", text.ptr[i]) != NULL;
        for (size_t w = 0; depth == 0 && words[w] != NULL; w++)
            if (stands_here(text, i, words[w])) {
                found = (struct mst_piece){i, (uint32_t)strlen(words[w])};
                *which = w;
                i += found.len - 1;
                break;
            }
    }
    return found;
}

static void mutate_operator(struct making *making, const mst_site *site, const char *what,
                            const char *const *words, const char *const *others)
{
    size_t which = 0;
    struct mst_piece piece = find_operator(site->text, words, &which);
    add_site(making, site, piece, what, copy(piece.len > 0 ? others[which] : ""));
}

static void mutate_logic(struct making *making, const mst_site *site)
{
    static const char *const comparisons[] = {"==", "!=", "<=", ">=", "<", ">", NULL};
    static const char *const shifted[] = {"!=", "==", "<", ">", "<=", ">="};
    static const char *const ands[] = {"and", "or", NULL}, *const ors[] = {"or", "and"};
    static const char *const ins[] = {"not in", "in", NULL}, *const outs[] = {"in", "not in"};
    static const char *const are[] = {"is not unknown", "is unknown", NULL};
    static const char *const are_not[] = {"is unknown", "is not unknown"};
    switch (site->kind) {
    case MST_SITE_COMPARISON:
        mutate_operator(making, site, "comparison", comparisons, shifted);
        break;
    case MST_SITE_AND:
    case MST_SITE_OR: mutate_operator(making, site, "and/or", ands, ors); break;
    case MST_SITE_IN: mutate_operator(making, site, "in", ins, outs); break;
    case MST_SITE_IS_UNKNOWN: mutate_operator(making, site, "is unknown", are, are_not); break;
    case MST_SITE_NOT:
        add_site(making, site, (struct mst_piece){0, 3}, "not dropped", copy(""));
        break;
    default: break;
    }
}

/* ---- parts of rules ------------------------------------------------------------------------ */

static void mutate_role(struct making *making, const mst_site *site, mst_site_kind parent)
{
    struct mst_piece whole = {0, site->text.len};
    if (site->role == MST_ROLE_REQUIRE)
        add_site(making, site, whole, "requirement dropped", copy("true"));
    else if (site->role == MST_ROLE_UNDECIDED)
        add_site(making, site, whole, "undecided dropped", copy("false"));
    else if (site->role == MST_ROLE_WHEN && parent == MST_SITE_CASE)
        add_site(making, site, whole, "case dropped", copy("false"));
    else if (site->role == MST_ROLE_WHEN)
        add_site(making, site, whole, "when dropped", copy("true"));
}

/* ---- values -------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "0123-05-17..." */
static bool looks_like_day(mst_text text)
{
    static const char shape[] = "dddd-dd-dd";
    for (uint32_t i = 0; i < sizeof shape - 1; i++)
        if (i >= text.len || (shape[i] == 'd' ? !is_digit(text.ptr[i]) : text.ptr[i] != '-'))
            return false;
    return true;
}

/* The number that ends at `end` one up, or one down where that stays in two digits of a day. */
static char *shift_number(mst_text text, uint32_t end, int64_t most, struct mst_piece *piece)
{
    uint32_t begin = end;
    int64_t number = 0;
    while (begin > 0 && is_digit(text.ptr[begin - 1]))
        begin--;
    *piece = (struct mst_piece){begin, end - begin};
    if (end == begin || end - begin > 15)
        return copy("");
    for (uint32_t i = begin; i < end; i++)
        number = number * 10 + (text.ptr[i] - '0');
    number += number < most ? 1 : -1;
    return mst_memory_format("%0*lld", (int)(end - begin), (long long)number);
}

/* A number, version, day or the like one off; an empty piece for anything else. */
static char *shift_value(mst_text text, struct mst_piece *piece)
{
    uint32_t digits = 0;
    *piece = NO_PIECE;
    if (text.len == 0 || !is_digit(text.ptr[0]))
        return copy("");
    if (looks_like_day(text))
        return shift_number(text, 10, 28, piece);
    while (digits < text.len && (is_digit(text.ptr[digits]) || text.ptr[digits] == '.'))
        digits++;
    if (digits < text.len && text.ptr[digits] != ' ') /* 2026-08 is a month */
        return text.ptr[digits] == '-' && text.len == 7 ? shift_number(text, 7, 12, piece)
                                                        : copy("");
    return shift_number(text, digits, INT64_MAX, piece);
}

static void mutate_literal(struct making *making, const mst_site *site)
{
    struct mst_piece piece = NO_PIECE;
    struct mst_piece whole = {0, site->text.len};
    if (site->type_code == MST_TYPE_BOOL)
        add_site(making, site, whole, "turned round", copy(site->text.len == 4 ? "false" : "true"));
    else if (site->type_code != MST_TYPE_TEXT && site->type_code != 0) {
        char *after = shift_value(site->text, &piece);
        add_site(making, site, piece, "one off", after);
    }
}

/* Another member of the same enum. The word in the rules must be the member's own. */
static void mutate_member(struct making *making, const mst_site *site)
{
    mst_enum_info info = MST_ENUM_INFO_INIT;
    uint32_t index = site->type_code - 0x1000;
    if (site->type_code < 0x1000 || mst_enum_info_at(making->image, index, &info) != MST_OK ||
        site->number >= info.member_count || info.member_count < 2)
        return;
    mst_text now = mst_enum_member(making->image, index, site->number);
    mst_text next = mst_enum_member(making->image, index, (site->number + 1) % info.member_count);
    if (now.len == site->text.len && memcmp(now.ptr, site->text.ptr, now.len) == 0)
        add_site(making, site, (struct mst_piece){0, now.len}, "other member",
                 mst_memory_text(next));
}

/* A member of a set left out, with the comma that belongs to it. */
static void mutate_element(struct making *making, const mst_site *site)
{
    const mst_author_source *source =
        mst_author_sources_find(making->root->sources, site->place.path);
    if (source == NULL)
        return;
    uint32_t from = site->offset, to = site->offset + site->text.len;
    while (strchr(" \t\r\n", source->text[to]) != NULL && to < source->len)
        to++;
    if (source->text[to] == ',') {
        to++;
        while (source->text[to] == ' ')
            to++;
    } else {
        to = site->offset + site->text.len;
        while (from > 0 && strchr(" \t\r\n", source->text[from - 1]) != NULL)
            from--;
        if (from == 0 || source->text[--from] != ',')
            return; /* the only one */
    }
    mst_text context = {source->text + from, to - from};
    add(making, site->place.path, from, context, (struct mst_piece){0, to - from}, "member dropped",
        copy(""));
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* A cell one off, or as in the next row. */
static bool mutate_cell(struct making *making, const mst_row_site *row, struct mst_piece cell,
                        const mst_row_site *next, struct mst_piece other)
{
    struct mst_piece piece = NO_PIECE;
    mst_text text = {row->text.ptr + cell.at, cell.len};
    char *after = shift_value(text, &piece);
    if (piece.len == 0 && other.len > 0 &&
        (other.len != cell.len || memcmp(next->text.ptr + other.at, text.ptr, cell.len) != 0)) {
        free(after);
        after = mst_memory_copy(next->text.ptr + other.at, other.len);
        piece = (struct mst_piece){0, cell.len};
    }
    if (piece.len == 0) {
        free(after);
        return false;
    }
    piece.at += cell.at;
    add(making, row->place.path, row->offset, row->text, piece, "table cell", after);
    return true;
}

/* One cell of each row, another column from row to row; none that nothing reads. */
static void mutate_row(struct making *making, const mst_row_site *row, const mst_row_site *next,
                       uint32_t number, const bool *is_used)
{
    struct mst_piece cells[MST_MAX_CELLS], others[MST_MAX_CELLS];
    uint32_t count = mst_row_split(row->text, cells);
    uint32_t other_count = mst_row_split(next->text, others);
    for (uint32_t k = 0; k < count; k++) {
        uint32_t column = (number + k) % count;
        struct mst_piece other = other_count == count ? others[column] : NO_PIECE;
        if (is_used[column] && mutate_cell(making, row, cells[column], next, other))
            return;
    }
}

static void mutate_tables(struct making *making, const mst_compilation *compilation,
                          const struct mst_follow *follow)
{
    mst_row_site first = MST_ROW_SITE_INIT, row = MST_ROW_SITE_INIT, next = MST_ROW_SITE_INIT;
    for (uint32_t t = 0; mst_row_site_at(compilation, t, 0, &first) == MST_OK; t++) {
        bool is_used[MST_MAX_CELLS];
        if (mst_columns_find(compilation, follow, making->root->sources, t, is_used) == 0)
            memset(is_used, true, sizeof is_used);
        for (uint32_t i = 0; mst_row_site_at(compilation, t, i, &row) == MST_OK; i++) {
            if (mst_row_site_at(compilation, t, i + 1, &next) != MST_OK)
                next = first;
            mutate_row(making, &row, &next, i, is_used);
        }
    }
}

/* ---- all of them --------------------------------------------------------------------------- */

static void mutate_site(struct making *making, const struct mst_follow *follow, uint32_t i)
{
    const mst_site *site = &follow->sites[i];
    if (site->parent != MST_INDEX_NONE)
        mutate_role(making, site, follow->sites[site->parent].kind);
    bool is_within = site->kind == MST_SITE_ELEMENT && site->parent != MST_INDEX_NONE &&
                     follow->sites[site->parent].kind == MST_SITE_MATCH;
    if (site->kind == MST_SITE_LITERAL || is_within)
        mutate_literal(making, site);
    else if (site->kind == MST_SITE_MEMBER)
        mutate_member(making, site);
    else if (site->kind == MST_SITE_ELEMENT)
        mutate_element(making, site);
    else
        mutate_logic(making, site);
}

/* Tests cannot ask for advice: what changes nothing else is not tried. */
static bool is_of_advice(const struct mst_follow *follow, uint32_t i)
{
    while (follow->sites[i].parent != MST_INDEX_NONE)
        i = follow->sites[i].parent;
    return follow->sites[i].kind == MST_SITE_ADVISE;
}

void mst_mutants_add(mst_author_mutation *mutation, const mst_author_root *root,
                     const mst_compilation *compilation, const mst_image *image,
                     const struct mst_follow *follow)
{
    mst_text name = mst_image_module(image);
    bool is_test = name.len > 5 && memcmp(name.ptr + name.len - 5, "_test", 5) == 0;
    struct making making = {mutation, root, image, is_test};
    for (uint32_t i = 0; i < follow->count; i++)
        if (!mst_follow_is_of_test(follow, i) && !is_of_advice(follow, i))
            mutate_site(&making, follow, i);
    mutate_tables(&making, compilation, follow);
}
