/* SPDX-License-Identifier: Apache-2.0
 *
 * builtins.c - one function for each line of builtins.def: arguments in, a value or a fault out.
 * At the end the seconds until the result of a rising argument changes. */
#include "format/builtins.h"

#include "format/arith.h"
#include "format/base.h"
#include "format/calendar.h"

struct call {
    const struct mst_value *args;
    struct mst_value *result;
    char *site;
    size_t site_bytes;
};

static int64_t word(const struct call *call, unsigned i)
{
    MST_ASSERT(i < MST_BUILTIN_MAX_ARGS);
    return call->args[i].word;
}

static enum mst_outcome give(struct call *call, int64_t value)
{
    call->result->word = value;
    return MST_BUILTIN_OK;
}

static enum mst_outcome give_text(struct call *call, const char *ptr, size_t len)
{
    call->result->text.ptr = ptr;
    call->result->text.len = (uint32_t)len;
    return MST_BUILTIN_OK;
}

/* ---- text ---------------------------------------------------------------------------------- */

static enum mst_outcome map_letters(struct call *call, char first, char last, int shift)
{
    const mst_text text = call->args[0].text;
    if (text.len > call->site_bytes)
        return MST_BUILTIN_FAULT;
    for (uint32_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        call->site[i] = c >= first && c <= last ? (char)(c + shift) : c;
    }
    return give_text(call, call->site, text.len);
}

static enum mst_outcome call_lower(struct call *call)
{
    return map_letters(call, 'A', 'Z', 32);
}

