/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner: what it accepts and refuses, what its texts and numbers mean, where it says that
 * something is wrong, and that its two ways of passing over bytes agree. The second way is
 * compiled into this file from the same source, under other names. */
#define MST_SWEEP_PLAIN 1
#define mst_scan_init plain_scan_init
#define mst_scan_fail plain_scan_fail
#define mst_scan_peek plain_scan_peek
#define mst_scan_peek_behind_space plain_scan_peek_behind_space
#define mst_scan_enter plain_scan_enter
#define mst_scan_key plain_scan_key
#define mst_scan_more plain_scan_more
#define mst_scan_more_or_space plain_scan_more_or_space
#define mst_scan_string plain_scan_string
#define mst_scan_number plain_scan_number
#define mst_scan_word plain_scan_word
#define mst_scan_skip plain_scan_skip
#define mst_scan_skip_from plain_scan_skip_from
#define mst_scan_end plain_scan_end
#define mst_scan_kinds plain_scan_kinds
#include "facts/scan.c"
#undef mst_scan_init
#undef mst_scan_skip
#undef mst_scan_string
#undef mst_scan_end

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../facts/json_cases.h"
#include "../facts/json_peer.h"
#include "number.h"

/* The library's. */
void mst_scan_init(struct mst_scan *scan, const char *text, size_t len);
bool mst_scan_skip(struct mst_scan *scan);
bool mst_scan_string(struct mst_scan *scan, struct mst_span *span);
bool mst_scan_end(struct mst_scan *scan);

/* Scans a copy in a block of exactly its size, so that a sanitizer sees a read too far; checks
 * that both ways say the same. */
static bool accept(const char *text, size_t len, struct mst_scan *scan)
{
    char *copy = malloc(len > 0 ? len : 1);
    cr_assert_not_null(copy);
    memcpy(copy, text, len);
    struct mst_scan plain;
    mst_scan_init(scan, copy, len);
    bool is_good = mst_scan_skip(scan) && mst_scan_end(scan);
    plain_scan_init(&plain, copy, len);
    bool is_plain_good = plain_scan_skip(&plain) && plain_scan_end(&plain);
    cr_assert_eq(is_good, is_plain_good, "the two ways differ: %.*s", (int)len, text);
    cr_assert_eq(scan->at, plain.at, "the two ways end elsewhere: %.*s", (int)len, text);
    free(copy);
    return is_good;
}

Test(json, accepts_what_is_json)
{
    for (size_t i = 0; i < GOOD_JSON_COUNT; i++) {
        struct mst_scan scan;
        bool is_good = accept(good_json[i].text, good_json[i].len, &scan);
        cr_expect(is_good, "case %zu: %s: %s", i, good_json[i].text, scan.message);
        cr_expect_null(scan.message);
    }
}

Test(json, refuses_what_is_not)
{
    for (size_t i = 0; i < BAD_JSON_COUNT; i++) {
        struct mst_scan scan;
        bool is_good = accept(bad_json[i].text, bad_json[i].len, &scan);
        cr_expect_not(is_good, "case %zu: %s", i, bad_json[i].text);
        if (!is_good)
            cr_expect(scan.message && scan.message[0], "case %zu: no message", i);
    }
}

