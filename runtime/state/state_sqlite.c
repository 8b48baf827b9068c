/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite.c - opens a state file: one writer, a write-ahead log synchronised as durability
 * demands, and every way in which a file can be the wrong one told apart. */
#define _DEFAULT_SOURCE /* flock() */

#include "state_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PAGE_KIB (MST_SEGMENT_PAGE_BYTES / 1024)
#define BUSY_MS 5000
#define LOG_KEPT_BYTES (64 << 20) /* a longer log is cut when it begins anew */

/* ---- errors ------------------------------------------------------------------------------ */

static mst_state_status status_of_system(int reason)
{
    switch (reason) {
    case ENOSPC:
    case EDQUOT: return MST_STATE_FULL;
    case EROFS:
    case EACCES:
    case EPERM: return MST_STATE_READ_ONLY;
    case ENOENT: return MST_STATE_NOT_FOUND;
    default: return MST_STATE_IO;
    }
}

static mst_state_status status_of(int code, int reason)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return MST_STATE_OK;
    case SQLITE_FULL: return MST_STATE_FULL;
    case SQLITE_PERM:
    case SQLITE_READONLY: return MST_STATE_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return MST_STATE_BUSY;
    case SQLITE_NOMEM: return MST_STATE_MEMORY;
    case SQLITE_TOOBIG: return MST_STATE_LIMIT;
    case SQLITE_NOTADB: return MST_STATE_FOREIGN;
    case SQLITE_IOERR:
        return status_of_system(reason) == MST_STATE_FULL ? MST_STATE_FULL : MST_STATE_IO;
    case SQLITE_CANTOPEN: return status_of_system(reason);
    default: return MST_STATE_CORRUPT; /* a table or column of ours is not as we made it */
    }
}

mst_state_status mst_sqlite_status(sqlite3 *db, int code, const char *verb, const char *path,
                                   mst_state_why *why)
{
    int reason = db ? sqlite3_system_errno(db) : 0;
    mst_state_status status = status_of(code, reason);
    if (status == MST_STATE_OK)
        return status;
    bool is_system = (status == MST_STATE_IO || status == MST_STATE_NOT_FOUND) && reason != 0;
    bool says_more = status == MST_STATE_CORRUPT && db;
    snprintf(why->text, sizeof why->text, "cannot %s '%s': %s%s%s%s", verb, path,
             is_system ? strerror(reason) : mst_state_status_text(status), says_more ? " (" : "",
             says_more ? sqlite3_errmsg(db) : "", says_more ? ")" : "");
    return status;
}

int mst_sqlite_number(sqlite3 *db, const char *sql, int64_t *number)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement);
}

/* ---- which file it is -------------------------------------------------------------------- */

static mst_state_status refuse(mst_state_status status, const char *path, mst_state_why *why)
{
    snprintf(why->text, sizeof why->text, "cannot open '%s': %s", path,
             mst_state_status_text(status));
    return status;
}

static mst_state_status hold_version(sqlite3 *db, const mst_state_options *options,
                                     mst_state_why *why)
{
    int64_t version = 0, application = 0, tables = 0;
    int code = mst_sqlite_number(db, "PRAGMA user_version", &version);
    if (code == SQLITE_OK)
        code = mst_sqlite_number(db, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = mst_sqlite_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (code != SQLITE_OK)
        return mst_sqlite_status(db, code, "open", options->path, why);
    bool is_empty = version == 0 && application == 0 && tables == 0;
    if (application != MST_STATE_APPLICATION_ID && (!is_empty || options->is_read_only))
        return refuse(MST_STATE_FOREIGN, options->path, why);
    if (version > mst_state_step_count)
        return refuse(MST_STATE_NEWER, options->path, why);
    if (version == mst_state_step_count)
        return MST_STATE_OK;
    if (options->is_read_only) {
        snprintf(why->text, sizeof why->text,
                 "cannot open '%s': an older version of Muster wrote it; 'muster serve' brings it "
                 "up to date",
                 options->path);
        return MST_STATE_READ_ONLY;
    }
    return mst_state_migrate(db, options->path, mst_state_steps, mst_state_step_count, why);
}

/* ---- settings ---------------------------------------------------------------------------- */

static const char *synchronous_of(mst_state_durability durability)
{
    switch (durability) {
    case MST_STATE_DURABLE_NORMAL: return "NORMAL";
    case MST_STATE_DURABLE_NONE: return "OFF";
    case MST_STATE_DURABLE_FULL: break;
    }
    return "FULL";
}

static int configure(sqlite3 *db, const mst_state_options *options)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "PRAGMA cache_size=-%u;"
             "PRAGMA temp_store=MEMORY;"
             "PRAGMA trusted_schema=OFF;"
             "PRAGMA cell_size_check=ON;"
             "PRAGMA query_only=%d;",
             options->cache_kib, options->is_read_only);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK || options->is_read_only)
        return code;
    snprintf(sql, sizeof sql,
             "PRAGMA journal_mode=WAL;"
             "PRAGMA synchronous=%s;"
             "PRAGMA secure_delete=FAST;"
             "PRAGMA journal_size_limit=%d;",
             synchronous_of(options->durability), LOG_KEPT_BYTES);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* A reader opens to write too, where it may: else it could not clean up behind a writer that was
 * killed. It never writes. */
