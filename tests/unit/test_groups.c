/* SPDX-License-Identifier: Apache-2.0
 *
 * test_groups.c - what a record carries of each group, and that a record composed of it reads as
 * the record did. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/lang.h"
#include "service/groups.h"

static const char rules[] = "module m version 1\n"
                            "facts top from \"\" { name: text  deep: int from \"deep.er\" }\n"
                            "facts os { build: version  id: text }\n"
                            "facts update from \"os.update\" { state: text }\n"
                            "facts lic from \"a.b\" { plan: text }\n"
                            "subject os.id\n"
                            "policy p { pass y fail n unknown u\n"
                            "  check c { require top.name == \"x\" } }\n";

static mst_compilation *compilation;
static mst_image image;
static mst_groups groups;
static mst_record_groups record, outlined;
static struct mst_reader_outline outline;
static mst_vm *vm;
static mst_reader *reader;
static uint64_t *vm_block, *reader_block;

static void open_rules(void)
{
    size_t len;
    cr_assert_eq(mst_compile(&compilation, "m.muster", rules, strlen(rules), NULL), MST_OK);
    const unsigned char *bytes = mst_compilation_image(compilation, &len);
    cr_assert_eq(mst_image_open(&image, bytes, len, NULL, NULL), MST_OK);
    cr_assert(mst_groups_init(&groups, &image));
    mst_record_groups_init(&record);
    mst_record_groups_init(&outlined);
    vm_block = malloc(mst_vm_size(&image));
    reader_block = malloc(mst_reader_size(&image));
    cr_assert_eq(mst_vm_init(&vm, vm_block, mst_vm_size(&image), &image), MST_OK);
    cr_assert_eq(mst_reader_init(&reader, reader_block, mst_reader_size(&image), &image), MST_OK);
    reader->outline = &outline;
}

static void close_rules(void)
{
    mst_record_groups_free(&record);
    mst_record_groups_free(&outlined);
    free(vm_block);
    free(reader_block);
    mst_groups_free(&groups);
    mst_compilation_free(compilation);
}

TestSuite(groups, .init = open_rules, .fini = close_rules);

static uint32_t path_of(const char *path)
{
    for (uint32_t i = 0; i < groups.path_count; i++)
        if (groups.paths[i].path.len == strlen(path) &&
            memcmp(groups.paths[i].path.ptr, path, strlen(path)) == 0)
            return i;
    cr_assert_fail("no path '%s'", path);
    return 0;
}

static void expect_same(const char *text)
{
    cr_assert(record.present == outlined.present && record.cleared == outlined.cleared &&
                  record.too_long == outlined.too_long &&
                  record.has_observed == outlined.has_observed &&
                  record.seq_len == outlined.seq_len &&
                  memcmp(record.seq, outlined.seq, record.seq_len) == 0,
              "%s", text);
    for (uint32_t i = 0; i < groups.path_count; i++)
        cr_assert(
            record.len[i] == outlined.len[i] &&
                memcmp(record.text[i], outlined.text[i], record.len[i]) == 0 &&
                ((record.has_observed >> i & 1) == 0 || record.observed[i] == outlined.observed[i]),
            "%s", text);
}

/* Splits the text as it is and by the outline that a reader makes, with the same result. */
static void split(const char *text)
{
    mst_groups_split(&groups, text, strlen(text), NULL, &record);
    (void)mst_read_record(reader, vm, text, strlen(text), 0, NULL); /* it may have no subject */
    cr_assert_gt(outline.count + (strchr(text, ':') == NULL), 0);
    mst_groups_split(&groups, text, strlen(text), &outline, &outlined);
    expect_same(text);
}

static void expect(const char *text, const char *path, const char *wanted)
{
    uint32_t i = path_of(path);
    split(text);
    bool is_there = (record.present >> i & 1) != 0;
    bool is_cleared = (record.cleared >> i & 1) != 0;
    cr_assert_eq(is_there, wanted && strcmp(wanted, "null") != 0, "%s: '%s'", text, path);
    cr_assert_eq(is_cleared, wanted && strcmp(wanted, "null") == 0, "%s: '%s'", text, path);
    if (is_there)
        cr_assert(record.len[i] == strlen(wanted) &&
                      memcmp(record.text[i], wanted, strlen(wanted)) == 0,
                  "%s: '%s' is %.*s", text, path, (int)record.len[i], record.text[i]);
}

