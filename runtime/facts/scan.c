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

const unsigned char mst_scan_kinds[256] = {
    ['"'] = MST_SCAN_STRING, ['-'] = MST_SCAN_NUMBER, ['0'] = MST_SCAN_NUMBER,
    ['1'] = MST_SCAN_NUMBER, ['2'] = MST_SCAN_NUMBER, ['3'] = MST_SCAN_NUMBER,
    ['4'] = MST_SCAN_NUMBER, ['5'] = MST_SCAN_NUMBER, ['6'] = MST_SCAN_NUMBER,
    ['7'] = MST_SCAN_NUMBER, ['8'] = MST_SCAN_NUMBER, ['9'] = MST_SCAN_NUMBER,
    ['t'] = MST_SCAN_WORD,   ['f'] = MST_SCAN_WORD,   ['n'] = MST_SCAN_NULL,
    ['{'] = MST_SCAN_OBJECT, ['['] = MST_SCAN_ARRAY,
};

/* ---- failures ---------------------------------------------------------------------------- */

void mst_scan_init(struct mst_scan *scan, const char *text, size_t len)
{
    scan->begin = (place)text;
    scan->at = scan->begin;
    scan->end = len > 0 ? scan->begin + len : scan->begin; /* text may be NULL then */
    scan->message = NULL;
    scan->guesses = NULL;
    scan->key = MST_GUESS_NONE;
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

/* ---- strings ----------------------------------------------------------------------------- */

/* The rest of the way to the closing quote, from the first byte that is special. */
static place find_quote_from(struct mst_scan *scan, place p, bool *is_escaped)
{
    while (p == scan->end || *p != '"') {
        if (p < scan->end && *p == '\\')
            *is_escaped = true;
        p = mst_scan_special(scan, p);
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

/* One digit or more; NULL on failure. */
static inline place expect_digits(struct mst_scan *scan, place p, const char *message)
{
    if (is_digit(peek_byte(p, scan->end)))
        return mst_sweep_digits(p + 1, scan->end);
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

/* The end of the word at p; NULL on failure. Which of true and false it is, nobody can foresee: so
 * there is no branch on it. */
static inline place skip_word(struct mst_scan *scan, place p)
{
    static const char words[][4] = {
        {'t', 'r', 'u', 'e'}, {'a', 'l', 's', 'e'}, {'n', 'u', 'l', 'l'}};
    const size_t is_false = *p == 'f';
    const size_t is_null = *p == 'n';
    if ((size_t)(scan->end - p) >= 4 + is_false &&
        mst_bytes_same_4(p + is_false, (place)words[is_false + 2 * is_null]))
        return p + 4 + is_false;
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

static const char too_deep[] = "objects and arrays are nested deeper than 64";

static inline bool count_depth(struct mst_scan *scan, place p)
{
    if (scan->depth == MST_RECORD_MAX_DEPTH)
        return fail_at(scan, p, too_deep);
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

/* From behind a key to behind its colon. */
static inline place skip_colon(struct mst_scan *scan, place p)
{
    p = skip_space(scan, p);
    if (peek_byte(p, scan->end) == ':')
        return p + 1;
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
 * an object. */
struct skip {
    uint64_t objects;
    uint32_t depth;              /* of containers entered in this skip */
    struct mst_guess_link *link; /* what the next key is, or NULL */
};

/* From a key that was not guessed, white space before it included, to behind its colon; NULL on
 * failure. */
static place skip_new_key(struct mst_scan *scan, struct skip *skip, place p)
{
    struct mst_span key = {NULL, 0, false};
    p = skip_space(scan, p);
    if (peek_byte(p, scan->end) != '"')
        return fail_key(scan, p);
    const place quote = find_quote(scan, p + 1, &key.is_escaped);
    if (!quote)
        return NULL;
    key.ptr = (const char *)p + 1;
    key.len = (uint32_t)(quote - p - 1);
    p = skip_colon(scan, quote + 1);
    if (p && skip->link && !key.is_escaped) {
        uint32_t at = mst_guess_find(scan->guesses, skip->link, MST_GUESS_SKIPPED, &key);
        if (at == MST_GUESS_NONE)
            at = mst_guess_keep(scan->guesses, skip->link, MST_GUESS_SKIPPED, 0, &key);
        skip->link = &scan->guesses[at].next;
    }
    return p;
}

static inline place skip_key(struct mst_scan *scan, struct skip *skip, place p)
{
    if (skip->link) {
        struct mst_guess *guess = &scan->guesses[skip->link->to];
        if (MST_LIKELY(mst_guess_holds(guess, MST_GUESS_SKIPPED, p, scan->end))) {
            skip->link->has_failed = false;
            skip->link = &guess->next;
            return p + guess->len;
        }
    }
    return skip_new_key(scan, skip, p);
}

static inline place skip_string(struct mst_scan *scan, place p)
{
    bool is_escaped;
    p = find_quote(scan, p + 1, &is_escaped);
    return p ? p + 1 : NULL;
}

/* The end of a number or word at p, or of what is wrong there; NULL on failure. */
static inline place skip_plain(struct mst_scan *scan, place p, unsigned char c)
{
    switch (mst_scan_kinds[c]) {
    case MST_SCAN_NUMBER: return skip_number(scan, p);
    case MST_SCAN_WORD:
    case MST_SCAN_NULL: return skip_word(scan, p);
    default: (void)fail_value(scan, p); return NULL;
    }
}

/* From the opening bracket at p to the first value inside, or behind the closing one (*is_empty);
 * NULL on failure. */
static inline place skip_open(struct mst_scan *scan, struct skip *skip, place p, bool *is_empty)
{
    const unsigned char open = *p;
    if (scan->depth + skip->depth == MST_RECORD_MAX_DEPTH) {
        (void)fail_at(scan, p, too_deep);
        return NULL;
    }
    p = skip_space(scan, p + 1);
    *is_empty = peek_byte(p, scan->end) == open + 2;
    if (*is_empty)
        return p + 1;
    skip->depth++;
    skip->objects = skip->objects << 1 | (open == '{');
    return open == '{' ? skip_key(scan, skip, p) : p;
}

/* From behind a value to the next one; to the end of the whole if no container is left. */
static inline place skip_between(struct mst_scan *scan, struct skip *skip, place p)
{
    while (skip->depth > 0) {
        const bool in_object = skip->objects & 1;
        p = skip_space(scan, p);
        const unsigned char c = peek_byte(p, scan->end);
        if (MST_LIKELY(c == ','))
            return in_object ? skip_key(scan, skip, p + 1) : p + 1;
        if (c != (in_object ? '}' : ']')) {
            (void)fail_more(scan, p, in_object ? '}' : ']');
            return NULL;
        }
        p++;
        skip->objects >>= 1;
        skip->depth--;
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
    struct skip skip = {0, 0, scan->guesses ? &scan->guesses[scan->key].inside : NULL};
    do {
        bool is_whole = true;
        p = skip_space(scan, p);
        const unsigned char c = peek_byte(p, scan->end);
        if (c == '"')
            p = skip_string(scan, p);
        else if (is_open(c))
            p = skip_open(scan, &skip, p, &is_whole);
        else
            p = skip_plain(scan, p, c);
        if (p && is_whole)
            p = skip_between(scan, &skip, p);
    } while (p && skip.depth > 0);
    return p;
}

const unsigned char *mst_scan_skip_from(struct mst_scan *scan, const unsigned char *p)
{
    p = skip_space(scan, p);
    const unsigned char c = peek_byte(p, scan->end);
    if (c == '"')
        return skip_string(scan, p);
    return is_open(c) ? skip_container(scan, p) : skip_plain(scan, p, c);
}

bool mst_scan_skip(struct mst_scan *scan)
{
    const place p = mst_scan_skip_from(scan, scan->at);
    if (p)
        scan->at = p;
    return p != NULL;
}
