/* SPDX-License-Identifier: Apache-2.0
 *
 * scan.c - the scanner of scan.h. Device records are mostly keys and values that no rule reads,
 * so what counts is how fast strings are passed over (sweep.h) and that each byte is looked at
 * once. Nothing here knows of facts. */
#include "scan.h"

#include "format/base.h"
#include "muster/facts.h"
#include "sweep.h"

typedef const unsigned char *place;

/* ---- failures ---------------------------------------------------------------------------- */

void mst_scan_init(struct mst_scan *scan, const char *text, size_t len)
{
    scan->begin = (place)text;
    scan->at = scan->begin;
    scan->end = len > 0 ? scan->begin + len : scan->begin; /* text may be NULL then */
    scan->message = NULL;
    scan->depth = 0;
    scan->has_space = false;
}

bool mst_scan_fail(struct mst_scan *scan, const char *message)
{
    scan->message = scan->at == scan->end ? "the record ends too early" : message;
    return false;
}

static bool fail_at(struct mst_scan *scan, place p, const char *message)
{
    scan->at = p;
    return mst_scan_fail(scan, message);
}

/* Says what is wrong where a value should begin, in the words of the usual mistakes. */
static bool fail_value(struct mst_scan *scan, place p)
{
    const char *message = "expected a value";
    if (p < scan->end) {
        if (*p == ',' || *p == ']' || *p == '}')
            message = "expected a value here (is there a comma too many?)";
        else if (*p == '\'')
            message = "texts are written in double quotes";
        else if (*p == 't' || *p == 'f' || *p == 'n')
            message = "expected true, false or null";
        else if (*p == '+' || *p == '.')
            message = "a number begins with a digit or a minus sign";
    }
    return fail_at(scan, p, message);
}

/* ---- single bytes ------------------------------------------------------------------------ */

/* The byte at p, or 0 behind the last one. */
static inline unsigned char peek_byte(place p, place end)
{
    return p < end ? *p : 0;
}

static inline bool is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static place skip_spaces(struct mst_scan *scan, place p)
{
    const place begin = p;
    while (p < scan->end && is_space(*p))
        p++;
    scan->has_space |= p > begin;
    return p;
}

/* Compact records have none. */
static inline place skip_space(struct mst_scan *scan, place p)
{
    return MST_LIKELY(p<scan->end && * p> ' ') ? p : skip_spaces(scan, p);
}

static inline bool is_digit(unsigned char c)
{
    return (unsigned)c - '0' < 10;
}

static int read_hex(unsigned char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- strings ----------------------------------------------------------------------------- */

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
        (void)fail_at(scan, p, "expected four hexadecimal digits after \\u");
        return NULL;
    }
    p += 5;
    if (unit < 0xd800 || unit > 0xdfff)
        return p;
    if (unit < 0xdc00 && scan->end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        int low = read_unit(p + 2, scan->end);
        if (low >= 0xdc00 && low <= 0xdfff)
            return p + 6;
    }
    (void)fail_at(scan, p - 6, "half of a surrogate pair");
    return NULL;
}

/* Passes over one special byte (not the closing quote) and what belongs to it. */
static place skip_special(struct mst_scan *scan, place p)
{
    if (p == scan->end) {
        (void)fail_at(scan, p, "");
        return NULL;
    }
    if (*p >= 0x80) {
        do {
            size_t width = mst_scan_utf8(p, scan->end);
            if (width == 0) {
                (void)fail_at(scan, p, "this is not UTF-8");
                return NULL;
            }
            p += width;
        } while (p < scan->end && *p >= 0x80);
        return p;
    }
    if (*p != '\\') {
        (void)fail_at(scan, p, "a control character in a text (is a closing quote missing?)");
        return NULL;
    }
    switch (peek_byte(p + 1, scan->end)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return p + 2;
    case 'u': return skip_unicode(scan, p + 1);
    default: (void)fail_at(scan, p + 1, "no such escape after a backslash"); return NULL;
    }
}

/* The rest of the way to the closing quote, from the first byte that is special. */
static place find_quote_from(struct mst_scan *scan, place p, bool *is_escaped)
{
    while (p == scan->end || *p != '"') {
        if (p < scan->end && *p == '\\')
            *is_escaped = true;
        p = skip_special(scan, p);
        if (!p)
            return NULL;
        p = mst_sweep_string(p, scan->end);
    }
    return p;
}

/* From behind the opening quote to the closing one; NULL on failure. */
static inline place find_quote(struct mst_scan *scan, place p, bool *is_escaped)
{
    p = mst_sweep_string(p, scan->end);
    if (MST_LIKELY(p < scan->end && *p == '"'))
        return p;
    return find_quote_from(scan, p, is_escaped);
}

