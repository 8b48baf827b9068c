/* SPDX-License-Identifier: Apache-2.0
 *
 * lex_literal.c - judges runs that begin with a digit. A run is compared with the shapes that
 * literals have; what has none of them is one error, with a guess at what was meant. Values are
 * read by the very functions that read facts. */
#include "lex_literal.h"

#include <string.h>

#include "format/builtins.h"
#include "format/calendar.h"
#include "grammar.h"

#define MAX_DURATION_DAYS 3660000

struct run {
    struct mst_lexer *lexer;
    struct mst_span span;
    const char *bytes;
    size_t len;
};

static struct run make_run(struct mst_lexer *lexer, const unsigned char *from)
{
    size_t len = (size_t)(lexer->cursor - from);
    struct mst_span span = {lexer->source, (uint32_t)(from - lexer->start), (uint32_t)len};
    return (struct run){lexer, span, (const char *)from, len};
}

static mst_text text_of(const struct run *run)
{
    return (mst_text){run->bytes, (uint32_t)run->len};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Does the run look so? 0 stands for a digit, everything else for itself. */
static bool has_shape(const struct run *run, const char *shape)
{
    if (strlen(shape) != run->len)
        return false;
    for (size_t i = 0; i < run->len; i++)
        if (shape[i] == '0' ? !is_digit(run->bytes[i]) : shape[i] != run->bytes[i])
            return false;
    return true;
}

static bool is_made_of(const struct run *run, const char *others)
{
    for (size_t i = 0; i < run->len; i++)
        if (!is_digit(run->bytes[i]) && strchr(others, run->bytes[i]) == NULL)
            return false;
    return true;
}

static int two_digits(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

static int accept_literal(struct mst_token *token, enum mst_literal_kind literal, int64_t value)
{
    token->literal = (uint8_t)literal;
    token->word = value;
    return TOK_LITERAL;
}

/* Reports that the run, followed by `message`, is wrong. */
static int refuse(const struct run *run, struct mst_token *token, enum mst_diag_id id,
                  const char *message, const char *help)
{
    struct mst_diags *diags = run->lexer->diags;
    int shown = run->len > 40 ? 40 : (int)run->len;
    struct mst_diag *diag = mst_diag_report(diags, id, run->span, "`%.*s%s` %s.", shown, run->bytes,
                                            run->len > 40 ? "..." : "", message);
    mst_diag_help(diags, diag, "%s", help);
    token->reported = true;
    return TOK_BAD;
}

/* ---- numbers and versions ---------------------------------------------------------------- */

int mst_lex_literal_int(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token)
{
    struct run run = make_run(lexer, from);
    token->literal = MST_LITERAL_INT;
    if (mst_parse_int(text_of(&run), &token->word))
        return TOK_INT;
    return refuse(&run, token, MST_DIAG_INT_TOO_LARGE, "is too large",
                  "the largest whole number is 9223372036854775807");
}

/* The first wrong part, for the help: parts have at most five digits and reach to 65535. */
static bool is_part_in_range(const char *at, size_t len)
{
    int value = 0;
    for (size_t i = 0; i < len && i < 6; i++)
        value = value * 10 + (at[i] - '0');
    return len >= 1 && len <= 5 && value <= 65535;
}

static int scan_version(const struct run *run, struct mst_token *token)
{
    size_t parts = 0;
    bool in_range = true;
    for (size_t at = 0; at <= run->len; parts++) {
        size_t end = at;
        while (end < run->len && run->bytes[end] != '.')
            end++;
        in_range = in_range && is_part_in_range(run->bytes + at, end - at);
        at = end + 1;
    }
    uint64_t value = 0;
    if (parts > 4)
        return refuse(run, token, MST_DIAG_VERSION_LITERAL, "has more than four parts",
                      "a version has one to four parts, such as 26100.4929");
    if (!in_range || !mst_parse_version(text_of(run), &value))
        return refuse(run, token, MST_DIAG_VERSION_LITERAL, "is not a version",
                      "each part of a version is a number from 0 to 65535");
    token->literal = MST_LITERAL_VERSION;
    token->parts = (uint8_t)parts;
    token->word = (int64_t)value;
    return TOK_VERSION_NUMBER;
}

int mst_lex_literal_v(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token)
{
    struct run run = make_run(lexer, from);
    int shown = run.len > 40 ? 40 : (int)run.len;
    struct mst_diag *diag =
        mst_diag_report(lexer->diags, MST_DIAG_VERSION_WITH_V, run.span,
                        "`%.*s`: a version is written without `v`.", shown, run.bytes);
    mst_diag_help(lexer->diags, diag, "write `%.*s`", shown - 1, run.bytes + 1);
    token->reported = true;
    return TOK_BAD;
}

/* ---- dates and times --------------------------------------------------------------------- */

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

static int refuse_date(const struct run *run, struct mst_token *token)
{
    struct mst_diags *diags = run->lexer->diags;
    int64_t year = two_digits(run->bytes) * 100 + two_digits(run->bytes + 2);
    int month = two_digits(run->bytes + 5);
    if (year == 0)
        return refuse(run, token, MST_DIAG_DATE_LITERAL, "is out of range",
                      "years go from 0001 to 9999");
    if (month < 1 || month > 12)
        return refuse(run, token, MST_DIAG_DATE_LITERAL, "is not a date: months go from 01 to 12",
                      "dates are written year-month-day, such as 2026-11-10");
    struct mst_diag *diag =
        mst_diag_report(diags, MST_DIAG_DATE_LITERAL, run->span, "`%.*s`: there is no such day.",
                        (int)run->len, run->bytes);
    mst_diag_help(diags, diag, "%s %d has %d days", month_names[month - 1], (int)year,
                  (int)mst_days_in_month(year, month));
    token->reported = true;
    return TOK_BAD;
}

static int scan_date(const struct run *run, struct mst_token *token)
{
    int64_t value = 0;
    if (!mst_parse_date(text_of(run), &value))
        return refuse_date(run, token);
    return accept_literal(token, MST_LITERAL_DATE, value);
}

/* `2610-10` is more likely a difference without spaces than October 2610. */
static bool is_likely_year(const struct run *run)
{
    int century = two_digits(run->bytes);
    return (century >= 19 && century <= 21) || memcmp(run->bytes, "9999", 4) == 0 ||
           memcmp(run->bytes, "000", 3) == 0;
}

static int scan_month(const struct run *run, struct mst_token *token)
{
    int64_t value = 0;
    if (!is_likely_year(run))
        return refuse(run, token, MST_DIAG_BAD_RUN, "is not a month of 1900 to 2199",
                      "put spaces around `-` for a difference");
    if (!mst_parse_month(text_of(run), &value))
        return refuse_date(run, token);
    return accept_literal(token, MST_LITERAL_MONTH, value);
}

static int scan_time(const struct run *run, struct mst_token *token)
{
    int64_t value = 0;
    struct run day = *run;
    day.len = 10;
    if (!mst_parse_date(text_of(&day), &value))
        return refuse_date(run, token);
    if (two_digits(run->bytes + 17) > 59)
        return refuse(run, token, MST_DIAG_TIME_LITERAL, "is not a time",
                      "seconds go from 00 to 59");
    if (!mst_parse_time(text_of(run), &value))
        return refuse(run, token, MST_DIAG_TIME_LITERAL, "is not a time",
                      "hours go from 00 to 23, minutes and seconds from 00 to 59, and the year "
                      "in UTC from 0001 to 9999");
    return accept_literal(token, MST_LITERAL_TIME, value);
}

static int scan_clock(const struct run *run, struct mst_token *token)
{
    int hours = two_digits(run->bytes), minutes = two_digits(run->bytes + 3);
    if (hours > 23 || minutes > 59)
        return refuse(run, token, MST_DIAG_TIME_LITERAL, "is not a time of day",
                      "clocks go from 00:00 to 23:59");
    return accept_literal(token, MST_LITERAL_CLOCK, (hours * 60 + minutes) * 60);
}

/* ---- durations --------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int64_t seconds;
} units[] = {
    {"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}, {"week", 604800},
};

/* Seconds of a unit, with or without s; 0 if the word is none. */
static int64_t find_unit(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t unit_len = strlen(units[i].name);
        bool plural = len == unit_len + 1 && word[unit_len] == 's';
        if ((len == unit_len || plural) && memcmp(word, units[i].name, unit_len) == 0)
            return units[i].seconds;
    }
    return 0;
}

int mst_lex_literal_duration(struct mst_lexer *lexer, const unsigned char *from,
                             struct mst_token *token)
{
    struct run run = make_run(lexer, from);
    size_t digits = 0, word = 0;
    while (is_digit(run.bytes[digits]))
        digits++;
    for (word = digits; run.bytes[word] == ' ' || run.bytes[word] == '\t';)
        word++;
    int64_t seconds = find_unit(run.bytes + word, run.len - word), number = 0;
    if (seconds == 0) {
        lexer->cursor = from + digits;
        return mst_lex_literal_int(lexer, from, token);
    }
    mst_text text = {run.bytes, (uint32_t)digits};
    if (!mst_parse_int(text, &number) || number > MAX_DURATION_DAYS * INT64_C(86400) / seconds)
        return refuse(&run, token, MST_DIAG_DURATION_LITERAL, "is too long",
                      "a duration has at most 3660000 days");
    return accept_literal(token, MST_LITERAL_DURATION, number * seconds);
}

/* ---- everything else --------------------------------------------------------------------- */

static const char *const short_units[][2] = {
    {"s", "seconds"},   {"sec", "seconds"},  {"secs", "seconds"}, {"m", "minutes"},
    {"min", "minutes"}, {"mins", "minutes"}, {"h", "hours"},      {"hr", "hours"},
    {"hrs", "hours"},   {"d", "days"},       {"w", "weeks"},
};

static const char *guess_unit(const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof short_units / sizeof *short_units; i++)
        if (strlen(short_units[i][0]) == len && memcmp(short_units[i][0], word, len) == 0)
            return short_units[i][1];
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (find_unit(word, len) == units[i].seconds)
            return len == strlen(units[i].name) ? units[i].name : "";
    return NULL;
}

