/* SPDX-License-Identifier: Apache-2.0
 *
 * state_migrate.c - the form of a state file, version by version. The version stands in the file's
 * user_version. A step is never changed once it was released: a new form is a step more. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state_sqlite.h"

/* ---- version 1 to 2 ---------------------------------------------------------------------- */

/* A slot and an id that a segment can hold. */
static bool is_sound(int64_t slot, mst_text id)
{
    return slot >= 0 && slot < MST_STATE_SLOT_MAX && id.len > 0 && id.len <= MST_STATE_ID_MAX_BYTES;
}

static mst_state_status move_rows(struct mst_state_sqlite *sqlite, sqlite3_stmt *rows)
{
    mst_state_status status;
    while ((status = mst_sqlite_step(sqlite, rows)) == MST_STATE_OK) {
        const int64_t slot = sqlite3_column_int64(rows, 0);
        const struct mst_state_row row = {(uint32_t)slot, mst_sqlite_column(rows, 1),
                                          mst_sqlite_column(rows, 2)};
        status =
            is_sound(slot, row.id) ? mst_sqlite_put_row(&sqlite->store, &row) : MST_STATE_CORRUPT;
        if (status != MST_STATE_OK)
            return status;
    }
    return status == MST_STATE_NOT_FOUND ? mst_sqlite_rows_finish(sqlite) : status;
}

static mst_state_status move_changes(struct mst_state_sqlite *sqlite, sqlite3_stmt *changes)
{
    mst_state_status status;
    while ((status = mst_sqlite_step(sqlite, changes)) == MST_STATE_OK) {
        status = mst_sqlite_put_change(&sqlite->store, (uint64_t)sqlite3_column_int64(changes, 0),
                                       mst_sqlite_column(changes, 1));
        if (status != MST_STATE_OK)
            return status;
    }
    return status == MST_STATE_NOT_FOUND ? mst_sqlite_changes_finish(sqlite) : status;
}

