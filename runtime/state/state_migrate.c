/* SPDX-License-Identifier: Apache-2.0
 *
 * state_migrate.c - the form of a state file, version by version. The version stands in the file's
 * user_version. A step is never changed once it was released: a new form is a step more. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "state_sqlite.h"

const char *const mst_state_steps[] = {
    "PRAGMA application_id = 0x4d535452;"
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "CREATE TABLE subject (slot INTEGER PRIMARY KEY, id TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE change (sequence INTEGER PRIMARY KEY, event TEXT NOT NULL) STRICT;",
};
const int64_t mst_state_step_count = sizeof mst_state_steps / sizeof mst_state_steps[0];

/* A backup of the same version that is there already was made of the same file, by a migration
 * that did not get through: it is kept. */
static mst_state_status keep_backup(sqlite3 *db, const char *path, int64_t version,
                                    mst_state_why *why)
{
    char *to = sqlite3_mprintf("%s.v%lld.backup", path, (long long)version);
    if (!to)
        return mst_sqlite_status(db, SQLITE_NOMEM, "copy", path, why);
    mst_state_status status =
        access(to, F_OK) == 0 ? MST_STATE_OK : mst_state_copy(db, path, to, why);
    sqlite3_free(to);
    return status;
}

static int run_steps(sqlite3 *db, const char *const *steps, int64_t version, int64_t count)
{
    char number[64];
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (int64_t i = version; code == SQLITE_OK && i < count; i++)
        code = sqlite3_exec(db, steps[i], NULL, NULL, NULL);
    snprintf(number, sizeof number, "PRAGMA user_version = %lld", (long long)count);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, number, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return code;
}

mst_state_status mst_state_migrate(sqlite3 *db, const char *path, const char *const *steps,
                                   int64_t count, mst_state_why *why)
{
    int64_t version = 0;
    int code = mst_sqlite_number(db, "PRAGMA user_version", &version);
    mst_state_status status = mst_sqlite_status(db, code, "open", path, why);
    if (status == MST_STATE_OK && version > 0 && version < count)
        status = keep_backup(db, path, version, why);
    if (status != MST_STATE_OK || version >= count)
        return status;
    status =
        mst_sqlite_status(db, run_steps(db, steps, version, count), "bring up to date", path, why);
    if (status != MST_STATE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
