/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_stream.h - the records of a file or of standard input, block by block, in constant
 * memory. What a record is, the framer of muster/facts.h says; here are only the bytes. */
#ifndef MST_TOOL_FACT_STREAM_H
#define MST_TOOL_FACT_STREAM_H

#include "muster/facts.h"

typedef struct mst_tool_stream {
    const char *path; /* borrowed */
    int fd;
    bool is_end;     /* nothing is left to read */
    bool is_regular; /* a file: its bytes are there without waiting */
    char *buffer;
    size_t start, end;                /* the bytes that are not used yet */
    uint64_t read_bytes, total_bytes; /* total 0: unknown */
    mst_framer framer;
} mst_tool_stream;

/* "-" is standard input. MST_TOOL_GOOD or reported. */
int mst_tool_stream_open(mst_tool_stream *stream, const char *path);
void mst_tool_stream_close(mst_tool_stream *stream);

/* As mst_framer_read(). After MST_ERR_SPACE: mst_tool_stream_fill(), which may wait for bytes to
 * arrive and moves those that are there; a record lives until then. */
mst_status mst_tool_stream_read(mst_tool_stream *stream, mst_reader *reader, mst_vm *vm,
                                int64_t observed_default, mst_frame *frame);
/* MST_TOOL_GOOD or reported. */
int mst_tool_stream_fill(mst_tool_stream *stream);

#endif
