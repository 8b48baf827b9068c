/* SPDX-License-Identifier: Apache-2.0
 *
 * grown.c - allocation that ends the program where it fails, and texts that grow. */
#include "grown.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static void *check(void *block, size_t size)
{
    if (!block) {
        mst_log(MST_LOG_ERROR, "out_of_memory", "bytes=%zu", size);
        exit(3);
    }
    return block;
}

void *mst_grown_resize(void *old, size_t size)
{
    return check(realloc(old, size > 0 ? size : 1), size);
}

void *mst_grown_zeroed(size_t count, size_t size)
{
    return check(calloc(count > 0 ? count : 1, size), count * size);
}

char *mst_grown_copy(const char *text, size_t len)
{
    char *copy = mst_grown_resize(NULL, len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *mst_grown_room(struct mst_grown *text, size_t len)
{
    if (text->capacity - text->len <= len) {
        size_t capacity = text->capacity > 0 ? text->capacity : 256;
        while (capacity - text->len <= len)
            capacity *= 2;
        text->ptr = mst_grown_resize(text->ptr, capacity);
        text->capacity = capacity;
    }
    return text->ptr + text->len;
}

void mst_grown_printf(struct mst_grown *text, const char *format, ...)
{
    va_list args;
    char small[512];
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0)
        return;
    if ((size_t)len < sizeof small) {
        mst_grown_add(text, small, (size_t)len);
        return;
    }
    char *room = mst_grown_room(text, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(room, (size_t)len + 1, format, args);
    va_end(args);
    text->len += (size_t)len;
}

void mst_grown_label(struct mst_grown *text, const char *name, const char *ptr, size_t len)
{
    const bool is_first = text->len == 0 || text->ptr[text->len - 1] != '"';
    mst_grown_printf(text, "%s%s=\"", is_first ? "{" : ",", name);
    for (size_t i = 0; ptr && i < len; i++) {
        switch (ptr[i]) {
        case '\\': mst_grown_puts(text, "\\\\"); break;
        case '"': mst_grown_puts(text, "\\\""); break;
        case '\n': mst_grown_puts(text, "\\n"); break;
        default: mst_grown_add(text, ptr + i, 1);
        }
    }
    mst_grown_puts(text, "\"");
}

void mst_grown_html(struct mst_grown *text, const char *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        switch (ptr[i]) {
        case '<': mst_grown_puts(text, "&lt;"); break;
        case '>': mst_grown_puts(text, "&gt;"); break;
        case '&': mst_grown_puts(text, "&amp;"); break;
        case '"': mst_grown_puts(text, "&quot;"); break;
        default: mst_grown_add(text, ptr + i, 1);
        }
    }
}
