/* SPDX-License-Identifier: Apache-2.0
 *
 * Sites and watching: where the compiler says that the value of an expression is, when it says that
 * it is there, and that none of it changes the image. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/lang.h"

static const char rules[] =
    "module m version 1.0\n"
    "facts d { a: bool  b: bool  n: int}\n"
    "table t (key k: int, v: int) { (1, 10) (2, 20) (3, 30) }\n"
    "def twice(x: int): int = x + x\n"
    "let big = twice(d.n) > 4 and d.b\n"
    "let found = any(r in t: r.v == d.n and r.k > 1)\n"
    "policy p { pass ok fail bad unknown open\n"
    "  check one when d.a { require big or found require d.n in t or d.n == 0 }\n"
    "}\n";

struct watching {
    const mst_compilation *compilation;
    mst_vm *vm;
    char log[4096];
};

/* One line for each expression that is complete: what it says in the rules, and its value. */
static void watch(void *context, mst_vm *vm, uint32_t pc, uint32_t before)
{
    struct watching *w = context;
    for (uint32_t i = mst_site_count(w->compilation); i-- > 0;) { /* parts before the whole */
        mst_site site = MST_SITE_INIT;
        char value[64] = "";
        size_t len = 0;
        cr_assert_eq(mst_site_at(w->compilation, i, &site), MST_OK);
        bool is_here = site.first == site.end ||
                       (before != MST_INDEX_NONE && before >= site.first && before < site.end);
        if (site.end != pc || !is_here || site.kind == MST_SITE_LITERAL || site.type_code == 0)
            continue;
        cr_assert_eq(mst_watch_render(vm, site.slot, site.type_code, value, sizeof value, &len),
                     MST_OK);
        size_t used = strlen(w->log);
        uint32_t line = (uint32_t)strcspn(site.text.ptr, "{\n");
        snprintf(w->log + used, sizeof w->log - used, "%.*s: %.*s\n",
                 (int)(site.text.len < line ? site.text.len : line), site.text.ptr, (int)len,
                 value);
    }
}

static mst_compilation *compile(const char *source, bool with_sites)
{
    mst_compilation *compilation;
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    options.with_sites = with_sites;
    mst_status status = mst_compile(&compilation, "m.muster", source, strlen(source), &options);
    cr_assert_eq(status, MST_OK);
    return compilation;
}

Test(sites, the_image_is_the_same)
{
    mst_compilation *plain = compile(rules, false), *sited = compile(rules, true);
    size_t plain_count, sited_count;
    const unsigned char *a = mst_compilation_image(plain, &plain_count);
    const unsigned char *b = mst_compilation_image(sited, &sited_count);
    cr_expect_eq(plain_count, sited_count);
    cr_expect_arr_eq(a, b, plain_count);
    cr_expect_eq(mst_site_count(plain), 0);
    cr_expect_gt(mst_site_count(sited), 20);
    mst_compilation_free(plain);
    mst_compilation_free(sited);
}

Test(sites, values_are_where_they_are_said_to_be)
{
    struct watching w = {.compilation = compile(rules, true)};
    mst_image image;
    size_t count;
    const unsigned char *bytes = mst_compilation_image(w.compilation, &count);
    cr_assert_eq(mst_image_open(&image, bytes, count, NULL, NULL), MST_OK);
    void *block = malloc(mst_vm_size(&image));
    cr_assert_eq(mst_vm_init(&w.vm, block, mst_vm_size(&image), &image), MST_OK);
    mst_fact_bool(w.vm, mst_fact_find(&image, "d.a"), true);
    mst_fact_int(w.vm, mst_fact_find(&image, "d.n"), 20);
    mst_watch_begin(w.vm, watch, &w);
    mst_verdict verdict = MST_VERDICT_INIT;
    cr_assert_eq(mst_eval(w.vm, 0, 0, &verdict), MST_OK);
    cr_expect_eq(verdict.kind, MST_KIND_FAIL);
    cr_expect_str_eq(w.log,
                     "d.a: true\n"
                     "d.n: 20\nx: 20\nd.n: 20\nx: 20\nx + x: 40\ntwice(d.n): 40\n"
                     "d.b: unknown\ntwice(d.n) > 4: true\n"
                     "twice(d.n) > 4 and d.b: unknown\nbig: unknown\n"
                     "r: 1\nd.n: 20\nr.v: 10\nr.v == d.n: false\nr.v == d.n and r.k > 1: false\n"
                     "r: 2\nd.n: 20\nr.v: 20\nr.v == d.n: true\n"
                     "r: 2\nr.k: 2\nr.k > 1: true\nr.v == d.n and r.k > 1: true\n"
                     "any(r in t: r.v == d.n and r.k > 1): true\nfound: true\nbig or found: true\n"
                     "d.n: 20\nd.n: 20\nd.n in t: false\nd.n == 0: false\n"
                     "d.n in t or d.n == 0: false\ncheck one when d.a : false\n");
    mst_compilation_free((mst_compilation *)(uintptr_t)w.compilation);
    free(block);
}

/* The element for what was cut off comes behind those that there are. */
Test(sites, elements_are_counted_from_one)
{
    static const char lists[] = "module m version 1.0\n"
                                "record R { n: int }\n"
                                "facts d { list: list<R, 2>}\n"
                                "policy p { pass ok fail bad unknown open\n"
                                "  check one { require all(r in d.list: r.n > 1) reason \"r\" }\n"
                                "}\n";
    struct watching w = {.compilation = compile(lists, true)};
    mst_image image;
    size_t count;
    const unsigned char *bytes = mst_compilation_image(w.compilation, &count);
    cr_assert_eq(mst_image_open(&image, bytes, count, NULL, NULL), MST_OK);
    void *block = malloc(mst_vm_size(&image));
    cr_assert_eq(mst_vm_init(&w.vm, block, mst_vm_size(&image), &image), MST_OK);
    cr_assert_eq(mst_fact_list(w.vm, mst_fact_find(&image, "d.list"), 1, true), MST_OK);
    cr_assert_eq(mst_fact_int(w.vm, mst_fact_find(&image, "d.list.n"), 2), MST_OK);
    mst_watch_begin(w.vm, watch, &w);
    mst_verdict verdict = MST_VERDICT_INIT;
    cr_assert_eq(mst_eval(w.vm, 0, 0, &verdict), MST_OK);
    cr_expect_eq(verdict.kind, MST_KIND_UNKNOWN);
    cr_expect_str_eq(w.log, "r: element 1\nr.n: 2\nr.n > 1: true\n"
                            "r: element 2\nr.n: unknown\nr.n > 1: unknown\n"
                            "all(r in d.list: r.n > 1): unknown\ncheck one : unknown\n");
    mst_compilation_free((mst_compilation *)(uintptr_t)w.compilation);
    free(block);
}
