/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.c - memory that is always there. */
#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mst_memory_resize(void *old, size_t size)
{
    void *block = realloc(old, size != 0 ? size : 1);
    if (block == NULL) {
        fputs("out of memory\n", stderr);
        exit(3);
    }
    return block;
}

void *mst_memory_zero(size_t size)
{
    return memset(mst_memory_resize(NULL, size), 0, size);
}

char *mst_memory_copy(const char *text, size_t len)
{
    char *copy = mst_memory_resize(NULL, len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *mst_memory_text(mst_text text)
{
    return mst_memory_copy(text.ptr, text.len);
}

char *mst_memory_format(const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = mst_memory_resize(NULL, (size_t)(len < 0 ? 0 : len) + 1);
    text[0] = '\0';
    if (len >= 0)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

/* Lists grow by doubling: their capacity is the power of two that is not below their count. */
void *mst_memory_more(void *list, size_t count, size_t size)
{
    if ((count & (count - 1)) == 0)
        list = mst_memory_resize(list, (count != 0 ? 2 * count : 1) * size);
    memset((char *)list + count * size, 0, size);
    return list;
}
