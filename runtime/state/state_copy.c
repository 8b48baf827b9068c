/* SPDX-License-Identifier: Apache-2.0
 *
 * state_copy.c - a copy of a state file while others may write to it: of one instant, in one file
 * without a log beside it, on disk before it gets its name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state_admin.h"
#include "state_sqlite.h"

static mst_state_status failed(const char *to, int reason, mst_state_why *why)
{
    snprintf(why->text, sizeof why->text, "cannot write '%s': %s", to, strerror(reason));
    return reason == ENOSPC || reason == EDQUOT                     ? MST_STATE_FULL
           : reason == EACCES || reason == EROFS || reason == EPERM ? MST_STATE_READ_ONLY
                                                                    : MST_STATE_IO;
}

/* All pages in one transaction of the source. The copy is made to be one file by itself. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite3_extended_errcode(to);
    sqlite3_backup_step(backup, -1);
    int code = sqlite3_backup_finish(backup);
    return code == SQLITE_OK ? sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL)
                             : code;
}

static mst_state_status fill(sqlite3 *db, const char *path, const char *to, mst_state_why *why)
{
    sqlite3 *copy = NULL;
    int code = sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK)
        code = copy_pages(db, copy);
    mst_state_status status = mst_sqlite_status(copy, code, "write", to, why);
    if (status == MST_STATE_CORRUPT)
        mst_sqlite_status(db, code, "read", path, why);
    sqlite3_close(copy);
    return status;
}

/* So that a new name in it outlives the loss of power. */
static void synchronise_folder(const char *path)
{
    char folder[1024];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (len >= sizeof folder)
        return;
    memcpy(folder, path, len);
    folder[len] = '\0';
    int fd = open(len > 0 ? folder : slash ? "/" : ".", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* link() refuses a name that is taken; a rename would replace what has it. */
static mst_state_status name_copy(const char *partial, const char *to, mst_state_why *why)
{
    mst_state_status status = link(partial, to) == 0 ? MST_STATE_OK : failed(to, errno, why);
    unlink(partial);
    if (status == MST_STATE_OK)
        synchronise_folder(to);
    return status;
}

mst_state_status mst_state_copy(sqlite3 *db, const char *path, const char *to, mst_state_why *why)
{
    if (access(to, F_OK) == 0)
        return failed(to, EEXIST, why);
    char *partial = sqlite3_mprintf("%s.partial", to);
    if (!partial)
        return failed(to, ENOMEM, why);
    unlink(partial);
    mst_state_status status = fill(db, path, partial, why);
    if (status == MST_STATE_OK)
        status = name_copy(partial, to, why);
    else
        unlink(partial);
    sqlite3_free(partial);
    return status;
}

/* ---- the same content -------------------------------------------------------------------- */

static bool is_same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (int i = 0; i < sqlite3_column_count(a); i++) {
        const mst_text left = mst_sqlite_column(a, i), right = mst_sqlite_column(b, i);
        if (left.len != right.len || memcmp(left.ptr, right.ptr, left.len) != 0)
            return false;
    }
    return true;
}

/* The rows that a query gives, in the same order. */
static bool have_same_rows(sqlite3 *a, sqlite3 *b, const char *sql)
{
    sqlite3_stmt *left = NULL, *right = NULL;
    bool is_same = sqlite3_prepare_v2(a, sql, -1, &left, NULL) == SQLITE_OK &&
                   sqlite3_prepare_v2(b, sql, -1, &right, NULL) == SQLITE_OK &&
                   sqlite3_column_count(left) == sqlite3_column_count(right);
    for (int code = SQLITE_ROW; is_same && code == SQLITE_ROW;) {
        code = sqlite3_step(left);
        is_same = sqlite3_step(right) == code && (code == SQLITE_ROW || code == SQLITE_DONE) &&
                  (code == SQLITE_DONE || is_same_row(left, right));
    }
    sqlite3_finalize(left);
    sqlite3_finalize(right);
    return is_same;
}

static bool have_same_tables(sqlite3 *a, sqlite3 *b)
{
    static const char list[] =
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY 1";
    sqlite3_stmt *tables = NULL;
    bool is_same = have_same_rows(a, b, "PRAGMA user_version") && have_same_rows(a, b, list) &&
                   sqlite3_prepare_v2(a, list, -1, &tables, NULL) == SQLITE_OK;
    while (is_same && sqlite3_step(tables) == SQLITE_ROW) {
        char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", sqlite3_column_text(tables, 0));
        is_same = sql && have_same_rows(a, b, sql);
        sqlite3_free(sql);
    }
    sqlite3_finalize(tables);
    return is_same;
}

bool mst_state_is_copy(sqlite3 *db, const char *copy)
{
    sqlite3 *other = NULL;
    const bool is_same = sqlite3_open_v2(copy, &other, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                         have_same_tables(db, other);
    sqlite3_close(other);
    return is_same;
}

/* ---- a copy by hand ---------------------------------------------------------------------- */

mst_state_status mst_state_backup(const char *path, const char *to, mst_state_why *why)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    sqlite3 *db;
    options.path = path;
    options.is_read_only = true;
    mst_state_status status = mst_sqlite_open_file(&db, &options, why);
    if (status != MST_STATE_OK)
        return status;
    status = mst_state_copy(db, path, to, why);
    sqlite3_close(db);
    return status;
}
