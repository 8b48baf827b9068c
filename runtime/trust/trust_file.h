/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_file.h - the lines of minisign's files: a comment that proves nothing, then bytes in
 * base64; in a signature, a comment that is signed and the bytes that sign it. */
#ifndef MST_TRUST_TRUST_FILE_H
#define MST_TRUST_TRUST_FILE_H

#include "trust.h"

/* What is left of a text; lines end in \n or \r\n, the last one may have no end. */
struct mst_trust_lines {
    const char *at, *end;
};

/* The next line without its end; false where there is none. */
bool mst_trust_next_line(struct mst_trust_lines *lines, const char **line, size_t *len);
/* Whether the next line begins like this; the rest of it. */
bool mst_trust_next_after(struct mst_trust_lines *lines, const char *prefix, const char **line,
                          size_t *len);
/* The next line as bytes, exactly as many. */
bool mst_trust_next_bytes(struct mst_trust_lines *lines, void *bytes, size_t len);
/* Whether nothing but empty lines is left. */
bool mst_trust_at_end(struct mst_trust_lines *lines);

/* Both append to text, which has MST_TRUST_FILE_BYTES and is ended by a zero. */
void mst_trust_put_line(char *text, const char *prefix, const char *rest);
void mst_trust_put_bytes(char *text, const void *bytes, size_t len);

#endif
