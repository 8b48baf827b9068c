/* SPDX-License-Identifier: Apache-2.0
 *
 * State files that are older, newer, damaged, somebody else's, in use or not to be written to; a
 * second handle that looks on; backups. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fault/scratch.h"
#include "state.h"
#include "state_admin.h"
#include "state_sqlite.h"

static char folder[SCRATCH_BYTES], path[96], other[96];
static mst_state_why why;

static void make_folder(void)
{
    cr_assert(scratch_make(folder));
    snprintf(path, sizeof path, "%s/muster.db", folder);
    snprintf(other, sizeof other, "%s/other.db", folder);
}

static void remove_folder(void)
{
    cr_assert(scratch_remove(folder));
}

TestSuite(state_file, .init = make_folder, .fini = remove_folder);

static mst_state_status try_open(mst_state **state, bool is_read_only)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    options.path = path;
    options.is_read_only = is_read_only;
    return mst_state_open(state, &options, &why);
}

static mst_state *open_state(bool is_read_only)
{
    mst_state *state;
    cr_assert_eq(try_open(&state, is_read_only), MST_STATE_OK, "%s", why.text);
    return state;
}

static void assert_refused(mst_state_status expected, const char *end)
{
    mst_state *state;
    mst_state_status status = try_open(&state, false);
    cr_assert_eq(status, expected, "%d: %s", (int)status, why.text);
    cr_assert_null(state);
    cr_assert_not_null(strstr(why.text, end), "%s", why.text);
}

#define GOOD(call) cr_assert_eq((call), MST_STATE_OK, "%s: %s", #call, mst_state_message(state))

static void put_subject(mst_state *state, uint32_t slot, const char *id, const char *group)
{
    uint32_t name;
    GOOD(mst_state_begin(state));
    GOOD(mst_state_name(state, group, strlen(group), &name));
    GOOD(mst_state_put_subject(state, slot, (mst_text){id, (uint32_t)strlen(id)}));
    GOOD(mst_state_put_group(state, slot, name, 1, (mst_text){"{\"build\":26100}", 15}));
    GOOD(mst_state_commit(state));
}

static void make_state(uint32_t subject_count)
{
    mst_state *state = open_state(false);
    for (uint32_t i = 0; i < subject_count; i++) {
        char id[16];
        snprintf(id, sizeof id, "D-%u", i);
        put_subject(state, i, id, "os");
    }
    mst_state_close(state);
}

static bool count_subject(void *context, const mst_state_subject *subject)
{
    *(uint32_t *)context += subject->group_count;
    return true;
}

static mst_state_status count_subjects(mst_state *state, uint32_t *count)
{
    mst_state_status status = MST_STATE_OK;
    *count = 0;
    for (uint32_t at = 0; at != MST_STATE_END && status == MST_STATE_OK;)
        status = mst_state_scan(state, at, 100, count_subject, count, &at);
    return status;
}

static void run_sql(const char *file, const char *sql)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static int64_t number_in(const char *file, const char *sql)
{
    sqlite3 *db;
    int64_t number = -1;
    cr_assert_eq(sqlite3_open(file, &db), SQLITE_OK);
    cr_assert_eq(mst_sqlite_number(db, sql, &number), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    return number;
}

/* ---- the wrong file ---------------------------------------------------------------------- */

Test(state_file, leaves_a_newer_file_alone)
{
    make_state(1);
    run_sql(path, "PRAGMA user_version = 3");
    assert_refused(MST_STATE_NEWER, "a newer version of Muster wrote the file");
    cr_assert_eq(number_in(path, "PRAGMA user_version"), 3);
}

Test(state_file, leaves_the_file_of_another_program_alone)
{
    run_sql(path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    assert_refused(MST_STATE_FOREIGN, "the file is no state of Muster");
    cr_assert_eq(number_in(path, "SELECT count(*) FROM sqlite_schema"), 1);
}

Test(state_file, leaves_a_text_alone)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("subject,os.build\n", file);
    fclose(file);
    assert_refused(MST_STATE_FOREIGN, "the file is no state of Muster");
    struct stat status;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_size, 17000);
}

Test(state_file, takes_an_empty_file_for_a_new_one)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fclose(file);
    make_state(3);
    cr_assert_eq(number_in(path, "PRAGMA user_version"), mst_state_step_count);
}

