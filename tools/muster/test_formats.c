/* SPDX-License-Identifier: Apache-2.0
 *
 * test_formats.c - results of rule tests for programs: TAP (version 14), JUnit's XML, and JSON. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cover_report.h"
#include "instant.h"
#include "output.h"
#include "terminal.h"
#include "test_mutate.h"
#include "test_report.h"
#include "tool.h"

/* ---- TAP --------------------------------------------------------------------------------- */

/* `#` would begin a directive, a backslash escapes it. */
static void put_tap_name(const char *name)
{
    for (; *name; name++) {
        if (*name == '#' || *name == '\\')
            mst_tool_puts("\\");
        mst_tool_put_tame(name, 1);
    }
}

static void put_tap_failures(const mst_tool_tested *file, const mst_author_test *test)
{
    mst_tool_printf("  ---\n  file: ");
    mst_tool_put_json(file->path, strlen(file->path));
    mst_tool_printf("\n  line: %" PRIu32 "\n  message: |\n", test->line);
    for (size_t i = 0; i < test->failure_count; i++) {
        const mst_author_failure *failure = &test->failures[i];
        char *text = mst_tool_failure_text(test, i, "      ", 0);
        mst_tool_printf("    line %" PRIu32 ": ", failure->line);
        mst_tool_puts_tame(failure->text);
        mst_tool_printf("\n%s", text);
        free(text);
    }
    mst_tool_puts("  ...\n");
}

void mst_tool_put_tests_tap(const mst_tool_tests *tests)
{
    size_t number = 0;
    mst_tool_printf("TAP version 14\n1..%zu\n", tests->passed + tests->failed);
    for (size_t f = 0; f < tests->file_count; f++) {
        const mst_tool_tested *file = &tests->files[f];
        for (size_t i = 0; i < file->suite.test_count; i++) {
            const mst_author_test *test = &file->suite.tests[i];
            mst_tool_printf("%sok %zu - ", test->failure_count > 0 ? "not " : "", ++number);
            put_tap_name(test->name);
            mst_tool_puts("\n");
            if (test->failure_count > 0)
                put_tap_failures(file, test);
        }
    }
}

/* ---- JUnit ------------------------------------------------------------------------------- */

static void put_xml(const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': mst_tool_puts("&amp;"); break;
        case '<': mst_tool_puts("&lt;"); break;
        case '>': mst_tool_puts("&gt;"); break;
        case '"': mst_tool_puts("&quot;"); break;
        case '\n': mst_tool_puts("\n"); break;
        default:
            if ((unsigned char)*text >= 0x80)
                mst_tool_put(text, 1);
            else
                mst_tool_put_tame(text, 1);
        }
    }
}

static void put_junit_failure(const mst_author_test *test, size_t i)
{
    const mst_author_failure *failure = &test->failures[i];
    char *text = mst_tool_failure_text(test, i, "", 0);
    mst_tool_printf("      <failure message=\"line %" PRIu32 ": ", failure->line);
    put_xml(failure->text);
    mst_tool_puts("\">");
    put_xml(text);
    mst_tool_puts("</failure>\n");
    free(text);
}

static void put_junit_test(const mst_tool_tested *file, const mst_author_test *test)
{
    mst_tool_puts("    <testcase name=\"");
    put_xml(test->name);
    mst_tool_puts("\" classname=\"");
    put_xml(file->path);
    mst_tool_puts("\" file=\"");
    put_xml(file->path);
    mst_tool_printf("\" line=\"%" PRIu32 "\"%s>\n", test->line, test->failure_count > 0 ? "" : "/");
    for (size_t i = 0; i < test->failure_count; i++)
        put_junit_failure(test, i);
    if (test->failure_count > 0)
        mst_tool_puts("    </testcase>\n");
}

