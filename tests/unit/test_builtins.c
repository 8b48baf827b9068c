/* SPDX-License-Identifier: Apache-2.0
 *
 * test_builtins.c - reading and printing of values, patterns, UTF-8, built-in functions. */
#include <criterion/criterion.h>
#include <string.h>

#include "format/builtins.h"
#include "format/calendar.h"

static mst_text text(const char *s)
{
    return (mst_text){s, (uint32_t)strlen(s)};
}

/* ---- reading ------------------------------------------------------------------------------- */

static const struct {
    mst_type type;
    const char *text;
    bool good;
    int64_t value;
} readings[] = {
    {MST_TYPE_INT, "0", true, 0},
    {MST_TYPE_INT, "-9223372036854775808", true, INT64_MIN},
    {MST_TYPE_INT, "9223372036854775807", true, INT64_MAX},
    {MST_TYPE_INT, "9223372036854775808", false, 0},
    {MST_TYPE_INT, "", false, 0},
    {MST_TYPE_INT, "-", false, 0},
    {MST_TYPE_INT, "+1", false, 0},
    {MST_TYPE_INT, "1 ", false, 0},
    {MST_TYPE_VERSION, "26100.9106", true, (int64_t)MST_VERSION(26100, 9106, 0, 0)},
    {MST_TYPE_VERSION, "7", true, (int64_t)MST_VERSION(7, 0, 0, 0)},
    {MST_TYPE_VERSION, "1.2.3.4", true, (int64_t)MST_VERSION(1, 2, 3, 4)},
    {MST_TYPE_VERSION, "1.2.3.4.5", false, 0},
    {MST_TYPE_VERSION, "65536.0", false, 0},
    {MST_TYPE_VERSION, "000001.0", false, 0},
    {MST_TYPE_VERSION, "1.", false, 0},
    {MST_TYPE_VERSION, "v1.0", false, 0},
    {MST_TYPE_DATE, "1970-01-02", true, 1},
    {MST_TYPE_DATE, "2026-02-29", false, 0},
    {MST_TYPE_DATE, "0000-01-01", false, 0},
    {MST_TYPE_DATE, "2026-1-01", false, 0},
    {MST_TYPE_MONTH, "2026-11", true, 2026 * 12 + 10},
    {MST_TYPE_MONTH, "2026-13", false, 0},
    {MST_TYPE_TIME, "1970-01-01T00:00:01Z", true, 1},
    {MST_TYPE_TIME, "1970-01-01t00:00:01.987z", true, 1},
    {MST_TYPE_TIME, "1970-01-01T01:00:00+01:00", true, 0},
    {MST_TYPE_TIME, "1970-01-01T00:00:60Z", true, 59},
    {MST_TYPE_TIME, "1970-01-01T00:00:61Z", false, 0},
    {MST_TYPE_TIME, "1970-01-01T24:00:00Z", false, 0},
    {MST_TYPE_TIME, "1970-01-01T00:00:01", false, 0},
    {MST_TYPE_TIME, "0001-01-01T00:00:00+01:00", false, 0},
    {MST_TYPE_TIME, "0001-01-01T00:00:00Z", true, -62135596800},
    {MST_TYPE_DURATION, "P7D", true, 7 * 86400},
    {MST_TYPE_DURATION, "PT36H", true, 36 * 3600},
    {MST_TYPE_DURATION, "P1DT2H3M4S", true, 86400 + 7384},
    {MST_TYPE_DURATION, "P", false, 0},
    {MST_TYPE_DURATION, "P1DT", false, 0},
    {MST_TYPE_DURATION, "PT1S1M", false, 0},
    {MST_TYPE_DURATION, "7 days", true, 7 * 86400},
    {MST_TYPE_DURATION, "1  week", true, 7 * 86400},
    {MST_TYPE_DURATION, "7days", false, 0},
    {MST_TYPE_DURATION, "7 Days", false, 0},
    {MST_TYPE_DURATION, "3660000 days", true, 316224000000},
    {MST_TYPE_DURATION, "106751991167301 days", false, 0},
    {MST_TYPE_BOOL, "YES", true, 1},
    {MST_TYPE_BOOL, "0", true, 0},
    {MST_TYPE_BOOL, "y", false, 0},
};

