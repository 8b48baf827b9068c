/* SPDX-License-Identifier: Apache-2.0
 *
 * state_sqlite_rows.c - rows of subjects in segments: what a batch changes is appended to the
 * segment that is being filled, so that a record costs its own bytes and not a page of the file
 * for each subject. Segments in which little counts any more are emptied into it, oldest first. */
#include <stdlib.h>
#include <string.h>

#include "state_sqlite.h"

#define NONE MST_PLACES_NONE
#define WINDOW_BYTES ((size_t)128 << 20) /* each takes a look at all of the file */
#define EMPTIED_EACH 4 /* segments that a batch may empty, and two for each that it fills */

static struct mst_state_sqlite *as_sqlite(struct mst_state_store *store)
{
    return (struct mst_state_sqlite *)store;
}

static mst_state_status no_memory(struct mst_state_sqlite *sqlite)
{
    return mst_sqlite_failed(sqlite, SQLITE_NOMEM, "read");
}

void mst_sqlite_rows_init(struct mst_sqlite_rows *rows)
{
    *rows = (struct mst_sqlite_rows){.open_segment = NONE, .data_version = -1};
}

static void close_window(struct mst_sqlite_window *window)
{
    free(window->offsets);
    free(window->bytes);
    *window = (struct mst_sqlite_window){0};
}

void mst_sqlite_rows_free(struct mst_sqlite_rows *rows)
{
    mst_places_free(&rows->places);
    close_window(&rows->window);
    free(rows->open);
    free(rows->larger);
}

/* ---- which rows count -------------------------------------------------------------------- */

static mst_state_status damaged_segment(struct mst_state_sqlite *sqlite, uint32_t segment)
{
    return mst_sqlite_damaged(sqlite, "segment %u", segment);
}

/* All rows of a segment that is whole; false where it is not. */
static mst_state_status add_segment(struct mst_state_sqlite *sqlite, uint32_t segment,
                                    mst_text data, bool *is_whole)
{
    struct mst_places *places = &sqlite->rows.places;
    struct mst_segment_cursor cursor;
    struct mst_segment_row row;
    *is_whole = mst_segment_open(&cursor, segment, data);
    if (!mst_places_add_segment(places, *is_whole ? cursor.sequence : 0))
        return no_memory(sqlite);
    if (!*is_whole)
        return MST_STATE_OK;
    while (mst_segment_next(&cursor, &row))
        if (!mst_places_add_row(places, &row))
            return no_memory(sqlite);
    *is_whole = cursor.at == cursor.end;
    return MST_STATE_OK;
}

/* Numbers follow each other: a segment that is missing is noticed. */
mst_state_status mst_sqlite_rows_load(struct mst_state_sqlite *sqlite,
                                      void (*damaged)(void *context, uint32_t segment),
                                      void *context)
{
    struct mst_places *places = &sqlite->rows.places;
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_GET_SEGMENTS);
    mst_state_status status = MST_STATE_OK;
    mst_places_clear(places);
    while (status == MST_STATE_OK &&
           (status = mst_sqlite_step(sqlite, statement)) == MST_STATE_OK) {
        uint32_t segment = places->extent_count;
        bool is_whole = false;
        if (sqlite3_column_int64(statement, 0) != segment)
            status = mst_sqlite_damaged(sqlite, "segment %u is missing", segment);
        else
            status = add_segment(sqlite, segment, mst_sqlite_column(statement, 1), &is_whole);
        if (status == MST_STATE_OK && !is_whole && damaged)
            damaged(context, segment);
        else if (status == MST_STATE_OK && !is_whole)
            status = damaged_segment(sqlite, segment);
    }
    sqlite3_reset(statement);
    if (status != MST_STATE_NOT_FOUND)
        return status;
    return mst_places_settle(places) ? MST_STATE_OK : no_memory(sqlite);
}

