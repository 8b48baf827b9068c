/* SPDX-License-Identifier: Apache-2.0
 *
 * State files in which anything may stand: bytes of segments and of the history are changed at
 * random and given a right sum again, so that what reads them meets them. Each is refused or read,
 * before and after it was opened; with a sanitizer nothing else may happen either. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "../fault/scratch.h"
#include "state.h"
#include "state_admin.h"
#include "state_segment.h"
#include "state_sqlite.h"

#define SUBJECTS 60
#define ROUNDS 60

static char folder[SCRATCH_BYTES], path[96];
static mst_state_why why;
static uint64_t seed = 0x9e3779b97f4a7c15u;

static void make_folder(void)
{
    cr_assert(scratch_make(folder));
    snprintf(path, sizeof path, "%s/muster.db", folder);
}

static void remove_folder(void)
{
    cr_assert(scratch_remove(folder));
}

TestSuite(state_damage, .init = make_folder, .fini = remove_folder);

static uint32_t random_below(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % limit;
}

static mst_state_status try_open(mst_state **state)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    options.path = path;
    options.durability = MST_STATE_DURABLE_NONE;
    return mst_state_open(state, &options, &why);
}

#define GOOD(call) cr_assert_eq((call), MST_STATE_OK, "%s: %s", #call, mst_state_message(state))

static void put_subject(mst_state *state, uint32_t slot)
{
    static const char text[] = "{\"build\":26100,\"revision\":4652}";
    char id[16];
    uint32_t name;
    uint64_t sequence;
    GOOD(mst_state_name(state, "os", 2, &name));
    snprintf(id, sizeof id, "D-%u", slot);
    GOOD(mst_state_put_subject(state, slot, (mst_text){id, (uint32_t)strlen(id)}));
    GOOD(mst_state_put_group(state, slot, name, 1, (mst_text){text, sizeof text - 1}));
    GOOD(mst_state_append_change(state, (mst_text){text, sizeof text - 1}, &sequence));
}

static void make_state(void)
{
    mst_state *state;
    cr_assert_eq(try_open(&state), MST_STATE_OK, "%s", why.text);
    for (uint32_t slot = 0; slot < SUBJECTS; slot++) {
        GOOD(mst_state_begin(state));
        put_subject(state, slot);
        if (slot % 7 == 3)
            GOOD(mst_state_delete_subject(state, slot - 1));
        GOOD(mst_state_commit(state));
    }
    mst_state_close(state);
}

/* ---- looking at everything --------------------------------------------------------------- */

static bool look_at_subject(void *context, const mst_state_subject *subject)
{
    uint32_t *sum = context;
    for (uint32_t i = 0; i < subject->id.len; i++)
        *sum += (unsigned char)subject->id.ptr[i];
    for (uint32_t i = 0; i < subject->group_count; i++)
        for (uint32_t j = 0; j < subject->groups[i].text.len; j++)
            *sum += (unsigned char)subject->groups[i].text.ptr[j];
    return true;
}

static bool look_at_change(void *context, uint64_t sequence, mst_text event)
{
    uint32_t *sum = context;
    for (uint32_t i = 0; i < event.len; i++)
        *sum += (unsigned char)event.ptr[i];
    *sum += (uint32_t)sequence;
    return true;
}

static void hold(mst_state_status status, const char *message)
{
    cr_assert(status == MST_STATE_OK || status == MST_STATE_CORRUPT || status == MST_STATE_LIMIT ||
                  status == MST_STATE_NOT_FOUND || status == MST_STATE_GONE,
              "%d: %s", (int)status, message);
}

static void read_all(mst_state *state)
{
    mst_state_status status = MST_STATE_OK;
    mst_state_subject subject;
    uint64_t first, last;
    uint32_t sum = 0;
    for (uint32_t at = 0; at != MST_STATE_END && status == MST_STATE_OK;)
        status = mst_state_scan(state, at, 10, look_at_subject, &sum, &at);
    hold(status, mst_state_message(state));
    for (uint32_t slot = 0; slot < SUBJECTS; slot++) {
        status = mst_state_read(state, slot, &subject);
        hold(status, mst_state_message(state));
        if (status == MST_STATE_OK)
            look_at_subject(&sum, &subject);
    }
    hold(mst_state_history(state, &first, &last), mst_state_message(state));
    status = mst_state_read_changes(state, first - 1, UINT32_MAX, look_at_change, &sum);
    hold(status, mst_state_message(state));
}

static void count_problem(void *context, const char *text)
{
    (void)text;
    ++*(uint32_t *)context;
}

static void ignore_progress(void *context, uint64_t subject_count)
{
    (void)context;
    (void)subject_count;
}

static uint32_t problems(void)
{
    uint32_t count = 0;
    mst_state_findings findings;
    mst_state_status status =
        mst_state_check(path, count_problem, ignore_progress, &count, &findings, &why);
    hold(status, why.text);
    return status == MST_STATE_OK ? count : 1;
}

