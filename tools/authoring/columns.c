/* SPDX-License-Identifier: Apache-2.0
 *
 * columns.c - the cells of a table as they are written, and which of them anything depends on: a
 * source that is kept for people need not be changed to see whether a test notices. */
#include <string.h>

#include "mutants.h"

uint32_t mst_row_split(mst_text row, struct mst_piece cells[MST_MAX_CELLS])
{
    uint32_t count = 0, from = 0, end = row.len;
    if (memchr(row.ptr, '"', row.len) != NULL || row.len == 0)
        return 0;
    if (row.ptr[0] == '(') {
        from = 1;
        end = row.len - 1;
    }
    for (uint32_t i = from; i <= end && count < MST_MAX_CELLS; i++) {
        if (i < end && row.ptr[i] != ',')
            continue;
        uint32_t last = i;
        while (from < last && strchr(" \t\r\n", row.ptr[from]) != NULL)
            from++;
        while (last > from && strchr(" \t\r\n", row.ptr[last - 1]) != NULL)
            last--;
        cells[count++] = (struct mst_piece){from, last - from};
        from = i + 1;
    }
    return count;
}

/* ---- which columns count ------------------------------------------------------------------- */

struct table {
    const mst_compilation *compilation;
    const struct mst_follow *follow;
    uint32_t number;
    mst_outline head; /* the node of the table itself */
    size_t first;     /* node of its first column */
    uint32_t count;   /* of columns */
};

/* "windows.releases.releases" is the table `releases` of that module; of the root, its name. */
static bool is_called(mst_text full, const char *module, const char *name)
{
    size_t module_len = strlen(module), len = strlen(name);
    if (full.len == len && memcmp(full.ptr, name, len) == 0)
        return true;
    return full.len == module_len + 1 + len && memcmp(full.ptr, module, module_len) == 0 &&
           memcmp(full.ptr + module_len + 1, name, len) == 0;
}

static bool find_table(struct table *table, mst_text name)
{
    const char *module = "";
    mst_outline node = MST_OUTLINE_INIT;
    bool is_found = false;
    for (size_t i = 0; mst_outline_at(table->compilation, i, &node) == MST_OK; i++) {
        if (node.kind == MST_OUTLINE_MODULE)
            module = node.name;
        if (node.kind != MST_OUTLINE_TABLE || !is_called(name, module, node.name))
            continue;
        is_found = true; /* of two that are called so, the root's, which comes last */
        table->head = node;
        table->first = i + 1;
    }
    table->count = 0;
    while (is_found &&
           mst_outline_at(table->compilation, table->first + table->count, &node) == MST_OK &&
           node.kind == MST_OUTLINE_COLUMN)
        table->count++;
    return is_found && table->count <= MST_MAX_CELLS;
}

static mst_outline column_at(const struct table *table, uint32_t column)
{
    mst_outline node = MST_OUTLINE_INIT;
    (void)mst_outline_at(table->compilation, table->first + column, &node);
    return node;
}

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = text; at != NULL && (at = strstr(at, word)) != NULL; at++)
        if ((at == text || !is_word_char(at[-1])) && !is_word_char(at[len]))
            return true;
    return false;
}

/* Is it what rows are found or ordered by, or what a computed column is made of? */
static bool is_structural(const struct table *table, const mst_outline *column)
{
    bool is_used =
        strncmp(column->type, "key ", 4) == 0 || has_word(table->head.text, column->name);
    for (uint32_t i = 0; i < table->count && !is_used; i++)
        is_used = has_word(column_at(table, i).text, column->name);
    return is_used;
}

static bool is_column_used(const struct table *table, uint32_t column)
{
    const mst_outline node = column_at(table, column);
    bool is_used = is_structural(table, &node);
    for (uint32_t i = 0; i < table->follow->count && !is_used; i++) {
        const mst_site *site = &table->follow->sites[i];
        is_used = site->kind == MST_SITE_COLUMN && site->index == table->number &&
                  site->number == column && site->first != MST_INDEX_NONE;
    }
    return is_used;
}

/* ---- where they stand ---------------------------------------------------------------------- */

/* The column that a header names, or one beyond all. */
static uint32_t find_header(const struct table *table, mst_text header)
{
    uint32_t i = 0;
    for (; i < table->count; i++) {
        const mst_outline node = column_at(table, i);
        const char *name = node.path != NULL ? node.path : node.name;
        if (node.text == NULL && strlen(name) == header.len &&
            memcmp(name, header.ptr, header.len) == 0)
            break;
    }
    return i;
}

static uint32_t find_in_csv(const struct table *table, const mst_author_source *csv, bool *is_used)
{
    struct mst_piece headers[MST_MAX_CELLS];
    mst_text line = {csv->text, (uint32_t)strcspn(csv->text, "\r\n")};
    uint32_t count = mst_row_split(line, headers);
    for (uint32_t i = 0; i < count; i++) {
        mst_text header = {line.ptr + headers[i].at, headers[i].len};
        uint32_t column = find_header(table, header);
        is_used[i] = column < table->count && is_column_used(table, column);
    }
    return count;
}

uint32_t mst_columns_find(const mst_compilation *compilation, const struct mst_follow *follow,
                          const mst_author_sources *sources, uint32_t table,
                          bool is_used[MST_MAX_CELLS])
{
    struct table found = {.compilation = compilation, .follow = follow, .number = table};
    mst_row_site row = MST_ROW_SITE_INIT;
    uint32_t count = 0;
    if (mst_row_site_at(compilation, table, 0, &row) != MST_OK || !find_table(&found, row.table))
        return 0;
    const mst_author_source *source = mst_author_sources_find(sources, row.place.path);
    if (found.head.path != NULL)
        return source != NULL ? find_in_csv(&found, source, is_used) : 0;
    for (uint32_t i = 0; i < found.count; i++)
        if (column_at(&found, i).text == NULL)
            is_used[count++] = is_column_used(&found, i);
    return count;
}