/* For a handle that only reads: another one may have written. Within a transaction. */
static mst_state_status follow(struct mst_state_sqlite *sqlite)
{
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_GET_DATA_VERSION);
    mst_state_status status = mst_sqlite_step(sqlite, statement);
    int64_t version = status == MST_STATE_OK ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_reset(statement);
    if (status != MST_STATE_OK || version == sqlite->rows.data_version)
        return status;
    sqlite->rows.data_version = -1;
    status = mst_sqlite_rows_load(sqlite, NULL, NULL);
    if (status == MST_STATE_OK)
        sqlite->rows.data_version = version;
    return status;
}

static mst_state_status begin_look(struct mst_state_sqlite *sqlite)
{
    if (!sqlite->is_read_only)
        return MST_STATE_OK;
    mst_state_status status = mst_sqlite_run(sqlite, mst_sqlite_take(sqlite, MST_SQL_BEGIN_READ));
    return status == MST_STATE_OK ? follow(sqlite) : status;
}

static void end_look(struct mst_state_sqlite *sqlite)
{
    if (sqlite->is_read_only && !sqlite3_get_autocommit(sqlite->db))
        (void)sqlite3_step(mst_sqlite_take(sqlite, MST_SQL_ROLLBACK));
    (void)mst_sqlite_take(sqlite, MST_SQL_ROLLBACK);
}

/* ---- reading one ------------------------------------------------------------------------- */

static bool keep_row(struct mst_state_sqlite *sqlite, struct mst_state_row *row)
{
    char *copy = mst_sqlite_keep(sqlite, (size_t)row->data.len + row->id.len);
    if (!copy)
        return false;
    memcpy(copy, row->data.ptr, row->data.len);
    memcpy(copy + row->data.len, row->id.ptr, row->id.len);
    row->data.ptr = copy;
    row->id.ptr = copy + row->data.len;
    return true;
}

/* The row at a place of a segment; its own sum says whether it is right. */
static bool read_place(mst_text segment, const struct mst_place *place, uint32_t slot,
                       struct mst_segment_row *row)
{
    if (segment.len < place->size || segment.len - place->size < place->offset)
        return false;
    struct mst_segment_cursor cursor = {segment.ptr, segment.ptr + place->offset,
                                        segment.ptr + place->offset + place->size, 1};
    return mst_segment_next(&cursor, row) && row->row.slot == slot && row->row.id.len > 0;
}

/* A statement that stays open would hold the handle to what it saw, and the log from beginning
 * anew: what it gave is copied. */
static mst_state_status get_placed(struct mst_state_sqlite *sqlite, uint32_t slot,
                                   struct mst_state_row *row)
{
    struct mst_segment_row found;
    const struct mst_place *place = mst_places_find(&sqlite->rows.places, slot);
    if (!place)
        return MST_STATE_NOT_FOUND;
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_GET_SEGMENT);
    sqlite3_bind_int64(statement, 1, place->segment);
    mst_state_status status = mst_sqlite_step(sqlite, statement);
    if (status == MST_STATE_OK) {
        if (!read_place(mst_sqlite_column(statement, 0), place, slot, &found))
            status = damaged_segment(sqlite, place->segment);
        else if (!keep_row(sqlite, &found.row))
            status = no_memory(sqlite);
        *row = found.row;
    } else if (status == MST_STATE_NOT_FOUND) {
        status = damaged_segment(sqlite, place->segment);
    }
    sqlite3_reset(statement);
    return status;
}

mst_state_status mst_sqlite_get_row(struct mst_state_store *store, uint32_t slot,
                                    struct mst_state_row *row)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    mst_state_status status = begin_look(sqlite);
    if (status == MST_STATE_OK)
        status = get_placed(sqlite, slot, row);
    end_look(sqlite);
    return status;
}

/* ---- reading all ------------------------------------------------------------------------- */

