/* SPDX-License-Identifier: Apache-2.0
 *
 * print_value.c - values as the literals of the language, for messages, fields and text(). */
#include "format/arith.h"
#include "format/base.h"
#include "format/builtins.h"
#include "format/calendar.h"

struct printer {
    char *buffer;
    size_t len;
};

static void put(struct printer *p, char c)
{
    MST_ASSERT(p->len < MST_PRINT_MAX);
    p->buffer[p->len++] = c;
}

static void put_word(struct printer *p, const char *word)
{
    while (*word)
        put(p, *word++);
}

static void put_unsigned(struct printer *p, uint64_t number, unsigned min_digits)
{
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (unsigned i = count; i < min_digits; i++)
        put(p, '0');
    while (count > 0)
        put(p, digits[--count]);
}

/* Times are printed with every verdict: their parts are small, and 32 bits are enough. */
static void put_pair(struct printer *p, uint32_t number)
{
    MST_ASSERT(number < 100 && p->len + 2 <= MST_PRINT_MAX);
    p->buffer[p->len] = (char)('0' + number / 10);
    p->buffer[p->len + 1] = (char)('0' + number % 10);
    p->len += 2;
}

static void put_year(struct printer *p, uint64_t year)
{
    if (year > 9999) {
        put_unsigned(p, year, 4);
        return;
    }
    put_pair(p, (uint32_t)year / 100);
    put_pair(p, (uint32_t)year % 100);
}

static void put_int(struct printer *p, int64_t number)
{
    if (number < 0)
        put(p, '-');
    put_unsigned(p, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
}

static void put_version(struct printer *p, uint64_t version)
{
    put_unsigned(p, version >> 48, 1);
    for (unsigned part = 1; part < 4; part++) {
        const uint64_t rest = version << (16 * part);
        if (part > 1 && rest == 0)
            return;
        put(p, '.');
        put_unsigned(p, rest >> 48, 1);
    }
}

static void put_month(struct printer *p, int64_t month)
{
    put_year(p, (uint64_t)(month / 12));
    put(p, '-');
    put_pair(p, (uint32_t)(month % 12 + 1));
}

static void put_date(struct printer *p, int64_t days)
{
    const struct mst_civil civil = mst_civil_from_days(days);
    put_year(p, (uint64_t)civil.year);
    put(p, '-');
    put_pair(p, (uint32_t)civil.month);
    put(p, '-');
    put_pair(p, (uint32_t)civil.day);
}

static void put_time(struct printer *p, int64_t time)
{
    const int64_t days = mst_floor_div(time, MST_DAY_S);
    const uint32_t clock = (uint32_t)(time - days * MST_DAY_S);
    put_date(p, days);
    put(p, 'T');
    put_pair(p, clock / 3600);
    put(p, ':');
    put_pair(p, clock / 60 % 60);
    put(p, ':');
    put_pair(p, clock % 60);
    put(p, 'Z');
}

/* In the largest unit that divides it. */
static void put_duration(struct printer *p, int64_t duration)
{
    static const struct {
        int32_t seconds;
        char name[8];
    } units[] = {
        {604800, " week"}, {86400, " day"}, {3600, " hour"}, {60, " minute"}, {1, " second"}};
    unsigned i = duration == 0 ? 4 : 0;
    while (duration % units[i].seconds != 0)
        i++;
    const int64_t count = duration / units[i].seconds;
    put_int(p, count);
    put_word(p, units[i].name);
    if (count != 1 && count != -1)
        put(p, 's');
}

size_t mst_print_value(mst_type type, int64_t word, char *buffer)
{
    struct printer p = {buffer, 0};
    switch (type) {
    case MST_TYPE_BOOL: put_word(&p, word ? "true" : "false"); break;
    case MST_TYPE_VERSION: put_version(&p, (uint64_t)word); break;
    case MST_TYPE_DATE: put_date(&p, word); break;
    case MST_TYPE_MONTH: put_month(&p, word); break;
    case MST_TYPE_DURATION: put_duration(&p, word); break;
    case MST_TYPE_TIME: put_time(&p, word); break;
    default: put_int(&p, word); break;
    }
    return p.len;
}