Test(json, says_where_and_what)
{
    static const struct {
        const char *text, *message;
        long at;
    } cases[] = {
        {"{\"a\" 1}", "expected a colon after the key", 5},
        {"{\"a\":1 \"b\":2}", "expected a comma or } after the value", 7},
        {"[1 2]", "expected a comma or ] after the value", 3},
        {"{\"a\":1,}", "there is a comma too many before this", 7},
        {"[1,]", "expected a value here (is there a comma too many?)", 3},
        {"{a:1}", "expected a key in double quotes", 1},
        {"['a']", "texts are written in double quotes", 1},
        {"[01]", "a number does not begin with 0", 2},
        {"[+1]", "a number begins with a digit or a minus sign", 1},
        {"[1.]", "expected a digit after the decimal point", 3},
        {"[1e]", "expected a digit in the exponent", 3},
        {"[-]", "expected a digit", 2},
        {"[nul]", "expected true, false or null", 1},
        {"[\"a\nb\"]", "a control character in a text (is a closing quote missing?)", 3},
        {"[\"\\q\"]", "no such escape after a backslash", 3},
        {"[\"\\u12g4\"]", "expected four hexadecimal digits after \\u", 6},
        {"[\"\\ud800\"]", "half of a surrogate pair", 2},
        {"[\"a\xff\"]", "this is not UTF-8", 3},
        {"[] x", "there is more after the end of the record", 3},
        {"{\"a\":[1,2", "the record ends too early", 9},
        {"\"abc", "the record ends too early", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mst_scan scan;
        char text[64];
        strcpy(text, cases[i].text);
        mst_scan_init(&scan, text, strlen(text));
        cr_expect_not(mst_scan_skip(&scan) && mst_scan_end(&scan));
        cr_expect_str_eq(scan.message, cases[i].message, "%s: %s", text, scan.message);
        cr_expect_eq(scan.at - scan.begin, cases[i].at, "%s: %ld", text, scan.at - scan.begin);
    }
}

Test(json, counts_depth)
{
    char text[2 * 65 + 1] = "";
    struct mst_scan scan;
    for (size_t depth = 64; depth <= 65; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        cr_expect_eq(accept(text, 2 * depth, &scan), depth == 64);
    }
    cr_expect_str_eq(scan.message, "objects and arrays are nested deeper than 64");
    char wide[3 * 200] = "[";
    for (size_t i = 0; i < 199; i++)
        memcpy(wide + 1 + 3 * i, i < 198 ? "[]," : "[]]", 3);
    cr_expect(accept(wide, 1 + 3 * 199, &scan), "what is side by side is not deep");
}

/* Strings of all lengths around the widths of the fast ways, each special byte at each place. */
Test(json, finds_special_bytes_anywhere)
{
    static const char specials[][3] = {"\"", "\\n", "\n", "\x1f", "\xff", "\xc3\xa4", "\x7f"};
    static const bool is_good[] = {false, true, false, false, false, true, true};
    char text[80];
    for (size_t len = 0; len <= 70; len++)
        for (size_t at = 0; at <= len; at++)
            for (size_t s = 0; s < sizeof is_good; s++) {
                struct mst_scan scan;
                size_t width = strlen(specials[s]);
                memset(text, 'x', sizeof text);
                memcpy(text + 1 + at, specials[s], width);
                text[0] = text[1 + len + width] = '"';
                bool expected = is_good[s];
                cr_assert_eq(accept(text, len + width + 2, &scan), expected,
                             "length %zu, special %zu at %zu", len, s, at);
            }
}

Test(json, unescapes)
{
    static const char text[] =
        "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e4\\u20AC\\uD834\\uDD1E.\"";
    static const char meaning[] = "a\"\\/\b\f\n\r\tA\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e.";
    struct mst_scan scan;
    struct mst_span span;
    char out[64] = "";
    mst_scan_init(&scan, text, sizeof text - 1);
    cr_assert(mst_scan_string(&scan, &span));
    cr_expect(span.is_escaped);
    size_t len = mst_scan_unescape(&span, out, sizeof out);
    cr_assert_eq(len, sizeof meaning - 1);
    cr_expect_arr_eq(out, meaning, len);
    for (size_t capacity = 0; capacity < len; capacity++) {
        memset(out, '#', sizeof out);
        cr_expect_eq(mst_scan_unescape(&span, out, capacity), len);
        cr_expect_arr_eq(out, meaning, capacity);
        cr_expect_eq(out[capacity], '#');
    }
}

Test(json, reads_integral_numbers)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0e5", 0},
        {"0e999999999999", 0},
        {"1", 1},
        {"-1", -1},
        {"1.0", 1},
        {"1.000e0", 1},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1.5e1", 15},
        {"1000e-3", 1},
        {"0.001e3", 1},
        {"12.34e2", 1234},
        {"120e-1", 12},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9.223372036854775807e18", INT64_MAX},
        {"-922337203685477580800e-2", INT64_MIN},
        {"100000000000000000000000000000e-28", 10},
        {"0.00000000000000000000000000001e30", 10},
        {"1e18", 1000000000000000000},
    };
    static const char bad[][40] = {
        "1.5",
        "1e-1",
        "0.1",
        "9223372036854775808",
        "-9223372036854775809",
        "1e19",
        "1e999999999999",
        "1e-999999999999",
        "18446744073709551616",
        "18446744073709551617e-1",
        "123456789012345678901",
        "99999999999999999999999",
        "1.0000000000000000000000001",
        "-1e19",
        "2e-1000",
    };
    int64_t value = 7;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        bool is_read = mst_number_integral(good[i].text, strlen(good[i].text), &value);
        cr_expect(is_read && value == good[i].value, "%s", good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_not(mst_number_integral(bad[i], strlen(bad[i]), &value), "%s", bad[i]);
}

/* ---- against jansson, with mutations ------------------------------------------------------ */

#define MUTANT_BYTES 512
#define MUTANTS 150000

struct mutant {
    char text[MUTANT_BYTES];
    size_t len;
};

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t draw_below(uint64_t *state, size_t limit)
{
    return (size_t)(draw(state) % limit);
}