/* As many slots as have room, and what each takes. */
static bool open_window(struct mst_sqlite_window *window, const struct mst_places *places,
                        uint32_t from)
{
    size_t total = 0;
    uint32_t to = from;
    for (; to < places->slot_count; to++) {
        const struct mst_place *place = mst_places_find(places, to);
        if (place && total > 0 && total + place->size > WINDOW_BYTES)
            break;
        total += place ? place->size : 0;
    }
    close_window(window);
    window->offsets = calloc((size_t)(to - from) + 1, sizeof *window->offsets);
    window->bytes = malloc(total + 1);
    window->from = window->next = from;
    window->to = to;
    for (uint32_t slot = from; slot < to && window->offsets; slot++) {
        const struct mst_place *place = mst_places_find(places, slot);
        window->offsets[slot - from + 1] = window->offsets[slot - from] + (place ? place->size : 0);
    }
    return window->offsets && window->bytes;
}

/* Copies the rows of a segment that count and are of the window's slots. */
static void copy_rows(const struct mst_places *places, uint32_t segment, mst_text data,
                      struct mst_sqlite_window *window, size_t *copied)
{
    struct mst_segment_cursor cursor;
    struct mst_segment_row row;
    if (!mst_segment_open_again(&cursor, data))
        return;
    while (mst_segment_next(&cursor, &row)) {
        uint32_t slot = row.row.slot;
        if (slot < window->from || slot >= window->to || row.row.id.len == 0 ||
            !mst_places_counts(places, segment, &row))
            continue;
        memcpy(window->bytes + window->offsets[slot - window->from], data.ptr + row.offset,
               row.size);
        *copied += row.size;
    }
}

static mst_state_status fill_window(struct mst_state_sqlite *sqlite)
{
    struct mst_sqlite_window *window = &sqlite->rows.window;
    const struct mst_places *places = &sqlite->rows.places;
    size_t copied = 0;
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_GET_SEGMENTS);
    mst_state_status status;
    while ((status = mst_sqlite_step(sqlite, statement)) == MST_STATE_OK) {
        int64_t segment = sqlite3_column_int64(statement, 0);
        if (segment >= 0 && segment < places->extent_count && places->extents[segment].live > 0)
            copy_rows(places, (uint32_t)segment, mst_sqlite_column(statement, 1), window, &copied);
    }
    sqlite3_reset(statement);
    if (status != MST_STATE_NOT_FOUND)
        return status;
    if (copied != window->offsets[window->to - window->from])
        return mst_sqlite_damaged(sqlite, "rows of subjects are missing");
    window->is_valid = true;
    return MST_STATE_OK;
}

static mst_state_status load_window(struct mst_state_sqlite *sqlite, uint32_t from)
{
    mst_state_status status = begin_look(sqlite);
    if (status == MST_STATE_OK)
        status = open_window(&sqlite->rows.window, &sqlite->rows.places, from) ? fill_window(sqlite)
                                                                               : no_memory(sqlite);
    end_look(sqlite);
    if (status != MST_STATE_OK)
        close_window(&sqlite->rows.window);
    return status;
}

/* A scan that goes on where the last piece ended goes on in the same window. */
mst_state_status mst_sqlite_begin_rows(struct mst_state_store *store, uint32_t from)
{
    struct mst_sqlite_window *window = &as_sqlite(store)->rows.window;
    if (window->is_valid && from > 0 && window->next == from && from < window->to)
        return MST_STATE_OK;
    return load_window(as_sqlite(store), from);
}

mst_state_status mst_sqlite_next_row(struct mst_state_store *store, struct mst_state_row *row)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    struct mst_sqlite_window *window = &sqlite->rows.window;
    for (;;) {
        while (window->next < window->to) {
            uint32_t at = window->next++ - window->from;
            const char *bytes = window->bytes + window->offsets[at];
            size_t size = window->offsets[at + 1] - window->offsets[at];
            struct mst_segment_row found;
            struct mst_segment_cursor cursor = {bytes, bytes, bytes + size, 1};
            if (!mst_segment_next(&cursor, &found))
                continue;
            *row = found.row;
            return MST_STATE_OK;
        }
        if (window->to >= sqlite->rows.places.slot_count) {
            close_window(window);
            return MST_STATE_NOT_FOUND;
        }
        mst_state_status status = load_window(sqlite, window->to);
        if (status != MST_STATE_OK)
            return status;
    }
}