Test(state_file, is_not_made_by_reading)
{
    mst_state *state;
    cr_assert_eq(try_open(&state, true), MST_STATE_NOT_FOUND);
    cr_assert_not_null(strstr(why.text, "No such file or directory"), "%s", why.text);
    cr_assert_neq(access(path, F_OK), 0);
}

/* ---- damage ------------------------------------------------------------------------------ */

static void overwrite(long at, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "r+");
    cr_assert_not_null(file);
    cr_assert_eq(fseek(file, at, SEEK_SET), 0);
    cr_assert_eq(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static long find_in_file(const char *bytes, size_t len)
{
    static char content[1 << 20];
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    for (size_t i = 0; i + len <= size; i++)
        if (memcmp(content + i, bytes, len) == 0)
            return (long)i;
    return -1;
}

static void keep_problem(void *context, const char *text)
{
    snprintf(context, 512, "%s", text);
}

static void ignore_progress(void *context, uint64_t subject_count)
{
    (void)context;
    (void)subject_count;
}

static const char *check_file(uint64_t *problem_count)
{
    static char problem[512];
    mst_state_findings findings;
    problem[0] = '\0';
    cr_assert_eq(mst_state_check(path, keep_problem, ignore_progress, problem, &findings, &why),
                 MST_STATE_OK, "%s", why.text);
    *problem_count = findings.problem_count;
    return problem;
}

Test(state_file, tells_of_a_changed_byte_in_a_row)
{
    uint64_t problem_count;
    make_state(5);
    cr_assert_str_eq(check_file(&problem_count), "");
    long at = find_in_file("26100", 5);
    cr_assert_gt(at, 0);
    overwrite(at, "26200", 5);
    assert_refused(MST_STATE_CORRUPT, "is damaged (segment 0)");
    cr_assert_str_eq(check_file(&problem_count), "segment 0 is damaged");
    cr_assert_eq(problem_count, 1);
}

static void remove_log(void)
{
    char log[128];
    snprintf(log, sizeof log, "%s-wal", path);
    unlink(log);
}

/* Each damaged page is told: by opening, by the scan, or by the check. */
Test(state_file, tells_of_damaged_pages)
{
    static char zeros[MST_SEGMENT_PAGE_BYTES];
    make_state(500);
    int64_t page_count = number_in(path, "PRAGMA page_count");
    cr_assert_geq(page_count, 6);
    for (int64_t i = 1; i < page_count; i++) {
        uint64_t problem_count = 0;
        mst_state_backup(path, other, &why);
        overwrite((long)i * MST_SEGMENT_PAGE_BYTES, zeros, sizeof zeros);
        mst_state *state;
        mst_state_status status = try_open(&state, false);
        mst_state_close(state);
        if (status == MST_STATE_OK) {
            check_file(&problem_count);
            cr_assert_gt(problem_count, 0, "page %lld", (long long)i);
        } else {
            cr_assert_eq(status, MST_STATE_CORRUPT, "page %lld: %s", (long long)i, why.text);
        }
        remove_log();
        cr_assert_eq(rename(other, path), 0);
    }
}

/* ---- who may write ----------------------------------------------------------------------- */

Test(state_file, has_one_writer)
{
    mst_state *state = open_state(false);
    assert_refused(MST_STATE_BUSY, "another process is using the file");
    mst_state_close(state);
    mst_state_close(open_state(false));
}

/* Root may write everywhere: the test goes on as nobody. */
static int open_as_nobody(void)
{
    mst_state *state;
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 100;
    mst_state_status status = try_open(&state, false);
    bool is_told = strstr(why.text, "may not be written to") != NULL;
    mst_state_close(state);
    return is_told ? (int)status : 101;
}

static int status_as_nobody(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(open_as_nobody());
    cr_assert_gt(child, 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(state_file, says_that_a_folder_is_read_only)
{
    cr_assert_eq(chmod(folder, 0555), 0);
    cr_assert_eq(status_as_nobody(), MST_STATE_READ_ONLY);
    cr_assert_eq(chmod(folder, 0755), 0);
}

Test(state_file, says_that_a_file_is_read_only)
{
    char lock[128];
    make_state(1);
    snprintf(lock, sizeof lock, "%s-lock", path);
    cr_assert_eq(chmod(folder, 0777), 0);
    cr_assert_eq(chmod(lock, 0666), 0);
    cr_assert_eq(chmod(path, 0444), 0);
    cr_assert_eq(status_as_nobody(), MST_STATE_READ_ONLY);
}

Test(state_file, shows_a_second_handle_what_is_committed)
{
    uint32_t count, name;
    mst_state_subject subject;
    mst_state *state = open_state(false);
    put_subject(state, 0, "D-0", "os");
    mst_state *onlooker = open_state(true);
    cr_assert_eq(count_subjects(onlooker, &count), MST_STATE_OK);
    cr_assert_eq(count, 1);
    put_subject(state, 1, "D-1", "vbs");
    cr_assert_eq(mst_state_read(onlooker, 1, &subject), MST_STATE_OK, "%s",
                 mst_state_message(onlooker));
    mst_text text = mst_state_name_text(onlooker, subject.groups[0].name);
    cr_assert_eq(text.len, 3);
    cr_assert_arr_eq(text.ptr, "vbs", 3);
    GOOD(mst_state_begin(state));
    uint64_t sequence, first, last;
    GOOD(mst_state_append_change(state, (mst_text){"x", 1}, &sequence));
    GOOD(mst_state_delete_subject(state, 0));
    cr_assert_eq(count_subjects(onlooker, &count), MST_STATE_OK);
    cr_assert_eq(count, 2, "what is not committed is not seen");
    GOOD(mst_state_commit(state));
    cr_assert_eq(mst_state_history(onlooker, &first, &last), MST_STATE_OK);
    cr_assert_eq(last, 1);
    cr_assert_eq(mst_state_begin(onlooker), MST_STATE_READ_ONLY);
    cr_assert_eq(mst_state_name(onlooker, "new", 3, &name), MST_STATE_NOT_FOUND);
    mst_state_close(onlooker);
    mst_state_close(state);
}

Test(state_file, holds_the_limit_of_subjects_against_the_file)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    mst_state *state;
    uint32_t count;
    make_state(5);
    options.path = path;
    options.subject_max = 3;
    cr_assert_eq(mst_state_open(&state, &options, &why), MST_STATE_OK, "%s", why.text);
    cr_assert_eq(count_subjects(state, &count), MST_STATE_LIMIT);
    cr_assert_str_eq(mst_state_message(state),
                     "there is a subject in slot 3; the limit is 3 subjects");
    mst_state_close(state);
}

/* ---- older files, backups ---------------------------------------------------------------- */

static const struct mst_state_step steps[] = {
    {"CREATE TABLE t (x); INSERT INTO t VALUES (1)", NULL, NULL},
    {"ALTER TABLE t ADD COLUMN y", NULL, "UPDATE t SET y = x + 1"},
    {"CREATE TABLE broken (", NULL, NULL},
};

static mst_state_status migrate(int64_t count)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    mst_state_status status = mst_state_migrate(db, path, steps, count, &why);
    sqlite3_close(db);
    return status;
}

Test(state_file, migrates_after_a_backup)
{
    char backup[128];
    snprintf(backup, sizeof backup, "%s.v1.backup", path);
    cr_assert_eq(migrate(1), MST_STATE_OK, "%s", why.text);
    cr_assert_neq(access(backup, F_OK), 0, "a new file has nothing to save");
    cr_assert_eq(migrate(2), MST_STATE_OK, "%s", why.text);
    cr_assert_eq(number_in(path, "PRAGMA user_version"), 2);
    cr_assert_eq(number_in(path, "SELECT y FROM t"), 2);
    cr_assert_eq(number_in(backup, "PRAGMA user_version"), 1);
    cr_assert_eq(number_in(backup, "SELECT x FROM t"), 1);
    cr_assert_eq(migrate(2), MST_STATE_OK);
}

Test(state_file, stays_as_it_was_where_a_migration_fails)
{
    char backup[128];
    snprintf(backup, sizeof backup, "%s.v1.backup", path);
    cr_assert_eq(migrate(1), MST_STATE_OK);
    cr_assert_eq(migrate(3), MST_STATE_CORRUPT);
    cr_assert_not_null(strstr(why.text, "cannot bring up to date"), "%s", why.text);
    cr_assert_eq(number_in(path, "PRAGMA user_version"), 1);
    cr_assert_eq(number_in(path, "SELECT count(*) FROM pragma_table_info('t')"), 1);
    cr_assert_eq(number_in(backup, "SELECT x FROM t"), 1);
}

Test(state_file, is_backed_up_while_it_is_written)
{
    uint32_t count;
    mst_state *state = open_state(false);
    put_subject(state, 0, "D-0", "os");
    GOOD(mst_state_begin(state));
    GOOD(mst_state_put_subject(state, 1, (mst_text){"D-1", 3}));
    cr_assert_eq(mst_state_backup(path, other, &why), MST_STATE_OK, "%s", why.text);
    GOOD(mst_state_commit(state));
    mst_state_close(state);
    cr_assert_eq(mst_state_backup(path, other, &why), MST_STATE_IO);
    cr_assert_not_null(strstr(why.text, "File exists"), "%s", why.text);
    cr_assert_eq(rename(other, path), 0);
    state = open_state(false);
    cr_assert_eq(count_subjects(state, &count), MST_STATE_OK);
    cr_assert_eq(count, 1);
    mst_state_close(state);
}

/* ---- segments ---------------------------------------------------------------------------- */

static char long_text[MST_STATE_GROUP_MAX_BYTES];

/* Each text says whose it is and how often it was written; some subjects have more than a segment
 * has room for. */
static mst_text text_of(uint32_t slot, uint32_t round)
{
    uint32_t len = slot % 50 == 7 ? MST_STATE_GROUP_MAX_BYTES : 300 + slot % 11 * 40;
    memset(long_text, 'a' + (char)(slot % 26), len);
    int head = snprintf(long_text, 64, "%u/%u ", slot, round);
    long_text[head] = '.';
    return (mst_text){long_text, len};
}

static void put_round(mst_state *state, uint32_t slot, uint32_t round)
{
    char id[16];
    uint32_t name;
    int len = snprintf(id, sizeof id, "D-%u", slot);
    GOOD(mst_state_put_subject(state, slot, (mst_text){id, (uint32_t)len}));
    for (int i = 0; i < 3; i++) {
        GOOD(mst_state_name(state, &"os\0vb\0li"[3 * i], 2, &name));
        GOOD(mst_state_put_group(state, slot, name, round, text_of(slot, round)));
    }
}

#define SLOTS 2000

struct rounds {
    uint32_t of[SLOTS]; /* 0: the slot is empty */
    uint32_t seen, last_slot;
};

static bool hold_round(void *context, const mst_state_subject *subject)
{
    struct rounds *rounds = context;
    cr_assert(rounds->seen == 0 || subject->slot > rounds->last_slot, "in order");
    cr_assert_eq(subject->group_count, 3);
    mst_text text = text_of(subject->slot, rounds->of[subject->slot]);
    cr_assert_eq(subject->groups[1].text.len, text.len);
    cr_assert_arr_eq(subject->groups[1].text.ptr, text.ptr, text.len);
    rounds->last_slot = subject->slot;
    rounds->seen++;
    return true;
}

static void hold_rounds(mst_state *state, struct rounds *rounds)
{
    uint32_t expected = 0;
    rounds->seen = 0;
    for (uint32_t at = 0; at != MST_STATE_END;)
        GOOD(mst_state_scan(state, at, 333, hold_round, rounds, &at));
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        expected += rounds->of[slot] > 0;
    cr_assert_eq(rounds->seen, expected);
}

/* Some are written all the time, some seldom, some are deleted and come back: so that everywhere
 * in the file there is something that has to be kept. */
static void write_round(mst_state *state, struct rounds *rounds, uint32_t round)
{
    struct rounds before = *rounds;
    GOOD(mst_state_begin(state));
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint32_t chance = (slot * 2654435761u + round * 40503u) >> 16;
        if (round > 1 && chance % (slot % 4 == 0 ? 4 : 100) != 0)
            continue;
        bool is_deleted = round > 1 && (slot + round) % 7 == 0;
        if (is_deleted)
            GOOD(mst_state_delete_subject(state, slot));
        else
            put_round(state, slot, round);
        rounds->of[slot] = is_deleted ? 0 : round;
    }
    if (round % 7 == 3) {
        mst_state_rollback(state);
        *rounds = before;
        return;
    }
    GOOD(mst_state_commit(state));
}

