/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite_store.c - rows, names, changes and meta in a SQLite file: prepared statements over
 * four tables, each found by its own key alone. */

#include <stdlib.h>
#include <string.h>

#include "state_sqlite.h"

static const char *const sql[MST_SQL_COUNT] = {
    [MST_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [MST_SQL_COMMIT] = "COMMIT",
    [MST_SQL_ROLLBACK] = "ROLLBACK",
    [MST_SQL_GET_NAME] = "SELECT name FROM name WHERE number = ?1",
    [MST_SQL_GET_META] = "SELECT value FROM meta WHERE key = ?1",
    [MST_SQL_GET_ROW] = "SELECT slot, id, data FROM subject WHERE slot = ?1",
    [MST_SQL_GET_ROWS] = "SELECT slot, id, data FROM subject WHERE slot >= ?1 ORDER BY slot",
    [MST_SQL_GET_HISTORY] = "SELECT (SELECT min(sequence) FROM change), max(sequence) FROM change",
    [MST_SQL_GET_CHANGES] = "SELECT sequence, event FROM change WHERE sequence >= ?1 ORDER BY 1",
    [MST_SQL_PUT_NAME] = "INSERT INTO name VALUES (?1, ?2)",
    [MST_SQL_PUT_META] = "REPLACE INTO meta VALUES (?1, ?2)",
    [MST_SQL_PUT_ROW] = "REPLACE INTO subject VALUES (?1, ?2, ?3)",
    [MST_SQL_PUT_CHANGE] = "INSERT INTO change VALUES (?1, ?2)",
    [MST_SQL_DELETE_META] = "DELETE FROM meta WHERE key = ?1",
    [MST_SQL_DELETE_ROW] = "DELETE FROM subject WHERE slot = ?1",
    [MST_SQL_TRIM_CHANGES] = "DELETE FROM change WHERE sequence < ?1",
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

/* Whatever the last use of it left is gone. */
static sqlite3_stmt *take(struct mst_state_sqlite *sqlite, enum mst_state_sql which)
{
    sqlite3_reset(sqlite->statements[which]);
    return sqlite->statements[which];
}

/* Texts are borrowed for one step. NULL would be SQL's NULL: an empty text has a pointer. */
static void bind_text(sqlite3_stmt *statement, int place, mst_text text)
{
    sqlite3_bind_text(statement, place, text.len > 0 ? text.ptr : "", (int)text.len, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *statement, int place, mst_text bytes)
{
    sqlite3_bind_blob(statement, place, bytes.len > 0 ? bytes.ptr : "", (int)bytes.len,
                      SQLITE_STATIC);
}

static mst_state_status failed(struct mst_state_sqlite *sqlite, int code, const char *verb)
{
    return mst_sqlite_status(sqlite->db, code, verb, sqlite->path, &sqlite->store.why);
}

/* A statement that gives no rows. */
static mst_state_status run(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    mst_state_status status = failed(sqlite, code, "write to");
    sqlite3_reset(statement);
    return status;
}

/* NOT_FOUND where there is no row (any more). */
static mst_state_status step(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    return code == SQLITE_DONE ? MST_STATE_NOT_FOUND : failed(sqlite, code, "read");
}

static mst_text column_bytes(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    return (mst_text){bytes ? bytes : "", (uint32_t)sqlite3_column_bytes(statement, column)};
}

/* ---- reading ----------------------------------------------------------------------------- */

/* A statement that stays open would hold the handle to what it saw, and the log from beginning
 * anew: what it gave is copied. */
static bool keep_bytes(struct mst_state_sqlite *sqlite, size_t at, mst_text *bytes)
{
    if (at + bytes->len > sqlite->kept_capacity) {
        size_t capacity = (at + bytes->len) * 2;
        char *larger = realloc(sqlite->kept, capacity);
        if (!larger)
            return false;
        sqlite->kept = larger;
        sqlite->kept_capacity = capacity;
    }
    memcpy(sqlite->kept + at, bytes->ptr, bytes->len);
    return true;
}

static mst_state_status no_memory(struct mst_state_sqlite *sqlite)
{
    return failed(sqlite, SQLITE_NOMEM, "read");
}

/* Runs a statement that gives one text. A name has a place of its own: it may be asked for while a
 * row is in use. */
static mst_state_status get_text(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement,
                                 mst_text *text)
{
    mst_state_status status = step(sqlite, statement);
    if (status == MST_STATE_OK) {
        *text = column_bytes(statement, 0);
        if (text->len > sizeof sqlite->text) {
            status = keep_bytes(sqlite, 0, text) ? status : no_memory(sqlite);
            text->ptr = sqlite->kept;
        } else {
            memcpy(sqlite->text, text->ptr, text->len);
            text->ptr = sqlite->text;
        }
    }
    sqlite3_reset(statement);
    return status;
}

static mst_state_status get_name(struct mst_state_store *store, uint32_t number, mst_text *name)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_GET_NAME);
    sqlite3_bind_int64(statement, 1, number);
    return get_text(as_sqlite(store), statement, name);
}

static mst_state_status get_meta(struct mst_state_store *store, mst_text key, mst_text *value)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_GET_META);
    bind_text(statement, 1, key);
    return get_text(as_sqlite(store), statement, value);
}

struct mst_state_row mst_sqlite_row(sqlite3_stmt *statement)
{
    return (struct mst_state_row){(uint32_t)sqlite3_column_int64(statement, 0),
                                  column_bytes(statement, 1), column_bytes(statement, 2)};
}

