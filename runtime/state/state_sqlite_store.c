/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite_store.c - a store in a SQLite file: transactions, names and meta, and prepared
 * statements over four tables, each found by its own key alone. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_sqlite.h"

static const char *const sql[MST_SQL_COUNT] = {
    [MST_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [MST_SQL_BEGIN_READ] = "BEGIN",
    [MST_SQL_COMMIT] = "COMMIT",
    [MST_SQL_ROLLBACK] = "ROLLBACK",
    [MST_SQL_GET_NAME] = "SELECT name FROM name WHERE number = ?1",
    [MST_SQL_GET_META] = "SELECT value FROM meta WHERE key = ?1",
    [MST_SQL_GET_SEGMENT] = "SELECT data FROM segment WHERE number = ?1",
    [MST_SQL_GET_SEGMENTS] = "SELECT number, data FROM segment ORDER BY number",
    [MST_SQL_GET_DATA_VERSION] = "PRAGMA data_version",
    [MST_SQL_GET_HISTORY] = "SELECT min(first), max(last) FROM changes",
    [MST_SQL_GET_CHANGES] = "SELECT first, last, events FROM changes WHERE last >= ?1 ORDER BY 2",
    [MST_SQL_PUT_NAME] = "INSERT INTO name VALUES (?1, ?2)",
    [MST_SQL_PUT_META] = "REPLACE INTO meta VALUES (?1, ?2)",
    [MST_SQL_PUT_SEGMENT] = "REPLACE INTO segment VALUES (?1, ?2)",
    [MST_SQL_PUT_CHANGES] = "INSERT INTO changes VALUES (?1, ?2, ?3)",
    [MST_SQL_DELETE_META] = "DELETE FROM meta WHERE key = ?1",
    [MST_SQL_TRIM_CHANGES] = "DELETE FROM changes WHERE last < ?1",
};

static struct mst_state_sqlite *as_sqlite(struct mst_state_store *store)
{
    return (struct mst_state_sqlite *)store;
}

bool mst_sqlite_prepare(struct mst_state_sqlite *sqlite)
{
    for (int i = 0; i < MST_SQL_COUNT; i++)
        if (sqlite3_prepare_v3(sqlite->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &sqlite->statements[i], NULL) != SQLITE_OK)
            return false;
    return true;
}

/* ---- running statements ------------------------------------------------------------------ */

sqlite3_stmt *mst_sqlite_take(struct mst_state_sqlite *sqlite, enum mst_state_sql which)
{
    sqlite3_reset(sqlite->statements[which]);
    return sqlite->statements[which];
}

/* Texts are borrowed for one step. NULL would be SQL's NULL: an empty text has a pointer. */
static void bind_text(sqlite3_stmt *statement, int place, mst_text text)
{
    sqlite3_bind_text(statement, place, text.len > 0 ? text.ptr : "", (int)text.len, SQLITE_STATIC);
}

void mst_sqlite_bind_blob(sqlite3_stmt *statement, int place, mst_text bytes)
{
    sqlite3_bind_blob(statement, place, bytes.len > 0 ? bytes.ptr : "", (int)bytes.len,
                      SQLITE_STATIC);
}

mst_state_status mst_sqlite_failed(struct mst_state_sqlite *sqlite, int code, const char *verb)
{
    return mst_sqlite_status(sqlite->db, code, verb, sqlite->path, &sqlite->store.why);
}

mst_state_status mst_sqlite_damaged(struct mst_state_sqlite *sqlite, const char *format, ...)
{
    char what[128];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(sqlite->store.why.text, sizeof sqlite->store.why.text, "cannot read '%s': %s (%s)",
             sqlite->path, mst_state_status_text(MST_STATE_CORRUPT), what);
    return MST_STATE_CORRUPT;
}

mst_state_status mst_sqlite_run(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    mst_state_status status = mst_sqlite_failed(sqlite, code, "write to");
    sqlite3_reset(statement);
    return status;
}

mst_state_status mst_sqlite_step(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    return code == SQLITE_DONE ? MST_STATE_NOT_FOUND : mst_sqlite_failed(sqlite, code, "read");
}

mst_text mst_sqlite_column(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    return (mst_text){bytes ? bytes : "", (uint32_t)sqlite3_column_bytes(statement, column)};
}

/* ---- reading ----------------------------------------------------------------------------- */

char *mst_sqlite_keep(struct mst_state_sqlite *sqlite, size_t len)
{
    if (len > sqlite->kept_capacity) {
        char *larger = realloc(sqlite->kept, len * 2);
        if (!larger)
            return NULL;
        sqlite->kept = larger;
        sqlite->kept_capacity = len * 2;
    }
    return sqlite->kept;
}

/* Runs a statement that gives one text. A name has a place of its own: it may be asked for while a
 * row is in use. */
static mst_state_status get_text(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement,
                                 mst_text *text)
{
    mst_state_status status = mst_sqlite_step(sqlite, statement);
    if (status == MST_STATE_OK) {
        *text = mst_sqlite_column(statement, 0);
        char *copy =
            text->len > sizeof sqlite->text ? mst_sqlite_keep(sqlite, text->len) : sqlite->text;
        if (copy)
            memcpy(copy, text->ptr, text->len);
        else
            status = mst_sqlite_failed(sqlite, SQLITE_NOMEM, "read");
        text->ptr = copy;
    }
    sqlite3_reset(statement);
    return status;
}

static mst_state_status get_name(struct mst_state_store *store, uint32_t number, mst_text *name)
{
    sqlite3_stmt *statement = mst_sqlite_take(as_sqlite(store), MST_SQL_GET_NAME);
    sqlite3_bind_int64(statement, 1, number);
    return get_text(as_sqlite(store), statement, name);
}

static mst_state_status get_meta(struct mst_state_store *store, mst_text key, mst_text *value)
{
    sqlite3_stmt *statement = mst_sqlite_take(as_sqlite(store), MST_SQL_GET_META);
    bind_text(statement, 1, key);
    return get_text(as_sqlite(store), statement, value);
}

static void end_rows(struct mst_state_store *store)
{
    (void)store;
}

/* ---- writing ----------------------------------------------------------------------------- */

/* Where subjects change in random order, a longer log costs as much a page, and others wait for
 * longer when it is worked in. A checkpoint that fails loses nothing, the log only grows: it is
 * tried again some pages later. */
static void work_in_log(struct mst_state_sqlite *sqlite)
{
    if (sqlite->log_pages < sqlite->checkpoint_pages)
        return;
    int pages = sqlite->log_pages, copied = 0;
    int code =
        sqlite3_wal_checkpoint_v2(sqlite->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
    bool is_whole = code == SQLITE_OK && copied == pages;
    sqlite->checkpoint_pages = (is_whole ? 0 : pages) + sqlite->log_pages_max;
    if (is_whole)
        sqlite->log_pages = 0;
}

static mst_state_status begin(struct mst_state_store *store)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    work_in_log(sqlite);
    mst_state_status status = mst_sqlite_run(sqlite, mst_sqlite_take(sqlite, MST_SQL_BEGIN));
    if (status == MST_STATE_OK)
        mst_sqlite_rows_begin(&sqlite->rows);
    sqlite->changes.len = 0;
    return status;
}

/* After some errors SQLite has rolled back by itself. */
static void rollback(struct mst_state_store *store)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    if (!sqlite3_get_autocommit(sqlite->db)) {
        sqlite3_step(mst_sqlite_take(sqlite, MST_SQL_ROLLBACK));
        mst_sqlite_take(sqlite, MST_SQL_ROLLBACK);
    }
    mst_sqlite_rows_forget(&sqlite->rows);
}

