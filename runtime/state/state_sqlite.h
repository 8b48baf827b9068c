/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite.h - what the parts of the store in SQLite share: state_sqlite.c opens files,
 * state_sqlite_store.c reads and writes them, state_sqlite_rows.c the rows of subjects and
 * state_sqlite_changes.c the history, state_migrate.c brings older files up to date, state_copy.c
 * makes backups and state_check.c looks for damage. */
#ifndef MST_STATE_STATE_SQLITE_H
#define MST_STATE_STATE_SQLITE_H

#include <sqlite3.h>

#include "state_bytes.h"
#include "state_places.h"
#include "state_store.h"

/* "MSTR", in the file's header: tells our files from other programs'. */
#define MST_STATE_APPLICATION_ID 0x4d535452

enum mst_state_sql {
    MST_SQL_BEGIN,
    MST_SQL_BEGIN_READ,
    MST_SQL_COMMIT,
    MST_SQL_ROLLBACK,
    MST_SQL_GET_NAME,
    MST_SQL_GET_META,
    MST_SQL_GET_SEGMENT,
    MST_SQL_GET_SEGMENTS,
    MST_SQL_GET_DATA_VERSION,
    MST_SQL_GET_HISTORY,
    MST_SQL_GET_CHANGES,
    MST_SQL_PUT_NAME,
    MST_SQL_PUT_META,
    MST_SQL_PUT_SEGMENT,
    MST_SQL_PUT_CHANGES,
    MST_SQL_DELETE_META,
    MST_SQL_TRIM_CHANGES,
    MST_SQL_COUNT,
};

/* Rows of subjects that are read ahead, so that the slots from one to another are shown in order:
 * they stand in the file in the order in which they were written. */
struct mst_sqlite_window {
    bool is_valid;
    uint32_t from, to, next; /* `next` is the slot to show next */
    size_t *offsets;         /* of the slots from `from` on, and the end */
    char *bytes;
};

struct mst_sqlite_rows {
    struct mst_places places;
    int64_t data_version; /* of the file when the places were read by a handle that only reads */
    char *open;           /* the segment that is being filled */
    uint32_t open_segment, open_used;
    bool is_open_written;
    char *larger; /* a segment that is read to be emptied, or one of a long row */
    size_t larger_capacity;
    struct mst_sqlite_window window;
};

/* Changes that are gathered, to be written in one piece, and those of a piece that is read. */
struct mst_sqlite_changes {
    uint64_t history_max;
    char *bytes;
    size_t len, capacity;
    uint64_t put_first, put_last;
    struct mst_byte_cursor cursor;
    uint64_t from, next, last;
};