static void insert_bytes(struct mutant *m, size_t at, const char *bytes, size_t len)
{
    if (m->len + len > MUTANT_BYTES)
        return;
    memmove(m->text + at + len, m->text + at, m->len - at);
    memcpy(m->text + at, bytes, len);
    m->len += len;
}

static void delete_bytes(struct mutant *m, size_t at, size_t len)
{
    memmove(m->text + at, m->text + at + len, m->len - at - len);
    m->len -= len;
}

static void start_mutant(struct mutant *m, uint64_t *state)
{
    static const char record[] =
        "{\"device_id\":\"16419f82-972a\",\"os\":{\"build\":\"26100.6899\",\"rev\":6899},\"vbs\":"
        "false,\"tags\":[\"\xc3\x84u\xc3\x9f\",\"k\\u00e4\\uD834\\uDD1E\"],"
        "\"free\":16.29e-1,\"x\":null}";
    const struct json_case *from = &good_json[draw_below(state, GOOD_JSON_COUNT)];
    bool is_record = draw_below(state, 3) == 0;
    m->len = is_record ? sizeof record - 1 : from->len;
    memcpy(m->text, is_record ? record : from->text, m->len);
}

static void mutate(struct mutant *m, uint64_t *state)
{
    static const char bytes[] =
        "{}[],:\"\\u0019eE+-.dDcC8a tfnrl\n\t\x1f\x80\xbf\xc2\xe0\xed\xf0\xf4";
    size_t at = draw_below(state, m->len + 1);
    size_t room = m->len - at;
    const struct json_case *other = &good_json[draw_below(state, GOOD_JSON_COUNT)];
    switch (draw_below(state, 6)) {
    case 0: insert_bytes(m, at, &bytes[draw_below(state, sizeof bytes)], 1); break;
    case 1: insert_bytes(m, at, other->text, other->len); break;
    case 2: delete_bytes(m, at, room > 0 ? draw_below(state, room < 4 ? room + 1 : 5) : 0); break;
    case 3:
        if (room > 0)
            m->text[at] = bytes[draw_below(state, sizeof bytes)];
        break;
    case 4:
        if (room > 0)
            m->text[at] = (char)draw(state);
        break;
    default: insert_bytes(m, at, m->text + at, room < 16 ? room : 16); break;
    }
}

/* Compares a lone string or integer with what the peer has made of it. */
static void compare_value(const struct json_peer *peer, const struct mutant *m, const json_t *value)
{
    struct mst_scan scan;
    struct mst_span span;
    char out[MUTANT_BYTES];
    int64_t integer;
    if (value->type == JSON_STRING && m->text[0] == '"') {
        mst_scan_init(&scan, m->text, m->len);
        cr_assert(mst_scan_string(&scan, &span));
        size_t len = mst_scan_unescape(&span, out, sizeof out);
        cr_assert_eq(len, peer->string_length(value), "%.*s", (int)m->len, m->text);
        cr_assert_arr_eq(out, peer->string_value(value), len);
    } else if (value->type == JSON_INTEGER && m->text[m->len - 1] > ' ' && m->text[0] > ' ') {
        cr_assert(mst_number_integral(m->text, m->len, &integer), "%.*s", (int)m->len, m->text);
        cr_assert_eq(integer, peer->integer_value(value), "%.*s", (int)m->len, m->text);
    }
}

static void compare_opinions(const struct json_peer *peer, const struct mutant *m, size_t *accepted)
{
    struct mst_scan scan;
    json_t *value = NULL;
    bool is_good = accept(m->text, m->len, &scan);
    if (scan.message && strstr(scan.message, "nested"))
        return;
    enum json_opinion opinion = json_peer_ask(peer, m->text, m->len, &value);
    if (opinion == PEER_ACCEPTS)
        cr_assert(is_good, "refused by us only (%s): %.*s", scan.message, (int)m->len, m->text);
    else if (opinion == PEER_REFUSES)
        cr_assert_not(is_good, "accepted by us only: %.*s", (int)m->len, m->text);
    if (value)
        compare_value(peer, m, value);
    *accepted += is_good;
    json_peer_drop(peer, value);
}

Test(json, agrees_with_jansson, .timeout = 60)
{
    struct json_peer peer;
    if (!json_peer_open(&peer))
        cr_skip_test("jansson is not installed");
    uint64_t state = 0x9e3779b97f4a7c15u;
    size_t accepted = 0;
    for (size_t i = 0; i < MUTANTS; i++) {
        struct mutant m;
        start_mutant(&m, &state);
        for (size_t n = draw_below(&state, 4); n > 0; n--)
            mutate(&m, &state);
        compare_opinions(&peer, &m, &accepted);
    }
    cr_expect(accepted > MUTANTS / 10 && accepted < MUTANTS / 10 * 9, "%zu of %d", accepted,
              MUTANTS);
}