static bool read_value(mst_type type, mst_text t, int64_t *value)
{
    uint64_t version = 0;
    bool truth = false;
    switch (type) {
    case MST_TYPE_INT: return mst_parse_int(t, value);
    case MST_TYPE_VERSION:
        if (!mst_parse_version(t, &version))
            return false;
        *value = (int64_t)version;
        return true;
    case MST_TYPE_DATE: return mst_parse_date(t, value);
    case MST_TYPE_MONTH: return mst_parse_month(t, value);
    case MST_TYPE_TIME: return mst_parse_time(t, value);
    case MST_TYPE_DURATION: return mst_parse_duration(t, value);
    default:
        if (!mst_parse_bool(t, &truth))
            return false;
        *value = truth;
        return true;
    }
}

Test(builtins, reading)
{
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        int64_t value = 0;
        const bool good = read_value(readings[i].type, text(readings[i].text), &value);
        cr_assert_eq(good, readings[i].good, "'%s'", readings[i].text);
        cr_assert_eq(value, readings[i].value, "'%s'", readings[i].text);
    }
}

/* ---- printing ------------------------------------------------------------------------------ */

static const struct {
    mst_type type;
    int64_t value;
    const char *text;
} prints[] = {
    {MST_TYPE_BOOL, 1, "true"},
    {MST_TYPE_INT, -5, "-5"},
    {MST_TYPE_INT, INT64_MIN, "-9223372036854775808"},
    {MST_TYPE_VERSION, (int64_t)MST_VERSION(26100, 0, 0, 0), "26100.0"},
    {MST_TYPE_VERSION, (int64_t)MST_VERSION(10, 0, 1, 0), "10.0.1"},
    {MST_TYPE_VERSION, -1, "65535.65535.65535.65535"},
    {MST_TYPE_DATE, 0, "1970-01-01"},
    {MST_TYPE_MONTH, 12, "0001-01"},
    {MST_TYPE_DURATION, 0, "0 seconds"},
    {MST_TYPE_DURATION, 86400, "1 day"},
    {MST_TYPE_DURATION, 14 * 86400, "2 weeks"},
    {MST_TYPE_DURATION, INT64_MIN, "-9223372036854775808 seconds"},
    {MST_TYPE_DURATION, -86400, "-1 day"},
    {MST_TYPE_DURATION, 36 * 3600, "36 hours"},
    {MST_TYPE_DURATION, 61, "61 seconds"},
    {MST_TYPE_TIME, 1794333600, "2026-11-10T18:00:00Z"},
    {MST_TYPE_TIME, -1, "1969-12-31T23:59:59Z"},
};

Test(builtins, printing)
{
    for (size_t i = 0; i < sizeof prints / sizeof *prints; i++) {
        char buffer[MST_PRINT_MAX + 1];
        const size_t len = mst_print_value(prints[i].type, prints[i].value, buffer);
        buffer[len] = '\0';
        cr_assert_str_eq(buffer, prints[i].text);
    }
}

/* ---- patterns and UTF-8 -------------------------------------------------------------------- */

Test(builtins, patterns)
{
    cr_assert(mst_like(text("Windows 11 Pro"), text("Windows*")));
    cr_assert(mst_like(text("Windows 11 Pro"), text("*11*o")));
    cr_assert(mst_like(text(""), text("*")));
    cr_assert(mst_like(text("aab"), text("*ab")));
    cr_assert(mst_like(text("a\xc3\xa9z"), text("a?z")));
    cr_assert_not(mst_like(text("a\xc3\xa9z"), text("a??z")));
    cr_assert_not(mst_like(text("abc"), text("ABC")));
    cr_assert_not(mst_like(text("ab"), text("a")));
    cr_assert(mst_like(text("aXbXc"), text("a*b*c")));
}