/* ---- writing ----------------------------------------------------------------------------- */

static mst_state_status put_segment(struct mst_state_sqlite *sqlite, uint32_t segment, char *data,
                                    size_t used, size_t size)
{
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_PUT_SEGMENT);
    memset(data + used, 0, size - used); /* nothing of what else was in this memory */
    mst_segment_seal(data, used, segment);
    sqlite3_bind_int64(statement, 1, segment);
    mst_sqlite_bind_blob(statement, 2, (mst_text){data, (uint32_t)size});
    return mst_sqlite_run(sqlite, statement);
}

static mst_state_status write_open(struct mst_state_sqlite *sqlite)
{
    struct mst_sqlite_rows *rows = &sqlite->rows;
    if (rows->open_segment == NONE || rows->is_open_written)
        return MST_STATE_OK;
    rows->is_open_written = true;
    return put_segment(sqlite, rows->open_segment, rows->open, rows->open_used, MST_SEGMENT_BYTES);
}

static bool reach_larger(struct mst_sqlite_rows *rows, size_t size)
{
    if (size <= rows->larger_capacity)
        return true;
    char *larger = malloc(size);
    if (!larger)
        return false;
    free(rows->larger);
    rows->larger = larger;
    rows->larger_capacity = size;
    return true;
}

/* A row that is too long for a segment of the common size has one for itself. */
static mst_state_status put_alone(struct mst_state_sqlite *sqlite, const struct mst_state_row *row,
                                  uint32_t size)
{
    struct mst_sqlite_rows *rows = &sqlite->rows;
    size_t used = MST_SEGMENT_HEAD_BYTES + size;
    char *data = malloc(used);
    uint32_t segment = data ? mst_places_take(&rows->places) : NONE;
    mst_state_status status = MST_STATE_MEMORY;
    if (segment != NONE && mst_places_stage(&rows->places, row->slot,
                                            (struct mst_place){.segment = segment,
                                                               .offset = MST_SEGMENT_HEAD_BYTES,
                                                               .size = size & 0x3fffffff})) {
        mst_segment_begin(data, rows->places.sequence);
        mst_segment_put(data, MST_SEGMENT_HEAD_BYTES, row);
        status = put_segment(sqlite, segment, data, used, used);
    } else {
        no_memory(sqlite);
    }
    free(data);
    return status;
}

/* The open segment has room for that many bytes. */
static mst_state_status make_room(struct mst_state_sqlite *sqlite, uint32_t size)
{
    struct mst_sqlite_rows *rows = &sqlite->rows;
    if (rows->open_segment != NONE && rows->open_used + size <= MST_SEGMENT_BYTES)
        return MST_STATE_OK;
    mst_state_status status = write_open(sqlite);
    if (status != MST_STATE_OK)
        return status;
    if (!rows->open)
        rows->open = malloc(MST_SEGMENT_BYTES);
    rows->open_segment = rows->open ? mst_places_take(&rows->places) : NONE;
    if (rows->open_segment == NONE)
        return no_memory(sqlite);
    mst_segment_begin(rows->open, rows->places.sequence);
    rows->open_used = MST_SEGMENT_HEAD_BYTES;
    return MST_STATE_OK;
}

void mst_sqlite_expect_row(const struct mst_state_store *store, uint32_t slot)
{
    mst_places_expect(&((const struct mst_state_sqlite *)store)->rows.places, slot);
}

