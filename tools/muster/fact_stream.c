/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_stream.c - a block is what one read has brought and the rest of the block before it. That
 * rest, a part of one record, is never longer than what is read at a time: a record that is still
 * not whole after that stays in its block, and more is read behind it. */
#include "fact_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tool.h"

#define STEP_BYTES ((size_t)256 << 10) /* for one block */
#define MOST_STEP_BYTES ((size_t)128 << 10)
#define LEAST_STEP_BYTES ((size_t)16 << 10)
#define ALL_STEP_BYTES ((size_t)2 << 20) /* for many blocks together */

static size_t choose_step(size_t block_count)
{
    size_t step = ALL_STEP_BYTES / block_count;
    if (block_count == 1)
        return STEP_BYTES;
    return step > MOST_STEP_BYTES    ? MOST_STEP_BYTES
           : step < LEAST_STEP_BYTES ? LEAST_STEP_BYTES
                                     : step;
}

/* Room for the longest record there may be, for one byte that shows that it is too long, and for
 * a step behind it. */
static size_t large_capacity(const mst_tool_stream *stream)
{
    return MST_RECORD_MAX_BYTES + 1 + stream->step;
}

int mst_tool_stream_open(mst_tool_stream *stream, const char *path, size_t block_count)
{
    struct stat status;
    *stream = (mst_tool_stream){.path = path, .fd = mst_tool_open(path)};
    if (stream->fd < 0)
        return MST_TOOL_FAILED;
    stream->is_regular = fstat(stream->fd, &status) == 0 && S_ISREG(status.st_mode);
    if (stream->is_regular)
        stream->total_bytes = (uint64_t)status.st_size;
    stream->frames = block_count > 1;
    stream->step = choose_step(block_count);
    stream->capacity = stream->frames ? 2 * stream->step : large_capacity(stream);
    if (stream->frames)
        stream->large = mst_tool_resize(NULL, large_capacity(stream));
    mst_framer_init(&stream->framer, false);
    return MST_TOOL_GOOD;
}

void mst_tool_stream_close(mst_tool_stream *stream)
{
    if (stream->fd > STDIN_FILENO)
        close(stream->fd);
    free(stream->large);
}

void mst_tool_block_init(mst_tool_block *block, const mst_tool_stream *stream)
{
    *block = (mst_tool_block){.own = mst_tool_resize(NULL, stream->capacity)};
    block->text = block->own;
    block->framer = stream->framer;
}

void mst_tool_block_free(mst_tool_block *block)
{
    free(block->own);
}

/* ---- filling ----------------------------------------------------------------------------- */

void mst_tool_block_begin(mst_tool_block *block, mst_tool_stream *stream)
{
    if (!stream->frames) { /* the block itself is the one before */
        stream->rest = block->text + block->at;
        stream->rest_len = block->len - block->at;
        stream->framer = block->framer;
    }
    block->text = block->own;
    block->is_large = false;
    block->len = stream->rest_len;
    block->at = 0;
    block->framer = stream->framer;
    if (block->len > 0)
        memmove(block->text, stream->rest, block->len);
}

void mst_tool_block_enlarge(mst_tool_block *block, mst_tool_stream *stream)
{
    memcpy(stream->large, block->text, block->len);
    block->text = stream->large;
    block->is_large = true;
}

static void read_bytes(mst_tool_block *block, mst_tool_stream *stream)
{
    ssize_t got;
    do
        got = read(stream->fd, block->text + block->len, stream->step);
    while (got < 0 && mst_tool_try_again(stream->fd, POLLIN));
    block->failure = got < 0 ? errno : 0;
    block->is_last = got == 0;
    block->len += got > 0 ? (size_t)got : 0;
    stream->read_bytes += got > 0 ? (uint64_t)got : 0;
    block->read_bytes = stream->read_bytes;
}

/* Finds the end of the block's last whole record; false if not even one has ended. */
static bool find_rest(const mst_tool_block *block, mst_tool_stream *stream)
{
    size_t used = 0;
    mst_status status;
    do {
        mst_frame frame = MST_FRAME_INIT;
        status = mst_framer_next(&stream->framer, block->text + used, block->len - used,
                                 block->is_last, &frame);
        used += frame.used;
    } while (status != MST_ERR_SPACE && status != MST_ERR_NOT_FOUND);
    stream->rest = block->text + used;
    stream->rest_len = block->len - used;
    return used > 0;
}

bool mst_tool_block_fill(mst_tool_block *block, mst_tool_stream *stream)
{
    do {
        if (stream->frames && !block->is_large && stream->capacity - block->len < stream->step)
            return false;
        read_bytes(block, stream);
        if (!stream->frames || block->failure != 0)
            return true;
    } while (!find_rest(block, stream) && !block->is_last);
    return true;
}

/* ---- reading ----------------------------------------------------------------------------- */

bool mst_tool_block_next(mst_tool_block *block, mst_tool_stream *stream)
{
    if (block->is_last)
        return false;
    mst_tool_block_begin(block, stream);
    while (!mst_tool_block_fill(block, stream))
        mst_tool_block_enlarge(block, stream);
    return true;
}

mst_status mst_tool_block_read(mst_tool_block *block, mst_reader *reader, mst_vm *vm,
                               int64_t observed_default, mst_frame *frame)
{
    mst_status status =
        mst_framer_read(&block->framer, reader, vm, block->text + block->at, block->len - block->at,
                        block->is_last, observed_default, frame);
    block->at += frame->used;
    return status;
}
