/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite_changes.c - the history of changes: the events of a batch lie in a few rows, each
 * event behind the number of its bytes, so that one costs little more than its text; with a sum
 * over the row, since SQLite notices nothing of a byte that turned in it. */
#include <stdlib.h>
#include <string.h>

#include "state_sqlite.h"

#define GATHERED_BYTES ((size_t)64 << 10)
#define HEAD_BYTES 1 /* a zero, which no event begins with: here is a sum at the end */
#define SUM_BYTES 8

static struct mst_state_sqlite *as_sqlite(struct mst_state_store *store)
{
    return (struct mst_state_sqlite *)store;
}

static uint64_t sum_of(uint64_t first, uint64_t last, const char *events, size_t len)
{
    return mst_sum_bytes(mst_sum_word(mst_sum_word(0, first), last), events, len);
}

/* ---- reading ----------------------------------------------------------------------------- */

/* As many events as there are numbers, and nothing else. Where no sum says so, each is looked at to
 * be an object, so that no single byte makes one out of what has a sum. */
static bool has_events(struct mst_byte_cursor cursor, uint64_t count, bool has_sum)
{
    for (; count > 0 && !cursor.is_bad; count--) {
        const uint32_t len = mst_take_number_below(&cursor, MST_STATE_CHANGE_MAX_BYTES + 1);
        const char *event = mst_take_bytes(&cursor, len);
        if (!has_sum && !cursor.is_bad && (len == 0 || event[0] != '{'))
            return false;
    }
    return !cursor.is_bad && cursor.at == cursor.end;
}

bool mst_changes_open(struct mst_byte_cursor *cursor, uint64_t first, uint64_t last, mst_text row)
{
    const char *events = row.ptr, *end = row.ptr + row.len;
    const bool has_sum = row.len > 0 && row.ptr[0] == 0;
    if (first == 0 || first > last || last > INT64_MAX)
        return false;
    if (has_sum) {
        events += HEAD_BYTES;
        end -= SUM_BYTES;
        if (end < events ||
            mst_load_word(end) != sum_of(first, last, events, (size_t)(end - events)))
            return false;
    }
    *cursor = (struct mst_byte_cursor){events, end, false};
    return has_events(*cursor, last - first + 1, has_sum);
}

/* Rows are removed as a whole: of the first one, changes beyond the limit are not shown. */
mst_state_status mst_sqlite_get_history(struct mst_state_store *store, uint64_t *first,
                                        uint64_t *last)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_GET_HISTORY);
    mst_state_status status = mst_sqlite_step(sqlite, statement);
    if (status == MST_STATE_OK) {
        *first = (uint64_t)sqlite3_column_int64(statement, 0);
        *last = (uint64_t)sqlite3_column_int64(statement, 1);
        if (*first > *last || *last > INT64_MAX || (*first == 0) != (*last == 0))
            status = mst_sqlite_damaged(sqlite, "the numbers of changes");
        else if (*last == 0)
            *first = 1;
        else if (*last >= sqlite->changes.history_max &&
                 *first < *last - sqlite->changes.history_max + 1)
            *first = *last - sqlite->changes.history_max + 1;
    }
    sqlite3_reset(statement);
    return status;
}

mst_state_status mst_sqlite_begin_changes(struct mst_state_store *store, uint64_t from)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    sqlite3_bind_int64(mst_sqlite_take(sqlite, MST_SQL_GET_CHANGES), 1, (sqlite3_int64)from);
    sqlite->changes.from = from;
    sqlite->changes.cursor = (struct mst_byte_cursor){NULL, NULL, false};
    return MST_STATE_OK;
}

static mst_state_status next_gathered(struct mst_state_sqlite *sqlite)
{
    struct mst_sqlite_changes *changes = &sqlite->changes;
    sqlite3_stmt *statement = sqlite->statements[MST_SQL_GET_CHANGES];
    mst_state_status status = mst_sqlite_step(sqlite, statement);
    if (status != MST_STATE_OK)
        return status;
    changes->next = (uint64_t)sqlite3_column_int64(statement, 0);
    changes->last = (uint64_t)sqlite3_column_int64(statement, 1);
    if (mst_changes_open(&changes->cursor, changes->next, changes->last,
                         mst_sqlite_column(statement, 2)))
        return MST_STATE_OK;
    changes->cursor = (struct mst_byte_cursor){NULL, NULL, false};
    return mst_sqlite_damaged(sqlite, "changes up to %llu", (unsigned long long)changes->last);
}

mst_state_status mst_sqlite_next_change(struct mst_state_store *store, uint64_t *sequence,
                                        mst_text *event)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    struct mst_sqlite_changes *changes = &sqlite->changes;
    do {
        if (changes->cursor.at == changes->cursor.end) {
            mst_state_status status = next_gathered(sqlite);
            if (status != MST_STATE_OK)
                return status;
        }
        event->len = mst_take_number_below(&changes->cursor, MST_STATE_CHANGE_MAX_BYTES + 1);
        event->ptr = mst_take_bytes(&changes->cursor, event->len);
        *sequence = changes->next++;
    } while (*sequence < changes->from);
    return MST_STATE_OK;
}

void mst_sqlite_end_changes(struct mst_state_store *store)
{
    (void)mst_sqlite_take(as_sqlite(store), MST_SQL_GET_CHANGES);
}

/* ---- writing ----------------------------------------------------------------------------- */

static bool reach(struct mst_sqlite_changes *changes, size_t len)
{
    if (changes->len + len <= changes->capacity)
        return true;
    size_t capacity = (changes->len + len) * 2;
    char *larger = realloc(changes->bytes, capacity);
    if (!larger)
        return false;
    changes->bytes = larger;
    changes->capacity = capacity;
    return true;
}

mst_state_status mst_sqlite_changes_finish(struct mst_state_sqlite *sqlite)
{
    struct mst_sqlite_changes *changes = &sqlite->changes;
    if (changes->len == 0)
        return MST_STATE_OK;
    mst_store_word(changes->bytes + changes->len,
                   sum_of(changes->put_first, changes->put_last, changes->bytes + HEAD_BYTES,
                          changes->len - HEAD_BYTES));
    changes->len += SUM_BYTES;
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_PUT_CHANGES);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)changes->put_last);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)changes->put_first);
    mst_sqlite_bind_blob(statement, 3, (mst_text){changes->bytes, (uint32_t)changes->len});
    changes->len = 0;
    return mst_sqlite_run(sqlite, statement);
}

mst_state_status mst_sqlite_put_change(struct mst_state_store *store, uint64_t sequence,
                                       mst_text event)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    struct mst_sqlite_changes *changes = &sqlite->changes;
    if (!reach(changes, HEAD_BYTES + MST_NUMBER_MAX_BYTES + event.len + SUM_BYTES))
        return mst_sqlite_failed(sqlite, SQLITE_NOMEM, "write to");
    if (changes->len == 0) {
        changes->put_first = sequence;
        changes->bytes[0] = 0;
        changes->len = HEAD_BYTES;
    }
    changes->put_last = sequence;
    char *end = mst_put_number(changes->bytes + changes->len, event.len);
    if (event.len > 0)
        memcpy(end, event.ptr, event.len);
    changes->len = (size_t)(end - changes->bytes) + event.len;
    return changes->len < GATHERED_BYTES ? MST_STATE_OK : mst_sqlite_changes_finish(sqlite);
}
