/* SPDX-License-Identifier: Apache-2.0
 *
 * instant.c - RFC 3339 in and out. */
#include "instant.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "muster/muster.h"
#include "output.h"

#define DAY_S 86400

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* Days since 1970-01-01. */
static int64_t count_days(int year, int month, int day)
{
    int64_t before = year - 1; /* whole years, and their leap days */
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    return days + day - 1;
}

/* Reads `count` digits and what must follow them ('\0': anything). */
static bool read_digits(const char **text, int count, char follows, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    if (follows == '\0')
        return true;
    return *(*text)++ == follows;
}

static bool read_offset(const char **text, int64_t *offset_s)
{
    char sign = *(*text)++;
    int hours, minutes;
    *offset_s = 0;
    if (sign == 'Z' || sign == 'z')
        return true;
    if (sign != '+' && sign != '-')
        return false;
    if (!read_digits(text, 2, ':', &hours) || !read_digits(text, 2, '\0', &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    *offset_s = (sign == '-' ? -60 : 60) * (int64_t)(hours * 60 + minutes);
    return true;
}

static bool read_clock(const char **text, int64_t *seconds)
{
    int hour, minute, second;
    int64_t offset_s;
    if (**text != 'T' && **text != 't')
        return false;
    ++*text;
    if (!read_digits(text, 2, ':', &hour) || !read_digits(text, 2, ':', &minute) ||
        !read_digits(text, 2, '\0', &second) || !read_offset(text, &offset_s))
        return false;
    *seconds = hour * 3600 + minute * 60 + second - offset_s;
    return hour < 24 && minute < 60 && second < 60;
}

bool mst_tool_read_instant(const char *text, int64_t *instant)
{
    int year, month, day;
    int64_t seconds = 0;
    if (!read_digits(&text, 4, '-', &year) || !read_digits(&text, 2, '-', &month) ||
        !read_digits(&text, 2, '\0', &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    if (*text != '\0' && !read_clock(&text, &seconds))
        return false;
    *instant = count_days(year, month, day) * DAY_S + seconds;
    return *text == '\0' && *instant >= count_days(1, 1, 1) * DAY_S &&
           *instant < count_days(10000, 1, 1) * DAY_S;
}

char *mst_tool_instant_text(char *text, int64_t instant, mst_tool_instant_form form)
{
    time_t seconds = (time_t)instant;
    struct tm tm;
    if (instant == MST_NEVER || !gmtime_r(&seconds, &tm)) {
        snprintf(text, MST_TOOL_INSTANT_BYTES, "never");
        return text;
    }
    int year = tm.tm_year + 1900; /* not by strftime, which need not fill it to four digits */
    snprintf(text, MST_TOOL_INSTANT_BYTES, "%04d", year > 9999 ? 9999 : year);
    strftime(text + 4, MST_TOOL_INSTANT_BYTES - 4, "-%m-%dT%H:%M:%SZ", &tm);
    if (form == MST_TOOL_INSTANT_MINUTE) {
        text[10] = ' ';
        text[16] = '\0';
    }
    if (form == MST_TOOL_INSTANT_DAY)
        text[10] = '\0';
    return text;
}

void mst_tool_put_json_instant(const char *key, int64_t instant)
{
    char text[MST_TOOL_INSTANT_BYTES];
    mst_tool_instant_text(text, instant, MST_TOOL_INSTANT_FULL);
    mst_tool_put_json_member(key, instant == MST_NEVER ? NULL : text);
}

int64_t mst_tool_clock(void)
{
    return (int64_t)time(NULL);
}
