/* SPDX-License-Identifier: Apache-2.0
 *
 * escape.c - what is not plain inside a string: escapes, and characters beyond ASCII. They are
 * validated where a string is passed over, and escapes are read where a text is wanted. */
#include "format/base.h"
#include "scan.h"

typedef const unsigned char *place;

/* ---- passing over ------------------------------------------------------------------------ */

static place fail_at(struct mst_scan *scan, place p, const char *message)
{
    scan->at = p;
    (void)mst_scan_fail(scan, message);
    return NULL;
}

static int read_hex(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool is_continuation(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t mst_scan_utf8(const unsigned char *p, const unsigned char *end)
{
    size_t room = (size_t)(end - p);
    if (room < 2 || !is_continuation(p[1]))
        return 0;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return 2;
    if (room < 3 || !is_continuation(p[2]))
        return 0;
    uint32_t head = (uint32_t)p[0] << 8 | p[1];
    if (p[0] >= 0xe0 && p[0] <= 0xef) /* neither too long a form nor a surrogate */
        return head >= 0xe0a0 && (head < 0xeda0 || head > 0xedbf) ? 3 : 0;
    if (room < 4 || !is_continuation(p[3]))
        return 0;
    return head >= 0xf090 && head <= 0xf48f ? 4 : 0; /* up to U+10FFFF */
}

/* The four hexadecimal digits at p as a number, or -1. */
static int read_unit(place p, place end)
{
    if (end - p < 4)
        return -1;
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = read_hex(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* Passes over \uXXXX, at the u; a pair of surrogates is taken together. */
static place skip_unicode(struct mst_scan *scan, place p)
{
    int unit = read_unit(p + 1, scan->end);
    if (unit < 0) {
        p++;
        while (p < scan->end && read_hex(*p) >= 0)
            p++;
        return fail_at(scan, p, "expected four hexadecimal digits after \\u");
    }
    p += 5;
    if (unit < 0xd800 || unit > 0xdfff)
        return p;
    if (unit < 0xdc00 && scan->end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        int low = read_unit(p + 2, scan->end);
        if (low >= 0xdc00 && low <= 0xdfff)
            return p + 6;
    }
    return fail_at(scan, p - 6, "half of a surrogate pair");
}

const unsigned char *mst_scan_special(struct mst_scan *scan, const unsigned char *p)
{
    if (p == scan->end)
        return fail_at(scan, p, "");
    if (*p >= 0x80) {
        do {
            size_t width = mst_scan_utf8(p, scan->end);
            if (width == 0)
                return fail_at(scan, p, "this is not UTF-8");
            p += width;
        } while (p < scan->end && *p >= 0x80);
        return p;
    }
    if (*p != '\\')
        return fail_at(scan, p, "a control character in a text (is a closing quote missing?)");
    switch (p + 1 < scan->end ? p[1] : 0) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return p + 2;
    case 'u': return skip_unicode(scan, p + 1);
    default: return fail_at(scan, p + 1, "no such escape after a backslash");
    }
}

/* ---- unescaping -------------------------------------------------------------------------- */

/* UTF-8 of a code point; returns its length. */
static size_t encode_utf8(uint32_t code, unsigned char out[4])
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char heads[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; code >>= 6)
        out[i] = (unsigned char)(0x80 | (code & 0x3f));
    out[0] = (unsigned char)(heads[len] | code);
    return len;
}

/* The code point of the (valid) escape at *p, which moves behind it. */
static uint32_t decode_escape(place *p, place end)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    place at = *p + 1;
    if (*at != 'u') {
        size_t i = 0;
        while (letters[i] != (char)*at && i < sizeof letters - 2)
            i++;
        *p = at + 1;
        return (unsigned char)meanings[i];
    }
    uint32_t unit = (uint32_t)read_unit(at + 1, end);
    *p = at + 5;
    if (unit < 0xd800 || unit > 0xdfff)
        return unit;
    uint32_t low = (uint32_t)read_unit(at + 7, end);
    *p = at + 11;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/* Appends what fits. */
static size_t append_cut(char *out, size_t len, size_t capacity, const void *from, size_t count)
{
    if (len < capacity)
        memcpy(out + len, from, count < capacity - len ? count : capacity - len);
    return len + count;
}

size_t mst_scan_unescape(const struct mst_span *span, char *out, size_t capacity)
{
    place p = (place)span->ptr, end = p + span->len;
    size_t len = 0;
    while (p < end) {
        place plain = p;
        while (p < end && *p != '\\')
            p++;
        len = append_cut(out, len, capacity, plain, (size_t)(p - plain));
        if (p == end)
            break;
        unsigned char code[4];
        size_t width = encode_utf8(decode_escape(&p, end), code);
        len = append_cut(out, len, capacity, code, width);
    }
    return len;
}
