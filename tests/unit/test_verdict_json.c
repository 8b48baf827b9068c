/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON form of verdicts and of rejected records: keys and their order, escapes, buffers of
 * every size, and that the bound computed from an image holds for the worst of its verdicts. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "../facts/fake_verdict.h"
#include "format/bytes.h"
#include "format/layout.h"
#include "json_out.h"
#include "muster/facts.h"
#include "scan.h"
#include "verdict_line.h"

#define NONE MST_INDEX_NONE
#define CAUSE(kind, name)                                                                          \
    {                                                                                              \
        sizeof(mst_cause), MST_CAUSE_##kind,                                                       \
        {                                                                                          \
            name, sizeof(name) - 1                                                                 \
        }                                                                                          \
    }

static mst_image image_of(const struct fake_verdict *verdict)
{
    mst_image image = {.bytes = (const unsigned char *)verdict};
    return image;
}

/* With a memo the same comes out, the first time and again, and where there is no room. */
static void expect_line(mst_vm *vm, const mst_image *image, const mst_verdict *verdict, bool brief,
                        const char *expected)
{
    static struct mst_line_memo memo;
    size_t whole = strlen(expected), len;
    char *buffer = malloc(whole);
    memset(&memo, 0, sizeof memo);
    for (size_t time = 0; time < 4; time++) {
        cr_assert_eq(
            mst_verdict_line(vm, image, verdict, brief, &memo, buffer, time % 2 * whole, &len),
            time % 2 > 0 ? MST_OK : MST_ERR_SPACE);
        cr_assert_geq(len, whole);
        if (time % 2 > 0)
            cr_assert(len == whole && memcmp(buffer, expected, whole) == 0, "%.*s", (int)len,
                      buffer);
    }
    free(buffer);
}

/* Writes into buffers of every size; each must say what is enough, and touch nothing beyond. */
static void expect_json(const struct fake_verdict *fake, const mst_verdict *verdict, bool brief,
                        const char *expected)
{
    mst_image image = image_of(fake);
    mst_vm vm = {fake};
    size_t whole = strlen(expected), len;
    for (size_t capacity = 0; capacity <= whole + 2; capacity++) {
        char *buffer = capacity > 0 ? malloc(capacity) : NULL;
        mst_status status = mst_verdict_json(&vm, &image, verdict, brief, buffer, capacity, &len);
        cr_assert_eq(status, capacity >= whole ? MST_OK : MST_ERR_SPACE, "capacity %zu", capacity);
        cr_assert_geq(len, whole, "capacity %zu: %zu of %zu", capacity, len, whole);
        if (status == MST_OK) {
            cr_assert_eq(len, whole, "%.*s", (int)len, buffer);
            cr_assert(memcmp(buffer, expected, whole) == 0, "%.*s", (int)len, buffer);
        }
        free(buffer);
    }
    expect_line(&vm, &image, verdict, brief, expected);
}

Test(verdict_json, writes_all_keys_in_order)
{
    static const mst_cause causes[] = {CAUSE(MISSING, "vbs.status"), CAUSE(INVALID, "os.build"),
                                       CAUSE(MISSING, "tpm.ready"),  CAUSE(STALE, "a"),
                                       CAUSE(UNDECIDED, "edition"),  CAUSE(FAULT, "newest")};
    static const struct fake_advice advice[] = {
        {"secure_boot", {NULL, "It is \"off\".", NULL, "Docs"}}, {"tpm", {NULL, NULL, NULL, NULL}}};
    static const struct fake_verdict fake = {
        .module = "windows.hotpatch",
        .version = "2026.11",
        .name = "readiness",
        .outcome = "not_eligible",
        .subject = "D-1",
        .parts = {"Not eligible (mdm)", "HKLM\\X is\tbad", "Line 1\nLine 2 \xc3\xa4\x01", NULL},
        .checks = {"edition", "vbs", "mdm"},
        .advice = advice,
        .causes = causes,
        .cause_count = 6,
        .unknown_checks = {0, 1, NONE}};
    static const mst_verdict verdict = {sizeof verdict, MST_KIND_FAIL, 1, 2, 2, 2, 0, 0,
                                        1786752000,     1788886800};
    expect_json(&fake, &verdict, false,
                "{\"subject\":\"D-1\",\"verdict\":\"readiness\",\"outcome\":\"not_eligible\","
                "\"kind\":\"fail\",\"check\":\"mdm\",\"label\":\"Not eligible (mdm)\","
                "\"reason\":\"HKLM\\\\X is\\tbad\","
                "\"remedy\":\"Line 1\\nLine 2 \xc3\xa4\\u0001\",\"cite\":null,\"fields\":{},"
                "\"unknown_checks\":[\"edition\",\"vbs\"],\"advice\":[{"
                "\"name\":\"secure_boot\",\"reason\":\"It is \\\"off\\\".\",\"remedy\":null,"
                "\"cite\":\"Docs\"},{\"name\":\"tpm\",\"reason\":null,\"remedy\":null,"
                "\"cite\":null}],\"missing\":[\"vbs.status\",\"tpm.ready\"],"
                "\"invalid\":[\"os.build\"],\"stale\":[\"a\"],\"undecided\":[\"edition\"],"
                "\"fault\":[\"newest\"],\"at\":\"2026-08-15T00:00:00Z\","
                "\"valid_until\":\"2026-09-08T17:00:00Z\","
                "\"rules\":\"windows.hotpatch@2026.11+3fa9c210\"}");
    expect_json(&fake, &verdict, true,
                "{\"subject\":\"D-1\",\"verdict\":\"readiness\",\"outcome\":\"not_eligible\","
                "\"check\":\"mdm\",\"valid_until\":\"2026-09-08T17:00:00Z\"}");
}

