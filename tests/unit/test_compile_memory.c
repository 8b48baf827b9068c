/* SPDX-License-Identifier: Apache-2.0
 *
 * Compiling while memory runs out: the first allocation fails, then the second, and so on. The
 * arena is built here with a chunk for each piece, so that every piece is an allocation. Nothing
 * may crash, leak, or pass for an image or for an error in the rules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/lang.h"

static size_t allocations, fail_at, live;

static void *resize(void *context, void *old, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    if (size == 0) {
        live -= old != NULL;
        free(old);
        return NULL;
    }
    if (++allocations >= fail_at)
        return NULL;
    live += old == NULL;
    return realloc(old, size);
}

/* ---- sources ------------------------------------------------------------------------------- */

static const char imported[] =
    "module lib version 1.0\n"
    "enum Edition { Pro = \"48\" | \"Professional\", Home, unknown = \"\" }\n"
    "record Update { kb: text from \"KB\"  at: time }\n"
    "facts os observed seen stale after 7 days {\n"
    "  seen: time  edition: Edition = Home  build: version  updates: list<Update, 4>\n"
    "}\n"
    "def newer(v: version): bool = os.build >= v\n"
    "policy base { pass ok fail bad unknown open\n"
    "  check edition when newer(1.0) {\n"
    "    require os.edition in {Pro, other} reason \"is {os.edition}\" }\n"
    "}\n";

static const char table[] = "kb,day,optional\nKB1,2026-07-14,5\n\"KB\"\"2\",2026-08-11,\n";

static const char root[] =
    "module root version 2.5\n\"A title\"\neffective from 2026-01-01T00:00:00Z\n"
    "import lib\n"
    "facts device from \"\" { id: text }\n"
    "subject device.id\n"
    "set names: text = {\"a\", \"b\"}\n"
    "param limit: int = 3 + 4 \"how many\"\n"
    "table t (key kb: text, day: date, n: int optional from \"optional\",\n"
    "  out: time = at(day, 10:00, us_pacific)) ordered by out from \"t.csv\"\n"
    "let newest = last(r in t where r.out <= now)\n"
    "policy p \"P\" { pass ok \"Good\" fail bad \"Bad ({check})\" unknown open\n"
    "  include base except edition\n"
    "  check one { undecided when device.id == \"x\" because \"x {newest.kb}\"\n"
    "    require count(u in os.updates: u.kb in t) <= limit and device.id not in names\n"
    "    remedy \"update to {newest.kb}\" cite \"the page\" }\n"
    "  advise two { require now - max(u in os.updates: u.at) < 30 days }\n"
    "}\n"
    "decision d { when p == bad then late \"Late\" { why: p.check, n: newest.n ?? 0 }\n"
    "  because \"so\"\n"
    "  when device.id like \"a*\" then unknown because \"dunno\" otherwise fine { n: 1 } }\n"
    "fixture f { device.id = \"d\" os.build = 1.2 }\n"
    "test \"rows\" for (b, o) in { (1.5, ok) (unknown, ok) } { at 2026-08-15T00:00:00Z given f\n"
    "  given os.build = b given os.updates = [{kb: \"KB1\", at: 2026-08-14T00:00:00Z}]\n"
    "  expect p == o expect d.valid_until == never }\n";

/* Mistakes of the lexer and the parser; of names, types and a table: the paths that report. */
static const char malformed[] = "module malformed version 1.0\n"
                                "facts device from \"\" { id: text twice: 5 }\n"
                                "let c = 24H2 let d = (1 + ] let e = 1 < 2 < 3\n"
                                "let f = a equals b let g = a thn b\n"
                                "policy p { pass ok fail unknown open\n"
                                "  check x { require os.build = 1.2 } check y { } }\n"
                                "decision q { when true x otherwise y { f: }  }\n";

