/* SPDX-License-Identifier: Apache-2.0
 *
 * exec_lines.c - from what a program prints to batches of whole lines, in bounded memory: while the
 * host takes nothing, the program is read no further and has to wait. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"

/* The end of a line that was longer than any record may be. */
static void skip(mst_source *source)
{
    const char *newline = memchr(source->buffer, '\n', source->len);
    const size_t used = newline ? (size_t)(newline - source->buffer) + 1 : source->len;
    source->len -= used;
    memmove(source->buffer, source->buffer + used, source->len);
    source->is_skipping = newline == NULL;
}

int exec_lines_read(mst_source *source)
{
    const ssize_t count =
        read(source->process.out, source->buffer + source->len, EXEC_BUFFER_BYTES - source->len);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? -1 : 0;
    source->len += (size_t)count;
    if (source->is_skipping)
        skip(source);
    return count > 0;
}

/* Bytes of the whole lines that fit a batch. */
static size_t measure(const mst_source *source, bool is_last)
{
    size_t end = 0;
    for (uint32_t lines = 0; lines < MST_SOURCE_BATCH_MAX_RECORDS && end < source->len; lines++) {
        const char *from = source->buffer + end;
        const char *newline = memchr(from, '\n', source->len - end);
        if (!newline && !is_last)
            break;
        const size_t next = newline ? (size_t)(newline - source->buffer) + 1 : source->len;
        if (next > MST_SOURCE_BATCH_MAX_BYTES)
            break;
        end = next;
    }
    return end;
}

/* Whether the first line is too long for a batch, as far as it is there. */
static bool drop_long_line(mst_source *source)
{
    const size_t len =
        source->len < MST_SOURCE_BATCH_MAX_BYTES ? source->len : MST_SOURCE_BATCH_MAX_BYTES;
    if (len < MST_SOURCE_BATCH_MAX_BYTES || memchr(source->buffer, '\n', len))
        return false;
    if (source->too_long++ == 0)
        source->host->log(source->host, MST_SOURCE_WARNING,
                          "reason=\"a line of more than 1 MiB was left out\"");
    skip(source);
    return true;
}

bool exec_lines_deliver(mst_source *source, bool is_last)
{
    while (source->len > 0 && !source->is_waiting) {
        const size_t len = measure(source, is_last);
        if (len == 0 && drop_long_line(source))
            continue;
        if (len == 0)
            break;
        const mst_source_batch batch = {
            .size = sizeof batch, .records = source->buffer, .len = len};
        switch (source->host->deliver(source->host, &batch)) {
        case MST_SOURCE_WAIT: source->is_waiting = true; continue;
        case MST_SOURCE_REFUSED: source->len = 0; return true; /* it is being stopped */
        case MST_SOURCE_OK: break;
        }
        source->len -= len;
        memmove(source->buffer, source->buffer + len, source->len);
    }
    return source->len == 0;
}

/* ---- standard error ---------------------------------------------------------------------- */

static void log_line(mst_source *source)
{
    char text[EXEC_ERROR_BYTES + 16];
    snprintf(text, sizeof text, "stderr=\"%.*s\"", (int)source->error_len, source->error_line);
    source->error_len = 0;
    source->host->log(source->host, MST_SOURCE_WARNING, text);
}

int exec_lines_log(mst_source *source)
{
    char bytes[4096];
    const ssize_t count = read(source->process.error, bytes, sizeof bytes);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? -1 : 0;
    for (ssize_t i = 0; i < count; i++) {
        if (bytes[i] != '\n' && source->error_len < EXEC_ERROR_BYTES)
            source->error_line[source->error_len++] = bytes[i] == '"' ? '\'' : bytes[i];
        else if (bytes[i] == '\n' && source->error_len > 0)
            log_line(source);
    }
    if (count == 0 && source->error_len > 0)
        log_line(source);
    return count > 0;
}
