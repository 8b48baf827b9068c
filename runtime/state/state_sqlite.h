/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite.h - what the parts of the store in SQLite share: state_sqlite.c opens files,
 * state_sqlite_store.c reads and writes them, state_migrate.c brings older ones up to date,
 * state_copy.c makes backups and state_check.c looks for damage. */
#ifndef MST_STATE_STATE_SQLITE_H
#define MST_STATE_STATE_SQLITE_H

#include <sqlite3.h>

#include "state_store.h"

/* "MSTR", in the file's header: tells our files from other programs'. */
#define MST_STATE_APPLICATION_ID 0x4d535452

enum mst_state_sql {
    MST_SQL_BEGIN,
    MST_SQL_COMMIT,
    MST_SQL_ROLLBACK,
    MST_SQL_GET_NAME,
    MST_SQL_GET_META,
    MST_SQL_GET_ROW,
    MST_SQL_GET_ROWS,
    MST_SQL_GET_HISTORY,
    MST_SQL_GET_CHANGES,
    MST_SQL_PUT_NAME,
    MST_SQL_PUT_META,
    MST_SQL_PUT_ROW,
    MST_SQL_PUT_CHANGE,
    MST_SQL_DELETE_META,
    MST_SQL_DELETE_ROW,
    MST_SQL_TRIM_CHANGES,
    MST_SQL_COUNT,
};

struct mst_state_sqlite {
    struct mst_state_store store;
    sqlite3 *db;
    char *path;
    int lock; /* of the file that keeps other writers out; -1: none */
    sqlite3_stmt *statements[MST_SQL_COUNT];
    char *kept; /* what was read last: a row, or a text longer than `text` */
    size_t kept_capacity;
    char text[MST_STATE_NAME_MAX_BYTES]; /* a name, while a row is in use */
    int log_pages_max;
    int log_pages;        /* that the log holds since its last checkpoint */
    int checkpoint_pages; /* at which the next one is due */
};

/* What a code of SQLite means, and a message: "cannot write 'muster.db': the disk is full". */
mst_state_status mst_sqlite_status(sqlite3 *db, int code, const char *verb, const char *path,
                                   mst_state_why *why);

/* Opens and configures a file, and holds that it is a state of a version that can be read; an
 * older one is migrated where it may be written to. The lock is the caller's business. */
mst_state_status mst_sqlite_open_file(sqlite3 **db, const mst_state_options *options,
                                      mst_state_why *why);

/* Closes the file, unlocks it and frees everything. */
void mst_sqlite_close(struct mst_state_sqlite *sqlite);

bool mst_sqlite_prepare(struct mst_state_sqlite *sqlite);
/* Of a statement that gives slot, id and data; borrowed until its next step. */
struct mst_state_row mst_sqlite_row(sqlite3_stmt *statement);
extern const struct mst_state_store_type mst_state_sqlite_type;

/* One number that a statement without parameters gives; an SQLite code. */
int mst_sqlite_number(sqlite3 *db, const char *sql, int64_t *number);

/* ---- migration (state_migrate.c) --------------------------------------------------------- */

/* SQL that brings a file from version i to i + 1; the first one makes it from nothing. */
extern const char *const mst_state_steps[];
extern const int64_t mst_state_step_count;

/* Brings a file up to version `count`; an older one is first copied to "PATH.vN.backup". */
mst_state_status mst_state_migrate(sqlite3 *db, const char *path, const char *const *steps,
                                   int64_t count, mst_state_why *why);

/* ---- copies (state_copy.c) --------------------------------------------------------------- */

/* Copies what is committed into a new file, complete and on disk or not there at all. */
mst_state_status mst_state_copy(sqlite3 *db, const char *path, const char *to, mst_state_why *why);

#endif
