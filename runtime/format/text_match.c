/* SPDX-License-Identifier: Apache-2.0
 *
 * text_match.c - patterns and well-formedness of UTF-8 texts. */
#include "format/base.h"
#include "format/builtins.h"

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The index behind the character that begins at i. */
static uint32_t skip_character(mst_text text, uint32_t i)
{
    i++;
    while (i < text.len && is_continuation(text.ptr[i]))
        i++;
    return i;
}

bool mst_like(mst_text text, mst_text pattern)
{
    uint32_t t = 0;
    uint32_t p = 0;
    uint32_t star = UINT32_MAX; /* behind the last * met */
    uint32_t retry = 0;         /* where in the text its run ends so far */
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = ++p;
            retry = t;
        } else if (p < pattern.len && pattern.ptr[p] == '?') {
            t = skip_character(text, t);
            p++;
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            t++;
            p++;
        } else if (star != UINT32_MAX) {
            /* only the last * need ever be extended, by one character */
            retry = skip_character(text, retry);
            t = retry;
            p = star;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* Length of a sequence by its first byte, 0 if none begins so; the least value of the second byte
 * and the greatest exclude overlong forms, surrogates and what is above U+10FFFF. */
static unsigned judge_lead(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    if (lead == 0xe0)
        *low = 0xa0;
    else if (lead == 0xed)
        *high = 0x9f;
    else if (lead == 0xf0)
        *low = 0x90;
    else if (lead == 0xf4)
        *high = 0x8f;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

static bool is_ascii_run(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return (word & 0x8080808080808080u) == 0;
}

bool mst_utf8_valid(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if (len - i >= 8 && is_ascii_run(bytes + i)) {
            i += 8;
            continue;
        }
        const unsigned char lead = (unsigned char)bytes[i];
        if (lead < 0x80) {
            i++;
            continue;
        }
        unsigned char low;
        unsigned char high;
        const unsigned count = judge_lead(lead, &low, &high);
        if (count == 0 || len - i < count)
            return false;
        const unsigned char second = (unsigned char)bytes[i + 1];
        if (second < low || second > high)
            return false;
        for (unsigned k = 2; k < count; k++)
            if (!is_continuation(bytes[i + k]))
                return false;
        i += count;
    }
    return true;
}
