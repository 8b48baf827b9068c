/* SPDX-License-Identifier: Apache-2.0
 *
 * grown.h - memory that is always there: where the machine has none left, the service logs it and
 * ends; what it has acknowledged is on disk. */
#ifndef MST_SERVICE_GROWN_H
#define MST_SERVICE_GROWN_H

#include <stddef.h>
#include <string.h>

void *mst_grown_resize(void *old, size_t size);
void *mst_grown_zeroed(size_t count, size_t size);
char *mst_grown_copy(const char *text, size_t len);

/* A text that grows. Begin with all zero; free(text.ptr) at the end. A zero byte stands behind
 * it. */
struct mst_grown {
    char *ptr;
    size_t len, capacity;
};
/* Room for that many bytes more; returns where they begin. */
char *mst_grown_room(struct mst_grown *text, size_t len);
/* Inline, so that a literal is a few stores. */
static inline void mst_grown_add(struct mst_grown *text, const char *ptr, size_t len)
{
    char *room =
        text->capacity - text->len > len ? text->ptr + text->len : mst_grown_room(text, len);
    if (len > 0)
        memcpy(room, ptr, len);
    text->len += len;
    room[len] = '\0';
}
static inline void mst_grown_puts(struct mst_grown *text, const char *literal)
{
    mst_grown_add(text, literal, strlen(literal));
}
void mst_grown_printf(struct mst_grown *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes; ptr NULL is null. */
void mst_grown_json(struct mst_grown *text, const char *ptr, size_t len);
/* `{name="value"` of a metric, or with `,` where a label stands before; ptr NULL is no text. */
void mst_grown_label(struct mst_grown *text, const char *name, const char *ptr, size_t len);
/* As text of an HTML page. */
void mst_grown_html(struct mst_grown *text, const char *ptr, size_t len);

#endif
