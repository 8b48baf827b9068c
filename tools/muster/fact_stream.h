/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_stream.h - the records of a file or of standard input, block by block, in constant
 * memory. What a record is, the framer of muster/facts.h says; here are only the bytes.
 *
 * One block after the other is filled; several may be in work at a time. Where a block ends and
 * the next one begins is then known before its records are read: the framer alone passes over
 * them first, which takes a small part of the time of reading them, and the block keeps a copy of
 * it from before. So places and errors are the same however many blocks are in work. */
#ifndef MST_TOOL_FACT_STREAM_H
#define MST_TOOL_FACT_STREAM_H

#include "muster/facts.h"

typedef struct mst_tool_block {
    char *own;     /* its buffer, for blocks of usual length */
    bool is_large; /* it uses the one of the stream, for records longer than that */
    char *text;
    size_t len;          /* of it; the last record may not be whole */
    size_t at;           /* what lies before has been read */
    mst_framer framer;   /* as it is at that place */
    bool is_last;        /* nothing follows in the stream */
    int failure;         /* errno of a read that failed; what was there before counts */
    uint64_t read_bytes; /* of the stream, with this block */
} mst_tool_block;

typedef struct mst_tool_stream {
    const char *path; /* borrowed */
    int fd;
    bool is_regular;  /* a file: its bytes are there without waiting */
    bool frames;      /* several blocks are in work */
    size_t capacity;  /* of a block's own buffer */
    size_t step;      /* how much is read at a time */
    char *large;      /* lent to one block at a time */
    const char *rest; /* behind the last block: of a record that is not whole */
    size_t rest_len;
    uint64_t read_bytes, total_bytes; /* total 0: unknown */
    mst_framer framer;                /* at the rest */
} mst_tool_stream;

/* "-" is standard input. With `block_count` 1 a block must be read before the next is filled.
 * MST_TOOL_GOOD or reported. */
int mst_tool_stream_open(mst_tool_stream *stream, const char *path, size_t block_count);
void mst_tool_stream_close(mst_tool_stream *stream);

void mst_tool_block_init(mst_tool_block *block, const mst_tool_stream *stream);
void mst_tool_block_free(mst_tool_block *block);

/* Begins the block behind the last one, in the place of a block that is done with. */
void mst_tool_block_begin(mst_tool_block *block, mst_tool_stream *stream);
/* Reads into it, which may wait for bytes to arrive. False: a record is longer than its buffer;
 * to go on, it must be lent the stream's, which no other block may use meanwhile. */
bool mst_tool_block_fill(mst_tool_block *block, mst_tool_stream *stream);
void mst_tool_block_enlarge(mst_tool_block *block, mst_tool_stream *stream);

/* Both, for who reads a stream by one block alone: the next one; false behind the last. */
bool mst_tool_block_next(mst_tool_block *block, mst_tool_stream *stream);

/* As mst_framer_read(), with MST_ERR_SPACE at the end of the block. */
mst_status mst_tool_block_read(mst_tool_block *block, mst_reader *reader, mst_vm *vm,
                               int64_t observed_default, mst_frame *frame);

#endif
