/* SPDX-License-Identifier: Apache-2.0
 *
 * test_report.h - what `muster test` has found, and the forms in which it says so. */
#ifndef MST_TOOL_TEST_REPORT_H
#define MST_TOOL_TEST_REPORT_H

#include <stdbool.h>

#include "muster/testing.h"

/* One file of rules with its tests. */
typedef struct mst_tool_tested {
    const char *path;
    mst_author_suite suite;
} mst_tool_tested;

typedef struct mst_tool_tests {
    mst_tool_tested *files;
    size_t file_count, file_capacity;
    size_t passed, failed;
    size_t broken; /* files whose rules have errors: nothing of them was tested */
    bool is_verbose, has_color;
    mst_author_coverage *coverage;            /* or NULL */
    const struct mst_tool_mutation *mutation; /* or NULL */
} mst_tool_tests;

/* What came instead of the test's failure number `i`, in lines for people, each with `indent`
 * before it and a newline behind; of a verdict that an earlier one has shown, one line. `width` 0:
 * lines may be as long as they are. To be freed. */
char *mst_tool_failure_text(const mst_author_test *test, size_t i, const char *indent,
                            size_t width);

/* A file of tests when it is done; the line under all of them. */
void mst_tool_put_tested(const mst_tool_tests *tests, const mst_tool_tested *file);
void mst_tool_put_tests_end(const mst_tool_tests *tests);
/* All at once. */
void mst_tool_put_tests_tap(const mst_tool_tests *tests);
void mst_tool_put_tests_junit(const mst_tool_tests *tests);
void mst_tool_put_tests_json(const mst_tool_tests *tests);

#endif
