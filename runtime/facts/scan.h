/* SPDX-License-Identifier: Apache-2.0
 *
 * scan.h - a strict scanner of JSON (RFC 8259) over one text in memory. It walks, it builds
 * nothing: callers ask for the next key, value or separator, or skip a value whole. All that is
 * passed over is validated, UTF-8 (RFC 3629) included, whether anyone looks at it or not. */
#ifndef MST_FACTS_SCAN_H
#define MST_FACTS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guess.h"
#include "sweep.h"

/* The scanner of one text. After a failure `at` is where it went wrong and `message` says what;
 * until then message is NULL. Nothing may be called after a failure. */
struct mst_scan {
    const unsigned char *begin, *at, *end;
    const char *message;       /* in read-only memory */
    struct mst_guess *guesses; /* or NULL: nothing is guessed */
    uint32_t key;              /* whose value is read: its number among the guesses */
    uint32_t depth;            /* objects and arrays entered and not left */
    bool has_space;            /* white space was passed over: there may be newlines */
};

/* A piece of the text: a string without its quotes, a number or a word as written. */
struct mst_span {
    const char *ptr;
    uint32_t len;
    bool is_escaped; /* a string that holds escapes: mst_scan_unescape() before use */
};

/* What a value is, by its first byte; MST_SCAN_NOTHING begins none. */
enum mst_scan_kind {
    MST_SCAN_NOTHING,
    MST_SCAN_STRING,
    MST_SCAN_NUMBER,
    MST_SCAN_WORD, /* true or false */
    MST_SCAN_NULL,
    MST_SCAN_OBJECT,
    MST_SCAN_ARRAY,
};
extern const unsigned char mst_scan_kinds[256];

enum mst_scan_more {
    MST_SCAN_FAILED = -1,
    MST_SCAN_CLOSED = 0,
    MST_SCAN_COMMA = 1,
};

/* `len` is below 4 GiB. */
void mst_scan_init(struct mst_scan *scan, const char *text, size_t len);

/* Notes a failure at `scan->at`; returns false. At the end of the text the message becomes that
 * of an incomplete record. */
bool mst_scan_fail(struct mst_scan *scan, const char *message);

/* Passes over white space; then as mst_scan_peek(). */
unsigned char mst_scan_peek_behind_space(struct mst_scan *scan);

/* The next byte after white space, not consumed; 0 at the end of the text. (A zero byte in the
 * text is nowhere allowed outside a string, so it needs no telling apart.) Compact records have no
 * white space. */
static inline unsigned char mst_scan_peek(struct mst_scan *scan)
{
    return scan->at<scan->end && * scan->at> ' ' ? *scan->at : mst_scan_peek_behind_space(scan);
}

/* Enters the object or array at `at`. *is_empty: it had no content and is already left. */
bool mst_scan_enter(struct mst_scan *scan, bool *is_empty);

/* The key of a member and the colon behind it. */
bool mst_scan_key(struct mst_scan *scan, struct mst_span *key);

/* The same as mst_scan_more(), which looks for the comma that mostly follows. */
enum mst_scan_more mst_scan_more_or_space(struct mst_scan *scan, unsigned char close);

/* What follows a member or an element: a comma, or the end of the container that `close` closes,
 * which is then left. */
static inline enum mst_scan_more mst_scan_more(struct mst_scan *scan, unsigned char close)
{
    if (scan->at == scan->end || *scan->at != ',')
        return mst_scan_more_or_space(scan, close);
    scan->at++;
    return MST_SCAN_COMMA;
}

/* A value at `at`, which must be of that kind. A word is true, false or null. */
bool mst_scan_string(struct mst_scan *scan, struct mst_span *span);
bool mst_scan_number(struct mst_scan *scan, struct mst_span *span);
bool mst_scan_word(struct mst_scan *scan, struct mst_span *span);

/* Skips one value of any kind, white space before it included. */
bool mst_scan_skip(struct mst_scan *scan);

/* The same from p on, whatever `at` is; returns where the value ends, or NULL. A loop that keeps
 * its place in a register is faster than one that leaves it in memory at each value. */
const unsigned char *mst_scan_skip_from(struct mst_scan *scan, const unsigned char *p);

/* True if nothing but white space is left. */
bool mst_scan_end(struct mst_scan *scan);

/* Writes the text that an escaped string means to `out`, cut to `capacity` bytes, and returns
 * its whole length, which is never above span->len. */
size_t mst_scan_unescape(const struct mst_span *span, char *out, size_t capacity);

/* From a special byte inside a string, not its closing quote, past what belongs to it: an escape,
 * or characters beyond ASCII. NULL on failure. */
const unsigned char *mst_scan_special(struct mst_scan *scan, const unsigned char *p);

/* Bytes of the well-formed UTF-8 character beyond ASCII at p: 2 to 4, or 0. */
size_t mst_scan_utf8(const unsigned char *p, const unsigned char *end);

#endif