Test(state_file, writes_again_what_counts_and_forgets_the_rest)
{
    static struct rounds rounds;
    uint64_t problem_count;
    mst_state *state = open_state(false);
    for (uint32_t round = 1; round <= 100; round++) {
        write_round(state, &rounds, round);
        if (round % 30 == 0) {
            mst_state_close(state);
            state = open_state(false);
        }
        if (round % 20 == 0)
            hold_rounds(state, &rounds);
    }
    mst_state *onlooker = open_state(true);
    hold_rounds(onlooker, &rounds);
    mst_state_close(onlooker);
    mst_state_close(state);
    cr_assert_str_eq(check_file(&problem_count), "");
    int64_t bytes = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        bytes += 3 * (int64_t)text_of(slot, 1).len;
    cr_assert_leq(number_in(path, "SELECT sum(length(data)) FROM segment"), bytes * 5 / 2);
}

static void make_first_version(const char *sql)
{
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(mst_state_migrate(db, path, mst_state_steps, 1, &why), MST_STATE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

Test(state_file, writes_over_no_backup)
{
    char backups[4][128];
    snprintf(backups[1], sizeof backups[1], "%s.v1.backup", path);
    for (unsigned i = 2; i < 4; i++)
        snprintf(backups[i], sizeof backups[i], "%s.v1.backup.%u", path, i);
    make_first_version("INSERT INTO meta VALUES ('a', x'01')");
    mst_state_close(open_state(false));
    cr_assert_eq(number_in(backups[1], "SELECT hex(value) FROM meta"), 1);
    /* Another file takes its place. */
    cr_assert_eq(unlink(path), 0);
    make_first_version("INSERT INTO meta VALUES ('a', x'02')");
    mst_state_close(open_state(false));
    cr_assert_eq(number_in(backups[1], "SELECT hex(value) FROM meta"), 1);
    cr_assert_eq(number_in(backups[2], "SELECT hex(value) FROM meta"), 2);
    /* One that was saved comes back. */
    cr_assert_eq(unlink(path), 0);
    make_first_version("INSERT INTO meta VALUES ('a', x'01')");
    mst_state_close(open_state(false));
    cr_assert_neq(access(backups[3], F_OK), 0, "it was there already");
    /* Something that is no state at all has the name. */
    FILE *file = fopen(backups[1], "w");
    cr_assert(file && fputs("precious", file) >= 0 && fclose(file) == 0);
    cr_assert_eq(unlink(path), 0);
    make_first_version("INSERT INTO meta VALUES ('a', x'03')");
    mst_state_close(open_state(false));
    cr_assert_eq(number_in(backups[3], "SELECT hex(value) FROM meta"), 3);
}

Test(state_file, brings_rows_and_changes_of_version_1_with_it)
{
    static struct rounds rounds;
    static char data[65536];
    sqlite3 *db;
    sqlite3_stmt *put;
    uint64_t first, last;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(mst_state_migrate(db, path, mst_state_steps, 1, &why), MST_STATE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "INSERT INTO name VALUES (1, 'os'); BEGIN;"
                              "INSERT INTO change VALUES (7, 'x'), (8, 'y')",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    sqlite3_prepare_v2(db, "INSERT INTO subject VALUES (?1, ?2, ?3)", -1, &put, NULL);
    for (uint32_t slot = 0; slot < SLOTS; slot += 3) {
        mst_text text = text_of(slot, rounds.of[slot] = 1);
        const mst_state_group groups[] = {{1, 5, text}, {1, 5, text}, {1, 5, text}};
        mst_state_subject subject = {slot, {"D", 1}, 3, 0, groups, NULL};
        sqlite3_bind_int64(put, 1, slot);
        sqlite3_bind_text(put, 2, "D", 1, SQLITE_STATIC);
        sqlite3_bind_blob(put, 3, data, (int)mst_state_row_write(&subject, data), SQLITE_STATIC);
        cr_assert_eq(sqlite3_step(put), SQLITE_DONE);
        sqlite3_reset(put);
    }
    sqlite3_finalize(put);
    cr_assert_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    mst_state *state = open_state(false);
    hold_rounds(state, &rounds);
    GOOD(mst_state_history(state, &first, &last));
    cr_assert(first == 7 && last == 8);
    write_round(state, &rounds, 2);
    hold_rounds(state, &rounds);
    mst_state_close(state);
    cr_assert_eq(number_in(path, "PRAGMA page_size"), MST_SEGMENT_PAGE_BYTES);
}
