/* SPDX-License-Identifier: Apache-2.0
 *
 * mem.c - the four functions that libmuster needs of its host, for a machine that has no C library
 * at all. Compiled with -fno-builtin: a loop here must not become a call of itself. */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

void *memcpy(void *to, const void *from, size_t len)
{
    unsigned char *at = to;
    const unsigned char *source = from;
    for (size_t i = 0; i < len; i++)
        at[i] = source[i];
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    unsigned char *at = to;
    const unsigned char *source = from;
    if ((size_t)(at - source) >= len)
        return memcpy(to, from, len);
    while (len-- > 0)
        at[len] = source[len];
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    unsigned char *at = to;
    for (size_t i = 0; i < len; i++)
        at[i] = (unsigned char)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < len; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}
