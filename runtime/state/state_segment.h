/* SPDX-License-Identifier: Apache-2.0
 *
 * state_segment.h - many rows as one piece of bytes, the unit in which a file is written:
 *
 *     sum       8 bytes, little end first, over the segment's number and what follows the sum
 *     sequence  8 bytes: of two rows of a slot, the one in the segment with the larger one counts
 *     used      4 bytes: how many bytes the head and the rows take; the rest means nothing
 *     row       size of what follows, slot, length of the id, id, data; a later row counts
 *
 * A row without an id says that the slot is empty. Numbers as in state_row.h. */
#ifndef MST_STATE_STATE_SEGMENT_H
#define MST_STATE_STATE_SEGMENT_H

#include "state_row.h"

/* One page of the file, less what SQLite needs of it: so that a segment is read and written in one
 * piece, and replaced where it stands. A row that is longer has a larger one for itself. */
#define MST_SEGMENT_PAGE_BYTES 16384
#define MST_SEGMENT_BYTES (MST_SEGMENT_PAGE_BYTES - 64)
#define MST_SEGMENT_HEAD_BYTES 20

/* A row and where it stands. */
struct mst_segment_row {
    struct mst_state_row row; /* id.len 0: the slot is empty */
    uint32_t offset, size;
};

struct mst_segment_cursor {
    const char *begin, *at, *end;
    uint64_t sequence;
};

size_t mst_segment_row_size(const struct mst_state_row *row);

/* What no row fills is to be cleared before it is sealed. */
void mst_segment_begin(char *data, uint64_t sequence);
/* Writes the row at this offset, where there is room for it. */
void mst_segment_put(char *data, size_t offset, const struct mst_state_row *row);
void mst_segment_seal(char *data, size_t used, uint32_t number);

/* False: it is damaged. */
bool mst_segment_open(struct mst_segment_cursor *cursor, uint32_t number, mst_text data);
/* The same without a look at the sum, for a segment that was opened before. */
bool mst_segment_open_again(struct mst_segment_cursor *cursor, mst_text data);
/* False behind the last row; `at` is `end` then, unless what follows is no row. */
bool mst_segment_next(struct mst_segment_cursor *cursor, struct mst_segment_row *row);

#endif
