/* SPDX-License-Identifier: Apache-2.0
 *
 * state_check.c - looks at every byte that counts: SQLite's own structures first, then that rows
 * have their sums, names exist and changes follow each other. Goes on after what is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "state_admin.h"
#include "state_parts.h"
#include "state_sqlite.h"

#define PROGRESS_EACH 10000

/* Two subjects with the same id have the same hash of it. */
struct known_id {
    uint64_t hash;
    uint32_t slot;
};

struct check {
    struct mst_state_sqlite sqlite;
    sqlite3 *db;
    const char *path;
    mst_state_problem *problem;
    mst_state_progress *progress;
    void *context;
    mst_state_findings *findings;
    mst_state_why *why;
    mst_state_group *groups;
    mst_state_verdict *verdicts;
    struct known_id *ids;
    uint32_t id_count, id_capacity;
    uint64_t last_change;
};

__attribute__((format(printf, 2, 3))) static void report(struct check *check, const char *format,
                                                         ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check->findings->problem_count++;
    check->problem(check->context, text);
}

/* Calls for each row of a query. A damaged file is a finding, anything else an error. */
static mst_state_status each_row(struct check *check, const char *sql,
                                 void (*look)(struct check *, sqlite3_stmt *))
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(check->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        look(check, statement);
        code = SQLITE_OK;
    }
    mst_state_status status = mst_sqlite_status(check->db, code, "read", check->path, check->why);
    sqlite3_finalize(statement);
    if (status != MST_STATE_CORRUPT)
        return status;
    report(check, "%s", check->why->text);
    return MST_STATE_OK;
}

static void look_at_structure(struct check *check, sqlite3_stmt *statement)
{
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    if (text && sqlite3_stricmp(text, "ok") != 0)
        report(check, "%s", text);
}

static void look_at_names(struct check *check, sqlite3_stmt *statement)
{
    int64_t number = sqlite3_column_int64(statement, 0);
    check->findings->name_count++;
    if (number != (int64_t)check->findings->name_count)
        report(check, "name %llu is missing", (unsigned long long)check->findings->name_count);
    check->findings->name_count = (uint64_t)number;
}

static void look_at_same_names(struct check *check, sqlite3_stmt *statement)
{
    report(check, "the name '%s' has two numbers", (const char *)sqlite3_column_text(statement, 0));
}

/* Rows of changes have their sums and follow each other without a gap. */
static void look_at_changes(struct check *check, sqlite3_stmt *statement)
{
    uint64_t first = (uint64_t)sqlite3_column_int64(statement, 0);
    uint64_t last = (uint64_t)sqlite3_column_int64(statement, 1);
    struct mst_byte_cursor events;
    if (!mst_changes_open(&events, first, last, mst_sqlite_column(statement, 2))) {
        report(check, "the changes up to %llu are damaged", (unsigned long long)last);
        check->last_change = last;
        return;
    }
    if (check->last_change > 0 && first != check->last_change + 1)
        report(check, "%llu changes are missing from the history",
               (unsigned long long)(first - check->last_change - 1));
    check->findings->change_count += last - first + 1;
    check->last_change = last;
}

static void look_at_segment(void *context, uint32_t segment)
{
    report(context, "segment %u is damaged", segment);
}

static bool has_names(const struct check *check, uint32_t group_count, uint32_t verdict_count)
{
    uint64_t count = check->findings->name_count;
    for (uint32_t i = 0; i < group_count; i++)
        if (check->groups[i].name == 0 || check->groups[i].name > count)
            return false;
    for (uint32_t i = 0; i < verdict_count; i++) {
        const mst_state_verdict *verdict = &check->verdicts[i];
        if (verdict->name == 0 || verdict->name > count || verdict->outcome > count ||
            verdict->check > count || verdict->rules > count)
            return false;
    }
    return true;
}

static mst_state_status note_id(struct check *check, const struct mst_state_row *row)
{
    struct known_id *ids =
        mst_state_grow(check->ids, check->id_count, &check->id_capacity, sizeof *ids);
    if (!ids)
        return mst_sqlite_status(check->db, SQLITE_NOMEM, "read", check->path, check->why);
    check->ids = ids;
    ids[check->id_count++] =
        (struct known_id){mst_sum_bytes(0, row->id.ptr, row->id.len), row->slot};
    return MST_STATE_OK;
}