static mst_state_status commit(struct mst_state_store *store)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    mst_state_status status = mst_sqlite_rows_finish(sqlite);
    if (status == MST_STATE_OK)
        status = mst_sqlite_changes_finish(sqlite);
    if (status == MST_STATE_OK)
        status = mst_sqlite_run(sqlite, mst_sqlite_take(sqlite, MST_SQL_COMMIT));
    if (status == MST_STATE_OK)
        mst_sqlite_rows_keep(&sqlite->rows);
    else
        rollback(store);
    return status;
}

static mst_state_status put_name(struct mst_state_store *store, uint32_t number, mst_text name)
{
    sqlite3_stmt *statement = mst_sqlite_take(as_sqlite(store), MST_SQL_PUT_NAME);
    sqlite3_bind_int64(statement, 1, number);
    bind_text(statement, 2, name);
    return mst_sqlite_run(as_sqlite(store), statement);
}

static mst_state_status trim_changes(struct mst_state_store *store, uint64_t first)
{
    sqlite3_stmt *statement = mst_sqlite_take(as_sqlite(store), MST_SQL_TRIM_CHANGES);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)first);
    return mst_sqlite_run(as_sqlite(store), statement);
}

static mst_state_status put_meta(struct mst_state_store *store, mst_text key, mst_text value)
{
    sqlite3_stmt *statement = mst_sqlite_take(as_sqlite(store), MST_SQL_PUT_META);
    bind_text(statement, 1, key);
    mst_sqlite_bind_blob(statement, 2, value);
    return mst_sqlite_run(as_sqlite(store), statement);
}

static mst_state_status delete_meta(struct mst_state_store *store, mst_text key)
{
    sqlite3_stmt *statement = mst_sqlite_take(as_sqlite(store), MST_SQL_DELETE_META);
    bind_text(statement, 1, key);
    return mst_sqlite_run(as_sqlite(store), statement);
}

static void close_store(struct mst_state_store *store)
{
    mst_sqlite_close(as_sqlite(store));
}

const struct mst_state_store_type mst_state_sqlite_type = {
    .close = close_store,
    .get_name = get_name,
    .get_meta = get_meta,
    .get_row = mst_sqlite_get_row,
    .begin_rows = mst_sqlite_begin_rows,
    .next_row = mst_sqlite_next_row,
    .end_rows = end_rows,
    .get_history = mst_sqlite_get_history,
    .begin_changes = mst_sqlite_begin_changes,
    .next_change = mst_sqlite_next_change,
    .end_changes = mst_sqlite_end_changes,
    .begin = begin,
    .put_name = put_name,
    .expect_row = mst_sqlite_expect_row,
    .put_row = mst_sqlite_put_row,
    .delete_row = mst_sqlite_delete_row,
    .put_change = mst_sqlite_put_change,
    .trim_changes = trim_changes,
    .put_meta = put_meta,
    .delete_meta = delete_meta,
    .commit = commit,
    .rollback = rollback,
};
