/* SPDX-License-Identifier: Apache-2.0
 *
 * memory.h - memory that is always there: what runs out ends the program with a line that says
 * so. */
#ifndef MST_AUTHORING_MEMORY_H
#define MST_AUTHORING_MEMORY_H

#include <stddef.h>

#include "muster/muster.h"

/* As realloc; never NULL. */
void *mst_memory_resize(void *old, size_t size);
/* As calloc of one; never NULL. */
void *mst_memory_zero(size_t size);
char *mst_memory_copy(const char *text, size_t len);
char *mst_memory_text(mst_text text);
/* printf into memory. */
char *mst_memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One more element at the end of a list of `count`, all zero; the list may move. */
#define MST_MEMORY_ADD(list, count)                                                                \
    ((list) = mst_memory_more((list), (count), sizeof *(list)), &(list)[(count)++])
void *mst_memory_more(void *list, size_t count, size_t size);

#endif
