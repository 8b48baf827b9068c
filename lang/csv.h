/* SPDX-License-Identifier: Apache-2.0
 *
 * csv.h - reads a CSV file (RFC 4180) out of memory, row by row. The first row is the
 * header and says how many cells a row has. Blank lines are skipped; a byte order mark and any
 * kind of line end are accepted; white space counts. What cells mean is the checker's. */
#ifndef MST_LANG_CSV_H
#define MST_LANG_CSV_H

#include "diag.h"

struct mst_csv_cell {
    const char *bytes; /* unquoted, in the arena, with a zero byte behind */
    uint32_t len;
    struct mst_span span; /* as written, with quotes */
    bool is_quoted;       /* tells "" from nothing */
};

struct mst_csv_row {
    struct mst_csv_cell *cells; /* until the next row is read */
    uint32_t count;
    struct mst_span span;
};

struct mst_csv {
    struct mst_arena *arena;
    struct mst_diags *diags;
    uint32_t source;
    const unsigned char *start, *cursor, *limit;
    struct mst_csv_cell *cells;
    size_t cell_capacity;
    uint32_t header_count; /* 0 until the header has been read */
    bool is_done;
    bool is_open; /* a quoted cell had no end */
};

/* Starts at the beginning of a source. One that is no UTF-8 text is reported and has no rows. */
void mst_csv_begin(struct mst_csv *csv, struct mst_arena *arena, struct mst_diags *diags,
                   uint32_t source);

/* The next row; the first is the header. False at the end, or where reading on makes no sense.
 * Reports what is wrong and goes on; a row with an open quote, or with not as many cells as the
 * header, is reported and skipped. */
bool mst_csv_next(struct mst_csv *csv, struct mst_csv_row *row);

#endif