mst_state_status mst_sqlite_open_file(sqlite3 **db, const mst_state_options *options,
                                      mst_state_why *why)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (!options->is_read_only)
        flags |= SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(options->path, db, flags, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(*db, 1);
        sqlite3_busy_timeout(*db, BUSY_MS);
        bool is_fixed = sqlite3_db_readonly(*db, "main") == 1;
        code = is_fixed && !options->is_read_only ? SQLITE_READONLY : SQLITE_OK;
    }
    /* The version first: nothing is set in a file that is not ours. */
    mst_state_status status = mst_sqlite_status(*db, code, "open", options->path, why);
    if (status == MST_STATE_OK)
        status = hold_version(*db, options, why);
    if (status == MST_STATE_OK)
        status = mst_sqlite_status(*db, configure(*db, options), "open", options->path, why);
    if (status != MST_STATE_OK) {
        sqlite3_close(*db);
        *db = NULL;
    }
    return status;
}

/* ---- one writer -------------------------------------------------------------------------- */

/* SQLite's own locks let writers take turns; here the second one is refused. */
static mst_state_status lock_file(struct mst_state_sqlite *sqlite, mst_state_why *why)
{
    char *name = sqlite3_mprintf("%s-lock", sqlite->path);
    if (!name)
        return refuse(MST_STATE_MEMORY, sqlite->path, why);
    sqlite->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    mst_state_status status = MST_STATE_OK;
    if (sqlite->lock < 0)
        status = status_of_system(errno);
    else if (flock(sqlite->lock, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? MST_STATE_BUSY : MST_STATE_IO;
    if (status == MST_STATE_IO || status == MST_STATE_NOT_FOUND)
        snprintf(why->text, sizeof why->text, "cannot open '%s': %s", name, strerror(errno));
    else if (status != MST_STATE_OK)
        refuse(status, sqlite->path, why);
    sqlite3_free(name);
    return status;
}

void mst_sqlite_release(struct mst_state_sqlite *sqlite)
{
    for (int i = 0; i < MST_SQL_COUNT; i++)
        sqlite3_finalize(sqlite->statements[i]);
    mst_sqlite_rows_free(&sqlite->rows);
    free(sqlite->changes.bytes);
    free(sqlite->kept);
}

void mst_sqlite_close(struct mst_state_sqlite *sqlite)
{
    mst_sqlite_release(sqlite);
    sqlite3_close(sqlite->db);
    if (sqlite->lock >= 0)
        close(sqlite->lock);
    free(sqlite->path);
    free(sqlite);
}

static int note_log(void *context, sqlite3 *db, const char *name, int pages)
{
    struct mst_state_sqlite *sqlite = context;
    (void)db;
    (void)name;
    sqlite->log_pages = pages;
    return SQLITE_OK;
}

mst_state_status mst_state_sqlite_open(struct mst_state_store **store,
                                       const mst_state_options *options, mst_state_why *why)
{
    struct mst_state_sqlite *sqlite = calloc(1, sizeof *sqlite);
    size_t path_size = strlen(options->path) + 1;
    char *path = malloc(path_size);
    if (!sqlite || !path) {
        free(sqlite);
        free(path);
        return refuse(MST_STATE_MEMORY, options->path, why);
    }
    memcpy(path, options->path, path_size);
    int log_pages_max = (int)(options->log_kib / PAGE_KIB);
    *sqlite = (struct mst_state_sqlite){.path = path,
                                        .lock = -1,
                                        .is_read_only = options->is_read_only,
                                        .changes.history_max = options->history_max,
                                        .log_pages_max = log_pages_max,
                                        .checkpoint_pages = log_pages_max};
    sqlite->store.type = &mst_state_sqlite_type;
    mst_sqlite_rows_init(&sqlite->rows);
    mst_state_status status = options->is_read_only ? MST_STATE_OK : lock_file(sqlite, why);
    if (status == MST_STATE_OK)
        status = mst_sqlite_open_file(&sqlite->db, options, why);
    if (status == MST_STATE_OK && !mst_sqlite_prepare(sqlite)) {
        status =
            mst_sqlite_status(sqlite->db, sqlite3_extended_errcode(sqlite->db), "open", path, why);
    }
    if (status == MST_STATE_OK && !options->is_read_only) {
        status = mst_sqlite_rows_load(sqlite, NULL, NULL);
        if (status != MST_STATE_OK && why)
            *why = sqlite->store.why;
    }
    if (status != MST_STATE_OK) {
        mst_sqlite_close(sqlite);
        return status;
    }
    sqlite3_wal_hook(sqlite->db, note_log, sqlite);
    *store = &sqlite->store;
    return MST_STATE_OK;
}