Test(verdict_json, writes_fields)
{
    static const struct fake_field fields[] = {
        {{sizeof(mst_field), MST_TYPE_BOOL, true, {"restart", 7}, 1}, NULL},
        {{sizeof(mst_field), MST_TYPE_INT, true, {"n", 1}, -12}, NULL},
        {{sizeof(mst_field), MST_TYPE_TEXT, true, {"kb", 2}, 0}, "KB\"1"},
        {{sizeof(mst_field), MST_TYPE_DATE, false, {"day", 3}, 0}, "x"},
        {{sizeof(mst_field), MST_TYPE_VERSION, true, {"to", 2}, 0}, "26100.1"}};
    static const struct fake_verdict fake = {.module = "m",
                                             .version = "",
                                             .name = "next_step",
                                             .outcome = "wait",
                                             .subject = NULL,
                                             .fields = fields,
                                             .unknown_checks = {NONE}};
    static const mst_verdict verdict = {sizeof verdict, MST_KIND_CASE, 0, NONE, 1, 0, 5, 0, 0,
                                        MST_NEVER};
    expect_json(&fake, &verdict, false,
                "{\"subject\":null,\"verdict\":\"next_step\",\"outcome\":\"wait\","
                "\"kind\":\"case\",\"check\":null,\"label\":null,\"reason\":null,"
                "\"remedy\":null,\"cite\":null,\"fields\":{\"restart\":true,\"n\":-12,"
                "\"kb\":\"KB\\\"1\",\"day\":null,\"to\":\"26100.1\"},\"unknown_checks\":[],"
                "\"advice\":[],\"missing\":[],\"invalid\":[],\"stale\":[],\"undecided\":[],"
                "\"fault\":[],\"at\":\"1970-01-01T00:00:00Z\",\"valid_until\":null,"
                "\"rules\":\"m+3fa9c210\"}");
}

/* Texts and names for which a memo has no room. */
Test(verdict_json, writes_long_texts_and_names)
{
    static const mst_verdict verdict = {sizeof verdict, MST_KIND_PASS, 0, NONE, 0, 0, 0, 0, 0, 0};
    char name[MST_LINE_MIDDLE_BYTES + 100], label[sizeof name], expected[3 * sizeof name + 600];
    memset(name, 'n', sizeof name);
    memset(label, 'l', sizeof label);
    label[sizeof label - 1] = '\0';
    for (size_t len = 1; len < sizeof name; len += sizeof name - 2) {
        name[len] = '\0';
        struct fake_verdict fake = {.module = "m",
                                    .version = "1",
                                    .name = name,
                                    .outcome = "ok",
                                    .subject = "D-1",
                                    .parts = {label, "R", label, "C"},
                                    .unknown_checks = {NONE}};
        snprintf(expected, sizeof expected,
                 "{\"subject\":\"D-1\",\"verdict\":\"%s\",\"outcome\":\"ok\","
                 "\"kind\":\"pass\",\"check\":null,\"label\":\"%s\",\"reason\":\"R\","
                 "\"remedy\":\"%s\",\"cite\":\"C\",\"fields\":{},\"unknown_checks\":[],"
                 "\"advice\":[],\"missing\":[],\"invalid\":[],\"stale\":[],"
                 "\"undecided\":[],\"fault\":[],\"at\":\"1970-01-01T00:00:00Z\","
                 "\"valid_until\":\"1970-01-01T00:00:00Z\",\"rules\":\"m@1+3fa9c210\"}",
                 name, label, label);
        expect_json(&fake, &verdict, false, expected);
        name[len] = 'n';
    }
}

