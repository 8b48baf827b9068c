/* SPDX-License-Identifier: Apache-2.0
 *
 * test_grown.c - texts inside of others: labels of metrics, and pages. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "service/grown.h"

static void expect_label(const char *value, const char *wanted)
{
    struct mst_grown text = {NULL, 0, 0};
    mst_grown_puts(&text, "muster_x");
    mst_grown_label(&text, "a", value, value ? strlen(value) : 0);
    mst_grown_label(&text, "b", "1", 1);
    cr_assert_str_eq(text.ptr, wanted);
    free(text.ptr);
}

/* As Prometheus reads it: backslash, quote and newline are escaped, nothing else is. */
Test(grown, labels_of_metrics)
{
    expect_label("exec/inventory", "muster_x{a=\"exec/inventory\",b=\"1\"");
    expect_label("a\\b \"c\"\nd\te", "muster_x{a=\"a\\\\b \\\"c\\\"\\nd\te\",b=\"1\"");
    expect_label("\\", "muster_x{a=\"\\\\\",b=\"1\"");
    expect_label("\"", "muster_x{a=\"\\\"\",b=\"1\"");
    expect_label("gr\303\274n", "muster_x{a=\"gr\303\274n\",b=\"1\"");
    expect_label("", "muster_x{a=\"\",b=\"1\"");
    expect_label(NULL, "muster_x{a=\"\",b=\"1\"");
}

Test(grown, texts_of_pages)
{
    struct mst_grown text = {NULL, 0, 0};
    mst_grown_html(&text, "a<b>&\"c\"", 8);
    cr_assert_str_eq(text.ptr, "a&lt;b&gt;&amp;&quot;c&quot;");
    free(text.ptr);
}