static mst_state_status move_all(struct mst_state_sqlite *sqlite)
{
    static const char rows_sql[] = "SELECT slot, id, data FROM subject ORDER BY slot";
    static const char changes_sql[] = "SELECT sequence, event FROM change ORDER BY sequence";
    sqlite3_stmt *rows = NULL, *changes = NULL;
    mst_state_status status = MST_STATE_IO;
    mst_sqlite_rows_begin(&sqlite->rows);
    if (mst_sqlite_prepare(sqlite) &&
        sqlite3_prepare_v2(sqlite->db, rows_sql, -1, &rows, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(sqlite->db, changes_sql, -1, &changes, NULL) == SQLITE_OK) {
        status = move_rows(sqlite, rows);
        if (status == MST_STATE_OK)
            status = move_changes(sqlite, changes);
    }
    sqlite3_finalize(rows);
    sqlite3_finalize(changes);
    return status;
}

/* Each subject had a row of its own; their rows come into segments as they are. */
static int move_to_segments(sqlite3 *db)
{
    struct mst_state_sqlite sqlite = {.db = db, .path = "", .lock = -1};
    mst_sqlite_rows_init(&sqlite.rows);
    mst_state_status status = move_all(&sqlite);
    int code = sqlite3_extended_errcode(db);
    mst_sqlite_release(&sqlite);
    if (status == MST_STATE_OK)
        return SQLITE_OK;
    switch (status) {
    case MST_STATE_MEMORY: return SQLITE_NOMEM;
    case MST_STATE_CORRUPT: return SQLITE_CORRUPT;
    default: return code != SQLITE_OK ? code : SQLITE_ERROR;
    }
}

const struct mst_state_step mst_state_steps[] = {
    {"PRAGMA application_id = 0x4d535452;"
     "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
     "CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
     "CREATE TABLE subject (slot INTEGER PRIMARY KEY, id TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
     "CREATE TABLE change (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT;",
     NULL, NULL},
    {"CREATE TABLE segment (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
     "CREATE TABLE changes (last INTEGER PRIMARY KEY, first INTEGER NOT NULL, events BLOB NOT NULL)"
     " STRICT;",
     move_to_segments, "DROP TABLE subject; DROP TABLE change;"},
};
const int64_t mst_state_step_count = sizeof mst_state_steps / sizeof mst_state_steps[0];

/* ---- any version to the next ------------------------------------------------------------- */

static char *name_backup(const char *path, int64_t version, unsigned number)
{
    return number == 1 ? sqlite3_mprintf("%s.v%lld.backup", path, (long long)version)
                       : sqlite3_mprintf("%s.v%lld.backup.%u", path, (long long)version, number);
}

/* A backup that is there already may be of another file, which came back and is migrated once more:
 * none is written over. One of this very content was made by a migration that did not get through;
 * another would fill the disk a little more with each attempt. */
static mst_state_status keep_backup(sqlite3 *db, const char *path, int64_t version,
                                    mst_state_why *why)
{
    for (unsigned number = 1;; number++) {
        char *to = name_backup(path, version, number);
        if (!to)
            return mst_sqlite_status(db, SQLITE_NOMEM, "copy", path, why);
        const bool is_taken = access(to, F_OK) == 0;
        const bool is_kept = is_taken && mst_state_is_copy(db, to);
        mst_state_status status = is_taken ? MST_STATE_OK : mst_state_copy(db, path, to, why);
        sqlite3_free(to);
        if (!is_taken || is_kept)
            return status;
    }
}

static int run_sql(sqlite3 *db, const char *sql)
{
    return sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_OK;
}

static int run_step(sqlite3 *db, const struct mst_state_step *step)
{
    int code = run_sql(db, step->before);
    if (code == SQLITE_OK && step->move)
        code = step->move(db);
    return code == SQLITE_OK ? run_sql(db, step->after) : code;
}

static int run_steps(sqlite3 *db, const struct mst_state_step *steps, int64_t version,
                     int64_t count)
{
    char number[64];
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (int64_t i = version; code == SQLITE_OK && i < count; i++)
        code = run_step(db, &steps[i]);
    snprintf(number, sizeof number, "PRAGMA user_version = %lld", (long long)count);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, number, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return code;
}

/* Of a file that has content, pages take another size only when all of it is written anew; nothing
 * else of it changes. */
static int set_page_size(sqlite3 *db, int64_t version)
{
    char sql[128];
    int64_t size = 0;
    int code = mst_sqlite_number(db, "PRAGMA page_size", &size);
    if (code != SQLITE_OK || size == MST_SEGMENT_PAGE_BYTES)
        return code;
    snprintf(sql, sizeof sql, "%sPRAGMA page_size=%d;%s",
             version > 0 ? "PRAGMA journal_mode=DELETE;" : "", MST_SEGMENT_PAGE_BYTES,
             version > 0 ? "VACUUM;" : "");
    code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code == SQLITE_OK && version > 0)
        code = mst_sqlite_number(db, "PRAGMA page_size", &size);
    /* While another process looks at the file, SQLite leaves it as it is and says nothing. */
    bool is_refused = version > 0 && size != MST_SEGMENT_PAGE_BYTES;
    return code == SQLITE_OK && is_refused ? SQLITE_BUSY : code;
}

mst_state_status mst_state_migrate(sqlite3 *db, const char *path,
                                   const struct mst_state_step *steps, int64_t count,
                                   mst_state_why *why)
{
    int64_t version = 0;
    int code = mst_sqlite_number(db, "PRAGMA user_version", &version);
    mst_state_status status = mst_sqlite_status(db, code, "open", path, why);
    if (status == MST_STATE_OK && version > 0 && version < count)
        status = keep_backup(db, path, version, why);
    if (status != MST_STATE_OK || version >= count)
        return status;
    code = set_page_size(db, version);
    if (code == SQLITE_OK)
        code = run_steps(db, steps, version, count);
    status = mst_sqlite_status(db, code, "bring up to date", path, why);
    if (status != MST_STATE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
