/* SPDX-License-Identifier: Apache-2.0
 *
 * source_driver.c - a host for one fact source, so small that a test can say how it behaves:
 *
 *     source_driver PLUGIN.so CONFIG.json STATE [WAIT]
 *
 * Appends each batch to STATE.ndjson, then keeps its cursor in STATE.cursor, from which the next
 * start goes on. With WAIT, so many of each hundred batches are answered with WAIT, and resume()
 * comes 20 ms later. Logs to standard error; SIGTERM stops the source and ends with 0. A health of
 * FAILED or FINISHED ends too, with 1 or 0. */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "muster_source.h"

#define FDS 64
#define PATH_BYTES 4096
#define RESUME_MS 20

struct watched {
    int fd;
    uint32_t events;
    mst_source_fd_call *call;
    void *context;
};

struct timer {
    int64_t at_ms; /* negative: not armed */
    mst_source_timer_call *call;
    void *context;
};

static struct {
    const mst_source_plugin *plugin;
    mst_source *source;
    struct watched watched[FDS];
    int watched_count;
    struct timer timers[MST_SOURCE_TIMER_COUNT];
    char records[PATH_BYTES], cursor[PATH_BYTES];
    unsigned waits, asked; /* of a hundred; batches */
    int64_t resume_ms;     /* negative: nobody waits */
    uint64_t taken[1000];  /* numbers of batches that delivered() has not told */
    uint64_t counts[1000];
    int taken_count, status;
    bool is_stopped, fails;
} driver = {.resume_ms = -1};

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
    (void)number;
    ended = 1;
}

static int64_t run_ms(const mst_source_host *host)
{
    struct timespec now;
    (void)host;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_s(const mst_source_host *host)
{
    (void)host;
    return (int64_t)time(NULL);
}

static mst_source_status watch_fd(const mst_source_host *host, int fd, uint32_t events,
                                  mst_source_fd_call *call, void *context)
{
    int at = 0;
    (void)host;
    while (at < driver.watched_count && driver.watched[at].fd != fd)
        at++;
    if (events == 0) {
        if (at < driver.watched_count)
            driver.watched[at] = driver.watched[--driver.watched_count];
        return MST_SOURCE_OK;
    }
    if (at == FDS)
        return MST_SOURCE_REFUSED;
    driver.watched[at] = (struct watched){fd, events, call, context};
    if (at == driver.watched_count)
        driver.watched_count++;
    return MST_SOURCE_OK;
}

static void timer_arm(const mst_source_host *host, uint32_t timer, int64_t delay_ms,
                      mst_source_timer_call *call, void *context)
{
    int64_t at = delay_ms < 0 ? -1 : run_ms(host) + delay_ms;
    driver.timers[timer] = (struct timer){at, call, context};
}

static void wake(const mst_source_host *host)
{
    (void)host;
}

static bool write_file(const char *path, const char *mode, const char *bytes, size_t len)
{
    FILE *file = fopen(path, mode);
    bool good = file && fwrite(bytes, 1, len, file) == len;
    return file && fclose(file) == 0 && good;
}

static void keep_cursor(const char *cursor, size_t len)
{
    char path[PATH_BYTES + 8];
    snprintf(path, sizeof path, "%s.new", driver.cursor);
    if (!cursor)
        return;
    if (!write_file(path, "wb", cursor, len) || rename(path, driver.cursor) != 0)
        driver.fails = true;
}

static bool must_wait(void)
{
    if (driver.resume_ms >= 0 || driver.asked++ % 100 < driver.waits) {
        driver.resume_ms = run_ms(NULL) + RESUME_MS;
        return true;
    }
    return driver.taken_count == 1000;
}

static void take(uint64_t number, uint64_t records)
{
    driver.counts[driver.taken_count] = records;
    driver.taken[driver.taken_count++] = number;
}

static mst_source_status deliver(const mst_source_host *host, const mst_source_batch *batch)
{
    uint64_t records = 0;
    (void)host;
    for (size_t i = 0; i < batch->len; i++)
        records += batch->records[i] == '\n';
    if (records > MST_SOURCE_BATCH_MAX_RECORDS || batch->len > MST_SOURCE_BATCH_MAX_BYTES ||
        batch->cursor_len > MST_SOURCE_CURSOR_MAX_BYTES)
        return MST_SOURCE_REFUSED;
    if (must_wait())
        return MST_SOURCE_WAIT;
    if (!write_file(driver.records, "ab", batch->records, batch->len))
        driver.fails = true;
    keep_cursor(batch->cursor, batch->cursor_len);
    take(batch->number, records);
    return MST_SOURCE_OK;
}

static mst_source_status save_cursor(const mst_source_host *host, const char *cursor, size_t len)
{
    (void)host;
    if (must_wait())
        return MST_SOURCE_WAIT;
    keep_cursor(cursor, len);
    take(0, 0);
    return MST_SOURCE_OK;
}

static void log_line(const mst_source_host *host, mst_source_level level, const char *text)
{
    static const char *const names[] = {"info", "warning", "error"};
    (void)host;
    fprintf(stderr, "%s %s\n", names[level], text);
}

static void report(const mst_source_host *host, mst_source_health health, const char *text)
{
    static const char *const names[] = {"good", "troubled", "failed", "finished"};
    (void)host;
    fprintf(stderr, "health %s %s\n", names[health], text ? text : "");
    if (health == MST_SOURCE_FAILED || health == MST_SOURCE_FINISHED) {
        driver.status = health == MST_SOURCE_FAILED;
        ended = 1;
    }
}

static void stopped(const mst_source_host *host)
{
    (void)host;
    driver.is_stopped = true;
}

static const mst_source_host host = {
    .size = sizeof(mst_source_host),
    .abi = MST_SOURCE_ABI,
    .capabilities =
        MST_SOURCE_CAN_DELIVER | MST_SOURCE_CAN_WATCH | MST_SOURCE_CAN_TIME | MST_SOURCE_CAN_WAKE,
    .now_s = now_s,
    .run_ms = run_ms,
    .watch_fd = watch_fd,
    .timer_arm = timer_arm,
    .wake = wake,
    .deliver = deliver,
    .save_cursor = save_cursor,
    .log = log_line,
    .report = report,
    .stopped = stopped,
};

static int64_t next_ms(void)
{
    int64_t now = run_ms(&host), next = driver.resume_ms;
    for (int i = 0; i < MST_SOURCE_TIMER_COUNT; i++) {
        int64_t at = driver.timers[i].call ? driver.timers[i].at_ms : -1;
        if (at >= 0 && (next < 0 || at < next))
            next = at;
    }
    if (driver.taken_count > 0)
        return 0;
    return next < 0 ? 1000 : next > now ? next - now : 0;
}

static void run_timers(void)
{
    for (uint32_t i = 0; i < MST_SOURCE_TIMER_COUNT; i++) {
        struct timer timer = driver.timers[i];
        if (!timer.call || timer.at_ms < 0 || timer.at_ms > run_ms(&host))
            continue;
        driver.timers[i].at_ms = -1;
        timer.call(timer.context, i);
    }
}

static void tell_delivered(void)
{
    int count = driver.taken_count;
    driver.taken_count = 0;
    for (int i = 0; i < count && driver.plugin->delivered; i++) {
        mst_source_outcome outcome = {
            .size = sizeof outcome, .number = driver.taken[i], .accepted = driver.counts[i]};
        driver.plugin->delivered(driver.source, &outcome);
    }
    if (driver.resume_ms >= 0 && driver.resume_ms <= run_ms(&host)) {
        driver.resume_ms = -1;
        driver.plugin->resume(driver.source);
    }
}

static void call_ready(const struct pollfd *fds, int count)
{
    for (int i = 0; i < count; i++) {
        short what = fds[i].revents;
        uint32_t events = 0;
        if (what & (POLLIN | POLLERR | POLLHUP))
            events |= MST_SOURCE_READ;
        if (what & (POLLOUT | POLLERR | POLLHUP))
            events |= MST_SOURCE_WRITE;
        for (int k = 0; events && k < driver.watched_count; k++) {
            struct watched found = driver.watched[k];
            if (found.fd == fds[i].fd) {
                found.call(found.context, found.fd, events);
                break;
            }
        }
    }
}

static void turn(void)
{
    struct pollfd fds[FDS];
    int count = driver.watched_count;
    for (int i = 0; i < count; i++) {
        const struct watched *one = &driver.watched[i];
        fds[i] = (struct pollfd){.fd = one->fd};
        if (one->events & MST_SOURCE_READ)
            fds[i].events |= POLLIN;
        if (one->events & MST_SOURCE_WRITE)
            fds[i].events |= POLLOUT;
    }
    int ready = poll(fds, (nfds_t)count, (int)next_ms());
    if (ready > 0)
        call_ready(fds, count);
    run_timers();
    tell_delivered();
}

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = file ? malloc(MST_SOURCE_BATCH_MAX_BYTES) : NULL;
    *len = text ? fread(text, 1, MST_SOURCE_BATCH_MAX_BYTES, file) : 0;
    if (file)
        fclose(file);
    return text;
}