mst_state_status mst_sqlite_put_row(struct mst_state_store *store, const struct mst_state_row *row)
{
    struct mst_state_sqlite *sqlite = as_sqlite(store);
    struct mst_sqlite_rows *rows = &sqlite->rows;
    uint32_t size = (uint32_t)mst_segment_row_size(row);
    if (size > MST_SEGMENT_BYTES - MST_SEGMENT_HEAD_BYTES)
        return put_alone(sqlite, row, size);
    mst_state_status status = make_room(sqlite, size);
    if (status != MST_STATE_OK)
        return status;
    if (!mst_places_stage(&rows->places, row->slot,
                          (struct mst_place){.segment = rows->open_segment,
                                             .offset = rows->open_used,
                                             .size = size & 0x3fffffff,
                                             .is_gone = row->id.len == 0}))
        return no_memory(sqlite);
    mst_segment_put(rows->open, rows->open_used, row);
    rows->open_used += size;
    rows->is_open_written = false;
    return MST_STATE_OK;
}

mst_state_status mst_sqlite_delete_row(struct mst_state_store *store, uint32_t slot)
{
    const struct mst_state_row row = {slot, {"", 0}, {"", 0}};
    if (!mst_places_find(&as_sqlite(store)->rows.places, slot))
        return MST_STATE_OK;
    return mst_sqlite_put_row(store, &row);
}

/* Writes the rows of a segment that count once more. */
static mst_state_status empty_segment(struct mst_state_sqlite *sqlite, uint32_t segment)
{
    struct mst_sqlite_rows *rows = &sqlite->rows;
    struct mst_segment_cursor cursor;
    struct mst_segment_row row;
    sqlite3_stmt *statement = mst_sqlite_take(sqlite, MST_SQL_GET_SEGMENT);
    sqlite3_bind_int64(statement, 1, segment);
    mst_state_status status = mst_sqlite_step(sqlite, statement);
    mst_text data = {"", 0};
    if (status == MST_STATE_OK) {
        data = mst_sqlite_column(statement, 0);
        if (!reach_larger(rows, data.len))
            status = no_memory(sqlite);
        else
            memcpy(rows->larger, data.ptr, data.len);
        data.ptr = rows->larger;
    }
    sqlite3_reset(statement);
    if (status == MST_STATE_NOT_FOUND ||
        (status == MST_STATE_OK && !mst_segment_open(&cursor, segment, data)))
        return damaged_segment(sqlite, segment);
    while (status == MST_STATE_OK && mst_segment_next(&cursor, &row))
        if (mst_places_counts(&rows->places, segment, &row))
            status = mst_sqlite_put_row(&sqlite->store, &row.row);
    return status;
}

void mst_sqlite_rows_begin(struct mst_sqlite_rows *rows)
{
    mst_places_begin(&rows->places, rows->open_segment);
    rows->is_open_written = true;
    close_window(&rows->window);
}

mst_state_status mst_sqlite_rows_finish(struct mst_state_sqlite *sqlite)
{
    struct mst_places *places = &sqlite->rows.places;
    uint64_t filled = places->staged_bytes / MST_SEGMENT_BYTES;
    mst_state_status status = MST_STATE_OK;
    for (uint64_t i = 0; i < 2 * filled + EMPTIED_EACH && status == MST_STATE_OK; i++) {
        uint32_t segment =
            places->staged_count > 0 ? mst_places_oldest(places, sqlite->rows.open_segment) : NONE;
        if (segment == NONE)
            break;
        status = empty_segment(sqlite, segment);
    }
    return status == MST_STATE_OK ? write_open(sqlite) : status;
}

void mst_sqlite_rows_keep(struct mst_sqlite_rows *rows)
{
    mst_places_keep(&rows->places, rows->open_segment);
}

void mst_sqlite_rows_forget(struct mst_sqlite_rows *rows)
{
    mst_places_forget(&rows->places);
    rows->open_segment = NONE;
}
