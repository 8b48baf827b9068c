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
static inline void write_pair(char *to, uint32_t number)
{
    MST_ASSERT(number < 100);
    to[0] = (char)('0' + number / 10);
    to[1] = (char)('0' + number % 10);
}

static char *take_room(struct printer *p, size_t len)
{
    char *room = p->buffer + p->len;
    MST_ASSERT(p->len + len <= MST_PRINT_MAX);
    p->len += len;
    return room;
}

static void put_year(struct printer *p, uint64_t year)
{
    if (year > 9999) {
        put_unsigned(p, year, 4);
        return;
    }
    char *to = take_room(p, 4);
    write_pair(to, (uint32_t)year / 100);
    write_pair(to + 2, (uint32_t)year % 100);
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
    char *to = take_room(p, 3);
    to[0] = '-';
    write_pair(to + 1, (uint32_t)(month % 12 + 1));
}

static void put_date(struct printer *p, int64_t days)
{
    const struct mst_civil civil = mst_civil_from_days(days);
    put_year(p, (uint64_t)civil.year);
    char *to = take_room(p, 6);
    to[0] = to[3] = '-';
    write_pair(to + 1, (uint32_t)civil.month);
    write_pair(to + 4, (uint32_t)civil.day);
}

static void put_time(struct printer *p, int64_t time)
{
    const int64_t days = mst_floor_div(time, MST_DAY_S);
    const uint32_t clock = (uint32_t)(time - days * MST_DAY_S);
    const uint32_t minutes = clock / 60;
    put_date(p, days);
    char *to = take_room(p, 10);
    to[0] = 'T';
    to[3] = to[6] = ':';
    to[9] = 'Z';
    write_pair(to + 1, minutes / 60);
    write_pair(to + 4, minutes % 60);
    write_pair(to + 7, clock % 60);
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
