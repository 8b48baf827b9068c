/* SPDX-License-Identifier: Apache-2.0
 *
 * test_text.c - results of rule tests for people: each test that failed with what was expected,
 * what came instead, and the values it came from. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "output.h"
#include "terminal.h"
#include "test_report.h"
#include "tool.h"

/* ---- lines ------------------------------------------------------------------------------- */

struct lines {
    char *text;
    size_t len;
    const char *indent;
    size_t width;
};

static void append(struct lines *lines, const char *text, size_t len)
{
    lines->text = mst_tool_resize(lines->text, lines->len + len + 1);
    lines->len += mst_tool_text_tame(lines->text + lines->len, text, len);
    lines->text[lines->len] = '\0';
}

static void end_line(struct lines *lines)
{
    lines->text = mst_tool_resize(lines->text, lines->len + 2);
    lines->text[lines->len++] = '\n';
    lines->text[lines->len] = '\0';
}

/* How much of a text goes on this line: all, or up to the last blank that fits. */
static size_t fit(const char *text, size_t len, size_t columns)
{
    size_t fitting = mst_tool_text_fit(text, len, columns);
    if (fitting == len)
        return len;
    for (size_t i = fitting; i > fitting / 2; i--)
        if (text[i] == ' ')
            return i;
    return fitting > 0 ? fitting : len;
}

/* "from    text", and what does not fit below it. */
static void add_line(struct lines *lines, const char *word, const char *text)
{
    static const char blanks[] = "        ";
    size_t len = strlen(text), room = strlen(lines->indent) + sizeof blanks - 1;
    size_t columns = lines->width > room + 20 ? lines->width - room : SIZE_MAX;
    do {
        size_t part = fit(text, len, columns);
        append(lines, lines->indent, strlen(lines->indent));
        append(lines, word, strlen(word));
        append(lines, blanks, sizeof blanks - 1 - strlen(word));
        append(lines, text, part);
        end_line(lines);
        for (word = ""; part < len && text[part] == ' '; part++)
            ;
        text += part;
        len -= part;
    } while (len > 0);
}

static void add_line_owned(struct lines *lines, const char *word, char *text)
{
    add_line(lines, word, text);
    free(text);
}

/* ---- failures ---------------------------------------------------------------------------- */

static void add_values(struct lines *lines, const mst_author_value *values, size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        size_t width = mst_tool_text_width(values[i].name, strlen(values[i].name));
        widest = width > widest && width <= 32 ? width : widest;
    }
    for (size_t i = 0; i < count; i++) {
        size_t width = mst_tool_text_width(values[i].name, strlen(values[i].name));
        add_line_owned(lines, i == 0 ? "from" : "",
                       mst_tool_format("%s%*s = %s", values[i].name,
                                       (int)(width < widest ? widest - width : 0), "",
                                       values[i].value));
    }
}

static void add_found(struct lines *lines, const mst_author_found *found, bool is_shown)
{
    char until[MST_TOOL_INSTANT_BYTES];
    mst_tool_instant_text(until, found->valid_until, MST_TOOL_INSTANT_FULL);
    add_line_owned(lines, "but",
                   mst_tool_format("%s is %s%s%s, until %s", found->name, found->outcome,
                                   found->check ? " by check " : "",
                                   found->check ? found->check : "", until));
    if (is_shown)
        return;
    if (found->reason)
        add_line_owned(lines, "", mst_tool_format("\"%s\"", found->reason));
    for (size_t i = 0; i < found->cause_count; i++)
        add_line_owned(lines, "",
                       mst_tool_format("%s %s", found->causes[i].name, found->causes[i].value));
    add_values(lines, found->values, found->value_count);
}

static bool is_shown_before(const mst_author_test *test, size_t before, const char *name)
{
    for (size_t i = 0; i < before; i++)
        for (size_t k = 0; k < test->failures[i].found_count; k++)
            if (strcmp(test->failures[i].found[k].name, name) == 0)
                return true;
    return false;
}

char *mst_tool_failure_text(const mst_author_test *test, size_t i, const char *indent, size_t width)
{
    const mst_author_failure *failure = &test->failures[i];
    struct lines lines = {mst_tool_copy("", 0), 0, indent, width};
    for (size_t k = 0; k < failure->found_count; k++)
        add_found(&lines, &failure->found[k], is_shown_before(test, i, failure->found[k].name));
    if (failure->is_unknown)
        add_line(&lines, "", "(the condition is unknown)");
    for (size_t k = 0; k < failure->value_count; k++)
        add_line_owned(
            &lines, "but",
            mst_tool_format("%s is %s", failure->values[k].name, failure->values[k].value));
    return lines.text;
}

/* ---- tests ------------------------------------------------------------------------------- */

static void put_failed(const mst_tool_tests *tests, const mst_tool_tested *file,
                       const mst_author_test *test)
{
    mst_tool_printf("%sFAILED%s  %s:%" PRIu32 ": ", tests->has_color ? MST_TOOL_RED : "",
                    tests->has_color ? MST_TOOL_PLAIN : "", file->path, test->line);
    mst_tool_puts_tame(test->name);
    mst_tool_puts("\n");
    for (size_t i = 0; i < test->failure_count; i++) {
        const mst_author_failure *failure = &test->failures[i];
        char *text = mst_tool_failure_text(test, i, "    ", mst_tool_width());
        mst_tool_printf("    line %" PRIu32 "%s", failure->line, *failure->text ? ": " : "");
        mst_tool_puts_tame(failure->text);
        mst_tool_puts("\n");
        mst_tool_puts(text);
        free(text);
    }
}

void mst_tool_put_tested(const mst_tool_tests *tests, const mst_tool_tested *file)
{
    for (size_t i = 0; i < file->suite.test_count; i++) {
        const mst_author_test *test = &file->suite.tests[i];
        if (test->failure_count > 0) {
            put_failed(tests, file, test);
        } else if (tests->is_verbose) {
            mst_tool_printf("%sok%s      %s: ", tests->has_color ? MST_TOOL_GREEN : "",
                            tests->has_color ? MST_TOOL_PLAIN : "", file->path);
            mst_tool_puts_tame(test->name);
            mst_tool_puts("\n");
        }
    }
}

void mst_tool_put_tests_end(const mst_tool_tests *tests)
{
    if (tests->broken > 0)
        mst_tool_printf("not tested: %zu %s with errors\n", tests->broken,
                        tests->broken == 1 ? "file" : "files");
    mst_tool_printf("%zu passed, %zu failed\n", tests->passed, tests->failed);
}