void mst_tool_put_tests_junit(const mst_tool_tests *tests)
{
    mst_tool_printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<testsuites tests=\"%zu\" failures=\"%zu\">\n",
                    tests->passed + tests->failed, tests->failed);
    for (size_t f = 0; f < tests->file_count; f++) {
        const mst_tool_tested *file = &tests->files[f];
        mst_tool_puts("  <testsuite name=\"");
        put_xml(file->path);
        mst_tool_printf("\" tests=\"%zu\" failures=\"%zu\">\n", file->suite.test_count,
                        file->suite.failed_count);
        for (size_t i = 0; i < file->suite.test_count; i++)
            put_junit_test(file, &file->suite.tests[i]);
        mst_tool_puts("  </testsuite>\n");
    }
    mst_tool_puts("</testsuites>\n");
}

/* ---- JSON -------------------------------------------------------------------------------- */

/* [{"name":"os.build","value":"26100.9106"}] */
static void put_json_values(const char *key, const char *first, const char *second,
                            const mst_author_value *values, size_t count)
{
    mst_tool_printf("\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        mst_tool_puts(i > 0 ? ",{" : "{");
        mst_tool_put_json_member(first, values[i].name);
        mst_tool_puts(",");
        mst_tool_put_json_member(second, values[i].value);
        mst_tool_puts("}");
    }
    mst_tool_puts("]");
}

static void put_json_found(const mst_author_found *found)
{
    mst_tool_puts("{");
    mst_tool_put_json_member("verdict", found->name);
    mst_tool_puts(",");
    mst_tool_put_json_member("outcome", found->outcome);
    mst_tool_puts(",");
    mst_tool_put_json_member("check", found->check);
    mst_tool_puts(",");
    mst_tool_put_json_member("reason", found->reason);
    mst_tool_puts(",");
    mst_tool_put_json_instant("valid_until", found->valid_until);
    mst_tool_puts(",");
    put_json_values("causes", "kind", "name", found->causes, found->cause_count);
    mst_tool_puts(",");
    put_json_values("values", "name", "value", found->values, found->value_count);
    mst_tool_puts("}");
}

static void put_json_failure(const mst_author_failure *failure)
{
    mst_tool_printf("{\"line\":%" PRIu32 ",", failure->line);
    mst_tool_put_json_member("expected", failure->text);
    mst_tool_printf(",\"is_unknown\":%s,\"found\":[", failure->is_unknown ? "true" : "false");
    for (size_t i = 0; i < failure->found_count; i++) {
        mst_tool_puts(i > 0 ? "," : "");
        put_json_found(&failure->found[i]);
    }
    mst_tool_puts("],");
    put_json_values("values", "name", "value", failure->values, failure->value_count);
    mst_tool_puts("}");
}

static void put_json_test(const mst_tool_tested *file, const mst_author_test *test)
{
    mst_tool_puts("{");
    mst_tool_put_json_member("path", file->path);
    mst_tool_printf(",\"line\":%" PRIu32 ",", test->line);
    mst_tool_put_json_member("name", test->name);
    mst_tool_puts(",");
    mst_tool_put_json_instant("at", test->at);
    mst_tool_printf(",\"passed\":%s,\"failures\":[", test->failure_count == 0 ? "true" : "false");
    for (size_t i = 0; i < test->failure_count; i++) {
        mst_tool_puts(i > 0 ? "," : "");
        put_json_failure(&test->failures[i]);
    }
    mst_tool_puts("]}");
}

void mst_tool_put_tests_json(const mst_tool_tests *tests)
{
    bool is_first = true;
    mst_tool_printf("{\"passed\":%zu,\"failed\":%zu,\"tests\":[", tests->passed, tests->failed);
    for (size_t f = 0; f < tests->file_count; f++)
        for (size_t i = 0; i < tests->files[f].suite.test_count; i++) {
            mst_tool_puts(is_first ? "\n" : ",\n");
            put_json_test(&tests->files[f], &tests->files[f].suite.tests[i]);
            is_first = false;
        }
    mst_tool_puts("]");
    if (tests->coverage) {
        mst_tool_puts(",\n\"coverage\":");
        mst_tool_put_cover_json(tests->coverage);
    }
    if (tests->mutation) {
        mst_tool_puts(",\n\"mutation\":");
        mst_tool_put_mutation_json(tests->mutation, tests);
    }
    mst_tool_puts("}\n");
}