/* ---- guessed keys ------------------------------------------------------------------------ */

/* Keeps a key of `len` letters, quotes and colon not counted, and holds it against texts that
 * differ from it in one byte, or end too soon. */
static void expect_guess(uint32_t len)
{
    struct mst_guess guesses[MST_GUESS_COUNT] = {0};
    struct mst_guess_link link = {0};
    unsigned char text[128];
    const struct mst_span key = {(const char *)text + 1, len, false};
    memset(text, 'x', sizeof text);
    for (uint32_t i = 0; i < len; i++)
        text[i + 1] = (unsigned char)('a' + i % 26);
    text[0] = text[len + 1] = '"';
    text[len + 2] = ':';
    cr_expect_eq(mst_guess_find(guesses, &link, 7, &key), MST_GUESS_NONE);
    const uint32_t at = mst_guess_keep(guesses, &link, 7, 9, &key);
    cr_expect_eq(at != MST_GUESS_NONE, len + 3 <= MST_GUESS_BYTES, "%u letters", len);
    if (at == MST_GUESS_NONE)
        return;
    const struct mst_guess *guess = &guesses[link.to];
    cr_expect(link.to == at && guess->child == 9 && guess->len == len + 3);
    cr_expect_eq(mst_guess_find(guesses, &link, 7, &key), at);
    cr_expect_eq(mst_guess_find(guesses, &link, 8, &key), MST_GUESS_NONE);
    cr_expect(mst_guess_holds(guess, 7, text, text + MST_GUESS_BYTES));
    cr_expect_not(mst_guess_holds(guess, 8, text, text + MST_GUESS_BYTES));
    cr_expect_not(mst_guess_holds(guess, 7, text, text + MST_GUESS_BYTES - 1));
    for (uint32_t i = 0; i < MST_GUESS_BYTES; i++) {
        text[i] ^= 1;
        cr_expect_eq(mst_guess_holds(guess, 7, text, text + sizeof text), i >= guess->len,
                     "%u letters, byte %u", len, i);
        text[i] ^= 1;
    }
    text[len + 1] = ' ';
    cr_expect_eq(mst_guess_find(guesses, &link, 7, &key), MST_GUESS_NONE, "a space for the quote");
}

Test(guess, holds_for_its_key_alone)
{
    for (uint32_t len = 0; len < 40; len++)
        expect_guess(len);
}

/* A link that has failed once stays; the second time it gives way. */
Test(guess, follows_what_is_usual)
{
    struct mst_guess guesses[MST_GUESS_COUNT] = {0};
    struct mst_guess_link link = {0}, other = {0};
    const struct mst_span a = {&"\"a\":"[1], 1, false}, b = {&"\"b\":"[1], 1, false};
    const uint32_t at_a = mst_guess_keep(guesses, &link, 1, 0, &a);
    const uint32_t at_b = mst_guess_keep(guesses, &other, 1, 0, &b);
    cr_expect_neq(at_a, at_b);
    cr_expect_eq(link.to, at_a);
    cr_expect_eq(mst_guess_find(guesses, &link, 1, &b), at_b);
    cr_expect_eq(link.to, at_a);
    cr_expect_eq(mst_guess_find(guesses, &link, 1, &b), at_b);
    cr_expect_eq(link.to, at_b);
}

/* Of more keys than there is room for, some are forgotten and none is taken for another. */
Test(guess, forgets_what_has_no_room)
{
    enum { COUNT = 2000 };
    struct mst_guess guesses[MST_GUESS_COUNT] = {0};
    struct mst_guess_link link = {0};
    char texts[COUNT][8];
    uint32_t found = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "\"%04u\":", i);
        const struct mst_span key = {texts[i] + 1, 4, false};
        cr_expect_eq(mst_guess_find(guesses, &link, 1, &key), MST_GUESS_NONE);
        const uint32_t at = mst_guess_keep(guesses, &link, 1, i, &key);
        cr_expect_eq(mst_guess_find(guesses, &link, 1, &key), at);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        const struct mst_span key = {texts[i] + 1, 4, false};
        const uint32_t at = mst_guess_find(guesses, &link, 1, &key);
        found += at != MST_GUESS_NONE;
        cr_expect(at == MST_GUESS_NONE || guesses[at].child == i);
    }
    cr_expect(found > MST_GUESS_COUNT / 2 && found < MST_GUESS_COUNT);
}
