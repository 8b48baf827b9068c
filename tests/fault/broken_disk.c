/* SPDX-License-Identifier: Apache-2.0
 *
 * Disks that are full, fail or may not be written to: each batch that is not kept is told, with the
 * right status; nothing of it is there; what was acknowledged is; and once the disk is well again
 * the same handle goes on.
 *
 *     broken_disk io          each operation fails in turn, alone and with those after it
 *     broken_disk full        the disk is full after any number of bytes
 *     broken_disk read-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept_work.h"
#include "recorded_disk.h"
#include "scratch.h"

#define BATCHES 12

static char folder[SCRATCH_BYTES], path[96], rebuilt[96];
static uint64_t failure_count, disk_count;

static void fail(const char *what, const char *why)
{
    printf("failed on disk %llu: %s: %s\n", (unsigned long long)disk_count, what, why);
    exit(1);
}

static mst_state_status open_state(mst_state **state, const char *at, mst_state_why *why)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    options.path = at;
    options.history_max = WORK_HISTORY;
    options.log_kib = 64;
    return mst_state_open(state, &options, why);
}

/* Exactly the batches up to this one are there. */
static void hold_batches(mst_state *state, uint32_t last)
{
    char wrong[600] = "another batch is the last one";
    if (work_find(state, wrong, sizeof wrong) != (int64_t)last)
        fail("what is kept", wrong);
}

static void heal(void)
{
    disk_faults = (struct disk_faults){-1, false, -1, 0};
}

/* Nothing but what the fault explains, with a message that names the file. */
static void hold_status(mst_state_status status, mst_state_status expected, const char *message)
{
    failure_count++;
    if (status != expected || !mst_state_may_pass(status))
        fail("an unexpected status", message);
    if (strstr(message, "run.db") == NULL)
        fail("a message without the file", message);
}

/* Opens, trying again where the fault hits that; the second time the disk is well. */
static mst_state *open_at_last(mst_state_status expected)
{
    mst_state *state;
    mst_state_why why = {""};
    mst_state_status status = open_state(&state, path, &why);
    if (status == MST_STATE_OK)
        return state;
    hold_status(status, expected, why.text);
    heal();
    if (open_state(&state, path, &why) != MST_STATE_OK)
        fail("it cannot be opened on a disk that is well", why.text);
    return state;
}

/* A batch, again until it is kept. What is kept can be read, on a full
 * disk too. */
static void write_at_last(mst_state *state, uint32_t number, mst_state_status expected)
{
    mst_state_status status = work_write(state, number);
    for (int i = 0; status != MST_STATE_OK; i++) {
        hold_status(status, expected, mst_state_message(state));
        if (i > 2)
            heal();
        if (i > 4)
            fail("it does not recover", mst_state_message(state));
        if (disk_faults.fails_in < 0)
            hold_batches(state, number - 1);
        status = work_write(state, number);
    }
}

/* All batches on a disk with these faults; then the power fails. */
static void write_on(struct disk_faults faults, mst_state_status expected)
{
    mst_state_why why = {""};
    disk_count++;
    disk_faults = faults;
    mst_state *state = open_at_last(expected);
    for (uint32_t i = 1; i <= BATCHES; i++)
        write_at_last(state, i, expected);
    heal();
    disk_rebuild(path, rebuilt, DISK_LOSS_ALL, 0);
    mst_state_close(state);
    if (open_state(&state, rebuilt, &why) != MST_STATE_OK)
        fail("after a loss of power", why.text);
    hold_batches(state, BATCHES);
    mst_state_close(state);
    disk_remove(path);
    disk_remove(rebuilt);
}

static void break_operations(void)
{
    uint64_t before = disk_operation_count;
    write_on((struct disk_faults){-1, false, -1, 0}, MST_STATE_OK);
    int64_t operations = (int64_t)(disk_operation_count - before);
    for (int64_t i = 0; i < operations; i++)
        for (int64_t more = 0; more <= 8; more += 8)
            write_on((struct disk_faults){-1, false, i, more}, MST_STATE_IO);
}

static void fill_disk(void)
{
    for (int64_t bytes = 0; bytes < 200000; bytes += 1000)
        write_on((struct disk_faults){bytes, false, -1, 0}, MST_STATE_FULL);
}

static void forbid_writing(void)
{
    mst_state *state;
    mst_state_why why = {""};
    disk_faults.is_read_only = true;
    hold_status(open_state(&state, path, &why), MST_STATE_READ_ONLY, why.text);
    write_on((struct disk_faults){-1, true, -1, 0}, MST_STATE_READ_ONLY);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "io";
    if (!scratch_make(folder))
        return 3;
    snprintf(path, sizeof path, "%s/run.db", folder);
    snprintf(rebuilt, sizeof rebuilt, "%s/after.db", folder);
    disk_install(NULL, NULL);
    if (strcmp(mode, "full") == 0)
        fill_disk();
    else if (strcmp(mode, "read-only") == 0)
        forbid_writing();
    else
        break_operations();
    printf("%s: %llu disks, %llu failures told, nothing lost\n", mode,
           (unsigned long long)disk_count, (unsigned long long)failure_count);
    return scratch_remove(folder) && failure_count > 0 ? 0 : 1;
}