/* ---- changing what is there -------------------------------------------------------------- */

static sqlite3 *open_file(void)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    return db;
}

static void run_sql(const char *sql)
{
    sqlite3 *db = open_file();
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static size_t get_blob(const char *sql, char *bytes, size_t room)
{
    sqlite3 *db = open_file();
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    size_t len = (size_t)sqlite3_column_bytes(statement, 0);
    cr_assert_leq(len, room);
    if (len > 0)
        memcpy(bytes, sqlite3_column_blob(statement, 0), len);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return len;
}

static void put_blob(const char *sql, const char *bytes, size_t len)
{
    sqlite3 *db = open_file();
    sqlite3_stmt *statement;
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_blob(statement, 1, bytes, (int)len, SQLITE_STATIC);
    cr_assert_eq(sqlite3_step(statement), SQLITE_DONE, "%s", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static size_t used_of(const char *segment)
{
    size_t used = 0;
    for (unsigned i = 0; i < 4; i++)
        used |= (size_t)(unsigned char)segment[16 + i] << (8 * i);
    return used;
}

static void change_bytes(char *bytes, size_t from, size_t to)
{
    for (uint32_t i = 0; i <= random_below(3); i++) {
        char *at = bytes + from + random_below((uint32_t)(to - from));
        switch (random_below(4)) {
        case 0: *at = (char)(*at + 1); break;
        case 1: *at = (char)(*at - 1); break;
        case 2: *at = (char)0xff; break;
        default: *at = (char)random_below(256); break;
        }
    }
}

static void look_before_and_after(const char *sql, const char *bytes, size_t len)
{
    mst_state *state;
    cr_assert_eq(try_open(&state), MST_STATE_OK, "%s", why.text);
    put_blob(sql, bytes, len);
    read_all(state);
    mst_state_close(state);
    mst_state_status status = try_open(&state);
    hold(status, why.text);
    if (status == MST_STATE_OK)
        read_all(state);
    mst_state_close(state);
    problems();
}

Test(state_damage, segments_are_refused_or_read)
{
    static char good[MST_SEGMENT_BYTES], bad[MST_SEGMENT_BYTES];
    static const char put[] = "UPDATE segment SET data = ?1 WHERE number = 0";
    make_state();
    size_t len = get_blob("SELECT data FROM segment WHERE number = 0", good, sizeof good);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        memcpy(bad, good, len);
        size_t used = used_of(good);
        change_bytes(bad, 8, i % 2 == 0 ? used : 200);
        if (i % 5 == 4)
            used = MST_SEGMENT_HEAD_BYTES + random_below((uint32_t)(len - MST_SEGMENT_HEAD_BYTES));
        mst_segment_seal(bad, used, 0);
        look_before_and_after(put, bad, len);
        put_blob(put, good, len);
    }
    cr_assert_eq(problems(), 0);
}

Test(state_damage, a_row_that_grew_since_the_file_was_opened_is_refused)
{
    static char good[MST_SEGMENT_BYTES], bad[MST_SEGMENT_BYTES];
    mst_state *state;
    uint32_t sum = 0, next;
    make_state();
    size_t len = get_blob("SELECT data FROM segment WHERE number = 0", good, sizeof good);
    const struct mst_state_row row = {0, {"D-0", 3}, {good, (uint32_t)len / 2}};
    memcpy(bad, good, len);
    mst_segment_put(bad, MST_SEGMENT_HEAD_BYTES, &row);
    mst_segment_seal(bad, MST_SEGMENT_HEAD_BYTES + mst_segment_row_size(&row), 0);
    cr_assert_eq(try_open(&state), MST_STATE_OK, "%s", why.text);
    put_blob("UPDATE segment SET data = ?1 WHERE number = 0", bad, len);
    cr_assert_eq(mst_state_scan(state, 0, 10, look_at_subject, &sum, &next), MST_STATE_CORRUPT);
    mst_state_close(state);
}

Test(state_damage, changes_are_refused_or_read)
{
    static char good[4096], bad[4096];
    static const char put[] = "UPDATE changes SET events = ?1 WHERE last = 30";
    make_state();
    size_t len = get_blob("SELECT events FROM changes WHERE last = 30", good, sizeof good);
    for (uint32_t i = 0; i < ROUNDS / 2; i++) {
        memcpy(bad, good, len);
        change_bytes(bad, 0, i % 2 == 0 ? len : 1);
        look_before_and_after(put, bad, i % 3 == 0 ? random_below((uint32_t)len) : len);
        put_blob(put, good, len);
    }
    cr_assert_eq(problems(), 0);
    put_blob(put, good, len - 1);
    cr_assert_eq(problems(), 1);
}

/* Of any row, with events of any length. */
static void expect_each_byte_is_noticed(uint64_t first, uint64_t last, const char *row, size_t len)
{
    static char bad[4096];
    struct mst_byte_cursor events;
    cr_assert(mst_changes_open(&events, first, last, (mst_text){row, (uint32_t)len}));
    memcpy(bad, row, len);
    for (size_t at = 0; at < len; at++) {
        for (unsigned change = 1; change < 256; change++) {
            bad[at] = (char)((unsigned char)row[at] ^ change);
            cr_assert_not(mst_changes_open(&events, first, last, (mst_text){bad, (uint32_t)len}),
                          "byte %zu of %zu, changed by %u", at, len, change);
        }
        bad[at] = row[at];
    }
    cr_assert_not(mst_changes_open(&events, first, last + 1, (mst_text){row, (uint32_t)len}));
    cr_assert_not(mst_changes_open(&events, first + 1, last + 1, (mst_text){row, (uint32_t)len}));
}

Test(state_damage, each_byte_of_changes_that_turns_is_noticed)
{
    static const uint32_t lens[] = {2, 60, 118, 127, 128, 290};
    static char row[4096];
    char get[128], put[128], text[300];
    mst_state *state;
    uint64_t from = 1, sequence;
    for (unsigned count = 1; count <= 3; count++) {
        for (size_t l = 0; l < sizeof lens / sizeof lens[0]; l++) {
            const uint32_t len = lens[l];
            cr_assert_eq(try_open(&state), MST_STATE_OK, "%s", why.text);
            memset(text, 'x', sizeof text);
            text[0] = '{';
            text[len - 1] = '}';
            GOOD(mst_state_begin(state));
            for (unsigned i = 0; i < count; i++)
                GOOD(mst_state_append_change(state, (mst_text){text, len}, &sequence));
            GOOD(mst_state_commit(state));
            mst_state_close(state);
            snprintf(get, sizeof get, "SELECT events FROM changes WHERE last = %u",
                     (unsigned)sequence);
            expect_each_byte_is_noticed(from, sequence, row, get_blob(get, row, sizeof row));
            from = sequence + 1;
        }
    }
    snprintf(put, sizeof put, "UPDATE changes SET events = ?1 WHERE last = %u", (unsigned)sequence);
    const size_t len = get_blob(get, row, sizeof row);
    cr_assert_eq(problems(), 0);
    row[len / 2] ^= 1;
    put_blob(put, row, len);
    cr_assert_eq(problems(), 1);
}

/* As they were written before there were sums. */
Test(state_damage, changes_without_a_sum_are_read)
{
    mst_state *state;
    uint32_t sum = 0;
    make_state();
    run_sql("UPDATE changes SET events = x'027b7d' WHERE last % 2 = 0");
    cr_assert_eq(problems(), 0);
    cr_assert_eq(try_open(&state), MST_STATE_OK, "%s", why.text);
    GOOD(mst_state_read_changes(state, 0, UINT32_MAX, look_at_change, &sum));
    mst_state_close(state);
    run_sql("UPDATE changes SET events = x'0231' WHERE last = 2");
    cr_assert_eq(problems(), 1);
}

Test(state_damage, numbers_of_changes_that_cannot_be_are_refused)
{
    static const char *const updates[] = {
        "UPDATE changes SET last = 9223372036854775807, first = -1 WHERE last = 60",
        "UPDATE changes SET last = -5 WHERE last = 1; DELETE FROM changes WHERE last > 0",
        "UPDATE changes SET first = 90",
        "UPDATE changes SET first = 0",
    };
    mst_state *state;
    for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
        make_state();
        run_sql(updates[i]);
        cr_assert_eq(try_open(&state), MST_STATE_CORRUPT, "%zu", i);
        cr_assert_gt(problems(), 0);
        remove_folder();
        make_folder();
    }
}

/* Version 1 had a row for each subject, with whatever number it said. */
Test(state_damage, slots_and_ids_that_cannot_be_are_not_brought_up_to_date)
{
    static const char *const rows[] = {
        "INSERT INTO subject VALUES (3000000000, 'D-0', x'00')",
        "INSERT INTO subject VALUES (-1, 'D-0', x'00')",
        "INSERT INTO subject VALUES (0, '', x'00')",
        "INSERT INTO subject VALUES (0, printf('%2000d', 1), x'00')",
    };
    mst_state *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_sql(mst_state_steps[0].before);
        run_sql(rows[i]);
        run_sql("PRAGMA user_version = 1");
        cr_assert_eq(try_open(&state), MST_STATE_CORRUPT, "%zu", i);
        cr_assert_not_null(strstr(why.text, "cannot bring up to date"), "%s", why.text);
        char id[2048];
        cr_assert_eq(get_blob("SELECT id FROM subject", id, sizeof id) > 0, i != 2);
        remove_folder();
        make_folder();
    }
}
