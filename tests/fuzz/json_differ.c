/* SPDX-License-Identifier: Apache-2.0
 *
 * Documents by chance against other readers of JSON:
 *
 *     json_differ FIRST COUNT            against jansson: accepted or refused, and every value
 *     json_differ --print FIRST COUNT    for json_differ.py, which asks Python
 *
 * Both also hold the scanner that guesses keys, and remembers those of all documents so far,
 * against one that does not. Ends with 1 where two differ, after the document. What is printed of
 * each document: its length in decimal and a newline, its bytes; the length of its values and a
 * newline, and the values as put_value() of this file writes them; "-" and a newline where it is
 * refused, "+" where it is nested too deeply. */
#include <inttypes.h>
#include <stdlib.h>

#include "../facts/json_peer.h"
#include "json_documents.h"
#include "number.h"
#include "scan.h"

/* More than any document has values, each with its mark and length. */
static unsigned char values[16 * MOST_BYTES];
static size_t values_len;
static struct mst_guess guesses[MST_GUESS_COUNT];
static struct document document;

static bool write_values(struct mst_scan *scan);

static void write_bytes(const void *bytes, size_t len)
{
    memcpy(values + values_len, bytes, len);
    values_len += len;
}

static void write_text(char mark, const void *bytes, size_t len)
{
    char head[32];
    const int count = snprintf(head, sizeof head, "%c%zu:", mark, len);
    write_bytes(head, (size_t)count);
    write_bytes(bytes, len);
}

static void write_string(const struct mst_span *span)
{
    static char text[MOST_BYTES];
    if (span->is_escaped)
        write_text('s', text, mst_scan_unescape(span, text, sizeof text));
    else
        write_text('s', span->ptr, span->len);
}

static void write_number(const struct mst_span *span)
{
    char text[32];
    int64_t value;
    if (!mst_number_integral(span->ptr, span->len, &value)) {
        write_text('n', span->ptr, span->len);
        return;
    }
    const int count = snprintf(text, sizeof text, "%" PRId64, value);
    write_text('i', text, (size_t)count);
}

/* Members or elements, with the brackets around them. */
static bool write_inside(struct mst_scan *scan, unsigned char open, unsigned char close)
{
    enum mst_scan_more more = MST_SCAN_COMMA;
    struct mst_span key;
    bool is_empty;
    write_bytes(&open, 1);
    if (!mst_scan_enter(scan, &is_empty))
        return false;
    while (!is_empty && more == MST_SCAN_COMMA) {
        if (open == '{') {
            if (!mst_scan_key(scan, &key))
                return false;
            write_string(&key);
        }
        if (!write_values(scan))
            return false;
        more = mst_scan_more(scan, close);
    }
    write_bytes(&close, 1);
    return more != MST_SCAN_FAILED;
}

static bool write_values(struct mst_scan *scan)
{
    struct mst_span span;
    const unsigned char first = mst_scan_peek(scan);
    switch ((enum mst_scan_kind)mst_scan_kinds[first]) {
    case MST_SCAN_STRING:
        if (!mst_scan_string(scan, &span))
            return false;
        write_string(&span);
        return true;
    case MST_SCAN_NUMBER:
        if (!mst_scan_number(scan, &span))
            return false;
        write_number(&span);
        return true;
    case MST_SCAN_WORD:
    case MST_SCAN_NULL: write_bytes(&first, 1); return mst_scan_word(scan, &span);
    case MST_SCAN_OBJECT: return write_inside(scan, '{', '}');
    case MST_SCAN_ARRAY: return write_inside(scan, '[', ']');
    default: return mst_scan_skip(scan);
    }
}

/* ---- against jansson --------------------------------------------------------------------- */

static bool equal_values(const struct json_peer *peer, struct mst_scan *scan, const json_t *value);

static bool equal_string(const struct json_peer *peer, const struct mst_span *span,
                         const json_t *value)
{
    static char text[MOST_BYTES];
    const char *bytes = span->ptr;
    size_t len = span->len;
    if (span->is_escaped) {
        bytes = text;
        len = mst_scan_unescape(span, text, sizeof text);
    }
    return json_is_string(value) && peer->string_length(value) == len &&
           memcmp(peer->string_value(value), bytes, len) == 0;
}

static bool equal_number(const struct json_peer *peer, const struct mst_span *span,
                         const json_t *value)
{
    static char text[MOST_BYTES];
    int64_t integer;
    const bool is_integral = mst_number_integral(span->ptr, span->len, &integer);
    if (json_is_integer(value))
        return is_integral && integer == peer->integer_value(value);
    memcpy(text, span->ptr, span->len);
    text[span->len] = 0;
    const double real = strtod(text, NULL);
    return json_is_real(value) && peer->real_value(value) == real &&
           (!is_integral || (double)integer == real);
}

static bool equal_elements(const struct json_peer *peer, struct mst_scan *scan, const json_t *value)
{
    enum mst_scan_more more = MST_SCAN_COMMA;
    bool is_empty;
    size_t count = 0;
    if (!json_is_array(value) || !mst_scan_enter(scan, &is_empty))
        return false;
    while (!is_empty && more == MST_SCAN_COMMA) {
        const json_t *element = peer->array_get(value, count++);
        if (!element || !equal_values(peer, scan, element))
            return false;
        more = mst_scan_more(scan, ']');
    }
    return count == peer->array_size(value);
}

