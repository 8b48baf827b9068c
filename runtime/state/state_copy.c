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