static bool load(const char *path)
{
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    driver.plugin = object ? dlsym(object, MST_SOURCE_SYMBOL) : NULL;
    if (!driver.plugin)
        fprintf(stderr, "%s\n", dlerror());
    return driver.plugin != NULL;
}

static bool create(const char *config_path)
{
    char why[MST_SOURCE_WHY_BYTES] = "";
    size_t len;
    char *config = read_file(config_path, &len);
    bool made =
        config && driver.plugin->create(&host, config, len, &driver.source, why) == MST_SOURCE_OK;
    free(config);
    if (!made)
        fprintf(stderr, "refused %s\n", why);
    return made;
}

/* A process that was killed may have left half a record: its batch will come again. */
static void drop_half_record(void)
{
    FILE *file = fopen(driver.records, "rb");
    long whole = 0;
    for (int byte; file && (byte = getc(file)) != EOF;)
        if (byte == '\n')
            whole = ftell(file);
    if (file && fclose(file) == 0 && truncate(driver.records, whole) != 0)
        driver.fails = true;
}

static int run(void)
{
    size_t len;
    drop_half_record();
    char *cursor = read_file(driver.cursor, &len);
    driver.plugin->start(driver.source, cursor, len);
    free(cursor);
    while (!ended && !driver.fails)
        turn();
    driver.plugin->stop(driver.source);
    for (int i = 0; i < 100 && !driver.is_stopped; i++)
        turn();
    for (int i = 0; i < MST_SOURCE_TIMER_COUNT; i++)
        if (driver.timers[i].call && driver.timers[i].at_ms >= 0)
            fprintf(stderr, "error timer %d is still armed\n", i), driver.fails = true;
    if (!driver.is_stopped || driver.watched_count > 0 || driver.fails) {
        fprintf(stderr, "error the source did not stop well\n");
        return 2;
    }
    driver.plugin->destroy(driver.source);
    return driver.status;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 64;
    snprintf(driver.records, sizeof driver.records, "%s.ndjson", argv[3]);
    snprintf(driver.cursor, sizeof driver.cursor, "%s.cursor", argv[3]);
    driver.waits = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
    struct sigaction end = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    if (!load(argv[1]) || !create(argv[2]))
        return 3;
    return run();
}