static enum mst_outcome call_upper(struct call *call)
{
    return map_letters(call, 'a', 'z', -32);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum mst_outcome call_trim(struct call *call)
{
    const mst_text text = call->args[0].text;
    uint32_t first = 0;
    uint32_t last = text.len;
    while (first < last && is_space(text.ptr[first]))
        first++;
    while (last > first && is_space(text.ptr[last - 1]))
        last--;
    return give_text(call, first < last ? text.ptr + first : "", last - first);
}

static enum mst_outcome call_length(struct call *call)
{
    const mst_text text = call->args[0].text;
    int64_t count = 0;
    for (uint32_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return give(call, count);
}

static bool has_at(mst_text text, uint32_t at, mst_text part)
{
    return mst_bytes_equal(text.ptr + at, part.ptr, part.len);
}

static enum mst_outcome call_starts_with(struct call *call)
{
    const mst_text text = call->args[0].text;
    const mst_text part = call->args[1].text;
    return give(call, part.len <= text.len && has_at(text, 0, part));
}

static enum mst_outcome call_ends_with(struct call *call)
{
    const mst_text text = call->args[0].text;
    const mst_text part = call->args[1].text;
    return give(call, part.len <= text.len && has_at(text, text.len - part.len, part));
}

/* Where `part` stands in the text, from `at` on; UINT32_MAX if nowhere. */
static uint32_t find_part(mst_text text, uint32_t at, mst_text part)
{
    for (; at <= text.len && part.len <= text.len - at; at++)
        if (has_at(text, at, part))
            return at;
    return UINT32_MAX;
}

static enum mst_outcome call_contains(struct call *call)
{
    return give(call, find_part(call->args[0].text, 0, call->args[1].text) != UINT32_MAX);
}

static enum mst_outcome call_split_part(struct call *call)
{
    const mst_text text = call->args[0].text;
    const mst_text separator = call->args[1].text;
    int64_t n = word(call, 2);
    if (n < 1 || separator.len == 0)
        return MST_BUILTIN_FAULT;
    uint32_t start = 0;
    for (;;) {
        const uint32_t found = find_part(text, start, separator);
        const uint32_t end = found == UINT32_MAX ? text.len : found;
        if (--n == 0)
            return give_text(call, end > start ? text.ptr + start : "", end - start);
        if (found == UINT32_MAX)
            return MST_BUILTIN_FAULT;
        start = found + separator.len;
    }
}

/* ---- conversion ---------------------------------------------------------------------------- */

static enum mst_outcome judge(bool good)
{
    return good ? MST_BUILTIN_OK : MST_BUILTIN_INVALID;
}

static enum mst_outcome call_int_of_text(struct call *call)
{
    return judge(mst_parse_int(call->args[0].text, &call->result->word));
}

static enum mst_outcome call_version_of_text(struct call *call)
{
    uint64_t version = 0;
    const bool good = mst_parse_version(call->args[0].text, &version);
    call->result->word = (int64_t)version;
    return judge(good);
}

static enum mst_outcome call_date_of_text(struct call *call)
{
    return judge(mst_parse_date(call->args[0].text, &call->result->word));
}

static enum mst_outcome call_time_of_text(struct call *call)
{
    return judge(mst_parse_time(call->args[0].text, &call->result->word));
}

static enum mst_outcome call_duration_of_text(struct call *call)
{
    return judge(mst_parse_duration(call->args[0].text, &call->result->word));
}

static enum mst_outcome give_printed(struct call *call, mst_type type)
{
    if (call->site_bytes < MST_PRINT_MAX)
        return MST_BUILTIN_FAULT;
    return give_text(call, call->site, mst_print_value(type, word(call, 0), call->site));
}

static enum mst_outcome call_text_of_int(struct call *call)
{
    return give_printed(call, MST_TYPE_INT);
}

static enum mst_outcome call_text_of_bool(struct call *call)
{
    return give_printed(call, MST_TYPE_BOOL);
}

static enum mst_outcome call_text_of_version(struct call *call)
{
    return give_printed(call, MST_TYPE_VERSION);
}

static enum mst_outcome call_text_of_date(struct call *call)
{
    return give_printed(call, MST_TYPE_DATE);
}

static enum mst_outcome call_text_of_month(struct call *call)
{
    return give_printed(call, MST_TYPE_MONTH);
}

static enum mst_outcome call_text_of_duration(struct call *call)
{
    return give_printed(call, MST_TYPE_DURATION);
}

static enum mst_outcome call_text_of_time(struct call *call)
{
    return give_printed(call, MST_TYPE_TIME);
}

static enum mst_outcome call_part(struct call *call)
{
    const int64_t n = word(call, 1);
    if (n < 1 || n > 4)
        return MST_BUILTIN_FAULT;
    return give(call, (int64_t)((uint64_t)word(call, 0) >> (64 - 16 * n) & 0xffff));
}

static enum mst_outcome give_version(struct call *call, unsigned count)
{
    uint64_t version = 0;
    for (unsigned i = 0; i < count; i++) {
        const int64_t part = word(call, i);
        if (part < 0 || part > 65535)
            return MST_BUILTIN_FAULT;
        version |= (uint64_t)part << (48 - 16 * i);
    }
    return give(call, (int64_t)version);
}

static enum mst_outcome call_version_of_1(struct call *call)
{
    return give_version(call, 1);
}

static enum mst_outcome call_version_of_2(struct call *call)
{
    return give_version(call, 2);
}

static enum mst_outcome call_version_of_3(struct call *call)
{
    return give_version(call, 3);
}

/* ---- calendar ------------------------------------------------------------------------------ */

static struct mst_civil civil_of_time(const struct call *call)
{
    return mst_civil_from_days(mst_floor_div(word(call, 0), MST_DAY_S));
}

static struct mst_civil civil_of_date(const struct call *call)
{
    return mst_civil_from_days(word(call, 0));
}

static int64_t month_of_civil(struct mst_civil civil)
{
    return civil.year * 12 + civil.month - 1;
}

static enum mst_outcome call_year_of_time(struct call *call)
{
    return give(call, civil_of_time(call).year);
}

static enum mst_outcome call_month_of_year_of_time(struct call *call)
{
    return give(call, civil_of_time(call).month);
}

static enum mst_outcome call_day_of_time(struct call *call)
{
    return give(call, civil_of_time(call).day);
}

static enum mst_outcome call_quarter_of_time(struct call *call)
{
    return give(call, (civil_of_time(call).month + 2) / 3);
}

static enum mst_outcome call_weekday_of_time(struct call *call)
{
    return give(call, mst_weekday(mst_floor_div(word(call, 0), MST_DAY_S)));
}

static enum mst_outcome call_year_of_date(struct call *call)
{
    return give(call, civil_of_date(call).year);
}

static enum mst_outcome call_month_of_year_of_date(struct call *call)
{
    return give(call, civil_of_date(call).month);
}

static enum mst_outcome call_day_of_date(struct call *call)
{
    return give(call, civil_of_date(call).day);
}

static enum mst_outcome call_quarter_of_date(struct call *call)
{
    return give(call, (civil_of_date(call).month + 2) / 3);
}

static enum mst_outcome call_weekday_of_date(struct call *call)
{
    return give(call, mst_weekday(word(call, 0)));
}

static enum mst_outcome call_year_of_month(struct call *call)
{
    return give(call, word(call, 0) / 12);
}

static enum mst_outcome call_month_of_year_of_month(struct call *call)
{
    return give(call, word(call, 0) % 12 + 1);
}

static enum mst_outcome call_quarter_of_month(struct call *call)
{
    return give(call, word(call, 0) % 12 / 3 + 1);
}

static enum mst_outcome call_month_of_time(struct call *call)
{
    return give(call, month_of_civil(civil_of_time(call)));
}

static enum mst_outcome call_month_of_date(struct call *call)
{
    return give(call, month_of_civil(civil_of_date(call)));
}

static enum mst_outcome call_date_of_time(struct call *call)
{
    return give(call, mst_floor_div(word(call, 0), MST_DAY_S));
}

/* The date on the clocks of the zone in the second argument. */
static bool find_local_date(const struct mst_value *args, int64_t time, int64_t *date)
{
    int32_t offset_s = 0;
    if (!mst_zone_offset(&args[1].zone, time, &offset_s))
        return false;
    return mst_in_range(mst_floor_div(time + offset_s, MST_DAY_S), MST_DATE_MIN, MST_DATE_MAX,
                        date);
}

static enum mst_outcome call_date_of_time_in(struct call *call)
{
    const bool good = find_local_date(call->args, word(call, 0), &call->result->word);
    return good ? MST_BUILTIN_OK : MST_BUILTIN_FAULT;
}

static enum mst_outcome call_month_of_time_in(struct call *call)
{
    int64_t date = 0;
    if (!find_local_date(call->args, word(call, 0), &date))
        return MST_BUILTIN_FAULT;
    return give(call, month_of_civil(mst_civil_from_days(date)));
}

static int64_t first_day(int64_t month)
{
    return mst_days_from_civil(month / 12, (int32_t)(month % 12) + 1, 1);
}

static enum mst_outcome call_start_of_month(struct call *call)
{
    return give(call, first_day(word(call, 0)));
}

static enum mst_outcome call_nth_weekday(struct call *call)
{
    const int64_t month = word(call, 0);
    const int64_t n = word(call, 1);
    const int64_t weekday = word(call, 2);
    if (n < 1 || n > 5 || weekday < 1 || weekday > 7)
        return MST_BUILTIN_FAULT;
    const int64_t first = first_day(month);
    const int64_t day = (weekday - mst_weekday(first) + 7) % 7 + 7 * (n - 1);
    if (day >= mst_days_in_month(month / 12, (int32_t)(month % 12) + 1))
        return MST_BUILTIN_FAULT;
    return give(call, first + day);
}

static enum mst_outcome call_at_clock(struct call *call)
{
    const int64_t clock = word(call, 1);
    int64_t time = 0;
    if (clock < 0 || clock >= MST_DAY_S ||
        !mst_zone_instant(&call->args[2].zone, word(call, 0) * MST_DAY_S + clock, &time) ||
        !mst_in_range(time, MST_TIME_MIN, MST_TIME_MAX, &call->result->word))
        return MST_BUILTIN_FAULT;
    return MST_BUILTIN_OK;
}

static enum mst_outcome call_days_of_int(struct call *call)
{
    const bool good = mst_mul(word(call, 0), MST_DAY_S, &call->result->word);
    return good ? MST_BUILTIN_OK : MST_BUILTIN_FAULT;
}

static enum mst_outcome call_days_of_duration(struct call *call)
{
    return give(call, mst_floor_div(word(call, 0), MST_DAY_S));
}

enum mst_outcome mst_builtin_call(uint32_t number, const struct mst_value *args, char *site,
                                  size_t site_bytes, struct mst_value *result)
{
    struct call call = {args, result, site, site_bytes};
    switch (number) {
#define MST_BUILTIN_FN(number, name, function, result, arg1, arg2, arg3, rises, steps, doc)        \
    case number:                                                                                   \
        return call_##function(&call);
#include "format/builtins.def"
#undef MST_BUILTIN_FN
    default: MST_ASSERT(false); return MST_BUILTIN_FAULT;
    }
}

/* ---- next changes -------------------------------------------------------------------------- */

/* The first day of the period after the one that holds `date`; `months` is its length. */
static int64_t next_period(int64_t date, int64_t months)
{
    const int64_t month = month_of_civil(mst_civil_from_days(date));
    return first_day(month - month % months + months);
}

/* Periods in UTC; `months` 0 stands for days. */
static int64_t next_in_utc(int64_t time, int64_t months)
{
    const int64_t date = mst_floor_div(time, MST_DAY_S);
    const int64_t next = (months == 0 ? date + 1 : next_period(date, months)) * MST_DAY_S;
    return next > MST_TIME_MAX ? INT64_MAX : next - time;
}

/* The same by the clocks of a zone, which jump at its transitions: a change of offset is a change
 * of the result only where it moves the clocks out of the period. */
static int64_t next_in_zone(const struct mst_value *args, int64_t months)
{
    const struct mst_zone *zone = &args[1].zone;
    const int64_t start = args[0].word;
    if (mst_zone_is_utc(zone))
        return next_in_utc(start, months);
    if (start < MST_ZONE_BEGIN)
        return MST_ZONE_BEGIN - start;
    if (start >= MST_ZONE_END)
        return INT64_MAX;
    int32_t offset_s = 0;
    (void)mst_zone_offset(zone, start, &offset_s);
    const int64_t date = mst_floor_div(start + offset_s, MST_DAY_S);
    const int64_t first =
        (months == 0 ? date : first_day(month_of_civil(mst_civil_from_days(date)))) * MST_DAY_S;
    const int64_t next = (months == 0 ? date + 1 : next_period(date, months)) * MST_DAY_S;
    for (int64_t time = start; time < MST_ZONE_END;) {
        (void)mst_zone_offset(zone, time, &offset_s);
        if (time + offset_s >= next || time + offset_s < first)
            return time - start;
        const int64_t jump = mst_zone_next_transition(zone, time);
        const int64_t reach = next - offset_s;
        time = reach < jump ? reach : jump;
    }
    return MST_ZONE_END - start;
}

int64_t mst_builtin_next_change(uint32_t number, const struct mst_value *args)
{
    const int64_t value = args[0].word;
    switch (number) {
    case 30: /* year */ return next_in_utc(value, 12);
    case 31: /* month */
    case 43: /* month_of */ return next_in_utc(value, 1);
    case 32: /* day */
    case 34: /* weekday */
    case 46: /* date */ return next_in_utc(value, 0);
    case 33: /* quarter */ return next_in_utc(value, 3);
    case 44: /* month_of in a zone */ return next_in_zone(args, 1);
    case 47: /* date in a zone */ return next_in_zone(args, 0);
    case 52: /* days of a duration */
        return value % MST_DAY_S < 0 ? -(value % MST_DAY_S) : MST_DAY_S - value % MST_DAY_S;
    default: return INT64_MAX;
    }
}
