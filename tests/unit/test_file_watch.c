/* SPDX-License-Identifier: Apache-2.0
 *
 * test_file_watch.c - changes of files are told, those too that came before the first look. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "../fault/scratch.h"
#include "service/file_watch.h"

static char folder[SCRATCH_BYTES], one[96], other[96];
static struct mst_watch watch;
static unsigned changes;
static uv_loop_t loop;

static void on_change(void *context, const char *path)
{
    (void)context;
    (void)path;
    changes++;
}

static void init(void)
{
    cr_assert(scratch_make(folder));
    snprintf(one, sizeof one, "%s/one", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    cr_assert_eq(uv_loop_init(&loop), 0);
    mst_watch_init(&watch, on_change, NULL);
    changes = 0;
}

static void fini(void)
{
    mst_watch_free(&watch);
    cr_assert_eq(uv_loop_close(&loop), 0);
    cr_assert(scratch_remove(folder));
}

TestSuite(file_watch, .init = init, .fini = fini);

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* How many changes a look finds: 0 or 1. */
static unsigned look(void)
{
    const unsigned before = changes;
    mst_watch_look(&watch, &loop);
    cr_assert_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
    return changes - before;
}

/* The clock of files goes in steps of some milliseconds. */
static void pass_time(void)
{
    uv_sleep(60);
}

Test(file_watch, tells_what_changes_between_two_looks)
{
    const char *const list[] = {other, NULL};
    write_text(one, "1");
    write_text(other, "1");
    pass_time();
    mst_watch_set(&watch, one, list, mst_watch_now());
    cr_assert_eq(look(), 0);
    write_text(other, "2");
    cr_assert_eq(look(), 1);
    cr_assert_eq(look(), 0);
    cr_assert_eq(unlink(one), 0);
    cr_assert_eq(look(), 0, "what is gone cannot be read");
    write_text(one, "1");
    cr_assert_eq(look(), 1);
}

/* What was read before the list was known: by its time, or as it was put there by a rename, which
 * leaves the time of an older file. */
Test(file_watch, tells_what_changed_before_the_first_look)
{
    write_text(one, "1");
    write_text(other, "an older file");
    pass_time();
    int64_t begin = mst_watch_now();
    pass_time();
    mst_watch_set(&watch, one, NULL, begin);
    cr_assert_eq(look(), 0, "nothing has happened since");
    begin = mst_watch_now();
    write_text(one, "2");
    mst_watch_free(&watch);
    mst_watch_init(&watch, on_change, NULL);
    mst_watch_set(&watch, one, NULL, begin);
    cr_assert_eq(look(), 1);
    cr_assert_eq(look(), 0);
    pass_time();
    begin = mst_watch_now();
    cr_assert_eq(rename(other, one), 0);
    mst_watch_free(&watch);
    mst_watch_init(&watch, on_change, NULL);
    mst_watch_set(&watch, one, NULL, begin);
    cr_assert_eq(look(), 1);
    /* A file that is not there when the list is made. */
    mst_watch_set(&watch, other, NULL, mst_watch_now());
    cr_assert_eq(look(), 0);
    write_text(other, "3");
    cr_assert_eq(look(), 1);
}

/* Its time says nothing of when it was read; when it was put there does. */
Test(file_watch, believes_no_time_that_is_ahead)
{
    const struct timespec ahead[2] = {{time(NULL) + 86400, 0}, {time(NULL) + 86400, 0}};
    write_text(one, "1");
    cr_assert_eq(utimensat(AT_FDCWD, one, ahead, 0), 0);
    pass_time();
    mst_watch_set(&watch, one, NULL, mst_watch_now());
    cr_assert_eq(look(), 0);
    const int64_t begin = mst_watch_now();
    write_text(one, "2");
    cr_assert_eq(utimensat(AT_FDCWD, one, ahead, 0), 0);
    mst_watch_free(&watch);
    mst_watch_init(&watch, on_change, NULL);
    mst_watch_set(&watch, one, NULL, begin);
    cr_assert_eq(look(), 1);
    cr_assert_eq(look(), 0);
}

/* What stays in the list is known: a change since is told, whatever the beginning was. */
Test(file_watch, knows_what_was_in_the_list_before)
{
    write_text(one, "1");
    pass_time();
    mst_watch_set(&watch, one, NULL, mst_watch_now());
    write_text(one, "2");
    pass_time();
    mst_watch_set(&watch, one, NULL, mst_watch_now());
    cr_assert_eq(look(), 1);
    mst_watch_set(&watch, one, NULL, 0);
    cr_assert_eq(look(), 0);
}
