/* SPDX-License-Identifier: Apache-2.0
 *
 * release_table.c - what kind of release an update of the catalogue is follows from the table and
 * the catalogue together: Graph does not tell a baseline from another cumulative update. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "release_table.h"
#include "tool.h"

#define COLUMN_MAX 64

/* ---- reading ----------------------------------------------------------------------------- */

/* One cell of RFC 4180, taken out of *at; *at is then behind its comma, if `more` follow, or at the
 * line's end. */
static char *take_cell(const char **at, bool *more)
{
    char *cell = mst_tool_resize(NULL, strlen(*at) + 1);
    size_t len = 0;
    bool quoted = **at == '"';
    const char *from = *at + quoted;
    for (; *from && (quoted || !strchr(",\r\n", *from)); from++) {
        if (quoted && *from == '"' && *++from != '"')
            break;
        cell[len++] = *from;
    }
    cell[len] = '\0';
    *more = *from == ',';
    *at = from + *more;
    return mst_tool_resize(cell, len + 1);
}

/* The cells of a line, behind which *at then is. */
static size_t take_line(const char **at, char *cells[COLUMN_MAX])
{
    size_t count = 0;
    bool more = true;
    while (more && count < COLUMN_MAX)
        cells[count++] = take_cell(at, &more);
    *at += strspn(*at, "\r\n");
    return count;
}

static char **field_of(mst_tool_release *row, const char *column)
{
    if (strcmp(column, "date") == 0)
        return &row->date;
    if (strcmp(column, "kind") == 0)
        return &row->kind;
    if (strcmp(column, "kb") == 0)
        return &row->kb;
    if (strcmp(column, "ubr") == 0)
        return &row->ubr;
    if (strcmp(column, "versions") == 0)
        return &row->versions;
    return strcmp(column, "baseline_kb") == 0 ? &row->baseline : NULL;
}

static mst_tool_release *add_row(mst_tool_releases *releases)
{
    releases->rows = mst_tool_grow(releases->rows, releases->row_count, &releases->capacity,
                                   sizeof *releases->rows);
    releases->rows[releases->row_count] = (mst_tool_release){0};
    return &releases->rows[releases->row_count++];
}

static bool is_whole(const mst_tool_release *row)
{
    return row->date && row->kind && row->kb && row->ubr && row->versions && row->baseline;
}

static int take_row(mst_tool_releases *releases, const char *path, char **cells, size_t count)
{
    mst_tool_release *row = add_row(releases);
    for (size_t i = 0; i < count; i++) {
        char **field = i < releases->column_count ? field_of(row, releases->columns[i]) : NULL;
        if (field)
            *field = cells[i];
        else
            free(cells[i]);
    }
    if (count == releases->column_count && is_whole(row))
        return MST_TOOL_GOOD;
    mst_tool_say("'%s', row %zu: a table of releases has the columns date, kind, kb, ubr, versions "
                 "and baseline_kb, and a cell for each",
                 path, releases->row_count);
    return MST_TOOL_WANTING;
}

int mst_tool_releases_read(mst_tool_releases *releases, const char *path)
{
    unsigned char *bytes;
    char *cells[COLUMN_MAX];
    *releases = (mst_tool_releases){0};
    int code = mst_tool_read_file(path, &bytes, &releases->len);
    if (code != MST_TOOL_GOOD)
        return code;
    releases->text = (char *)bytes;
    const char *at = releases->text;
    releases->column_count = take_line(&at, cells);
    releases->columns = mst_tool_resize(NULL, sizeof cells);
    memcpy(releases->columns, cells, releases->column_count * sizeof *cells);
    while (*at && code == MST_TOOL_GOOD)
        code = take_row(releases, path, cells, take_line(&at, cells));
    releases->file_count = releases->row_count;
    if (code == MST_TOOL_GOOD && releases->row_count == 0) {
        mst_tool_say("'%s' has no rows", path);
        code = MST_TOOL_WANTING;
    }
    return code;
}

void mst_tool_releases_free(mst_tool_releases *releases)
{
    for (size_t i = 0; i < releases->row_count; i++) {
        const mst_tool_release *row = &releases->rows[i];
        free(row->date);
        free(row->kind);
        free(row->kb);
        free(row->ubr);
        free(row->versions);
        free(row->baseline);
    }
    for (size_t i = 0; i < releases->column_count; i++)
        free(releases->columns[i]);
    free(releases->columns);
    free(releases->rows);
    free(releases->text);
}

/* ---- adding ------------------------------------------------------------------------------ */

static bool has_hotpatch(const mst_tool_releases *releases, const char *date)
{
    for (size_t i = 0; i < releases->row_count; i++)
        if (strcmp(releases->rows[i].date, date) == 0 &&
            strcmp(releases->rows[i].kind, "hotpatch") == 0)
            return true;
    return false;
}