static const char mistaken[] = "module mistaken version 1.0\n"
                               "import lib\nimport nowhere\n"
                               "facts device from \"\" { id: text twice: int twice: int }\n"
                               "subject device.id\n"
                               "table t (key kb: text, day: month) from \"t.csv\"\n"
                               "let a = b let b = a let d = os.editon == Pro let e = 1 + 2 days\n"
                               "policy p { pass ok fail ok unknown open\n"
                               "  check x { require os.build == 1 } check x { } }\n"
                               "decision q { when os.edition == \"Pro\" then x otherwise y }\n";

static mst_status load(void *context, mst_load_kind kind, const char *name, const char *from,
                       mst_source_text *found)
{
    (void)context;
    (void)from;
    const char *text = kind == MST_LOAD_TABLE ? table : strcmp(name, "lib") == 0 ? imported : NULL;
    if (text == NULL)
        return MST_ERR_NOT_FOUND;
    found->len = strlen(text);
    found->path = resize(NULL, NULL, 0, strlen(name) + 1);
    found->text = resize(NULL, NULL, 0, found->len + 1);
    if (found->path == NULL || found->text == NULL) {
        resize(NULL, found->path, 0, 0);
        resize(NULL, found->text, 0, 0);
        return MST_ERR_MEMORY;
    }
    memcpy(found->path, name, strlen(name) + 1);
    memcpy(found->text, text, found->len + 1);
    return MST_OK;
}

static void release(void *context, mst_source_text *found)
{
    (void)context;
    resize(NULL, found->path, 0, 0);
    resize(NULL, found->text, 0, 0);
}

/* ---- running out --------------------------------------------------------------------------- */

/* Whatever has come of it can be asked for, and is released. */
static void ask(mst_compilation *compilation)
{
    char text[4096];
    size_t len = 0;
    for (size_t i = 0; i < mst_diagnostic_count(compilation); i++) {
        mst_diagnostic diagnostic = MST_DIAGNOSTIC_INIT;
        cr_assert_eq(mst_diagnostic_at(compilation, i, &diagnostic), MST_OK);
        cr_assert_not_null(diagnostic.code);
        (void)mst_diagnostic_render(compilation, i, true, text, sizeof text, &len);
    }
    mst_compilation_free(compilation);
}

typedef mst_status what(mst_compilation **compilation, const char *path, const char *text,
                        size_t len, const mst_compile_options *options);

static mst_status compile(what *run, const char *source, size_t failing)
{
    static const mst_allocator allocator = {sizeof allocator, 0, resize, NULL};
    static const mst_loader loader = {sizeof loader, 0, load, release, NULL};
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    mst_compilation *compilation = NULL;
    options.allocator = &allocator;
    options.loader = &loader;
    options.with_tests = true;
    options.with_sites = true;
    options.with_outline = true;
    allocations = 0;
    fail_at = failing;
    mst_status status = run(&compilation, "root.muster", source, strlen(source), &options);
    cr_assert_eq(compilation != NULL, status != MST_ERR_MEMORY);
    if (compilation != NULL)
        ask(compilation);
    cr_assert_eq(live, 0, "%zu pieces leaked where allocation %zu failed", live, failing);
    return status;
}

static void fail_each(what *run, const char *source, mst_status expected)
{
    cr_assert_eq(compile(run, source, SIZE_MAX), expected);
    const size_t total = allocations;
    cr_assert_gt(total, 50);
    for (size_t i = 1; i <= total; i++) {
        const mst_status status = compile(run, source, i);
        cr_assert(status == MST_ERR_MEMORY || (status == expected && allocations >= i),
                  "allocation %zu of %zu: status %d", i, total, (int)status);
    }
}

Test(compile_memory, rules_that_are_right)
{
    fail_each(mst_compile, root, MST_OK);
}

Test(compile_memory, rules_that_are_malformed)
{
    fail_each(mst_compile, malformed, MST_ERR_RULES);
}

Test(compile_memory, rules_that_are_mistaken)
{
    fail_each(mst_compile, mistaken, MST_ERR_RULES);
}

Test(compile_memory, formatting)
{
    fail_each(mst_format, root, MST_OK);
    fail_each(mst_format, imported, MST_OK);
}
