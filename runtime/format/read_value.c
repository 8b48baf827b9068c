/* SPDX-License-Identifier: Apache-2.0
 *
 * read_value.c - texts to values, by the reading table of spec/language.md: shared by the readers
 * of JSON and CSV, by the lexer of rule files and by the built-in conversions. Each function takes
 * the whole text, trims nothing, and leaves the value alone where the text is not of the type. */
#include "format/arith.h"
#include "format/base.h"
#include "format/builtins.h"
#include "format/calendar.h"

/* What is left of the text. */
struct cursor {
    const char *at, *end;
};

static struct cursor begin(mst_text text)
{
    struct cursor c = {text.ptr, text.ptr};
    if (text.len > 0)
        c.end += text.len;
    return c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool at_end(const struct cursor *c)
{
    return c->at == c->end;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool take(struct cursor *c, char expected)
{
    if (at_end(c) || *c->at != expected)
        return false;
    c->at++;
    return true;
}

static bool take_either(struct cursor *c, char large)
{
    return take(c, large) || take(c, small(large));
}

/* Exactly `count` digits. */
static bool take_fixed(struct cursor *c, int count, int32_t *value)
{
    int32_t number = 0;
    for (int i = 0; i < count; i++) {
        if (at_end(c) || !is_digit(*c->at))
            return false;
        number = number * 10 + (*c->at++ - '0');
    }
    *value = number;
    return true;
}

/* One digit or more, as a number not above INT64_MAX. */
static bool take_number(struct cursor *c, int64_t *value)
{
    int64_t number = 0;
    const char *start = c->at;
    for (; !at_end(c) && is_digit(*c->at); c->at++)
        if (!mst_mul(number, 10, &number) || !mst_add(number, *c->at - '0', &number))
            return false;
    *value = number;
    return c->at > start;
}

bool mst_parse_int(mst_text text, int64_t *value)
{
    struct cursor c = begin(text);
    const bool negative = take(&c, '-');
    int64_t number = 0;
    const char *start = c.at;
    /* counted downward: the least int has no positive counterpart */
    for (; !at_end(&c) && is_digit(*c.at); c.at++)
        if (!mst_mul(number, 10, &number) || !mst_sub(number, *c.at - '0', &number))
            return false;
    if (c.at == start || !at_end(&c) || (!negative && number == INT64_MIN))
        return false;
    *value = negative ? number : -number;
    return true;
}

bool mst_parse_version(mst_text text, uint64_t *value)
{
    struct cursor c = begin(text);
    uint64_t version = 0;
    for (unsigned part = 0; part < 4; part++) {
        const char *start = c.at;
        int64_t number = 0;
        if (!take_number(&c, &number) || c.at - start > 5 || number > 65535)
            return false;
        version |= (uint64_t)number << (48 - 16 * part);
        if (at_end(&c)) {
            *value = version;
            return true;
        }
        if (!take(&c, '.'))
            return false;
    }
    return false;
}

static bool take_month(struct cursor *c, int32_t *year, int32_t *month)
{
    return take_fixed(c, 4, year) && take(c, '-') && take_fixed(c, 2, month) && *year >= 1 &&
           *month >= 1 && *month <= 12;
}

static bool take_date(struct cursor *c, int64_t *days)
{
    int32_t year = 0;
    int32_t month = 0;
    int32_t day = 0;
    if (!take_month(c, &year, &month) || !take(c, '-') || !take_fixed(c, 2, &day) || day < 1 ||
        day > mst_days_in_month(year, month))
        return false;
    *days = mst_days_from_civil(year, month, day);
    return true;
}

bool mst_parse_date(mst_text text, int64_t *days)
{
    struct cursor c = begin(text);
    int64_t value = 0;
    if (!take_date(&c, &value) || !at_end(&c))
        return false;
    *days = value;
    return true;
}

bool mst_parse_month(mst_text text, int64_t *months)
{
    struct cursor c = begin(text);
    int32_t year = 0;
    int32_t month = 0;
    if (!take_month(&c, &year, &month) || !at_end(&c))
        return false;
    *months = (int64_t)year * 12 + month - 1;
    return true;
}

/* hh:mm:ss with a fraction, which is dropped; a leap second is read as the one before. */
static bool take_clock(struct cursor *c, int64_t *seconds)
{
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    if (!take_fixed(c, 2, &hour) || !take(c, ':') || !take_fixed(c, 2, &minute) || !take(c, ':') ||
        !take_fixed(c, 2, &second) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (take(c, '.')) {
        const char *start = c->at;
        while (!at_end(c) && is_digit(*c->at))
            c->at++;
        if (c->at == start)
            return false;
    }
    *seconds = (hour * 60 + minute) * 60 + (second == 60 ? 59 : second);
    return true;
}

/* Z, or the offset of local time. */
static bool take_offset(struct cursor *c, int64_t *seconds)
{
    int32_t hour = 0;
    int32_t minute = 0;
    *seconds = 0;
    if (take_either(c, 'Z'))
        return true;
    const bool west = take(c, '-');
    if (!west && !take(c, '+'))
        return false;
    if (!take_fixed(c, 2, &hour) || !take(c, ':') || !take_fixed(c, 2, &minute) || hour > 23 ||
        minute > 59)
        return false;
    *seconds = (west ? -1 : 1) * (hour * 60 + minute) * 60;
    return true;
}

bool mst_parse_time(mst_text text, int64_t *seconds)
{
    struct cursor c = begin(text);
    int64_t days = 0;
    int64_t clock = 0;
    int64_t offset = 0;
    return take_date(&c, &days) && take_either(&c, 'T') && take_clock(&c, &clock) &&
           take_offset(&c, &offset) && at_end(&c) &&
           mst_in_range(days * MST_DAY_S + clock - offset, MST_TIME_MIN, MST_TIME_MAX, seconds);
}

/* One number with its unit, added to *sum; false also where there is none. */
static bool take_part(struct cursor *c, char unit, int64_t unit_s, int64_t *sum)
{
    struct cursor ahead = *c;
    int64_t number = 0;
    if (!take_number(&ahead, &number) || !take(&ahead, unit) || !mst_mul(number, unit_s, &number) ||
        !mst_add(*sum, number, sum))
        return false;
    *c = ahead;
    return true;
}

/* P[nD][T[nH][nM][nS]] with one part at least, and one after T. */
static bool parse_iso_duration(struct cursor c, int64_t *seconds)
{
    int64_t sum = 0;
    if (!take(&c, 'P'))
        return false;
    bool any = take_part(&c, 'D', MST_DAY_S, &sum);
    if (take(&c, 'T')) {
        any = take_part(&c, 'H', 3600, &sum);
        any = take_part(&c, 'M', 60, &sum) || any;
        any = take_part(&c, 'S', 1, &sum) || any;
    }
    if (!any || !at_end(&c))
        return false;
    *seconds = sum;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    struct cursor ahead = *c;
    for (; *word; word++)
        if (!take(&ahead, *word))
            return false;
    *c = ahead;
    return true;
}

static int64_t take_unit(struct cursor *c)
{
    static const struct {
        char name[8];
        int32_t seconds;
    } units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}, {"week", 604800}};
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
        if (take_word(c, units[i].name)) {
            (void)take(c, 's');
            return units[i].seconds;
        }
    return 0;
}

/* As the literal is written: a number, blanks, a unit. */
static bool parse_literal_duration(struct cursor c, int64_t *seconds)
{
    int64_t number = 0;
    if (!take_number(&c, &number) || at_end(&c) || (*c.at != ' ' && *c.at != '\t'))
        return false;
    while (!at_end(&c) && (*c.at == ' ' || *c.at == '\t'))
        c.at++;
    const int64_t unit_s = take_unit(&c);
    return unit_s != 0 && at_end(&c) && mst_mul(number, unit_s, seconds);
}

bool mst_parse_duration(mst_text text, int64_t *seconds)
{
    const struct cursor c = begin(text);
    if (!at_end(&c) && *c.at == 'P')
        return parse_iso_duration(c, seconds);
    return parse_literal_duration(c, seconds);
}

static bool is_word(mst_text text, const char *word)
{
    uint32_t i = 0;
    for (; i < text.len && word[i]; i++)
        if (small(text.ptr[i]) != word[i])
            return false;
    return i == text.len && !word[i];
}

bool mst_parse_bool(mst_text text, bool *value)
{
    const bool yes = is_word(text, "true") || is_word(text, "yes") || is_word(text, "1");
    if (!yes && !is_word(text, "false") && !is_word(text, "no") && !is_word(text, "0"))
        return false;
    *value = yes;
    return true;
}
