/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_file.c - lines and base64, strictly: what minisign would not write is refused. */
#include "trust_file.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

bool mst_trust_next_line(struct mst_trust_lines *lines, const char **line, size_t *len)
{
    if (lines->at == lines->end)
        return false;
    size_t left = (size_t)(lines->end - lines->at);
    const char *end = memchr(lines->at, '\n', left);
    *line = lines->at;
    *len = end ? (size_t)(end - lines->at) : left;
    lines->at += *len + (end ? 1 : 0);
    if (*len > 0 && (*line)[*len - 1] == '\r')
        --*len;
    return true;
}

bool mst_trust_next_after(struct mst_trust_lines *lines, const char *prefix, const char **line,
                          size_t *len)
{
    size_t prefix_len = strlen(prefix);
    if (!mst_trust_next_line(lines, line, len) || *len < prefix_len ||
        memcmp(*line, prefix, prefix_len) != 0)
        return false;
    *line += prefix_len;
    *len -= prefix_len;
    return true;
}

/* libsodium reads some bytes above 127 as if they were letters. */
static bool is_ascii(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] > 127)
            return false;
    return true;
}

bool mst_trust_next_bytes(struct mst_trust_lines *lines, void *bytes, size_t len)
{
    const char *line, *end;
    size_t line_len, got;
    return mst_trust_next_line(lines, &line, &line_len) && is_ascii(line, line_len) &&
           sodium_base642bin(bytes, len, line, line_len, NULL, &got, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           got == len && end == line + line_len;
}

bool mst_trust_at_end(struct mst_trust_lines *lines)
{
    const char *line;
    size_t len;
    while (mst_trust_next_line(lines, &line, &len))
        if (len > 0)
            return false;
    return true;
}

void mst_trust_put_line(char *text, const char *prefix, const char *rest)
{
    size_t at = strlen(text);
    int len = snprintf(text + at, MST_TRUST_FILE_BYTES - at, "%s%s\n", prefix, rest);
    assert(len > 0 && (size_t)len < MST_TRUST_FILE_BYTES - at);
    (void)len;
}

void mst_trust_put_bytes(char *text, const void *bytes, size_t len)
{
    char line[512];
    assert(sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL) <= sizeof line);
    sodium_bin2base64(line, sizeof line, bytes, len, sodium_base64_VARIANT_ORIGINAL);
    mst_trust_put_line(text, "", line);
    sodium_memzero(line, sizeof line);
}
