/* SPDX-License-Identifier: Apache-2.0
 *
 * exec.h - the parts of the exec source: its configuration, the process, the lines it prints. */
#ifndef MST_EXEC_EXEC_H
#define MST_EXEC_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "muster_source.h"

#define EXEC_BUFFER_BYTES ((size_t)2 * MST_SOURCE_BATCH_MAX_BYTES)
#define EXEC_ERROR_BYTES 1024

enum exec_timer {
    EXEC_TIMER_NEXT, /* the next run */
    EXEC_TIMER_KILL, /* SIGTERM was not enough */
    EXEC_TIMER_LATE, /* the run takes too long */
};

struct exec_process {
    pid_t pid;             /* 0: none runs */
    int pidfd, out, error; /* -1: closed */
};

struct mst_source {
    const mst_source_host *host;
    char **argv;
    char *directory;
    int64_t every_s; /* 0: the program is kept running */
    int64_t timeout_s, backoff_ms, begun_ms;
    struct exec_process process;
    bool is_stopping;
    bool is_open;      /* the program may still print */
    bool has_exited;   /* it has ended; what it has begun and printed may be left */
    uint64_t too_long; /* lines of this run */

    char *buffer; /* what it has printed and is not delivered, EXEC_BUFFER_BYTES */
    size_t len;
    bool is_skipping; /* to the end of a line that is too long */
    bool is_waiting;  /* the host takes nothing now */
    char error_line[EXEC_ERROR_BYTES];
    size_t error_len;
};

/* exec_config.c: the configuration, which fits exec_schema. NULL: no memory. */
extern const char exec_schema[];
mst_source *exec_config_read(const char *config, size_t len);
void exec_config_free(mst_source *source);

/* exec_process.c: begins the program; false with why. */
bool exec_process_begin(struct exec_process *process, char *const *argv, const char *directory,
                        char why[MST_SOURCE_WHY_BYTES]);
/* A signal to it and to all that it has begun. */
void exec_process_signal(const struct exec_process *process, int number);
/* Closes what is left of one that has ended, and tells how: "ended with 1", "was ended by signal 9
 * (Killed)". True: with 0. */
bool exec_process_end(struct exec_process *process, char how[64]);

/* exec_lines.c: takes what the program has printed. 1: some; 0: it has closed that end; -1: nothing
 * is there now. */
int exec_lines_read(mst_source *source);
/* Delivers what is complete (is_last: all) as far as the host takes it. True: nothing is left. */
bool exec_lines_deliver(mst_source *source, bool is_last);
/* What it says on standard error goes to the log, line by line; answers in the same way. */
int exec_lines_log(mst_source *source);

#endif
