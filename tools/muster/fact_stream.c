/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_stream.c - one buffer that holds the longest record there may be, and a block behind it. */
#include "fact_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tool.h"

#define BLOCK_BYTES ((size_t)256 << 10)
#define BUFFER_BYTES (MST_RECORD_MAX_BYTES + 1 + BLOCK_BYTES)

int mst_tool_stream_open(mst_tool_stream *stream, const char *path)
{
    struct stat status;
    *stream = (mst_tool_stream){.path = path, .fd = mst_tool_open(path)};
    if (stream->fd < 0)
        return MST_TOOL_FAILED;
    stream->is_regular = fstat(stream->fd, &status) == 0 && S_ISREG(status.st_mode);
    if (stream->is_regular)
        stream->total_bytes = (uint64_t)status.st_size;
    stream->buffer = mst_tool_resize(NULL, BUFFER_BYTES);
    mst_framer_init(&stream->framer, false);
    return MST_TOOL_GOOD;
}

void mst_tool_stream_close(mst_tool_stream *stream)
{
    if (stream->fd > STDIN_FILENO)
        close(stream->fd);
    free(stream->buffer);
}

mst_status mst_tool_stream_read(mst_tool_stream *stream, mst_reader *reader, mst_vm *vm,
                                int64_t observed_default, mst_frame *frame)
{
    mst_status status =
        mst_framer_read(&stream->framer, reader, vm, stream->buffer + stream->start,
                        stream->end - stream->start, stream->is_end, observed_default, frame);
    stream->start += frame->used;
    return status;
}

int mst_tool_stream_fill(mst_tool_stream *stream)
{
    memmove(stream->buffer, stream->buffer + stream->start, stream->end - stream->start);
    stream->end -= stream->start;
    stream->start = 0;

    size_t room = BUFFER_BYTES - stream->end;
    ssize_t got;
    do
        got =
            read(stream->fd, stream->buffer + stream->end, room < BLOCK_BYTES ? room : BLOCK_BYTES);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return mst_tool_failed("cannot read '%s': %s", stream->path, strerror(errno));
    stream->is_end = got == 0;
    stream->end += (size_t)got;
    stream->read_bytes += (uint64_t)got;
    return MST_TOOL_GOOD;
}