Test(builtins, utf8)
{
    cr_assert(mst_utf8_valid("plain text, longer than eight", 29));
    cr_assert(mst_utf8_valid("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9));
    cr_assert_not(mst_utf8_valid("\xc0\x80", 2));
    cr_assert_not(mst_utf8_valid("\xed\xa0\x80", 3));
    cr_assert_not(mst_utf8_valid("\xf4\x90\x80\x80", 4));
    cr_assert_not(mst_utf8_valid("\xe2\x82", 2));
    cr_assert_not(mst_utf8_valid("\x80", 1));
}

/* ---- functions ----------------------------------------------------------------------------- */

static char site[256];
static struct mst_value result;

static enum mst_outcome call_texts(uint32_t number, const char *a, const char *c, int64_t n)
{
    const struct mst_value args[3] = {{.text = text(a)}, {.text = text(c)}, {.word = n}};
    result = (struct mst_value){0};
    return mst_builtin_call(number, args, site, sizeof site, &result);
}

static enum mst_outcome call_words(uint32_t number, int64_t a, int64_t c, int64_t d)
{
    const struct mst_value args[3] = {{.word = a}, {.word = c}, {.word = d}};
    result = (struct mst_value){0};
    return mst_builtin_call(number, args, site, sizeof site, &result);
}

static bool gave(const char *expected)
{
    return result.text.len == strlen(expected) &&
           memcmp(result.text.ptr, expected, result.text.len) == 0;
}

Test(builtins, texts)
{
    call_texts(1, "AbC\xc3\x89", "", 0);
    cr_assert(gave("abc\xc3\x89"));
    call_texts(3, " \t x y\r\n", "", 0);
    cr_assert(gave("x y"));
    call_texts(4, "a\xc3\xa9", "", 0);
    cr_assert_eq(result.word, 2);
    call_texts(5, "abc", "ab", 0);
    cr_assert_eq(result.word, 1);
    call_texts(6, "abc", "ab", 0);
    cr_assert_eq(result.word, 0);
    call_texts(7, "abc", "", 0);
    cr_assert_eq(result.word, 1);
    cr_assert_eq(call_texts(8, "a,b,,c", ",", 3), MST_BUILTIN_OK);
    cr_assert(gave(""));
    cr_assert_eq(call_texts(8, "a,b,,c", ",", 4), MST_BUILTIN_OK);
    cr_assert(gave("c"));
    cr_assert_eq(call_texts(8, "a,b,,c", ",", 5), MST_BUILTIN_FAULT);
    cr_assert_eq(call_texts(8, "a", "", 1), MST_BUILTIN_FAULT);
    cr_assert_eq(call_texts(9, "12x", "", 0), MST_BUILTIN_INVALID);
}

Test(builtins, versions_and_calendar)
{
    cr_assert_eq(call_words(21, (int64_t)MST_VERSION(26100, 9106, 0, 0), 2, 0), MST_BUILTIN_OK);
    cr_assert_eq(result.word, 9106);
    cr_assert_eq(call_words(21, 0, 5, 0), MST_BUILTIN_FAULT);
    cr_assert_eq(call_words(22, 1, 65536, 0), MST_BUILTIN_FAULT);
    const int64_t november = 2026 * 12 + 10;
    cr_assert_eq(call_words(49, november, 2, 2), MST_BUILTIN_OK); /* the second Tuesday */
    cr_assert_eq(result.word, mst_days_from_civil(2026, 11, 10));
    cr_assert_eq(call_words(49, november, 5, 2), MST_BUILTIN_FAULT);
    cr_assert_eq(call_words(49, november, 1, 8), MST_BUILTIN_FAULT);
    cr_assert_eq(call_words(33, 1794333600, 0, 0), MST_BUILTIN_OK);
    cr_assert_eq(result.word, 4);
    cr_assert_eq(call_words(52, -1, 0, 0), MST_BUILTIN_OK);
    cr_assert_eq(result.word, -1);
}
