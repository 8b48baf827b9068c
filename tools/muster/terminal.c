/* SPDX-License-Identifier: Apache-2.0
 *
 * terminal.c - width, colour and the progress line. The locale is never asked: texts are UTF-8
 * here, as they are everywhere in Muster. */
#include "terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Of a terminal. */
static size_t read_width(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
    return width > 0 && width < 10000 ? width : 80;
}

size_t mst_tool_width(void)
{
    return isatty(STDOUT_FILENO) ? read_width(STDOUT_FILENO) : 0;
}

bool mst_tool_wants_color(int fd)
{
    const char *refused = getenv("NO_COLOR"), *forced = getenv("CLICOLOR_FORCE");
    const char *kind = getenv("TERM");
    if (refused && *refused)
        return false;
    if (forced && *forced && strcmp(forced, "0") != 0)
        return true;
    return isatty(fd) && kind && strcmp(kind, "dumb") != 0;
}

/* ---- progress ---------------------------------------------------------------------------- */

/* How far the work was at some time. */
struct mark {
    int64_t ms;
    uint64_t records, bytes;
};

static struct mark older, newer;   /* the rate is that since the older one, of one to two s ago */
static int64_t begun_ms, shown_ms; /* 0: not yet */
static bool is_shown;

static int64_t read_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Work over a second, on a terminal, ten times a second. */
static bool is_due(int64_t now_ms)
{
    if (begun_ms == 0)
        begun_ms = now_ms;
    return now_ms - begun_ms >= 1000 && now_ms - shown_ms >= 100 && isatty(STDERR_FILENO);
}

static uint64_t rate(uint64_t count, const struct mark *now)
{
    return now->ms > older.ms ? count * 1000 / (uint64_t)(now->ms - older.ms) : 0;
}

/* "1,234,567 records, 43 %, 215,000 records/s, 226.4 MB/s", as far as the line goes. */
static void show_progress(const struct mark *now, uint64_t total_bytes)
{
    char text[160], count[32], speed[32], share[32] = "";
    uint64_t tenths = rate(now->bytes - older.bytes, now) / 100000;
    if (total_bytes > 0)
        snprintf(share, sizeof share, ", %" PRIu64 " %%", now->bytes * 100 / total_bytes);
    int len =
        snprintf(text, sizeof text, "%s records%s, %s records/s, %" PRIu64 ".%" PRIu64 " MB/s",
                 mst_tool_count_text(count, now->records), share,
                 mst_tool_count_text(speed, rate(now->records - older.records, now)), tenths / 10,
                 tenths % 10);
    size_t room = read_width(STDERR_FILENO) - 1; /* a second line could not be erased */
    fprintf(stderr, "\r%.*s\033[K", (int)mst_tool_text_fit(text, (size_t)len, room), text);
    fflush(stderr);
    shown_ms = now->ms;
    is_shown = true;
}

void mst_tool_progress_of(uint64_t done, uint64_t total, const char *things)
{
    const int64_t now_ms = read_clock_ms();
    char count[32], of[32];
    if (!is_due(now_ms))
        return;
    fprintf(stderr, "\r%s of %s %s\033[K", mst_tool_count_text(count, done),
            mst_tool_count_text(of, total), things);
    fflush(stderr);
    shown_ms = now_ms;
    is_shown = true;
}

void mst_tool_progress(uint64_t records, uint64_t bytes, uint64_t total_bytes)
{
    const struct mark now = {read_clock_ms(), records, bytes};
    if (begun_ms == 0) {
        begun_ms = now.ms;
        older = newer = now;
    }
    if (now.ms - newer.ms >= 1000) {
        older = newer;
        newer = now;
    }
    if (is_due(now.ms))
        show_progress(&now, total_bytes);
}

void mst_tool_progress_clear(void)
{
    if (!is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    is_shown = false;
}

/* ---- texts ------------------------------------------------------------------------------- */

/* The character at `text`, and its length in bytes; a byte that is no UTF-8 counts as itself. */
static uint32_t read_character(const char *text, size_t len, size_t *used)
{
    unsigned char first = (unsigned char)text[0];
    size_t need = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    *used = 1;
    if (need > len || need == 1)
        return first;
    uint32_t character = first & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xc0) != 0x80)
            return first;
        character = character << 6 | (next & 0x3fu);
    }
    *used = need;
    return character;
}

/* Wide are the East Asian blocks and emoji, without width the common combining marks: the host's
 * wcwidth() would need a locale. */
static size_t character_width(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        size_t width;
    } odd[] = {
        {0x0300, 0x036f, 0}, {0x200b, 0x200d, 0}, {0xfe00, 0xfe0f, 0},   {0x1100, 0x115f, 2},
        {0x2e80, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},   {0xfe30, 0xfe6f, 2},
        {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2}, {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        if (c >= odd[i].first && c <= odd[i].last)
            return odd[i].width;
    return 1;
}

size_t mst_tool_text_fit(const char *text, size_t len, size_t columns)
{
    size_t at = 0, width = 0;
    while (at < len) {
        size_t used;
        width += character_width(read_character(text + at, len - at, &used));
        if (width > columns)
            break;
        at += used;
    }
    return at;
}

size_t mst_tool_text_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t at = 0, used; at < len; at += used)
        width += character_width(read_character(text + at, len - at, &used));
    return width;
}

static bool steers_terminal(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

size_t mst_tool_text_tame(char *to, const char *text, size_t len)
{
    size_t written = 0;
    for (size_t at = 0, used; at < len; at += used) {
        uint32_t c = read_character(text + at, len - at, &used);
        bool is_stray_byte = used == 1 && c >= 0x80;
        if (c == '\n' || c == '\t' || c == '\r') {
            to[written++] = ' ';
        } else if (is_stray_byte || steers_terminal(c)) {
            to[written++] = '?';
        } else {
            memcpy(to + written, text + at, used);
            written += used;
        }
    }
    return written;
}

char *mst_tool_count_text(char *text, uint64_t value)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, value);
    char *to = text;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}
