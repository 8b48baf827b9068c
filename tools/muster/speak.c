/* SPDX-License-Identifier: Apache-2.0
 *
 * speak.c - messages for people on standard error, in one form, and memory that is always there.
 * Results never come this way: they go through output.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "terminal.h"
#include "tool.h"

static const char *running; /* the subcommand, once it is known */

void mst_tool_set_name(const char *subcommand)
{
    running = subcommand;
}

__attribute__((format(printf, 1, 0))) static void write_line(const char *format, va_list args)
{
    char text[2048], tame[sizeof text];
    int len = vsnprintf(text, sizeof text, format, args);
    size_t kept = len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    kept = mst_tool_text_tame(tame, text, kept);
    fprintf(stderr, "%.*s\n", (int)kept, tame);
}

__attribute__((format(printf, 1, 0))) static void write_message(const char *format, va_list args)
{
    mst_tool_flush();
    mst_tool_progress_clear();
    fprintf(stderr, "muster%s%s: ", running ? " " : "", running ? running : "");
    write_line(format, args);
}

void mst_tool_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    mst_tool_flush();
    mst_tool_progress_clear();
    write_line(format, args);
    va_end(args);
}

void mst_tool_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_message(format, args);
    va_end(args);
}

int mst_tool_failed(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_message(format, args);
    va_end(args);
    return MST_TOOL_FAILED;
}

int mst_tool_misused(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_message(format, args);
    va_end(args);
    fprintf(stderr, "try 'muster%s%s --help'\n", running ? " " : "", running ? running : "");
    return MST_TOOL_USAGE;
}

void *mst_tool_resize(void *old, size_t size)
{
    void *block = realloc(old, size > 0 ? size : 1);
    if (!block) {
        mst_tool_say("out of memory");
        exit(MST_TOOL_FAILED);
    }
    return block;
}

void *mst_tool_grow(void *list, size_t count, size_t *capacity, size_t element_size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity > 0 ? *capacity * 2 : 16;
    return mst_tool_resize(list, *capacity * element_size);
}

char *mst_tool_copy(const char *text, size_t len)
{
    char *copy = mst_tool_resize(NULL, len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *mst_tool_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);

    char *text = mst_tool_resize(NULL, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}