/* `7days`, `28d`: false if the letters behind the digits are no unit. */
static bool refuse_glued_unit(const struct run *run, struct mst_token *token)
{
    size_t digits = 0;
    while (digits < run->len && is_digit(run->bytes[digits]))
        digits++;
    const char *unit = guess_unit(run->bytes + digits, run->len - digits);
    if (unit == NULL)
        return false;
    struct mst_diags *diags = run->lexer->diags;
    struct mst_diag *diag = mst_diag_report(diags, MST_DIAG_BAD_RUN, run->span,
                                            "`%.*s` is not a duration.", (int)run->len, run->bytes);
    int rest = *unit == '\0' ? (int)(run->len - digits) : 0;
    mst_diag_help(diags, diag, "write `%.*s %s%.*s`", (int)digits, run->bytes, unit, rest,
                  run->bytes + digits);
    token->reported = true;
    return true;
}

static bool has_letter(const struct run *run)
{
    for (size_t i = 0; i < run->len; i++)
        if ((run->bytes[i] | 0x20) >= 'a' && (run->bytes[i] | 0x20) <= 'z')
            return true;
    return false;
}

static bool starts_like_date(const struct run *run)
{
    struct run head = *run;
    head.len = 10;
    return run->len > 10 && has_shape(&head, "0000-00-00");
}