static void expect_text(const char *text, size_t text_len, const char *expected)
{
    size_t whole = strlen(expected);
    for (size_t capacity = 0; capacity <= whole; capacity++) {
        char buffer[256];
        memset(buffer, '#', sizeof buffer);
        struct mst_json_out out = {buffer, capacity, 0};
        mst_json_out_text(&out, (mst_text){text, (uint32_t)text_len});
        cr_assert_eq(out.len, whole, "%s", expected);
        cr_assert_eq(buffer[capacity], '#');
        if (capacity == whole)
            cr_assert_arr_eq(buffer, expected, whole, "%.*s", (int)whole, buffer);
    }
}

Test(verdict_json, escapes_texts)
{
    expect_text("", 0, "\"\"");
    expect_text("plain text, longer than sixteen bytes", 37,
                "\"plain text, longer than sixteen bytes\"");
    expect_text("\"\\/\b\f\n\r\t\x1f\x7f", 10,
                "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\t\\u001f\x7f\"");
    expect_text("a\0b", 3, "\"a\\u0000b\"");
    expect_text("\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e", 9,
                "\"\xc3\xa4\xe2\x82\xac\xf0\x9d\x84\x9e\"");
    expect_text("\xff\xc3\xe2\x82x\x80", 6,
                "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd\"");
    expect_text("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

/* Texts of each length, plain or with one byte that is not, at each place. */
Test(verdict_json, finds_one_special_byte_anywhere)
{
    for (size_t len = 0; len <= 40; len++)
        for (size_t place = 0; place <= len; place++) {
            char text[41], expected[64] = "\"";
            size_t to = 1;
            for (size_t i = 0; i < len; i++) {
                text[i] = i == place ? '\\' : (char)('a' + i % 26);
                if (i == place)
                    expected[to++] = '\\';
                expected[to++] = text[i];
            }
            expected[to] = '"';
            expect_text(text, len, expected);
        }
}

/* What is written must be JSON again, whatever bytes a host has put in. */
Test(verdict_json, makes_json_of_any_bytes)
{
    uint64_t state = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        char text[24], buffer[6 * sizeof text + 2];
        size_t len = 0;
        for (; len < sizeof text && (len == 0 || state % 11 != 0); len++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            text[len] = (char)(state >> 56);
            state ^= state >> 29;
        }
        struct mst_json_out out = {buffer, sizeof buffer, 0};
        struct mst_scan scan;
        mst_json_out_text(&out, (mst_text){text, (uint32_t)len});
        cr_assert_leq(out.len, sizeof buffer);
        mst_scan_init(&scan, buffer, out.len);
        cr_assert(mst_scan_skip(&scan) && mst_scan_end(&scan), "%s", scan.message);
    }
}

Test(verdict_json, reports_rejected_records)
{
    mst_record_error error = {sizeof error, 17, "expected a colon after the key"};
    static const char expected[] =
        "{\"error\":\"bad_record\",\"line\":18446744073709551615,\"byte\":17,\"message\":"
        "\"expected a colon after the key\"}";
    char buffer[MST_RECORD_ERROR_JSON_MAX];
    size_t len;
    cr_expect_eq(mst_record_error_json(&error, UINT64_MAX, buffer, sizeof buffer, &len), MST_OK);
    cr_expect_eq(len, sizeof expected - 1);
    cr_expect_arr_eq(buffer, expected, len);
    cr_expect_eq(mst_record_error_json(&error, 1, buffer, 20, &len), MST_ERR_SPACE);
}

/* ---- the bound --------------------------------------------------------------------------- */

/* A hand-made image: only what the bound reads, sections one behind the other. The module and
 * version come from the fake verdict in front of it. */
struct tiny_image {
    struct fake_verdict fake;
    unsigned char bytes[4096];
    mst_image image;
    uint32_t used, text_used;
};

static unsigned char *add_section(struct tiny_image *t, enum mst_section section, uint32_t count,
                                  uint32_t record_bytes)
{
    uint32_t offset = (uint32_t)offsetof(struct tiny_image, bytes) + t->used;
    t->image.section[section].offset = offset;
    t->image.section[section].count = count;
    t->used += count * record_bytes;
    cr_assert_leq(t->used, sizeof t->bytes);
    return (unsigned char *)t + offset;
}

static void set_u32(unsigned char *record, uint32_t field, uint32_t value)
{
    mst_store_u32(record + field, value);
}

/* String 0 is empty; 1 has 5 bytes that become 30, 2 has 10 that stay. */
static void fill_strings(struct tiny_image *t)
{
    memcpy(add_section(t, MST_SECTION_BYTES, 15, 1),
           "\x01\x02\x03\x04\x05"
           "abcdefghij",
           15);
    unsigned char *strings = add_section(t, MST_SECTION_STRINGS, 3, 8);
    set_u32(strings, 8 + MST_STRING_LEN, 5);
    set_u32(strings, 16 + MST_STRING_OFFSET, 5);
    set_u32(strings, 16 + MST_STRING_LEN, 10);
}

static void fill_tiny(struct tiny_image *t)
{
    memset(t, 0, sizeof *t);
    t->fake.module = t->fake.version = "m";
    t->image.bytes = (const unsigned char *)t;
    fill_strings(t);
    set_u32(add_section(t, MST_SECTION_META, 1, 112), MST_META_MAX_TEXT, 300);
    unsigned char *verdict = add_section(t, MST_SECTION_VERDICTS, 1, 96);
    set_u32(verdict, MST_VERDICT_NAME, 1);
    set_u32(verdict, MST_VERDICT_CHECK_COUNT, 2);
    set_u32(verdict, MST_VERDICT_FIRST_ADVICE, 2);
    set_u32(verdict, MST_VERDICT_ADVICE_COUNT, 1);
    set_u32(verdict, MST_VERDICT_CASE_COUNT, 1);
    set_u32(verdict, MST_VERDICT_OUTCOMES + 4, 1);
    set_u32(verdict, MST_VERDICT_OUTPUT, 40);
    unsigned char *checks = add_section(t, MST_SECTION_CHECKS, 3, 28);
    for (uint32_t i = 0; i < 3; i++)
        set_u32(checks + 28 * i, MST_CHECK_NAME, 1);
    set_u32(add_section(t, MST_SECTION_CASES, 1, 28), MST_CASE_FIELD_COUNT, 2);
    unsigned char *fields = add_section(t, MST_SECTION_FIELDS, 2, 8);
    set_u32(fields, MST_FIELD_NAME, 1);
    set_u32(fields, 8 + MST_FIELD_NAME, 2);
    set_u32(fields, 8 + MST_FIELD_BLOCK, 1);
    unsigned char *blocks = add_section(t, MST_SECTION_BLOCKS, 2, 48);
    set_u32(blocks, MST_BLOCK_TYPE, MST_TYPE_TEXT);
    set_u32(blocks, 48 + MST_BLOCK_TYPE, MST_TYPE_TIME);
    (void)add_section(t, MST_SECTION_ENUMS, 1, 24);
    set_u32(add_section(t, MST_SECTION_FACTS, 1, 48), MST_FACT_NAME, 1);
    set_u32(add_section(t, MST_SECTION_CAUSES, 1, 4), 0, 1);
}

Test(verdict_json, bounds_the_worst_verdict)
{
    static const char wide[] = "\x01\x02\x03\x04\x05";
    static char subject[4097], text[41], value[301];
    memset(subject, 1, 4096);
    memset(text, 2, 40);
    memset(value, 3, 300);
    const mst_text name = {wide, 5};
    const mst_cause causes[] = {{0, MST_CAUSE_MISSING, name},
                                {0, MST_CAUSE_INVALID, name},
                                {0, MST_CAUSE_STALE, name},
                                {0, MST_CAUSE_UNDECIDED, name},
                                {0, MST_CAUSE_FAULT, name}};
    const struct fake_advice advice = {wide, {NULL, text, text, text}};
    const struct fake_field fields[] = {
        {{0, MST_TYPE_TEXT, true, name, 0}, value},
        {{0, MST_TYPE_TIME, true, {"abcdefghij", 10}, 0}, "9999-12-31T23:59:59Z"}};
    static struct tiny_image tiny;
    fill_tiny(&tiny);
    tiny.fake = (struct fake_verdict){.module = "m",
                                      .version = "m",
                                      .name = wide,
                                      .outcome = wide,
                                      .subject = subject,
                                      .parts = {text, text, text, text},
                                      .checks = {wide, wide},
                                      .fields = fields,
                                      .advice = &advice,
                                      .causes = causes,
                                      .cause_count = 5,
                                      .unknown_checks = {0, 1, NONE}};
    mst_verdict verdict = {sizeof verdict, MST_KIND_UNKNOWN, 2, 0, 2, 1, 2, 0,
                           253402300799,   253402300799};
    mst_vm vm = {&tiny.fake};
    size_t bound = mst_verdict_json_max(&tiny.image), len;
    char *buffer = malloc(bound);
    cr_assert_eq(mst_verdict_json(&vm, &tiny.image, &verdict, false, buffer, bound, &len), MST_OK);
    cr_expect(len <= bound && bound < len + 1024, "%zu of %zu", len, bound);
    free(buffer);
}