struct mst_state_sqlite {
    struct mst_state_store store;
    sqlite3 *db;
    char *path;
    int lock; /* of the file that keeps other writers out; -1: none */
    sqlite3_stmt *statements[MST_SQL_COUNT];
    bool is_read_only;
    char *kept; /* what was read last: a row, or a text longer than `text` */
    size_t kept_capacity;
    struct mst_sqlite_rows rows;
    struct mst_sqlite_changes changes;
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

/* Frees what reading and writing need, but for the file itself. */
void mst_sqlite_release(struct mst_state_sqlite *sqlite);
/* Closes the file, unlocks it and frees everything. */
void mst_sqlite_close(struct mst_state_sqlite *sqlite);

bool mst_sqlite_prepare(struct mst_state_sqlite *sqlite);
extern const struct mst_state_store_type mst_state_sqlite_type;

/* ---- running statements (state_sqlite_store.c) ------------------------------------------- */

/* Whatever the last use of it left is gone. */
sqlite3_stmt *mst_sqlite_take(struct mst_state_sqlite *sqlite, enum mst_state_sql which);
mst_state_status mst_sqlite_failed(struct mst_state_sqlite *sqlite, int code, const char *verb);
/* A statement that gives no rows. */
mst_state_status mst_sqlite_run(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement);
/* NOT_FOUND where there is no row (any more). */
mst_state_status mst_sqlite_step(struct mst_state_sqlite *sqlite, sqlite3_stmt *statement);
mst_text mst_sqlite_column(sqlite3_stmt *statement, int column);
/* Room for what is read; what was kept before is gone. NULL: out of memory. */
char *mst_sqlite_keep(struct mst_state_sqlite *sqlite, size_t len);
void mst_sqlite_bind_blob(sqlite3_stmt *statement, int place, mst_text bytes);
/* "cannot read 'muster.db': the file is damaged (WHAT)". */
mst_state_status mst_sqlite_damaged(struct mst_state_sqlite *sqlite, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- rows (state_sqlite_rows.c), as in state_store.h ------------------------------------- */

void mst_sqlite_rows_init(struct mst_sqlite_rows *rows);
void mst_sqlite_rows_free(struct mst_sqlite_rows *rows);
/* Reads where each subject's row stands. Damaged segments are passed over where `damaged` is not
 * NULL: it is called for each. */
mst_state_status mst_sqlite_rows_load(struct mst_state_sqlite *sqlite,
                                      void (*damaged)(void *context, uint32_t segment),
                                      void *context);
mst_state_status mst_sqlite_get_row(struct mst_state_store *store, uint32_t slot,
                                    struct mst_state_row *row);
mst_state_status mst_sqlite_begin_rows(struct mst_state_store *store, uint32_t from);
mst_state_status mst_sqlite_next_row(struct mst_state_store *store, struct mst_state_row *row);
void mst_sqlite_expect_row(const struct mst_state_store *store, uint32_t slot);
mst_state_status mst_sqlite_put_row(struct mst_state_store *store, const struct mst_state_row *row);
mst_state_status mst_sqlite_delete_row(struct mst_state_store *store, uint32_t slot);
void mst_sqlite_rows_begin(struct mst_sqlite_rows *rows);
/* Empties old segments and writes what is not written, before the transaction is kept. */
mst_state_status mst_sqlite_rows_finish(struct mst_state_sqlite *sqlite);
void mst_sqlite_rows_keep(struct mst_sqlite_rows *rows);
void mst_sqlite_rows_forget(struct mst_sqlite_rows *rows);

/* ---- the history (state_sqlite_changes.c), as in state_store.h --------------------------- */

mst_state_status mst_sqlite_get_history(struct mst_state_store *store, uint64_t *first,
                                        uint64_t *last);
mst_state_status mst_sqlite_begin_changes(struct mst_state_store *store, uint64_t from);
mst_state_status mst_sqlite_next_change(struct mst_state_store *store, uint64_t *sequence,
                                        mst_text *event);
void mst_sqlite_end_changes(struct mst_state_store *store);
mst_state_status mst_sqlite_put_change(struct mst_state_store *store, uint64_t sequence,
                                       mst_text event);
mst_state_status mst_sqlite_changes_finish(struct mst_state_sqlite *sqlite);
/* The events of a row, each behind the number of its bytes; false where the row is damaged. */
bool mst_changes_open(struct mst_byte_cursor *cursor, uint64_t first, uint64_t last, mst_text row);

/* One number that a statement without parameters gives; an SQLite code. */
int mst_sqlite_number(sqlite3 *db, const char *sql, int64_t *number);

/* ---- migration (state_migrate.c) --------------------------------------------------------- */

/* What brings a file from version i to i + 1; the first one makes it from nothing. `move` is what
 * SQL cannot do, between `before` and `after`; an SQLite code. Either may be NULL. */
struct mst_state_step {
    const char *before;
    int (*move)(sqlite3 *db);
    const char *after;
};
extern const struct mst_state_step mst_state_steps[];
extern const int64_t mst_state_step_count;

/* Brings a file up to version `count`; an older one is first copied to "PATH.vN.backup". */
mst_state_status mst_state_migrate(sqlite3 *db, const char *path,
                                   const struct mst_state_step *steps, int64_t count,
                                   mst_state_why *why);

/* ---- copies (state_copy.c) --------------------------------------------------------------- */

/* Copies what is committed into a new file, complete and on disk or not there at all. */
mst_state_status mst_state_copy(sqlite3 *db, const char *path, const char *to, mst_state_why *why);
/* Whether the file at `copy` has the tables and rows of `db`, and its version. */
bool mst_state_is_copy(sqlite3 *db, const char *copy);

#endif
