/* SPDX-License-Identifier: Apache-2.0
 *
 * options.c - getopt_long with our own words: it stays silent (the leading ':' of the letters)
 * and what it found wrong is said here. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "tool.h"

static size_t count_names(const struct option *names)
{
    size_t count = 0;
    while (names[count].name)
        count++;
    return count;
}

/* The names that begin with `start`, as "'--facts' or '--fail-on'"; NULL where there is none. */
static char *list_beginning(const struct option *names, const char *start)
{
    char *list = NULL;
    for (; names->name; names++) {
        if (strncmp(names->name, start, strlen(start)) != 0)
            continue;
        char *longer =
            mst_tool_format("%s%s'--%s'", list ? list : "", list ? " or " : "", names->name);
        free(list);
        list = longer;
    }
    return list;
}

/* Not the name of any option, or the beginning of several. */
static void report_name(const mst_tool_options *options, const char *name)
{
    char *several = list_beginning(options->names, name);
    const char *meant = mst_tool_nearest(name, &options->names[0].name, count_names(options->names),
                                         sizeof(struct option));
    if (several)
        mst_tool_misused("the option '--%s' could be %s", name, several);
    else if (meant)
        mst_tool_misused("there is no option '--%s'; did you mean '--%s'?", name, meant);
    else
        mst_tool_misused("there is no option '--%s'", name);
    free(several);
}

/* An option that does not exist, or takes no value. */
static int report_unknown(const mst_tool_options *options)
{
    const char *given = options->argv[optind - 1];
    int len = (int)strcspn(given, "=");
    if (optopt != 0 && strncmp(given, "--", 2) != 0)
        return mst_tool_misused("there is no option '-%c'", optopt);
    if (optopt != 0)
        return mst_tool_misused("the option '%.*s' takes no value", len, given);
    char *name = mst_tool_copy(given + 2, (size_t)len - 2);
    report_name(options, name);
    free(name);
    return MST_TOOL_USAGE;
}

static bool may_repeat(const mst_tool_options *options, int letter)
{
    for (const int *repeated = options->repeated; *repeated != 0; repeated++)
        if (*repeated == letter)
            return true;
    return false;
}

/* Of two values one would be lost. */
static int report_twice(const mst_tool_options *options, int letter)
{
    for (const struct option *name = options->names; name->name; name++)
        if (name->val == letter)
            return mst_tool_misused("the option '--%s' is given twice", name->name);
    return mst_tool_misused("the option '-%c' is given twice", letter);
}

bool mst_tool_read_options(const mst_tool_options *options, mst_tool_take *take, void *context,
                           int *code)
{
    bool seen[MST_TOOL_OPTION_END] = {false};
    for (;;) {
        optopt = 0;
        int letter =
            getopt_long(options->argc, options->argv, options->letters, options->names, NULL);
        *code = MST_TOOL_GOOD;
        switch (letter) {
        case -1: return true;
        case 'h': mst_tool_puts(options->help); return false;
        case ':':
            *code = mst_tool_misused("the option '%s' needs a value", options->argv[optind - 1]);
            return false;
        case '?': *code = report_unknown(options); return false;
        default:
            *code = seen[letter] && optarg && !may_repeat(options, letter)
                        ? report_twice(options, letter)
                        : take(context, letter, optarg);
            seen[letter] = true;
        }
        if (*code != MST_TOOL_GOOD)
            return false;
    }
}

const char *mst_tool_only_rules(const mst_tool_options *options, const char *hint)
{
    int count = options->argc - optind;
    if (count == 1)
        return options->argv[optind];
    if (count == 0)
        mst_tool_misused("which rules?");
    else
        mst_tool_misused("one RULES is enough, '%s' is too much%s", options->argv[optind + 1],
                         hint);
    return NULL;
}

/* ---- did you mean ------------------------------------------------------------------------ */

#define LONGEST_NAME 64

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be added, dropped, changed or swapped with their neighbour. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][LONGEST_NAME + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[b_len];
}

const char *mst_tool_nearest(const char *wrong, const char *const *names, size_t count,
                             size_t stride)
{
    const char *nearest = NULL;
    size_t wrong_len = strlen(wrong), nearest_distance = 3;
    if (wrong_len > LONGEST_NAME)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const char *name = *(const char *const *)(const void *)((const char *)names + i * stride);
        size_t len = name ? strlen(name) : LONGEST_NAME + 1;
        if (len > LONGEST_NAME)
            continue;
        size_t distance = edit_distance(wrong, wrong_len, name, len);
        if (distance < nearest_distance && distance * 2 < len) {
            nearest = name;
            nearest_distance = distance;
        }
    }
    return nearest;
}