static const char *guess_help(const struct run *run)
{
    if (has_shape(run, "00-00-0000") || has_shape(run, "0-00-0000") ||
        has_shape(run, "00-0-0000") || has_shape(run, "0-0-0000"))
        return "dates are written year-month-day, such as 2026-11-10";
    if (has_shape(run, "0000-0-0") || has_shape(run, "0000-00-0") || has_shape(run, "0000-0-00") ||
        has_shape(run, "0000-0"))
        return "months and days have two digits, such as 2026-01-05";
    if (is_made_of(run, "-"))
        return "put spaces around `-` for a difference; a date is written 2026-11-10, a month "
               "2026-11";
    if (is_made_of(run, "_"))
        return "write the digits without `_`";
    if (is_made_of(run, ":"))
        return "a time of day is written 10:00, with two digits each and without seconds";
    return NULL;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

/* Does a name belong here, because of the token before? */
static bool is_name_place(const struct mst_lexer *lexer)
{
    static const int before[] = {TOK_ADVISE, TOK_CHECK,  TOK_DECISION, TOK_DEF,    TOK_ENUM,
                                 TOK_FACTS,  TOK_FAIL,   TOK_FIXTURE,  TOK_IMPORT, TOK_INCLUDE,
                                 TOK_LET,    TOK_MODULE, TOK_PARAM,    TOK_PASS,   TOK_POLICY,
                                 TOK_RECORD, TOK_SET,    TOK_TABLE};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (lexer->previous == before[i])
            return true;
    return lexer->in_enum && (lexer->previous == '{' || lexer->previous == ',');
}

static int refuse_name(const struct run *run, struct mst_token *token)
{
    struct mst_diags *diags = run->lexer->diags;
    struct mst_diag *diag = mst_diag_report(diags, MST_DIAG_BAD_RUN, run->span,
                                            "`%.*s` is not a name.", (int)run->len, run->bytes);
    if (run->lexer->in_enum)
        mst_diag_help(diags, diag, "a name begins with a letter: write `v%.*s = \"%.*s\"`",
                      (int)run->len, run->bytes, (int)run->len, run->bytes);
    else
        mst_diag_help(diags, diag, "a name begins with a letter: write `v%.*s`", (int)run->len,
                      run->bytes);
    token->reported = true;
    return TOK_BAD;
}

static int refuse_word(const struct run *run, struct mst_token *token)
{
    if (is_made_of(run, letters) && is_name_place(run->lexer))
        return refuse_name(run, token);
    if (has_shape(run, "00H0"))
        return refuse(run, token, MST_DIAG_BAD_RUN, "is the name of a release, not its version",
                      "compare the build, as in `os.build within 26100`; as a text write it "
                      "between quotes");
    struct mst_diags *diags = run->lexer->diags;
    struct mst_diag *diag =
        mst_diag_report(diags, MST_DIAG_BAD_RUN, run->span,
                        "`%.*s` is neither a number nor a name.", (int)run->len, run->bytes);
    mst_diag_help(diags, diag, "write it as a text, \"%.*s\"; a name begins with a letter",
                  (int)run->len, run->bytes);
    token->reported = true;
    return TOK_BAD;
}

static int refuse_run(const struct run *run, struct mst_token *token)
{
    if (starts_like_date(run))
        return refuse(run, token, MST_DIAG_TIME_LITERAL, "is not a time",
                      "a time is written 2026-11-10T18:00:00Z, or with an offset: "
                      "2026-11-10T18:00:00+02:00");
    if (refuse_glued_unit(run, token))
        return TOK_BAD;
    const char *help = guess_help(run);
    if (help != NULL)
        return refuse(run, token, MST_DIAG_BAD_RUN, "is not a number, version or date", help);
    if (!has_letter(run) || run->len > 40)
        return refuse(run, token, MST_DIAG_BAD_RUN, "is not a number, version or date",
                      "put spaces around operators");
    return refuse_word(run, token);
}

int mst_lex_literal_run(struct mst_lexer *lexer, const unsigned char *from, struct mst_token *token)
{
    struct run run = make_run(lexer, from);
    if (is_made_of(&run, "."))
        return scan_version(&run, token);
    if (has_shape(&run, "0000-00-00"))
        return scan_date(&run, token);
    if (has_shape(&run, "0000-00"))
        return scan_month(&run, token);
    if (has_shape(&run, "00:00"))
        return scan_clock(&run, token);
    if (has_shape(&run, "0000-00-00T00:00:00Z") || has_shape(&run, "0000-00-00T00:00:00+00:00") ||
        has_shape(&run, "0000-00-00T00:00:00-00:00"))
        return scan_time(&run, token);
    return refuse_run(&run, token);
}
