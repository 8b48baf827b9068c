/* SPDX-License-Identifier: Apache-2.0
 *
 * explained.c - changes that no test can notice, as a page explains them: each is written down as
 * the lines of a diff, by which it is found again wherever it has moved to. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mutants.h"

#define FENCE "```"

/* ---- lines --------------------------------------------------------------------------------- */

/* Without the white space around it, and with one blank for what is inside. */
static char *squeeze(const char *text, size_t len)
{
    char *line = mst_memory_copy(text, len);
    size_t to = 0;
    for (size_t from = 0; from < len; from++) {
        bool is_blank = strchr(" \t\r\n", line[from]) != NULL;
        if (!is_blank || (to > 0 && line[to - 1] != ' '))
            line[to++] = is_blank ? ' ' : line[from];
    }
    to -= to > 0 && line[to - 1] == ' ';
    line[to] = '\0';
    return line;
}

static char *join(char *first, char *second)
{
    char *both = first[0] == '\0' ? mst_memory_copy(second, strlen(second))
                                  : mst_memory_format("%s %s", first, second);
    free(first);
    free(second);
    return both;
}

static size_t line_start(const char *text, size_t at)
{
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

/* The line that begins the declaration around a place: the last one that is not set in. */
static char *find_item(const char *text, size_t at)
{
    for (;;) {
        at = line_start(text, at);
        if (strchr(" \t\r\n#})", text[at]) == NULL)
            return squeeze(text + at, strcspn(text + at, "\n"));
        if (at == 0)
            return mst_memory_copy("", 0);
        at--;
    }
}

void mst_mutant_tell(mst_author_mutant *mutant, const mst_author_source *source)
{
    const char *text = source->text;
    size_t from = line_start(text, mutant->offset);
    size_t behind = mutant->offset + mutant->len;
    size_t last = behind > mutant->offset ? behind - 1 : behind;
    size_t end = last + strcspn(text + last, "\n");
    char *changed =
        mst_memory_format("%.*s%s%.*s", (int)(mutant->offset - from), text + from, mutant->after,
                          end > behind ? (int)(end - behind) : 0, text + behind);
    mutant->item =
        strchr(" \t", text[from]) != NULL ? find_item(text, from) : mst_memory_copy("", 0);
    mutant->was = squeeze(text + from, end - from);
    mutant->becomes = squeeze(changed, strlen(changed));
    free(changed);
}

/* ---- the page ------------------------------------------------------------------------------ */

struct reading {
    mst_explained_changes *changes;
    mst_explained_change now; /* what was read of the next one */
    char *path, *item;        /* those that hold from here on */
    bool is_inside;           /* of a fence */
};

static void finish_change(struct reading *reading)
{
    mst_explained_change *now = &reading->now;
    if (now->becomes != NULL) {
        now->path = mst_memory_copy(reading->path, strlen(reading->path));
        now->item = mst_memory_copy(reading->item, strlen(reading->item));
        *MST_MEMORY_ADD(reading->changes->list, reading->changes->count) = *now;
        *now = (mst_explained_change){.line = 0};
    }
}

static void put_text(char **text, char *new)
{
    free(*text);
    *text = new;
}

/* "- line" and "+ line"; several of each are one. */
static bool read_side(struct reading *reading, const char *line, size_t len, uint32_t number)
{
    mst_explained_change *now = &reading->now;
    bool is_removed = line[0] == '-';
    if (is_removed)
        finish_change(reading);
    if (reading->path[0] == '\0' || (!is_removed && now->was == NULL))
        return false;
    char **side = is_removed ? &now->was : &now->becomes, *text = squeeze(line + 1, len - 1);
    now->line = now->line == 0 ? number : now->line;
    *side = *side == NULL ? text : join(*side, text);
    return true;
}

static bool read_fenced(struct reading *reading, const char *line, size_t len, uint32_t number)
{
    bool is_path = len > 4 && memcmp(line, "--- ", 4) == 0;
    bool is_item = len >= 2 && memcmp(line, "@@", 2) == 0;
    if (len == 0 || (!is_path && !is_item && (line[0] == '-' || line[0] == '+')))
        return len == 0 || read_side(reading, line, len, number);
    finish_change(reading);
    if (is_path || is_item)
        put_text(&reading->item, is_item ? squeeze(line + 2, len - 2) : mst_memory_copy("", 0));
    if (is_path)
        put_text(&reading->path, squeeze(line + 4, len - 4));
    return (is_path || is_item) && reading->now.was == NULL;
}

static bool read_line(struct reading *reading, const char *line, size_t len, uint32_t number)
{
    bool is_fence = len >= strlen(FENCE) && memcmp(line, FENCE, strlen(FENCE)) == 0;
    if (!is_fence)
        return !reading->is_inside || read_fenced(reading, line, len, number);
    finish_change(reading);
    reading->is_inside =
        !reading->is_inside && len == strlen(FENCE "diff") && memcmp(line, FENCE "diff", len) == 0;
    return reading->now.was == NULL;
}

bool mst_explained_read(mst_explained_changes *changes, const char *text, uint32_t *bad_line)
{
    struct reading reading = {.changes = changes};
    bool is_good = true;
    *changes = (mst_explained_changes){.list = NULL};
    reading.path = mst_memory_copy("", 0);
    reading.item = mst_memory_copy("", 0);
    for (*bad_line = 1; *text != '\0' && is_good; ++*bad_line) {
        size_t len = strcspn(text, "\n"), end = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
        is_good = read_line(&reading, text, end, *bad_line);
        text += len + (text[len] == '\n');
    }
    --*bad_line;
    is_good = is_good && !reading.is_inside;
    free(reading.now.was);
    free(reading.now.becomes);
    free(reading.path);
    free(reading.item);
    return is_good;
}

void mst_explained_free(mst_explained_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free(changes->list[i].path);
        free(changes->list[i].item);
        free(changes->list[i].was);
        free(changes->list[i].becomes);
    }
    free(changes->list);
    *changes = (mst_explained_changes){.list = NULL};
}

/* ---- finding ------------------------------------------------------------------------------- */

/* "windows/terms.muster" is the end of "stdlib-rules/windows/terms.muster". */
static bool is_end_of(const char *end, const char *path)
{
    size_t len = strlen(path), end_len = strlen(end);
    if (end_len > len || strcmp(path + len - end_len, end) != 0)
        return false;
    return end_len == len || path[len - end_len - 1] == '/';
}

mst_explained_change *mst_explained_find(const mst_explained_changes *changes,
                                         const mst_author_mutant *mutant)
{
    for (size_t i = 0; i < changes->count; i++) {
        mst_explained_change *change = &changes->list[i];
        if (strcmp(change->was, mutant->was) == 0 &&
            strcmp(change->becomes, mutant->becomes) == 0 &&
            (change->item[0] == '\0' || strcmp(change->item, mutant->item) == 0) &&
            is_end_of(change->path, mutant->path))
            return change;
    }
    return NULL;
}