static mst_state_status get_row(struct mst_state_store *store, uint32_t slot,
                                struct mst_state_row *row)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    sqlite3_stmt *statement = take(sqlite, MST_SQL_GET_ROW);
    sqlite3_bind_int64(statement, 1, slot);
    mst_state_status status = step(sqlite, statement);
    if (status == MST_STATE_OK) {
        *row = mst_sqlite_row(statement);
        if (!keep_bytes(sqlite, 0, &row->data) || !keep_bytes(sqlite, row->data.len, &row->id))
            status = no_memory(sqlite);
        row->data.ptr = sqlite->kept;
        row->id.ptr = sqlite->kept + row->data.len;
    }
    sqlite3_reset(statement);
    return status;
}

static mst_state_status begin_rows(struct mst_state_store *store, uint32_t from)
{
    sqlite3_bind_int64(take(as_sqlite(store), MST_SQL_GET_ROWS), 1, from);
    return MST_STATE_OK;
}

static mst_state_status next_row(struct mst_state_store *store, struct mst_state_row *row)
{
    sqlite3_stmt *statement = as_sqlite(store)->statements[MST_SQL_GET_ROWS];
    mst_state_status status = step(as_sqlite(store), statement);
    if (status == MST_STATE_OK)
        *row = mst_sqlite_row(statement);
    return status;
}

static void end_rows(struct mst_state_store *store)
{
    sqlite3_reset(as_sqlite(store)->statements[MST_SQL_GET_ROWS]);
}

static mst_state_status get_history(struct mst_state_store *store, uint64_t *first, uint64_t *last)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_GET_HISTORY);
    mst_state_status status = step(as_sqlite(store), statement);
    if (status == MST_STATE_OK) {
        *first = (uint64_t)sqlite3_column_int64(statement, 0);
        *last = (uint64_t)sqlite3_column_int64(statement, 1);
        if (*last == 0)
            *first = 1;
    }
    sqlite3_reset(statement);
    return status;
}

static mst_state_status begin_changes(struct mst_state_store *store, uint64_t from)
{
    sqlite3_bind_int64(take(as_sqlite(store), MST_SQL_GET_CHANGES), 1, (sqlite3_int64)from);
    return MST_STATE_OK;
}

static mst_state_status next_change(struct mst_state_store *store, uint64_t *sequence,
                                    mst_text *event)
{
    sqlite3_stmt *statement = as_sqlite(store)->statements[MST_SQL_GET_CHANGES];
    mst_state_status status = step(as_sqlite(store), statement);
    if (status == MST_STATE_OK) {
        *sequence = (uint64_t)sqlite3_column_int64(statement, 0);
        *event = column_bytes(statement, 1);
    }
    return status;
}

static void end_changes(struct mst_state_store *store)
{
    sqlite3_reset(as_sqlite(store)->statements[MST_SQL_GET_CHANGES]);
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
    return run(sqlite, take(sqlite, MST_SQL_BEGIN));
}

/* After some errors SQLite has rolled back by itself. */
static void rollback(struct mst_state_store *store)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    if (!sqlite3_get_autocommit(sqlite->db)) {
        sqlite3_step(take(sqlite, MST_SQL_ROLLBACK));
        take(sqlite, MST_SQL_ROLLBACK);
    }
}

static mst_state_status commit(struct mst_state_store *store)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    mst_state_status status = run(sqlite, take(sqlite, MST_SQL_COMMIT));
    if (status != MST_STATE_OK)
        rollback(store);
    return status;
}

static mst_state_status put_name(struct mst_state_store *store, uint32_t number, mst_text name)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_PUT_NAME);
    sqlite3_bind_int64(statement, 1, number);
    bind_text(statement, 2, name);
    return run(as_sqlite(store), statement);
}

static mst_state_status put_row(struct mst_state_store *store, const struct mst_state_row *row)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_PUT_ROW);
    sqlite3_bind_int64(statement, 1, row->slot);
    bind_text(statement, 2, row->id);
    bind_blob(statement, 3, row->data);
    return run(as_sqlite(store), statement);
}

static mst_state_status delete_row(struct mst_state_store *store, uint32_t slot)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_DELETE_ROW);
    sqlite3_bind_int64(statement, 1, slot);
    return run(as_sqlite(store), statement);
}

static mst_state_status put_change(struct mst_state_store *store, uint64_t sequence, mst_text event)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_PUT_CHANGE);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)sequence);
    bind_text(statement, 2, event);
    return run(as_sqlite(store), statement);
}

static mst_state_status trim_changes(struct mst_state_store *store, uint64_t first)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_TRIM_CHANGES);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)first);
    return run(as_sqlite(store), statement);
}

static mst_state_status put_meta(struct mst_state_store *store, mst_text key, mst_text value)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_PUT_META);
    bind_text(statement, 1, key);
    bind_blob(statement, 2, value);
    return run(as_sqlite(store), statement);
}

static mst_state_status delete_meta(struct mst_state_store *store, mst_text key)
{
    sqlite3_stmt *statement = take(as_sqlite(store), MST_SQL_DELETE_META);
    bind_text(statement, 1, key);
    return run(as_sqlite(store), statement);
}

static void close_store(struct mst_state_store *store)
{
    mst_sqlite_close(as_sqlite(store));
}

const struct mst_state_store_type mst_state_sqlite_type = {
    .close = close_store,
    .get_name = get_name,
    .get_meta = get_meta,
    .get_row = get_row,
    .begin_rows = begin_rows,
    .next_row = next_row,
    .end_rows = end_rows,
    .get_history = get_history,
    .begin_changes = begin_changes,
    .next_change = next_change,
    .end_changes = end_changes,
    .begin = begin,
    .put_name = put_name,
    .put_row = put_row,
    .delete_row = delete_row,
    .put_change = put_change,
    .trim_changes = trim_changes,
    .put_meta = put_meta,
    .delete_meta = delete_meta,
    .commit = commit,
    .rollback = rollback,
};
