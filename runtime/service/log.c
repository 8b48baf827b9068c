/* SPDX-License-Identifier: Apache-2.0
 *
 * log.c - structured lines, rate-limited by event. */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WINDOW_S 10
#define WINDOW_LINES 10
#define EVENT_MAX 64
#define EVENT_BYTES 64

struct event {
    char name[EVENT_BYTES];
    time_t window;
    unsigned lines, held_back;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct event events[EVENT_MAX];
static unsigned event_count;
static uint64_t suppressed;
static int is_mute;

void mst_log_mute(void)
{
    pthread_mutex_lock(&lock);
    is_mute = 1;
    pthread_mutex_unlock(&lock);
}

uint64_t mst_log_suppressed(void)
{
    pthread_mutex_lock(&lock);
    uint64_t count = suppressed;
    pthread_mutex_unlock(&lock);
    return count;
}

static struct event *find_event(const char *name)
{
    for (unsigned i = 0; i < event_count; i++)
        if (strncmp(events[i].name, name, EVENT_BYTES - 1) == 0)
            return &events[i];
    if (event_count == EVENT_MAX)
        return NULL;
    strncat(events[event_count].name, name, EVENT_BYTES - 1);
    return &events[event_count++];
}

/* Whether a line may be written, and how many were held back before it. */
static int may_write(const char *name, time_t now, unsigned *held_back)
{
    struct event *event = find_event(name);
    *held_back = 0;
    if (!event)
        return 1;
    if (now - event->window >= WINDOW_S || now < event->window) {
        *held_back = event->held_back;
        event->window = now;
        event->lines = 0;
        event->held_back = 0;
    }
    if (event->lines < WINDOW_LINES) {
        event->lines++;
        return 1;
    }
    event->held_back++;
    suppressed++;
    return 0;
}

static void write_all(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t done = write(STDERR_FILENO, text, len);
        if (done <= 0)
            return;
        text += done;
        len -= (size_t)done;
    }
}

const char *mst_log_quote(char room[MST_LOG_QUOTED_BYTES], const char *text)
{
    size_t len = 0;
    room[len++] = '"';
    for (; *text != '\0' && len < MST_LOG_QUOTED_BYTES - 3; text++) {
        if (*text == '"' || *text == '\\')
            room[len++] = '\\';
        room[len++] = *text;
    }
    room[len++] = '"';
    room[len] = '\0';
    return room;
}

void mst_log(enum mst_log_level level, const char *event, const char *format, ...)
{
    static const char *const levels[] = {"info", "warning", "error"};
    char line[2048], when[32];
    unsigned held_back;
    time_t now = time(NULL);
    struct tm utc;
    pthread_mutex_lock(&lock);
    int is_written = !is_mute && may_write(event, now, &held_back);
    pthread_mutex_unlock(&lock);
    if (!is_written)
        return;
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    int len =
        snprintf(line, sizeof line, "%s %s %s%s", when, levels[level], event, *format ? " " : "");
    va_list args;
    va_start(args, format);
    int more = vsnprintf(line + len, sizeof line - (size_t)len, format, args);
    va_end(args);
    len = more < 0 || len + more >= (int)sizeof line ? (int)sizeof line - 1 : len + more;
    if (held_back > 0 && len < (int)sizeof line - 40)
        len += snprintf(line + len, sizeof line - (size_t)len, " held_back=%u", held_back);
    for (int i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 127)
            line[i] = '?';
    if (len == (int)sizeof line)
        len--;
    line[len++] = '\n';
    write_all(line, (size_t)len);
}
