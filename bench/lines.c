/* SPDX-License-Identifier: Apache-2.0
 *
 * lines.c - the verdict line that every contestant of part (B) writes whose engine does not write
 * it by itself. */
#include "harness.h"

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

#define PUT(to, literal) put(to, literal, sizeof(literal) - 1)

/* One loop without a branch, which compilers turn into vectors. */
static bool is_plain(const char *text, size_t len)
{
    unsigned special = 0;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        special |= (unsigned)(c < ' ') | (unsigned)(c == '"') | (unsigned)(c == '\\');
    }
    return special == 0;
}

/* Escapes what JSON demands. */
static char *put_escaped(char *to, const char *text, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            *to++ = '\\';
        if (c >= ' ') {
            *to++ = (char)c;
        } else {
            to = PUT(to, "\\u00");
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    return to;
}

char *bench_put_line(char *to, const char *subject, size_t len, enum reason reason)
{
    static const struct bench_text ends[REASON_COUNT] = {
#define END(outcome, check)                                                                        \
    {"\",\"verdict\":\"readiness\",\"outcome\":\"" outcome "\",\"check\":" check                   \
     ",\"valid_until\":null}\n",                                                                   \
     sizeof("\",\"verdict\":\"readiness\",\"outcome\":\"" outcome "\",\"check\":" check            \
            ",\"valid_until\":null}\n") -                                                          \
         1}
        END("eligible", "null"),
        END("not_eligible", "\"edition\""),
        END("not_eligible", "\"build\""),
        END("not_eligible", "\"vbs\""),
        END("not_eligible", "\"entra_join\""),
        END("not_eligible", "\"mdm\""),
#undef END
    };
    to = PUT(to, "{\"subject\":\"");
    to = is_plain(subject, len) ? put(to, subject, len) : put_escaped(to, subject, len);
    return put(to, ends[reason].ptr, ends[reason].len);
}