/* A Patch Tuesday has a hotpatch or is a baseline. Hotpatches of a day come first. */
static const char *kind_of(const mst_tool_releases *releases, const mst_tool_update *update)
{
    if (update->is_hotpatch)
        return update->is_monthly ? "hotpatch" : "hotpatch_oob";
    if (!update->is_monthly)
        return "lcu_oob";
    if (!update->is_security)
        return "preview";
    return has_hotpatch(releases, update->date) ? "lcu" : "baseline";
}

static const char *versions_of(const mst_tool_update *update)
{
    return update->on_24h2 && update->on_25h2 ? "24H2+25H2" : update->on_24h2 ? "24H2" : "25H2";
}

/* The newest baseline of that day or before. */
static const char *baseline_at(const mst_tool_releases *releases, const char *date)
{
    const mst_tool_release *newest = NULL;
    for (size_t i = 0; i < releases->row_count; i++) {
        const mst_tool_release *row = &releases->rows[i];
        if (strcmp(row->kind, "baseline") == 0 && strcmp(row->date, date) <= 0 &&
            (!newest || strcmp(row->date, newest->date) >= 0))
            newest = row;
    }
    return newest ? newest->kb : "";
}

static const mst_tool_release *find_row(const mst_tool_releases *releases, const char *kb)
{
    for (size_t i = 0; i < releases->row_count; i++)
        if (strcmp(releases->rows[i].kb, kb) == 0)
            return &releases->rows[i];
    return NULL;
}

static bool same(const mst_tool_release *row, const mst_tool_update *update)
{
    bool hotpatch = strncmp(row->kind, "hotpatch", strlen("hotpatch")) == 0;
    return strcmp(row->date, update->date) == 0 && strtol(row->ubr, NULL, 10) == update->ubr &&
           hotpatch == update->is_hotpatch && strcmp(row->versions, versions_of(update)) == 0;
}

static void add_update(mst_tool_releases *releases, const mst_tool_update *update)
{
    const char *kind = kind_of(releases, update);
    bool is_baseline = strcmp(kind, "baseline") == 0;
    const char *baseline = is_baseline ? update->kb : baseline_at(releases, update->date);
    mst_tool_release made = {.date = mst_tool_format("%s", update->date),
                             .kind = mst_tool_format("%s", kind),
                             .kb = mst_tool_format("%s", update->kb),
                             .ubr = mst_tool_format("%ld", update->ubr),
                             .versions = mst_tool_format("%s", versions_of(update)),
                             .baseline = mst_tool_format("%s", baseline)};
    *add_row(releases) = made;
}

static const char *first_date(const mst_tool_releases *releases)
{
    const char *first = releases->rows[0].date;
    for (size_t i = 1; i < releases->file_count; i++)
        if (strcmp(releases->rows[i].date, first) < 0)
            first = releases->rows[i].date;
    return first;
}

size_t mst_tool_releases_add(mst_tool_releases *releases, const mst_tool_catalogue *catalogue)
{
    size_t differing = 0;
    for (size_t i = 0; i < catalogue->count; i++) {
        const mst_tool_update *update = &catalogue->list[i];
        const mst_tool_release *row = find_row(releases, update->kb);
        if (strcmp(update->date, first_date(releases)) < 0)
            continue;
        if (!row) {
            add_update(releases, update);
        } else if (!same(row, update)) {
            differing++;
            mst_tool_say("%s: the table has %s, %s, revision %s, %s; the catalogue %s, %s, revision"
                         " %ld, %s: compare with its page",
                         row->kb, row->date, row->kind, row->ubr, row->versions, update->date,
                         update->is_hotpatch ? "hotpatch" : "no hotpatch", update->ubr,
                         versions_of(update));
        }
    }
    return differing;
}

/* ---- writing ----------------------------------------------------------------------------- */

/* January, April, July and October are planned. */
static const char *planned(const mst_tool_release *row)
{
    if (strcmp(row->kind, "baseline") != 0)
        return "";
    return (strtol(row->date + 5, NULL, 10) - 1) % 3 == 0 ? "yes" : "no";
}

static const char *cell_of(const mst_tool_release *row, const char *column)
{
    mst_tool_release copy = *row;
    char **field = field_of(&copy, column);
    if (field)
        return *field;
    if (strcmp(column, "planned") == 0)
        return planned(row);
    if (strcmp(column, "confidence") == 0)
        return "likely"; /* one source */
    return strcmp(column, "source") == 0 ? "GRAPH" : "";
}

char *mst_tool_release_line(const mst_tool_releases *releases, const mst_tool_release *row)
{
    char *line = mst_tool_format("%s", cell_of(row, releases->columns[0]));
    for (size_t i = 1; i < releases->column_count; i++) {
        char *longer = mst_tool_format("%s,%s", line, cell_of(row, releases->columns[i]));
        free(line);
        line = longer;
    }
    return line;
}