/* Of a key that is repeated jansson keeps the last value: which of several it is, Python tells. */
static bool equal_members(const struct json_peer *peer, struct mst_scan *scan, const json_t *value)
{
    static char text[MOST_BYTES];
    enum mst_scan_more more = MST_SCAN_COMMA;
    bool is_empty, is_same = true;
    size_t count = 0;
    if (!json_is_object(value) || !mst_scan_enter(scan, &is_empty))
        return false;
    while (!is_empty && more == MST_SCAN_COMMA) {
        struct mst_span key;
        if (!mst_scan_key(scan, &key))
            return false;
        size_t len = mst_scan_unescape(&key, text, sizeof text - 1);
        text[len] = 0;
        const json_t *member = peer->object_get(value, text);
        const struct mst_scan before = *scan;
        if (!member)
            return false;
        if (!equal_values(peer, scan, member)) {
            is_same = false;
            *scan = before;
            if (!mst_scan_skip(scan))
                return false;
        }
        count++;
        more = mst_scan_more(scan, '}');
    }
    return is_same || count > peer->object_size(value);
}

static bool equal_values(const struct json_peer *peer, struct mst_scan *scan, const json_t *value)
{
    struct mst_span span;
    const unsigned char first = mst_scan_peek(scan);
    switch ((enum mst_scan_kind)mst_scan_kinds[first]) {
    case MST_SCAN_STRING: return mst_scan_string(scan, &span) && equal_string(peer, &span, value);
    case MST_SCAN_NUMBER: return mst_scan_number(scan, &span) && equal_number(peer, &span, value);
    case MST_SCAN_WORD:
        return mst_scan_word(scan, &span) &&
               (first == 't' ? json_is_true(value) : json_is_false(value));
    case MST_SCAN_NULL: return mst_scan_word(scan, &span) && json_is_null(value);
    case MST_SCAN_OBJECT: return equal_members(peer, scan, value);
    case MST_SCAN_ARRAY: return equal_elements(peer, scan, value);
    default: return false;
    }
}

/* ---- the whole --------------------------------------------------------------------------- */

static void report(const char *what, uint64_t number)
{
    (void)fprintf(stderr, "document %" PRIu64 ": %s\n", number, what);
    (void)fwrite(document.text, 1, document.len, stdout);
    exit(1);
}

/* Does the scanner accept it? One that remembers keys and one that does not say the same, at the
 * same place. */
static bool scan_both(const char *text, uint64_t number, struct mst_scan *plain)
{
    struct mst_scan guessing;
    mst_scan_init(plain, text, document.len);
    mst_scan_init(&guessing, text, document.len);
    guessing.guesses = guesses;
    guessing.key = MST_GUESS_ROOT;
    const bool is_good = mst_scan_skip(plain) && mst_scan_end(plain);
    const bool is_guessed_good = mst_scan_skip(&guessing) && mst_scan_end(&guessing);
    if (is_good != is_guessed_good || plain->at != guessing.at ||
        plain->message != guessing.message)
        report("guessing keys changes what is read", number);
    return is_good;
}

static bool is_too_deep(const struct mst_scan *scan)
{
    return scan->message && strstr(scan->message, "nested");
}

static void ask_jansson(const struct json_peer *peer, const char *text, uint64_t number,
                        const struct mst_scan *done)
{
    json_t *value = NULL;
    const enum json_opinion opinion = json_peer_ask(peer, text, document.len, &value);
    struct mst_scan scan;
    mst_scan_init(&scan, text, document.len);
    if (opinion != PEER_CANNOT_TELL && !is_too_deep(done) &&
        (opinion == PEER_ACCEPTS) != !done->message)
        report(done->message ? "only jansson accepts it" : "only jansson refuses it", number);
    if (opinion == PEER_ACCEPTS && !done->message && !equal_values(peer, &scan, value))
        report("jansson reads another value", number);
    json_peer_drop(peer, value);
}

static void print_values(const char *text, const struct mst_scan *done, uint64_t number)
{
    struct mst_scan scan;
    printf("%zu\n", document.len);
    (void)fwrite(document.text, 1, document.len, stdout);
    if (done->message) {
        puts(is_too_deep(done) ? "+" : "-");
        return;
    }
    values_len = 0;
    mst_scan_init(&scan, text, document.len);
    if (!write_values(&scan) || !mst_scan_end(&scan))
        report("what is skipped cannot be read", number);
    printf("%zu\n", values_len);
    (void)fwrite(values, 1, values_len, stdout);
}

int main(int argc, char **argv)
{
    struct json_peer peer = {.library = NULL};
    const bool is_printed = argc == 4 && strcmp(argv[1], "--print") == 0;
    uint64_t accepted = 0;
    if (argc != 3 && !is_printed) {
        (void)fprintf(stderr, "usage: json_differ [--print] FIRST COUNT\n");
        return 2;
    }
    const uint64_t first = strtoull(argv[argc - 2], NULL, 10);
    const uint64_t count = strtoull(argv[argc - 1], NULL, 10);
    if (!is_printed && !json_peer_open(&peer)) {
        (void)fprintf(stderr, "jansson is not installed\n");
        return 3;
    }
    for (uint64_t number = first; number < first + count; number++) {
        struct mst_scan done;
        make_document(&document, number);
        char *text = malloc(document.len > 0 ? document.len : 1); /* of exactly its size */
        memcpy(text, document.text, document.len);
        accepted += scan_both(text, number, &done);
        if (is_printed)
            print_values(text, &done, number);
        else
            ask_jansson(&peer, text, number, &done);
        free(text);
    }
    if (!is_printed)
        printf("%" PRIu64 " documents like jansson, %" PRIu64 " of them JSON\n", count, accepted);
    return 0;
}
