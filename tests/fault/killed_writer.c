/* SPDX-License-Identifier: Apache-2.0
 *
 * Kills a process that writes batches as fast as it can, again and again on the same file, and
 * holds that each batch that it acknowledged is there, and none by half.
 *
 *     killed_writer ROUNDS */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kept_work.h"
#include "scratch.h"
#include "state_admin.h"

static char folder[SCRATCH_BYTES], path[96];

static void fail(int round, const char *what, const char *why)
{
    printf("failed in round %d: %s: %s\n", round, what, why);
    exit(1);
}

static mst_state *open_state(int round)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    mst_state_why why = {""};
    mst_state *state;
    options.path = path;
    options.history_max = WORK_HISTORY;
    options.log_kib = 256;
    options.durability = (mst_state_durability)(round % 3);
    if (mst_state_open(&state, &options, &why) != MST_STATE_OK)
        fail(round, "cannot open", why.text);
    return state;
}

/* Never returns. Each number that leaves is of a batch that is kept. */
static void write_for_ever(int round, int pipe_end)
{
    char wrong[600] = "";
    mst_state *state = open_state(round);
    int64_t last = work_find(state, wrong, sizeof wrong);
    if (last < 0)
        fail(round, "the writer found", wrong);
    for (uint32_t number = (uint32_t)last + 1;; number++) {
        if (work_write(state, number) != MST_STATE_OK)
            fail(round, "cannot write", mst_state_message(state));
        if (write(pipe_end, &number, sizeof number) != sizeof number)
            _exit(1);
    }
}

static pid_t start_writer(int round, int *pipe_end)
{
    int ends[2];
    fflush(stdout);
    pid_t child = pipe(ends) == 0 ? fork() : -1;
    if (child == 0) {
        close(ends[0]);
        write_for_ever(round, ends[1]);
    }
    if (child < 0)
        fail(round, "cannot start the writer", "fork");
    close(ends[1]);
    *pipe_end = ends[0];
    return child;
}

/* The last batch that the writer acknowledged before it was killed, after the first one of this
 * round and a while that is another one each time. */
static uint32_t kill_writer(int round, uint32_t *count)
{
    int pipe_end, status;
    uint32_t last = 0, number;
    pid_t child = start_writer(round, &pipe_end);
    struct timespec while_ns = {0, (round * 7919 % 400 + 1) * 100000};
    for (bool is_killed = false; read(pipe_end, &number, sizeof number) == sizeof number;) {
        last = number;
        ++*count;
        if (!is_killed) {
            nanosleep(&while_ns, NULL);
            kill(child, SIGKILL);
            is_killed = true;
        }
    }
    close(pipe_end);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status))
        fail(round, "the writer ended by itself", "see above");
    return last;
}

static void report_problem(void *context, const char *text)
{
    fail(*(int *)context, "check", text);
}

static void ignore_progress(void *context, uint64_t subject_count)
{
    (void)context;
    (void)subject_count;
}

static void check_file(int round)
{
    mst_state_findings findings;
    mst_state_why why = {""};
    if (mst_state_check(path, report_problem, ignore_progress, &round, &findings, &why) !=
        MST_STATE_OK)
        fail(round, "cannot check", why.text);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 50;
    uint32_t count = 0;
    if (!scratch_make(folder))
        return 3;
    snprintf(path, sizeof path, "%s/muster.db", folder);
    for (int round = 0; round < rounds; round++) {
        char wrong[600] = "";
        uint32_t acknowledged = kill_writer(round, &count);
        mst_state *state = open_state(round);
        int64_t last = work_find(state, wrong, sizeof wrong);
        if (last < 0)
            fail(round, "a batch is there by half", wrong);
        if (last < acknowledged || last > (int64_t)acknowledged + 1) {
            snprintf(wrong, sizeof wrong, "%u batches, %lld are there", acknowledged,
                     (long long)last);
            fail(round, "acknowledged were", wrong);
        }
        mst_state_close(state);
        check_file(round);
    }
    printf("%d rounds, %u batches acknowledged, all of them kept\n", rounds, count);
    return scratch_remove(folder) ? 0 : 3;
}
