/* SPDX-License-Identifier: Apache-2.0
 *
 * source_check.c - is a source text at all, and does it show what it means? Done before scanning,
 * so that the scanners may rely on UTF-8 without zero bytes. */
#include <string.h>

#include "source.h"

static struct mst_span make_span(uint32_t source, uint32_t at, uint32_t len)
{
    return (struct mst_span){source, at, len};
}

static bool looks_like_utf16(const struct mst_source *source)
{
    const unsigned char *t = (const unsigned char *)source->text;
    if (source->len < 2)
        return false;
    return (t[0] == 0xFF && t[1] == 0xFE) || (t[0] == 0xFE && t[1] == 0xFF) ||
           (source->len >= 4 && ((t[0] == 0 && t[1] != 0 && t[2] == 0) ||
                                 (t[0] != 0 && t[1] == 0 && t[2] != 0 && t[3] == 0)));
}

/* Length of the well-formed character (RFC 3629) at `t`, 0 if there is none; `*point` is it. A
 * source ends with a zero byte, which is no continuation, so nothing is read behind it. */
static uint32_t decode(const unsigned char *t, uint32_t *point)
{
    if (t[0] < 0x80) {
        *point = t[0];
        return 1;
    }
    uint32_t len = t[0] >= 0xF0 ? 4 : t[0] >= 0xE0 ? 3 : 2;
    if (t[0] < 0xC2 || t[0] > 0xF4)
        return 0;
    *point = t[0] & (0xFFu >> (len + 1));
    for (uint32_t i = 1; i < len; i++) {
        if ((t[i] & 0xC0u) != 0x80u)
            return 0;
        *point = *point << 6 | (t[i] & 0x3Fu);
    }
    bool overlong = (len == 3 && *point < 0x800) || (len == 4 && *point < 0x10000);
    bool surrogate = *point >= 0xD800 && *point <= 0xDFFF;
    return overlong || surrogate || *point > 0x10FFFF ? 0 : len;
}

static bool is_bidi_control(uint32_t point)
{
    return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0x200E || point == 0x200F || point == 0x061C;
}

static bool is_printable_ascii(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

static bool is_control(uint32_t point)
{
    return (point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
           (point >= 0x7F && point < 0xA0);
}

static void report_character(struct mst_diags *diags, struct mst_span span, uint32_t point)
{
    bool bidi = is_bidi_control(point);
    struct mst_diag *diag = mst_diag_report(
        diags, bidi ? MST_DIAG_BIDI_CONTROL : MST_DIAG_CONTROL_CHARACTER, span,
        bidi ? "The invisible character U+%04X changes the order in which this line is shown."
             : "There is a control character, U+%04X, here.",
        (unsigned)point);
    mst_diag_help(diags, diag, "delete it: the line may not say what it seems to say");
}

static void report_broken(struct mst_diags *diags, uint32_t source, uint32_t at)
{
    const unsigned char byte = (unsigned char)diags->sources[source].text[at];
    struct mst_span span = make_span(source, at, 1);
    if (byte == 0) {
        struct mst_diag *diag = mst_diag_report(
            diags, MST_DIAG_NUL_BYTE, span, "There is a zero byte here: this is not a text file.");
        mst_diag_help(diags, diag, "save the file as UTF-8 text");
        return;
    }
    struct mst_diag *diag =
        mst_diag_report(diags, MST_DIAG_INVALID_UTF8, span, "The byte 0x%02X is not UTF-8.", byte);
    mst_diag_help(diags, diag,
                  "save the file as UTF-8; older editors write Windows-1252 or Latin-1");
}

static void report_utf16(struct mst_diags *diags, uint32_t source)
{
    struct mst_diag *diag = mst_diag_report(diags, MST_DIAG_UTF16, make_span(source, 0, 0),
                                            "This file is UTF-16, not UTF-8.");
    mst_diag_help(diags, diag, "save it as UTF-8 (in PowerShell: Out-File -Encoding utf8)");
}

bool mst_source_check(struct mst_diags *diags, uint32_t source)
{
    const struct mst_source *s = &diags->sources[source];
    if (looks_like_utf16(s)) {
        report_utf16(diags, source);
        return false;
    }
    const unsigned char *text = (const unsigned char *)s->text;
    for (uint32_t at = 0; at < s->len;) {
        if (is_printable_ascii(text[at])) {
            at++;
            continue;
        }
        uint32_t point = 0, len = decode(text + at, &point);
        if (len == 0 || point == 0) {
            report_broken(diags, source, at);
            return false;
        }
        if (is_bidi_control(point) || is_control(point)) {
            if (mst_diags_full(diags))
                return true;
            report_character(diags, make_span(source, at, len), point);
        }
        at += len;
    }
    return true;
}
