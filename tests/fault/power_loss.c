/* SPDX-License-Identifier: Apache-2.0
 *
 * The loss of power at every synchronisation: the disk is rebuilt without what was not
 * synchronised, or with any part of it, and the state on it opened.
 *
 *     power_loss full     every batch that was acknowledged is there, none by half
 *     power_loss normal   the last ones may be lost, none may be there by half
 *     power_loss off      the demands of full where SQLite does not synchronise: must fail
 *
 * A batch is acknowledged when its commit has returned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept_work.h"
#include "recorded_disk.h"
#include "scratch.h"

#define BATCHES 70
#define REOPEN_EACH 30 /* closing works in the log, and opening begins a new one */
#define REBUILDS 3     /* of each kind that chance decides */

static char folder[SCRATCH_BYTES];
static char path[96], rebuilt[96];
static bool must_keep_all;
static uint32_t acknowledged, begun;
static uint64_t sync_count, disk_count;

static void fail(const char *what)
{
    printf("failed at synchronisation %llu: %s\n", (unsigned long long)sync_count, what);
    scratch_remove(folder);
    exit(1);
}

static mst_state *open_state(const char *at, mst_state_durability durability, mst_state_why *why)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    mst_state *state;
    options.path = at;
    options.durability = durability;
    options.history_max = WORK_HISTORY;
    options.log_kib = 128;
    mst_state_open(&state, &options, why);
    return state;
}

static void hold_state(mst_state *state)
{
    char wrong[600], text[700];
    int64_t last = work_find(state, wrong, sizeof wrong);
    if (last < 0) {
        snprintf(text, sizeof text, "a batch is there by half: %s", wrong);
        fail(text);
    }
    if (last > begun || (must_keep_all && last < acknowledged)) {
        snprintf(text, sizeof text, "%u batches were acknowledged, %lld are there", acknowledged,
                 (long long)last);
        fail(text);
    }
    if (work_write(state, (uint32_t)last + 1) != MST_STATE_OK)
        fail(mst_state_message(state));
}

static void lose_power(enum disk_loss loss, uint64_t seed)
{
    mst_state_why why = {""};
    char text[700];
    disk_rebuild(path, rebuilt, loss, seed);
    disk_count++;
    mst_state *state = open_state(rebuilt, MST_STATE_DURABLE_NONE, &why);
    if (!state) {
        snprintf(text, sizeof text, "the state cannot be opened: %s", why.text);
        fail(text);
    }
    hold_state(state);
    mst_state_close(state);
    disk_remove(rebuilt);
}

/* The state on a rebuilt disk is written to as well: those synchronisations do not count. */
static void on_sync(void *context)
{
    static bool is_looking;
    (void)context;
    if (is_looking)
        return;
    is_looking = true;
    sync_count++;
    lose_power(DISK_LOSS_ALL, 0);
    lose_power(DISK_LOSS_NONE, 0);
    for (uint64_t i = 0; i < REBUILDS; i++) {
        lose_power(DISK_LOSS_LATER, sync_count * 1000 + i);
        lose_power(DISK_LOSS_SECTORS, sync_count * 1000 + i);
    }
    is_looking = false;
}

static void write_batches(mst_state_durability durability)
{
    mst_state_why why = {""};
    mst_state *state = NULL;
    for (uint32_t i = 1; i <= BATCHES; i++) {
        if (!state)
            state = open_state(path, durability, &why);
        if (!state)
            fail(why.text);
        begun = i;
        if (work_write(state, i) != MST_STATE_OK)
            fail(mst_state_message(state));
        acknowledged = i;
        if (i % REOPEN_EACH == 0) {
            mst_state_close(state);
            state = NULL;
        }
    }
    /* Where nothing is synchronised, nothing was looked at: the power fails in the end, too. */
    on_sync(NULL);
    mst_state_close(state);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "full";
    if (!scratch_make(folder))
        return 3;
    snprintf(path, sizeof path, "%s/run.db", folder);
    snprintf(rebuilt, sizeof rebuilt, "%s/after.db", folder);
    must_keep_all = strcmp(mode, "normal") != 0;
    disk_install(on_sync, NULL);
    write_batches(strcmp(mode, "full") == 0     ? MST_STATE_DURABLE_FULL
                  : strcmp(mode, "normal") == 0 ? MST_STATE_DURABLE_NORMAL
                                                : MST_STATE_DURABLE_NONE);
    printf("%s: %u batches acknowledged, power lost at %llu synchronisations, %llu disks rebuilt\n",
           mode, acknowledged, (unsigned long long)sync_count, (unsigned long long)disk_count);
    disk_remove(folder);
    return scratch_remove(folder) ? 0 : 3;
}