static inline bool read_string(struct mst_scan *scan, place p, struct mst_span *span)
{
    bool is_escaped = false;
    place quote = find_quote(scan, p + 1, &is_escaped);
    if (!quote)
        return false;
    *span = (struct mst_span){(const char *)p + 1, (uint32_t)(quote - p - 1), is_escaped};
    scan->at = quote + 1;
    return true;
}

bool mst_scan_string(struct mst_scan *scan, struct mst_span *span)
{
    return read_string(scan, scan->at, span);
}

/* ---- numbers and words ------------------------------------------------------------------- */

static inline place skip_digits(place p, place end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

/* One digit or more; NULL on failure. */
static inline place expect_digits(struct mst_scan *scan, place p, const char *message)
{
    if (is_digit(peek_byte(p, scan->end)))
        return skip_digits(p + 1, scan->end);
    (void)fail_at(scan, p, message);
    return NULL;
}

static place skip_exponent(struct mst_scan *scan, place p)
{
    unsigned char sign = peek_byte(p + 1, scan->end);
    p += sign == '+' || sign == '-' ? 2 : 1;
    return expect_digits(scan, p, "expected a digit in the exponent");
}

/* The end of the number at p; NULL on failure. */
static inline place skip_number(struct mst_scan *scan, place p)
{
    place end = scan->end;
    if (*p == '-')
        p++;
    if (peek_byte(p, end) == '0') {
        p++;
        if (is_digit(peek_byte(p, end))) {
            (void)fail_at(scan, p, "a number does not begin with 0");
            return NULL;
        }
    } else {
        p = expect_digits(scan, p, "expected a digit");
    }
    if (p && peek_byte(p, end) == '.')
        p = expect_digits(scan, p + 1, "expected a digit after the decimal point");
    if (p && (peek_byte(p, end) | 0x20) == 'e')
        p = skip_exponent(scan, p);
    return p;
}

/* The end of the word at p; NULL on failure. */
static inline place skip_word(struct mst_scan *scan, place p)
{
    const size_t room = (size_t)(scan->end - p);
    if (room >= 4 && (mst_bytes_equal(p, "true", 4) || mst_bytes_equal(p, "null", 4)))
        return p + 4;
    if (room >= 5 && *p == 'f' && mst_bytes_equal(p + 1, "alse", 4))
        return p + 5;
    (void)fail_value(scan, p);
    return NULL;
}

static bool take_span(struct mst_scan *scan, place end, struct mst_span *span)
{
    if (!end)
        return false;
    *span = (struct mst_span){(const char *)scan->at, (uint32_t)(end - scan->at), false};
    scan->at = end;
    return true;
}

bool mst_scan_number(struct mst_scan *scan, struct mst_span *span)
{
    return take_span(scan, skip_number(scan, scan->at), span);
}

bool mst_scan_word(struct mst_scan *scan, struct mst_span *span)
{
    return take_span(scan, skip_word(scan, scan->at), span);
}

/* ---- structure --------------------------------------------------------------------------- */

unsigned char mst_scan_peek_behind_space(struct mst_scan *scan)
{
    scan->at = skip_spaces(scan, scan->at);
    return peek_byte(scan->at, scan->end);
}

static inline bool count_depth(struct mst_scan *scan, place p)
{
    if (scan->depth == MST_RECORD_MAX_DEPTH)
        return fail_at(scan, p, "objects and arrays are nested deeper than 64");
    scan->depth++;
    return true;
}

bool mst_scan_enter(struct mst_scan *scan, bool *is_empty)
{
    unsigned char close = (unsigned char)(*scan->at + 2); /* '{' to '}', '[' to ']' */
    if (!count_depth(scan, scan->at))
        return false;
    scan->at++;
    *is_empty = mst_scan_peek(scan) == close;
    if (*is_empty) {
        scan->at++;
        scan->depth--;
    }
    return true;
}

static place fail_key(struct mst_scan *scan, place p)
{
    (void)fail_at(scan, p,
                  peek_byte(p, scan->end) == '}' ? "there is a comma too many before this"
                                                 : "expected a key in double quotes");
    return NULL;
}

/* From behind a key to its value. */
static inline place skip_colon(struct mst_scan *scan, place p)
{
    p = skip_space(scan, p);
    if (peek_byte(p, scan->end) == ':')
        return skip_space(scan, p + 1);
    (void)fail_at(scan, p, "expected a colon after the key");
    return NULL;
}

bool mst_scan_key(struct mst_scan *scan, struct mst_span *key)
{
    place p = skip_space(scan, scan->at);
    if (peek_byte(p, scan->end) != '"') {
        (void)fail_key(scan, p);
        return false;
    }
    if (!read_string(scan, p, key))
        return false;
    p = skip_colon(scan, scan->at);
    if (p)
        scan->at = p;
    return p != NULL;
}

static enum mst_scan_more fail_more(struct mst_scan *scan, place p, unsigned char close)
{
    (void)fail_at(scan, p,
                  close == '}' ? "expected a comma or } after the value"
                               : "expected a comma or ] after the value");
    return MST_SCAN_FAILED;
}

enum mst_scan_more mst_scan_more_or_space(struct mst_scan *scan, unsigned char close)
{
    unsigned char c = mst_scan_peek(scan);
    if (c != ',' && c != close)
        return fail_more(scan, scan->at, close);
    scan->at++;
    if (c == ',')
        return MST_SCAN_COMMA;
    scan->depth--;
    return MST_SCAN_CLOSED;
}

bool mst_scan_end(struct mst_scan *scan)
{
    scan->at = skip_space(scan, scan->at);
    return scan->at == scan->end ||
           mst_scan_fail(scan, "there is more after the end of the record");
}

/* ---- skipping ---------------------------------------------------------------------------- */

/* Where a skip is: objects has a bit for each container entered, the innermost lowest, set for
 * an object. `top` is the depth outside the value. */
struct skip {
    uint64_t objects;
    uint32_t top;
};

/* From a key, white space before it included, to its value; NULL on failure. */
static inline place skip_key(struct mst_scan *scan, place p)
{
    bool is_escaped;
    p = skip_space(scan, p);
    if (peek_byte(p, scan->end) != '"')
        return fail_key(scan, p);
    p = find_quote(scan, p + 1, &is_escaped);
    return p ? skip_colon(scan, p + 1) : NULL;
}

/* The end of a string, number or word at p; NULL on failure. */
static inline place skip_scalar(struct mst_scan *scan, place p)
{
    unsigned char c = peek_byte(p, scan->end);
    if (c == '"') {
        bool is_escaped;
        p = find_quote(scan, p + 1, &is_escaped);
        return p ? p + 1 : NULL;
    }
    if (c == '-' || is_digit(c))
        return skip_number(scan, p);
    if (c == 't' || c == 'f' || c == 'n')
        return skip_word(scan, p);
    (void)fail_value(scan, p);
    return NULL;
}

/* From the opening bracket at p to the first value inside, or behind the closing one (*is_empty);
 * NULL on failure. */
static inline place skip_open(struct mst_scan *scan, struct skip *skip, place p, bool *is_empty)
{
    unsigned char open = *p;
    if (!count_depth(scan, p))
        return NULL;
    p = skip_space(scan, p + 1);
    *is_empty = peek_byte(p, scan->end) == open + 2;
    if (*is_empty) {
        scan->depth--;
        return p + 1;
    }
    skip->objects = skip->objects << 1 | (open == '{');
    return open == '{' ? skip_key(scan, p) : p;
}

/* From behind a value to the next one; to the end of the whole if the depth is `top` again. */
static inline place skip_between(struct mst_scan *scan, struct skip *skip, place p)
{
    while (scan->depth > skip->top) {
        const bool in_object = skip->objects & 1;
        p = skip_space(scan, p);
        const unsigned char c = peek_byte(p, scan->end);
        if (MST_LIKELY(c == ','))
            return in_object ? skip_key(scan, p + 1) : skip_space(scan, p + 1);
        if (c != (in_object ? '}' : ']')) {
            (void)fail_more(scan, p, in_object ? '}' : ']');
            return NULL;
        }
        p++;
        skip->objects >>= 1;
        scan->depth--;
    }
    return p;
}

static inline bool is_open(unsigned char c)
{
    return c == '{' || c == '[';
}

/* The end of the object or array at p; NULL on failure. */
static place skip_container(struct mst_scan *scan, place p)
{
    struct skip skip = {0, scan->depth};
    do {
        bool is_whole = true;
        p = is_open(peek_byte(p, scan->end)) ? skip_open(scan, &skip, p, &is_whole)
                                             : skip_scalar(scan, p);
        if (p && is_whole)
            p = skip_between(scan, &skip, p);
    } while (p && scan->depth > skip.top);
    return p;
}

bool mst_scan_skip(struct mst_scan *scan)
{
    const unsigned char c = mst_scan_peek(scan);
    const place p = is_open(c) ? skip_container(scan, scan->at) : skip_scalar(scan, scan->at);
    if (p)
        scan->at = p;
    return p != NULL;
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
