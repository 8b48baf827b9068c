/* SPDX-License-Identifier: Apache-2.0
 *
 * output.c - one buffer in front of standard output. stdio is not used for results because it
 * loses the reason of a failed write by the time that one asks for it. */
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "terminal.h"
#include "tool.h"

static char pending[65536];
static size_t pending_len;

static void end_after_failed_write(int reason)
{
    pending_len = 0;
    if (reason != EPIPE)
        mst_tool_say("cannot write to standard output: %s", strerror(reason));
    exit(MST_TOOL_FAILED);
}

static void write_out(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, text, len);
        if (written < 0 && mst_tool_try_again(STDOUT_FILENO, POLLOUT))
            continue;
        if (written < 0)
            end_after_failed_write(errno);
        text += written;
        len -= (size_t)written;
    }
}

void mst_tool_flush(void)
{
    if (pending_len == 0)
        return;
    if (isatty(STDOUT_FILENO))
        mst_tool_progress_clear(); /* it may be the same terminal */
    write_out(pending, pending_len);
    pending_len = 0;
}

void mst_tool_put(const char *text, size_t len)
{
    if (len > sizeof pending - pending_len)
        mst_tool_flush();
    if (len > sizeof pending) {
        write_out(text, len);
        return;
    }
    memcpy(pending + pending_len, text, len);
    pending_len += len;
}

void mst_tool_puts(const char *text)
{
    mst_tool_put(text, strlen(text));
}

void mst_tool_printf(const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len < 0)
        return;
    if ((size_t)len < sizeof line) {
        mst_tool_put(line, (size_t)len);
        return;
    }

    char *text = mst_tool_resize(NULL, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    mst_tool_put(text, (size_t)len);
    free(text);
}

void mst_tool_put_tame(const char *text, size_t len)
{
    char *tame = mst_tool_resize(NULL, len);
    mst_tool_put(tame, mst_tool_text_tame(tame, text, len));
    free(tame);
}

void mst_tool_puts_tame(const char *text)
{
    mst_tool_put_tame(text, strlen(text));
}

static void put_json_escape(unsigned char byte)
{
    switch (byte) {
    case '"': mst_tool_puts("\\\""); break;
    case '\\': mst_tool_puts("\\\\"); break;
    case '\n': mst_tool_puts("\\n"); break;
    case '\r': mst_tool_puts("\\r"); break;
    case '\t': mst_tool_puts("\\t"); break;
    default: mst_tool_printf("\\u%04x", byte); break;
    }
}

void mst_tool_put_json(const char *text, size_t len)
{
    size_t start = 0;
    mst_tool_put("\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        mst_tool_put(text + start, i - start);
        put_json_escape(byte);
        start = i + 1;
    }
    mst_tool_put(text + start, len - start);
    mst_tool_put("\"", 1);
}

void mst_tool_put_json_member(const char *key, const char *text)
{
    mst_tool_printf("\"%s\":", key);
    if (text != NULL)
        mst_tool_put_json(text, strlen(text));
    else
        mst_tool_puts("null");
}
