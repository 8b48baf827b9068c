/* SPDX-License-Identifier: Apache-2.0
 *
 * json_out.c - strings are escaped from their end to their beginning, so that a text can be
 * escaped where it lies, at no cost of memory. All writing keeps to `capacity`. */
#include "json_out.h"

#include "format/base.h"
#include "scan.h"
#include "sweep.h"

typedef unsigned char byte;

void mst_json_out_uint(struct mst_json_out *out, uint64_t value)
{
    char digits[20];
    size_t i = sizeof digits;
    do {
        digits[--i] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    mst_json_out_raw(out, digits + i, sizeof digits - i);
}

/* ---- escaping ---------------------------------------------------------------------------- */

/* Bytes of the character that ends at `end`; 0 if the last byte belongs to no well-formed one. */
static size_t measure_last(const byte *begin, const byte *end)
{
    if (end[-1] < 0x80)
        return 1;
    for (size_t width = 2; width <= 4 && width <= (size_t)(end - begin); width++)
        if (mst_scan_utf8(end - width, end) == width)
            return width;
    return 0;
}

/* What stands for one byte of ASCII, or for one that is no character (0x80); its length. */
static size_t spell_byte(byte c, char out[MST_JSON_OUT_WIDEST])
{
    static const char hex[] = "0123456789abcdef";
    static const byte replacement[] = {0xef, 0xbf, 0xbd}; /* U+FFFD */
    static const char unicode[] = {'\\', 'u', '0', '0'};
    const char letter = c == '\n' ? 'n' : c == '\t' ? 't' : c == '"' || c == '\\' ? (char)c : 0;
    if (c >= 0x80) {
        memcpy(out, replacement, sizeof replacement);
        return sizeof replacement;
    }
    if (letter) {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (c >= ' ') {
        out[0] = (char)c;
        return 1;
    }
    memcpy(out, unicode, sizeof unicode);
    out[4] = hex[c >> 4];
    out[5] = hex[c & 15];
    return 6;
}

/* Escapes [begin, end) to before `to`, going backwards; with to NULL it only counts. `to` may lie
 * in the same buffer, as far behind `end` as the text becomes longer. */
static size_t escape_back(const byte *begin, const byte *end, char *to)
{
    size_t total = 0;
    while (end > begin) {
        char spelled[MST_JSON_OUT_WIDEST];
        size_t width = measure_last(begin, end);
        size_t count = width > 1 ? width : spell_byte(width ? end[-1] : 0x80, spelled);
        end -= width ? width : 1;
        total += count;
        if (to) {
            to -= count;
            memmove(to, width > 1 ? (const char *)end : spelled, count);
        }
    }
    return total;
}

/* Is there nothing to escape and nothing beyond ASCII? Pieces may overlap: the last 8 bytes, or the
 * first and last 4, are looked at as a whole, even if some were before. */
static bool is_plain(const byte *p, size_t len)
{
    if (len < 4) {
        for (size_t i = 0; i < len; i++)
            if (mst_sweep_is_special(p[i]))
                return false;
        return true;
    }
    if (len < 8) {
        uint32_t first, last;
        memcpy(&first, p, sizeof first);
        memcpy(&last, p + len - 4, sizeof last);
        return !mst_sweep_has_special((uint64_t)first << 32 | last);
    }
    const byte *last = p + len - 8;
    for (; p < last; p += 8)
        if (mst_sweep_has_special(mst_sweep_load(p)))
            return false;
    return !mst_sweep_has_special(mst_sweep_load(last));
}

/* How long the text is once escaped; most texts stay as they are. */
static size_t measure_escaped(const char *text, size_t len)
{
    const byte *begin = (const byte *)text;
    return is_plain(begin, len) ? len : escape_back(begin, begin + len, NULL);
}

size_t mst_json_out_measure(mst_text text)
{
    return measure_escaped(text.ptr, text.len);
}

void mst_json_out_inside(struct mst_json_out *out, mst_text text)
{
    size_t len = measure_escaped(text.ptr, text.len);
    bool fits = out->len <= out->capacity && len <= out->capacity - out->len;
    if (len != text.len && fits)
        (void)escape_back((const byte *)text.ptr, (const byte *)text.ptr + text.len,
                          out->buffer + out->len + len);
    else if (fits && len > 0)
        memcpy(out->buffer + out->len, text.ptr, len);
    out->len += len;
}

/* Most texts stay as they are: those are looked through and copied in one pass, the last 8 bytes
 * as a whole. False, and nothing put, for others, for shorter ones, and where there is no room. */
static bool put_plain(struct mst_json_out *out, mst_text text)
{
    const byte *from = (const byte *)text.ptr;
    const size_t len = text.len;
    if (len < 8 || out->len > out->capacity || out->capacity - out->len < len + 2)
        return false;
    char *to = out->buffer + out->len;
    *to++ = '"';
    for (size_t i = 0; i + 8 < len; i += 8) {
        if (mst_sweep_has_special(mst_sweep_load(from + i)))
            return false;
        memcpy(to + i, from + i, 8);
    }
    if (mst_sweep_has_special(mst_sweep_load(from + len - 8)))
        return false;
    memcpy(to + len - 8, from + len - 8, 8);
    to[len] = '"';
    out->len += len + 2;
    return true;
}

void mst_json_out_text(struct mst_json_out *out, mst_text text)
{
    if (!text.ptr) {
        MST_JSON_OUT_LITERAL(out, "null");
        return;
    }
    if (MST_LIKELY(put_plain(out, text)))
        return;
    MST_JSON_OUT_LITERAL(out, "\"");
    mst_json_out_inside(out, text);
    MST_JSON_OUT_LITERAL(out, "\"");
}

/* ---- rendering in place ------------------------------------------------------------------ */

char *mst_json_out_room(const struct mst_json_out *out, size_t *capacity)
{
    *capacity = out->len < out->capacity ? out->capacity - out->len - 1 : 0;
    return *capacity > 0 ? out->buffer + out->len + 1 : NULL;
}

void mst_json_out_rendered(struct mst_json_out *out, size_t rendered)
{
    size_t room;
    char *text = mst_json_out_room(out, &room);
    size_t escaped;
    MST_JSON_OUT_LITERAL(out, "\"");
    if (rendered > room) { /* it was cut: nobody knows what is to be escaped in the rest */
        escaped = rendered * MST_JSON_OUT_WIDEST;
    } else {
        escaped = measure_escaped(text, rendered);
        if (escaped != rendered && escaped <= room)
            (void)escape_back((const byte *)text, (const byte *)text + rendered, text + escaped);
    }
    out->len += escaped;
    MST_JSON_OUT_LITERAL(out, "\"");
}
