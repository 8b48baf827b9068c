/* SPDX-License-Identifier: Apache-2.0
 *
 * exec.c - a fact source that is any program which prints records, one a line: run on a schedule
 * (every_s), or kept running and begun again after a while when it ends. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "exec.h"

#define KILL_MS 3000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 300000
#define LAST_READS 64 /* of standard error, which somebody may still write to */

static void begin_run(void *context, uint32_t timer);

/* ---- the end of a run -------------------------------------------------------------------- */

static void arrange_next(mst_source *source)
{
    const mst_source_host *host = source->host;
    const int64_t took_ms = host->run_ms(host) - source->begun_ms;
    int64_t delay_ms = source->every_s * 1000 - took_ms;
    if (source->every_s == 0) {
        if (took_ms > BACKOFF_MAX_MS || source->backoff_ms == 0)
            source->backoff_ms = BACKOFF_FIRST_MS;
        else if (source->backoff_ms < BACKOFF_MAX_MS)
            source->backoff_ms *= 2;
        delay_ms = source->backoff_ms;
    }
    host->timer_arm(host, EXEC_TIMER_NEXT, delay_ms > 0 ? delay_ms : 0, begin_run, source);
}

static void unwatch(mst_source *source, int fd)
{
    if (fd >= 0)
        source->host->watch_fd(source->host, fd, 0, NULL, NULL);
}

static void tell_end(mst_source *source, bool is_good, const char *how)
{
    char text[256];
    snprintf(text, sizeof text, "'%.100s' %s", source->argv[0], how);
    source->host->log(source->host, is_good ? MST_SOURCE_INFO : MST_SOURCE_WARNING, text);
    source->host->report(source->host, is_good ? MST_SOURCE_GOOD : MST_SOURCE_TROUBLED,
                         is_good ? NULL : text);
}

static void end_run(mst_source *source)
{
    char how[64];
    for (int i = 0; i < LAST_READS && exec_lines_log(source) > 0; i++)
        continue;
    unwatch(source, source->process.out);
    unwatch(source, source->process.error);
    source->host->timer_arm(source->host, EXEC_TIMER_KILL, -1, NULL, NULL);
    source->host->timer_arm(source->host, EXEC_TIMER_LATE, -1, NULL, NULL);
    const bool is_good = exec_process_end(&source->process, how);
    source->len = 0;
    source->is_skipping = source->is_waiting = false;
    if (source->is_stopping) {
        source->host->stopped(source->host);
        return;
    }
    tell_end(source, is_good, how);
    arrange_next(source);
}

/* ---- a run ------------------------------------------------------------------------------- */

static void on_out(void *context, int fd, uint32_t events);

/* After anything happened: delivers, reads on or waits, ends. */
static void go_on(mst_source *source)
{
    if (source->process.pid == 0 || source->is_stopping)
        return;
    const bool is_empty = exec_lines_deliver(source, !source->is_open);
    if (source->has_exited && !source->is_open && is_empty) {
        end_run(source);
    } else if (source->is_open) {
        const bool has_room = source->len <= EXEC_BUFFER_BYTES / 2;
        source->host->watch_fd(source->host, source->process.out, has_room ? MST_SOURCE_READ : 0,
                               on_out, source);
    }
}

static void on_out(void *context, int fd, uint32_t events)
{
    mst_source *source = context;
    (void)events;
    if (exec_lines_read(source) == 0) {
        source->is_open = false;
        unwatch(source, fd);
    }
    go_on(source);
}

static void on_error(void *context, int fd, uint32_t events)
{
    (void)events;
    if (exec_lines_log(context) == 0)
        unwatch(context, fd);
}

static void on_kill(void *context, uint32_t timer)
{
    mst_source *source = context;
    (void)timer;
    exec_process_signal(&source->process, SIGKILL);
    if (source->has_exited) { /* somebody who left its group holds the pipe open */
        source->is_open = false;
        go_on(source);
    }
}

static void on_exit_of_program(void *context, int fd, uint32_t events)
{
    mst_source *source = context;
    (void)events;
    unwatch(source, fd);
    source->has_exited = true;
    exec_process_signal(&source->process, SIGKILL); /* what it has left behind */
    if (source->is_stopping) {
        end_run(source);
        return;
    }
    source->host->timer_arm(source->host, EXEC_TIMER_KILL, KILL_MS, on_kill, source);
    go_on(source);
}

static void end_program(mst_source *source)
{
    exec_process_signal(&source->process, SIGTERM);
    source->host->timer_arm(source->host, EXEC_TIMER_KILL, KILL_MS, on_kill, source);
}

static void on_late(void *context, uint32_t timer)
{
    mst_source *source = context;
    char text[128];
    (void)timer;
    if (source->has_exited)
        return;
    snprintf(text, sizeof text, "it runs longer than %lld s (timeout_s) and is ended",
             (long long)source->timeout_s);
    source->host->log(source->host, MST_SOURCE_WARNING, text);
    end_program(source);
}

static void begin_run(void *context, uint32_t timer)
{
    mst_source *source = context;
    const mst_source_host *host = source->host;
    char why[MST_SOURCE_WHY_BYTES];
    (void)timer;
    source->begun_ms = host->run_ms(host);
    source->has_exited = false;
    source->too_long = 0;
    if (!exec_process_begin(&source->process, source->argv, source->directory, why)) {
        host->report(host, MST_SOURCE_TROUBLED, why);
        arrange_next(source);
        return;
    }
    source->is_open = true;
    host->watch_fd(host, source->process.pidfd, MST_SOURCE_READ, on_exit_of_program, source);
    host->watch_fd(host, source->process.out, MST_SOURCE_READ, on_out, source);
    host->watch_fd(host, source->process.error, MST_SOURCE_READ, on_error, source);
    if (source->every_s > 0)
        host->timer_arm(host, EXEC_TIMER_LATE, source->timeout_s * 1000, on_late, source);
}

/* ---- the plugin -------------------------------------------------------------------------- */

static mst_source_status create(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **source, char *why)
{
    *source = exec_config_read(config, config_len);
    if (!*source) {
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
        return MST_SOURCE_REFUSED;
    }
    (*source)->host = host;
    return MST_SOURCE_OK;
}

static void start(mst_source *source, const char *cursor, size_t cursor_len)
{
    (void)cursor;
    (void)cursor_len;
    begin_run(source, EXEC_TIMER_NEXT);
}

static void stop(mst_source *source)
{
    const mst_source_host *host = source->host;
    source->is_stopping = true;
    host->timer_arm(host, EXEC_TIMER_NEXT, -1, NULL, NULL);
    if (source->process.pid == 0) {
        host->stopped(host);
        return;
    }
    unwatch(source, source->process.out);
    if (source->has_exited)
        end_run(source);
    else
        end_program(source);
}

static void resume(mst_source *source)
{
    source->is_waiting = false;
    go_on(source);
}

MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
    .size = sizeof(mst_source_plugin),
    .abi = MST_SOURCE_ABI,
    .needs = MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_WATCH | MST_SOURCE_CAN_TIME,
    .name = "exec",
    .version = "1.0",
    .summary = "the records that any program prints, one a line",
    .config_schema = exec_schema,
    .create = create,
    .start = start,
    .stop = stop,
    .destroy = exec_config_free,
    .resume = resume,
};