Test(groups, what_a_record_carries)
{
    static const char *const cases[][3] = {
        {"{\"os\":{\"id\":\"1\"}}", "os", NULL},
        {"{\"os\":{\"id\":\"1\",\"build\":\"2\"}}", "os", "\"id\":\"1\",\"build\":\"2\""},
        {"{\"os\":{\"build\":\"2\"},\"os.x\":1,\"os\":{\"y\":[ ]}}", "os",
         "\"build\":\"2\",\"x\":1,\"y\":[ ]"},
        {"{\"os\":{\"build\":\"2\"},\"os\":null}", "os", "null"},
        {"{\"os\":null,\"os.build\":\"2\"}", "os", "\"build\":\"2\""},
        {"{\"os\":{\"update\":{ \"state\" : \"s\" }}}", "os.update", "\"state\" : \"s\""},
        {"{\"os.update.state\":\"s\"}", "os.update", "\"state\":\"s\""},
        {"{\"os.update\":{}}", "os.update", ""},
        {"{\"os\":null}", "os.update", "null"},
        {"{\"os.update\":null}", "os", NULL},
        {"{\"\\u006fs\":{\"build\":\"2\"}}", "os", "\"build\":\"2\""},
        {"{\"os\":{\"b\\u0075ild\":\"2\"}}", "os", "\"build\":\"2\""},
        {"{\"os\":{\"build\":\"2\"},\"os.update\":null}", "os", "\"build\":\"2\",\"update\":null"},
        {"{\"a\":null}", "", NULL},
        {"{\"os\":7}", "os", NULL},
        {"{\"a\":{\"b\":{\"plan\":\"p\"},\"c\":1}}", "a.b", "\"plan\":\"p\""},
        {"{\"a\":{\"b.plan\":\"p\"}}", "a.b", "\"plan\":\"p\""},
        {"{\"a\":null}", "a.b", "null"},
        {"{\"a\":{\"b\":null}}", "a.b", "null"},
        {"{\"a\":{\"c\":1}}", "", "\"a.c\":1"},
        {"{\"name\":\"x\",\"deep\":{\"er\":1},\"junk\":{\"z\":1},\"flat\":2}", "",
         "\"name\":\"x\",\"deep\":{\"er\":1},\"flat\":2"},
        {"{\"deep.er\":1,\"seq\":4,\"observed\":{\"os\":\"x\"}}", "", "\"deep.er\":1"},
        {"{\"os\":{\"id\":\"1\"},\"junk\":{}}", "", NULL},
        {"{\"a\":{\"c\":\"quote\\\"\"}}", "", "\"a.c\":\"quote\\\"\""},
        {"{}", "", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect(cases[i][0], cases[i][1], cases[i][2]);
}

/* Whatever record came before, which the walk remembers the keys of. */
Test(groups, what_came_before_does_not_matter)
{
    static char long_key[4100];
    static const char *const texts[] = {
        "{\"os\":{\"id\":\"1\",\"build\":\"2\"},\"seq\":1,\"name\":\"x\"}",
        "{\"os\":{\"build\":\"2\",\"id\":\"1\"},\"name\":\"x\",\"seq\":1}",
        "{\"os\":{\"build\" :\"2\", \"id\":\"1\"} , \"seq\" : 1}",
        "{\"os\":{\"b\\u0075ild\":\"2\"},\"s\\u0065q\":1,\"nam\":2}",
        "{\"a\":{\"id\":\"1\",\"build\":\"2\"},\"os.seq\":1,\"os.update\":{\"state\":\"s\"}}",
        "{\"a\":{\"b\":{\"plan\":\"p\",\"seq\":1}},\"observed\":{\"os\":\"2026-01-01T00:00:00Z\"}}",
        "{\"a.b\":{\"os\":1},\"observed.os\":\"2026-01-02T00:00:00Z\",\"observed.top\":null}",
        "{\"observed\":{\"lic\":\"2026-01-03T00:00:00Z\",\"none\":1},\"os\":{\"seq\":1}}",
        "{\"a-key-that-is-too-long-to-be-remembered\":1,\"os\":null,\"name\":\"x\"}",
        long_key,
    };
    const size_t count = sizeof texts / sizeof texts[0];
    snprintf(long_key, sizeof long_key, "{\"%02000d\":1,\"os\":{\"%02000d\":2}}", 1, 2);
    for (size_t i = 0; i < count * count; i++) {
        const char *before = texts[i / count], *text = texts[i % count];
        mst_groups fresh;
        mst_groups_split(&groups, before, strlen(before), NULL, &record);
        split(text);
        mst_groups_split(&groups, before, strlen(before), NULL, &outlined);
        mst_groups_split(&groups, text, strlen(text), &outline, &outlined);
        expect_same(text);
        cr_assert(mst_groups_init(&fresh, &image));
        mst_groups_split(&fresh, text, strlen(text), NULL, &outlined);
        expect_same(text);
        mst_groups_free(&fresh);
    }
}

/* What is cut off anywhere is not read behind its end, whatever is known to come there. */
Test(groups, a_record_that_ends_in_a_key)
{
    static const char text[] = "{\"os\":{\"id\":\"1\",\"build\":\"2\"},\"observed\":{\"os\":1}}";
    for (size_t len = 1; len < sizeof text - 1; len++) {
        char *cut = malloc(len);
        memcpy(cut, text, len);
        mst_groups_split(&groups, text, sizeof text - 1, NULL, &record);
        mst_groups_split(&groups, cut, len, NULL, &outlined);
        cr_assert_eq(outlined.too_long, 0);
        free(cut);
    }
}

/* In an object or with a dot: it is the same member, and the group is as long. */
static void expect_long_name(int digits, bool is_too_long)
{
    char nested[9000], dotted[9000];
    const char *const texts[] = {nested, dotted};
    snprintf(nested, sizeof nested, "{\"os\":{\"%0*d\":1}}", digits, 1);
    snprintf(dotted, sizeof dotted, "{\"os.%0*d\":1}", digits, 1);
    for (size_t i = 0; i < 2; i++) {
        split(texts[i]);
        cr_expect_eq(record.too_long >> path_of("os") & 1, is_too_long, "%.10s", texts[i]);
        if (!is_too_long)
            cr_expect_eq(record.len[path_of("os")], (uint32_t)digits + 4, "%.10s", texts[i]);
    }
}

Test(groups, a_name_as_long_as_a_group)
{
    expect_long_name(MST_STATE_GROUP_MAX_BYTES - 6, false);
    expect_long_name(MST_STATE_GROUP_MAX_BYTES - 5, true);
    expect_long_name(MST_STATE_GROUP_MAX_BYTES + 5, true);
}

Test(groups, observed_times_and_seq)
{
    static const char text[] =
        "{\"observed\":{\"os\":\"2026-08-15T00:00:00Z\",\"lic\":7,\"none\":1,\"update\":null},"
        "\"observed.top\":\"2026-08-15T00:00:01Z\",\"seq\": -1.5e2}";
    split(text);
    uint32_t os = path_of("os"), lic = path_of("a.b"), top = path_of("");
    cr_assert_eq(record.has_observed, (1u << os) | (1u << lic) | (1u << top));
    cr_assert_eq(record.observed[os], 1786752000);
    cr_assert_eq(record.observed[top], 1786752001);
    cr_assert_eq(record.observed[lic], -62135596800);
    cr_assert_eq(record.seq_len, 6);
    cr_assert_arr_eq(record.seq, "-1.5e2", 6);
}

/* A sender whose records cannot be kept is answered before anybody has read them. */
Test(groups, what_no_reader_has_seen_may_end_anywhere)
{
    static const char good[] = "{\"observed\":{\"os\":\"2026-08-15T00:00:00Z\"},"
                               "\"observed.os\":\"2026-08-15T00:00:00Z\",\"seq\":1}";
    static const char *const bad[] = {
        "{\"observed\":{\"os\":\"\\x\"},\"seq\":2}", "{\"observed.os\":\"\\x\",\"seq\":2}",
        "{\"observed\":{\"os\":\"", "{\"observed.os\":\"2026-08-15T00:00:00Z"};
    const uint32_t os = path_of("os");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        mst_groups_split(&groups, good, strlen(good), NULL, &record);
        cr_assert(record.observed[os] == 1786752000 && record.seq_len == 1);
        mst_groups_split(&groups, bad[i], strlen(bad[i]), NULL, &record);
        cr_assert(record.observed[os] == -62135596800 && record.seq_len == 0, "%s", bad[i]);
    }
}

Test(groups, a_group_that_is_too_long)
{
    static char text[20000];
    for (size_t len = 8100; len < 8300; len += 1) {
        int begin = sprintf(text, "{\"a\":{\"b\":{\"plan\":\"");
        memset(text + begin, 'x', len);
        strcpy(text + begin + len, "\"}}}");
        split(text);
        bool fits = strlen("{\"plan\":\"\"}") + len <= MST_STATE_GROUP_MAX_BYTES;
        cr_assert_eq(record.too_long == 0, fits, "%zu bytes", len);
    }
}

static void compose(const char *text, const char *wanted)
{
    mst_text texts[MST_GROUPS_MAX] = {{NULL, 0}};
    struct mst_grown out = {NULL, 0, 0};
    split(text);
    for (uint32_t i = 0; i < groups.path_count; i++)
        if (record.present >> i & 1)
            texts[i] = (mst_text){record.text[i], record.len[i]};
    mst_groups_compose(&groups, (mst_text){"D\"1", 3}, texts, &out);
    cr_assert_str_eq(out.ptr, wanted);
    free(out.ptr);
}

Test(groups, a_record_with_more_members_than_an_outline_has)
{
    static char text[4000];
    size_t len = (size_t)sprintf(text, "{ \"os\" : {\"build\":\"2\"} ");
    for (int i = 0; i < 2 * MST_READER_MEMBERS; i++) {
        len += (size_t)sprintf(text + len, ", \"other%d\" : [ %d ]", i, i);
        strcpy(text + len, ", \"os.x\" : 1 , \"seq\" : 7 }");
        expect(text, "os", "\"build\":\"2\",\"x\":1");
        cr_assert_eq(record.seq_len, 1);
    }
}

Test(groups, a_record_is_composed_anew)
{
    compose("{}", "{\"os.id\":\"D\\\"1\"}");
    compose("{\"name\":\"x\"}", "{\"name\":\"x\",\"os.id\":\"D\\\"1\"}");
    compose("{\"a\":{\"b\":{\"plan\":\"p\"}},\"name\":\"x\",\"os\":{\"update\":{\"state\":\"s\"},"
            "\"build\":\"1\"}}",
            "{\"name\":\"x\",\"os\":{\"build\":\"1\"},\"os.update\":null,"
            "\"os.update\":{\"state\":\"s\"},\"a.b\":{\"plan\":\"p\"},\"os.id\":\"D\\\"1\"}");
}