static void look_at_subject(struct check *check, const struct mst_state_row *row)
{
    uint32_t group_count, verdict_count;
    mst_state_findings *findings = check->findings;
    if (++findings->subject_count % PROGRESS_EACH == 0)
        check->progress(check->context, findings->subject_count);
    if (!mst_state_row_count(row, &group_count, &verdict_count) ||
        !mst_state_row_read(row, check->groups, check->verdicts)) {
        report(check, "the subject '%.*s' in slot %u is damaged", (int)row->id.len, row->id.ptr,
               row->slot);
        return;
    }
    findings->group_count += group_count;
    findings->verdict_count += verdict_count;
    if (!has_names(check, group_count, verdict_count))
        report(check, "the subject '%.*s' in slot %u uses a name that is not there",
               (int)row->id.len, row->id.ptr, row->slot);
}

static mst_state_status look_at_subjects(struct check *check)
{
    struct mst_state_store *store = &check->sqlite.store;
    struct mst_state_row row;
    mst_state_status status = mst_sqlite_rows_load(&check->sqlite, look_at_segment, check);
    if (status == MST_STATE_OK)
        status = mst_sqlite_begin_rows(store, 0);
    while (status == MST_STATE_OK && (status = mst_sqlite_next_row(store, &row)) == MST_STATE_OK) {
        look_at_subject(check, &row);
        status = note_id(check, &row);
    }
    if (status == MST_STATE_NOT_FOUND)
        return MST_STATE_OK;
    *check->why = check->sqlite.store.why;
    if (status != MST_STATE_CORRUPT)
        return status;
    report(check, "%s", check->why->text);
    return MST_STATE_OK;
}

static int compare_ids(const void *a, const void *b)
{
    const struct known_id *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash > right->hash ? 1 : -1;
    return (left->slot > right->slot) - (left->slot < right->slot);
}

/* Another hash for each id would be found to be the same by chance once in a million years. */
static void look_at_same_ids(struct check *check)
{
    struct mst_state_row row;
    if (check->id_count > 0)
        qsort(check->ids, check->id_count, sizeof *check->ids, compare_ids);
    for (uint32_t i = 1; i < check->id_count; i++)
        if (check->ids[i].hash == check->ids[i - 1].hash &&
            mst_sqlite_get_row(&check->sqlite.store, check->ids[i].slot, &row) == MST_STATE_OK)
            report(check, "the subject '%.*s' is in slots %u and %u", (int)row.id.len, row.id.ptr,
                   check->ids[i - 1].slot, check->ids[i].slot);
}

/* Within one transaction: a writer may go on meanwhile. */
static mst_state_status look(struct check *check)
{
    int code = sqlite3_exec(check->db, "BEGIN", NULL, NULL, NULL);
    mst_state_status status = mst_sqlite_status(check->db, code, "read", check->path, check->why);
    if (status == MST_STATE_OK)
        status = each_row(check, "PRAGMA integrity_check", look_at_structure);
    if (status == MST_STATE_OK)
        status = each_row(check, "SELECT number FROM name ORDER BY number", look_at_names);
    if (status == MST_STATE_OK)
        status = each_row(check, "SELECT name FROM name GROUP BY name HAVING count(*) > 1",
                          look_at_same_names);
    if (status == MST_STATE_OK)
        status = look_at_subjects(check);
    if (status == MST_STATE_OK)
        look_at_same_ids(check);
    if (status == MST_STATE_OK)
        status = each_row(check, "SELECT first, last, events FROM changes ORDER BY last",
                          look_at_changes);
    return status;
}

mst_state_status mst_state_check(const char *path, mst_state_problem *problem,
                                 mst_state_progress *progress, void *context,
                                 mst_state_findings *findings, mst_state_why *why)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    struct check check = {.path = path,
                          .problem = problem,
                          .progress = progress,
                          .context = context,
                          .findings = findings,
                          .why = why};
    *findings = (mst_state_findings){0};
    options.path = path;
    options.is_read_only = true;
    mst_state_status status = mst_sqlite_open_file(&check.db, &options, why);
    if (status != MST_STATE_OK)
        return status;
    check.sqlite = (struct mst_state_sqlite){.db = check.db, .path = (char *)(uintptr_t)path};
    mst_sqlite_rows_init(&check.sqlite.rows);
    check.groups = malloc(MST_STATE_GROUP_MAX * sizeof *check.groups);
    check.verdicts = malloc(MST_STATE_VERDICT_MAX * sizeof *check.verdicts);
    mst_sqlite_number(check.db, "PRAGMA user_version", &findings->version);
    if (!check.groups || !check.verdicts)
        status = mst_sqlite_status(check.db, SQLITE_NOMEM, "read", path, why);
    else if (!mst_sqlite_prepare(&check.sqlite))
        status = mst_sqlite_status(check.db, sqlite3_extended_errcode(check.db), "read", path, why);
    else
        status = look(&check);
    mst_sqlite_release(&check.sqlite);
    free(check.ids);
    free(check.groups);
    free(check.verdicts);
    sqlite3_close(check.db);
    return status;
}
