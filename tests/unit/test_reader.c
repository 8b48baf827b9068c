/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader against a fake vm: the reading table, paths and dotted keys, repeated keys, records
 * and lists, times of observation, rejected records; and the framer, in pieces of every size. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "../facts/fake_rules.h"
#include "muster/facts.h"

struct bench {
    mst_image image;
    mst_vm *vm;
    void *block;
    mst_reader *reader;
    mst_record_error error;
};

static void open_bench(struct bench *b, const struct fake_rules *rules)
{
    *b = (struct bench){.image = fake_image(rules), .error = MST_RECORD_ERROR_INIT};
    b->vm = calloc(1, sizeof *b->vm);
    b->vm->rules = rules;
    b->vm->used_slots = 50;
    size_t size = mst_reader_size(&b->image);
    b->block = malloc(size + 1);
    cr_assert_eq(mst_reader_init(&b->reader, b->block, size - 1, &b->image), MST_ERR_SPACE);
    cr_assert_eq(mst_reader_init(&b->reader, (char *)b->block + 1, size, &b->image), MST_ERR_SPACE);
    cr_assert_eq(mst_reader_init(&b->reader, b->block, size, &b->image), MST_OK);
}

static void close_bench(struct bench *b)
{
    free(b->block);
    free(b->vm);
}

/* Reads a copy of exactly its size, which is kept until the next one: texts are borrowed. */
static mst_status read_copy(struct bench *b, const char *json, size_t len, int64_t observed)
{
    static char *copy;
    free(copy);
    copy = len > 0 ? malloc(len) : NULL;
    if (copy)
        memcpy(copy, json, len);
    return mst_read_record(b->reader, b->vm, copy, len, observed, &b->error);
}

struct reading {
    const char *json, *facts;
};

/* Each record without the subject's member, which is put in front. */
static void expect_readings(const struct reading *readings, size_t count)
{
    struct bench b;
    open_bench(&b, &fake_rules);
    for (size_t i = 0; i < count; i++) {
        char json[1024];
        struct fake_dump dump;
        snprintf(json, sizeof json, "{\"device\":{\"id\":\"D-1\"}%s%s}",
                 readings[i].json[0] ? "," : "", readings[i].json);
        mst_status status = read_copy(&b, json, strlen(json), MST_NEVER);
        cr_expect_eq(status, MST_OK, "%s: %s", json, b.error.message);
        dump_facts(&dump, b.vm);
        cr_expect_str_eq(dump.text, readings[i].facts, "%s gives%s, not%s", json, dump.text,
                         readings[i].facts);
    }
    close_bench(&b);
}

#define EXPECT_READINGS(readings) expect_readings(readings, sizeof readings / sizeof readings[0])

Test(reader, reads_each_type)
{
    static const struct reading readings[] = {
        {"", ""},
        {"\"os\":{\"secure_boot\":true}", " os.secure_boot=true"},
        {"\"os\":{\"secure_boot\":false}", " os.secure_boot=false"},
        {"\"os\":{\"secure_boot\":\"yes\"}", " os.secure_boot=true"},
        {"\"os\":{\"secure_boot\":\"NO\"}", " os.secure_boot=false"},
        {"\"os\":{\"secure_boot\":\"True\"}", " os.secure_boot=true"},
        {"\"os\":{\"secure_boot\":1}", " os.secure_boot=true"},
        {"\"os\":{\"secure_boot\":0}", " os.secure_boot=false"},
        {"\"os\":{\"secure_boot\":\"1\"}", " os.secure_boot=true"},
        {"\"os\":{\"secure_boot\":\"\\u0031\"}", " os.secure_boot=true"},
        {"\"os\":{\"secure_boot\":2}", " os.secure_boot=!"},
        {"\"os\":{\"secure_boot\":\"\"}", " os.secure_boot=!"},
        {"\"os\":{\"secure_boot\":[true]}", " os.secure_boot=!"},
        {"\"os\":{\"secure_boot\":{}}", " os.secure_boot=!"},
        {"\"os\":{\"ubr\":4929}", " os.ubr=4929"},
        {"\"os\":{\"ubr\":-1.0}", " os.ubr=-1"},
        {"\"os\":{\"ubr\":1e3}", " os.ubr=1000"},
        {"\"os\":{\"ubr\":\"-12\"}", " os.ubr=-12"},
        {"\"os\":{\"ubr\":\"\\u0031\\u0032\"}", " os.ubr=12"},
        {"\"os\":{\"ubr\":1.5}", " os.ubr=!"},
        {"\"os\":{\"ubr\":9223372036854775808}", " os.ubr=!"},
        {"\"os\":{\"ubr\":\"1.0\"}", " os.ubr=!"},
        {"\"os\":{\"ubr\":\" 1\"}", " os.ubr=!"},
        {"\"os\":{\"ubr\":true}", " os.ubr=!"},
        {"\"os\":{\"osBuild\":\"26100.4929\"}", " os.build=26100.4929 os.build_text=26100.4929"},
        {"\"os\":{\"osBuild\":26100.4930}", " os.build=! os.build_text=26100.4930"},
        {"\"os\":{\"osBuild\":\"26100.x\"}", " os.build=! os.build_text=26100.x"},
        {"\"os\":{\"osBuild\":true}", " os.build=! os.build_text=true"},
        {"\"os\":{\"day\":\"2026-11-10\"}", " os.day=2026-11-10"},
        {"\"os\":{\"day\":20261110}", " os.day=!"},
        {"\"os\":{\"day\":\"2026-02-30\"}", " os.day=!"},
        {"\"os\":{\"month\":\"2026-11\"}", " os.month=2026-11"},
        {"\"os\":{\"uptime\":\"PT36H\"}", " os.uptime=36 hours"},
        {"\"os\":{\"uptime\":\"5 days\"}", " os.uptime=5 days"},
        {"\"os\":{\"uptime\":7}", " os.uptime=!"},
        {"\"os\":{\"boot\":\"2026-08-15T02:00:00.9+02:00\"}", " os.boot=2026-08-15T00:00:00Z"},
        {"\"os\":{\"boot\":\"2026\\u002d08-15T00:00:00Z\"}", " os.boot=2026-08-15T00:00:00Z"},
        {"\"os\":{\"boot\":\"0001-01-01T00:00:00Z\"}", " os.boot=0001-01-01T00:00:00Z"},
        {"\"os\":{\"boot\":1786752000}", " os.boot=!"},
        {"\"hostname\":\"LT\\\\1\"", " flat.host=LT\\1"},
        {"\"hostname\":12.50", " flat.host=12.50"},
        {"\"hostname\":false", " flat.host=false"},
        {"\"hostname\":null", ""},
        {"\"os\":{\"short\":\"abcd\"}", " os.short=abcd"},
        {"\"os\":{\"short\":\"abcde\"}", " os.short=!"},
        {"\"os\":{\"short\":\"\\u0061bcd\"}", " os.short=abcd"},
        {"\"os\":{\"short\":\"\\u0061bcde\"}", " os.short=!"},
    };
    EXPECT_READINGS(readings);
}

Test(reader, reads_enums)
{
    static const struct reading readings[] = {
        {"\"os\":{\"edition\":\"Enterprise\"}", " os.edition=Enterprise"},
        {"\"os\":{\"edition\":\"ENTERPRISE\"}", " os.edition=Enterprise"},
        {"\"os\":{\"edition\":\"iotenterprise\"}", " os.edition=IoT"},
        {"\"os\":{\"edition\":188}", " os.edition=IoT"},
        {"\"os\":{\"edition\":true}", " os.edition=Enterprise"},
        {"\"os\":{\"edition\":2.0}", " os.edition=Pro"},
        {"\"os\":{\"edition\":2}", " os.edition=~2"},
        {"\"os\":{\"edition\":\"Home\"}", " os.edition=~Home"},
        {"\"os\":{\"edition\":\"\"}", ""},
        {"\"os\":{\"edition\":\"UnknownFutureValue\"}", ""},
        {"\"os\":{\"edition\":\"\\u0050ro\"}", " os.edition=Pro"},
        {"\"os\":{\"edition\":\"H\\u00f6me\"}", " os.edition=~H\xc3\xb6me"},
        {"\"os\":{\"edition\":\"\xc3\xa4\"}", " os.edition=Pro"},
        {"\"os\":{\"edition\":\"\xc3\x84\"}", " os.edition=~\xc3\x84"},
        {"\"os\":{\"edition\":[\"Pro\"]}", " os.edition=!"},
        {"\"os\":{\"editions\":[\"pro\",\"x\"]}", " os.editions=[Pro,~x]"},
        {"\"os\":{\"edition\":\"\\u00e41234567890123456789012345678901234567890123456789012345678"
         "90123456\xc3\xa4\xc3\xa4\"}",
         " os.edition=~\xc3\xa4"
         "123456789012345678901234567890123456789012345678901234567890123456"},
    };
    EXPECT_READINGS(readings);
}

Test(reader, follows_paths)
{
    static const struct reading readings[] = {
        {"\"os.ubr\":1", " os.ubr=1"},
        {"\"os\":{\"ubr\":1}", " os.ubr=1"},
        {"\"\\u006fs\":{\"u\\u0062r\":1}", " os.ubr=1"},
        {"\"os\\u002eubr\":1", " os.ubr=1"},
        {"\"ubr\":1,\"Os\":{\"ubr\":1},\"os\":{\"Ubr\":1}", ""},
        {"\"a\":{\"b\":{\"c\":{\"x\":1}}}", " far.x=1"},
        {"\"a.b\":{\"c.x\":1}", " far.x=1"},
        {"\"a\":{\"b.c.x\":1}", " far.x=1"},
        {"\"a.b.c.x\":1", " far.x=1"},
        {"\"a.b.c.x.y\":1,\"a.b.c\":1,\"a..b\":1,\".a\":1,\"a.\":1,\".\":1,\"\":1", ""},
        {"\"os.update.by.who.name\":\"me\"", " os.update={? ? {me}}"},
        {"\"os.update\":{\"by\":{\"who\":{\"name\":\"me\"}},\"kb\":\"KB1\"}",
         " os.update={KB1 ? {me}}"},
        {"\"os\":\"Windows\"", " flat.os=Windows"},
        {"\"os\":{\"ubr\":1},\"os\":\"Windows\"", " os.ubr=1 flat.os=Windows"},
        {"\"os\":\"Windows\",\"os.ubr\":1", " os.ubr=1 flat.os=Windows"},
        {"\"os\":\"Windows\",\"os\":{\"ubr\":1}", " os.ubr=1 flat.os=Windows"},
        {"\"os\":[1]", " flat.os=!"},
        {"\"x\":{\"os\":{\"ubr\":1}},\"y\":[{\"os\":{\"ubr\":1}}]", ""},
    };
    EXPECT_READINGS(readings);
}

Test(reader, lets_the_last_occurrence_count)
{
    static const struct reading readings[] = {
        {"\"os\":{\"ubr\":1,\"ubr\":2}", " os.ubr=2"},
        {"\"os\":{\"ubr\":1},\"os.ubr\":2", " os.ubr=2"},
        {"\"os.ubr\":1,\"os\":{\"ubr\":2}", " os.ubr=2"},
        {"\"os\":{\"ubr\":1},\"os\":{\"short\":\"x\"}", " os.ubr=1 os.short=x"},
        {"\"os\":{\"ubr\":1,\"ubr\":\"x\"}", " os.ubr=!"},
        {"\"os\":{\"ubr\":\"x\",\"ubr\":1}", " os.ubr=1"},
        {"\"os\":{\"ubr\":1,\"ubr\":null}", ""},
        {"\"os\":{\"ubr\":1},\"os\":null", ""},
        {"\"os\":{\"ubr\":1},\"os\":null,\"os\":{\"day\":\"2026-01-01\"}", " os.day=2026-01-01"},
        {"\"os\":\"W\",\"os.update\":{\"by\":{\"who.name\":\"x\"}},\"os\":null", ""},
        {"\"a\":{\"b\":{\"c\":{\"x\":1}}},\"a.b\":null", ""},
        {"\"hostname\":\"a\\n\",\"hostname\":\"b\\n\"", " flat.host=b\n"},
        {"\"os\":{\"update\":{\"kb\":\"1\"}},\"os\":{\"update\":{\"day\":\"2026-01-02\"}}",
         " os.update={? 2026-01-02 ?{?}}"}, /* the last occurrence of a record counts */
        {"\"os\":{\"update\":{\"kb\":\"1\"},\"update\":null}", ""},
        {"\"os\":{\"update\":{\"kb\":\"1\"},\"update\":{\"kb\":null}}", " os.update={? ? ?{?}}"},
        {"\"os\":{\"update\":{}}", " os.update={? ? ?{?}}"},
        {"\"os.update.day\":null", " os.update={? ? ?{?}}"},
        {"\"os\":{\"update\":{\"kb\":\"1\"},\"update\":7}", " os.update=!{! ! !{!}}"},
    };
    EXPECT_READINGS(readings);
}

Test(reader, reads_lists)
{
    static const struct reading readings[] = {
        {"\"os\":{\"tags\":[]}", " os.tags=[]"},
        {"\"os\":{\"tags\":[\"a\",\"b\"]}", " os.tags=[a,b]"},
        {"\"os\":{\"tags\":[\"a\\n\",\"b\\t\"]}", " os.tags=[a\n,b\t]"},
        {"\"os\":{\"tags\":\"a\"}", " os.tags=[a]"},
        {"\"os\":{\"tags\":7}", " os.tags=[7]"},
        {"\"os\":{\"tags\":null}", ""},
        {"\"os\":{\"tags\":[null,[\"x\"],{}]}", " os.tags=[?,!,!]"},
        {"\"os\":{\"tags\":{}}", " os.tags=[!]"},
        {"\"os\":{\"tags\":[1,2,3,4,5]}", " os.tags=[1,2,3+]"},
        {"\"os\":{\"tags\":[1,2,3],\"tags\":[4]}", " os.tags=[4]"},
        {"\"os\":{\"tags\":[1,2,3],\"tags\":[4,null]}", " os.tags=[4,?]"},
        {"\"os\":{\"tags\":[1,2],\"tags\":null}", ""},
        {"\"os\":{\"tags\":[1,2],\"tags\":null,\"tags\":[null,null,3]}", " os.tags=[?,?,3]"},
        {"\"os.tags\":[1]", " os.tags=[1]"},
        {"\"os\":{\"updates\":[{\"kb\":\"1\",\"ubr\":2,\"state\":{\"ok\":true}},{\"kb\":\"3\"}]}",
         " os.updates=[{1 2 true},{3 ? ?}]"},
        {"\"os\":{\"updates\":{\"kb\":\"1\",\"state.ok\":0}}", " os.updates=[{1 ? false}]"},
        {"\"os\":{\"updates\":[7,{\"ubr\":\"x\"}]}", " os.updates=[!{! ! !},{? ! ?}]"},
        {"\"os\":{\"updates\":[{\"kb\":\"1\"},{\"kb\":\"2\"},{\"kb\":\"3\"}]}",
         " os.updates=[{1 ? ?},{2 ? ?}+]"},
        {"\"os\":{\"updates\":[{\"kb\":\"1\"},{\"kb\":\"2\"}],\"updates\":[{\"ubr\":3},{}]}",
         " os.updates=[{? 3 ?},{? ? ?}]"},
        {"\"os\":{\"updates\":[{\"kb\":\"1\",\"kb\":null},null]}",
         " os.updates=[{? ? ?},?{? ? ?}]"},
        {"\"os\":{\"updates.kb\":\"1\"}", ""},
        {"\"os\":{\"nested\":[[1,2],[3]]}", " os.nested=[[1,2],[3]]"},
        {"\"os\":{\"nested\":[[1,2,3],[4],[5]]}", " os.nested=[[1,2+],[4]+]"},
        {"\"os\":{\"nested\":5}", " os.nested=[[5]]"},
        {"\"os\":{\"nested\":[[1,2],[3,4]],\"nested\":[[null,null],7]}", " os.nested=[[?,?],[7]]"},
    };
    EXPECT_READINGS(readings);
}

Test(reader, reads_observed_times)
{
    static const struct {
        const char *json, *facts;
        int64_t observed;
    } cases[] = {
        {"", " @=1970-01-01T00:00:00Z", 0},
        {"", "", MST_NEVER},
        {",\"observed\":{\"os\":\"2026-08-15T06:00:00Z\"}",
         " @os=2026-08-15T06:00:00Z @=1970-01-01T00:00:00Z", 0},
        {",\"observed.os\":\"2026-08-15T06:00:00+01:00\",\"observed\":{\"flat\":null}",
         " @os=2026-08-15T05:00:00Z", MST_NEVER},
        {",\"observed\":{\"os\":\"yesterday\",\"flat\":7,\"far\":{}}",
         " @os=0001-01-01T00:00:00Z @flat=0001-01-01T00:00:00Z @far=0001-01-01T00:00:00Z",
         MST_NEVER},
        {",\"observed\":{\"os\":\"2026-08-15T06:00:00Z\",\"os\":null,\"other\":1}", "", MST_NEVER},
        {",\"observed\":{\"os\":\"2026-08-15T06:00:00Z\"},\"observed\":null", "", MST_NEVER},
        {",\"observed\":7", "", MST_NEVER},
    };
    struct bench b;
    open_bench(&b, &fake_rules);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[256];
        struct fake_dump dump;
        snprintf(json, sizeof json, "{\"device.id\":\"D-1\"%s}", cases[i].json);
        cr_expect_eq(read_copy(&b, json, strlen(json), cases[i].observed), MST_OK);
        dump_facts(&dump, b.vm);
        cr_expect_str_eq(dump.text, cases[i].facts, "%s gives%s", json, dump.text);
    }
    close_bench(&b);
}

Test(reader, rejects_records)
{
    static const struct {
        const char *json, *message;
        uint32_t byte;
    } cases[] = {
        {"", "the record ends too early", 0},
        {"[]", "expected { : a record is an object", 0},
        {"\"D-1\"", "expected { : a record is an object", 0},
        {"{\"device\":{\"id\":\"D-1\"},\"os\":{\"ubr\":1}", "the record ends too early", 37},
        {"{\"device\":{\"id\":\"D-1\"}} {}", "there is more after the end of the record", 24},
        {"{\"device\":{\"id\":\"D-1\"},\"os\":{\"ubr\":01}}", "a number does not begin with 0", 36},
        {"{\"os\":{\"ubr\":1}}", "no subject: device.id is missing", 0},
        {"{\"device\":{\"id\":null}}", "no subject: device.id is missing", 0},
        {"{\"device\":{\"id\":[]}}", "no subject: device.id cannot be read", 0},
        {"{\"device\":{\"id\":\"D-1\"},\"device\":null}", "no subject: device.id is missing", 0},
        {"{\"device\":{\"id\":\"D-1\",}}", "there is a comma too many before this", 22},
        {"{\"os\":{\"ubr\":nul}}", "expected true, false or null", 13},
    };
    struct bench b;
    open_bench(&b, &fake_rules);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fake_dump dump;
        mst_status status = read_copy(&b, cases[i].json, strlen(cases[i].json), 0);
        cr_expect_eq(status, MST_ERR_RECORD, "%s", cases[i].json);
        cr_expect_str_eq(b.error.message, cases[i].message, "%s: %s", cases[i].json,
                         b.error.message);
        cr_expect_eq(b.error.byte, cases[i].byte, "%s: %u", cases[i].json, b.error.byte);
        dump_facts(&dump, b.vm);
        cr_expect_str_eq(dump.text, "", "cleared after %s", cases[i].json);
    }
    cr_expect_eq(read_copy(&b, "{\"device.id\":12.50}", 19, MST_NEVER), MST_OK);
    mst_text subject = mst_fact_text_of(b.vm, 0);
    cr_expect(subject.len == 5 && memcmp(subject.ptr, "12.50", 5) == 0, "a number as written");
    close_bench(&b);
}

Test(reader, limits_size_and_depth)
{
    struct bench b;
    open_bench(&b, &fake_rules);
    size_t len = MST_RECORD_MAX_BYTES + 1;
    char *json = malloc(len);
    memset(json, ' ', len);
    memcpy(json, "{\"device.id\":\"D-1\"}", 19);
    cr_expect_eq(mst_read_record(b.reader, b.vm, json, len - 1, 0, &b.error), MST_OK);
    cr_expect_eq(mst_read_record(b.reader, b.vm, json, len, 0, &b.error), MST_ERR_RECORD);
    cr_expect_str_eq(b.error.message, "the record is longer than 1 MiB");
    for (size_t depth = 63; depth <= 64; depth++) {
        memset(json + 18, ' ', len - 18);
        memcpy(json + 18, ",\"x\":", 5);
        memset(json + 23, '[', depth);
        memset(json + 23 + depth, ']', depth);
        json[23 + 2 * depth] = '}';
        mst_status status = mst_read_record(b.reader, b.vm, json, 24 + 2 * depth, 0, &b.error);
        cr_expect_eq(status, depth == 63 ? MST_OK : MST_ERR_RECORD);
    }
    free(json);
    close_bench(&b);
}

Test(reader, counts_what_it_has_seen)
{
    static const char *const records[] = {
        "{\"device.id\":\"1\",\"os\":{\"ubr\":1,\"ubr\":2,\"tags\":[1,2,null]}}",
        "{\"device.id\":\"1\",\"os\":{\"ubr\":null,\"tags\":[null],\"update\":{\"kb\":null}}}",
        "{\"device.id\":\"1\",\"os\":{\"ubr\":1,\"ubr\":null,\"update\":{\"kb\":\"x\"}}}",
        "{\"device.id\":\"1\",\"os\":{\"ubr\":\"x\"},\"os\":{\"updates\":[{},{\"kb\":1}]}}",
    };
    static const struct {
        uint32_t fact;
        uint64_t seen;
    } expected[] = {{0, 4},  {5, 2},  {14, 2}, {15, 1}, {19, 2}, {20, 1},
                    {21, 1}, {22, 1}, {23, 1}, {24, 0}, {1, 0},  {1000, 0}};
    struct bench b;
    open_bench(&b, &fake_rules);
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++)
        cr_expect_eq(read_copy(&b, records[i], strlen(records[i]), 0), MST_OK);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        uint64_t seen = mst_reader_seen(b.reader, expected[i].fact);
        cr_expect_eq(seen, expected[i].seen, "fact %u: %lu", expected[i].fact, (unsigned long)seen);
    }
    close_bench(&b);
}

/* A list so large that texts with escapes go where they stand in the record. */
Test(reader, keeps_escaped_texts_of_large_lists)
{
    static const struct fake_fact facts[] = {
        SIMPLE("id", "id", TEXT, 0, 0),
        LIST("l", "l", 1, NONE, 8000, 0),
        PART("l", "", TEXT, 2, 1, 1),
    };
    static const struct fake_rules rules = {facts, fake_groups, fake_enums, 3, 1, 1, 0};
    struct bench b;
    open_bench(&b, &rules);
    b.vm->used_slots = FAKE_SLOTS;
    cr_expect_leq(mst_reader_size(&b.image), MST_RECORD_MAX_BYTES + 16384);
    static char json[8000 * 10 + 64];
    size_t len = (size_t)snprintf(json, sizeof json, "{\"id\":\"\\u0041\",\"l\":[");
    for (unsigned i = 0; i < 8000; i++)
        len += (size_t)snprintf(json + len, sizeof json - len, "%s\"%04u\\n\"", i ? "," : "", i);
    len += (size_t)snprintf(json + len, sizeof json - len, "]}");
    cr_assert_eq(read_copy(&b, json, len, 0), MST_OK);
    for (unsigned i = 0; i < 8000; i++) {
        char text[8];
        snprintf(text, sizeof text, "%04u\n", i);
        cr_assert_eq(b.vm->slots[2 + i].text.len, 5);
        cr_assert_arr_eq(b.vm->slots[2 + i].text.ptr, text, 5);
    }
    cr_expect_eq(mst_fact_text_of(b.vm, 0).ptr[0], 'A');
    close_bench(&b);
}

/* The reader guesses keys by those of the records before: that must never show. */
Test(reader, reads_the_same_whatever_came_before)
{
#define TAIL ",\"a tail of enough bytes for a guess\":0}"
    static const char *const records[] = {
        "{\"device\":{\"id\":\"1\"},\"os\":{\"ubr\":1,\"edition\":\"Pro\"}" TAIL,
        "{\"device\":{\"id\":\"2\"},\"os\":{\"edition\":\"Pro\",\"ubr\":2}" TAIL,
        "{\"os\":{\"ubr\":3},\"device\":{\"id\":\"3\"}" TAIL,
        "{ \"device\" : {\"id\" :\"4\"}, \"os\": {\"ubr\" :4}" TAIL,
        "{\"os.ubr\":5,\"device.id\":\"5\",\"os\":{}" TAIL,
        "{\"os\":{\"os\":{\"ubr\":1},\"device\":{\"id\":\"6\"}},\"device\":{\"id\":\"6\"}" TAIL,
        "{\"dev\\u0069ce\":{\"id\":\"7\"},\"os\":{\"ub\":1,\"ubr \":1,\"ubrs\":1}" TAIL,
        "{\"device\":{\"id\":\"8\"},\"os\":{\"ubr\":8}}",
        "{\"device\":{\"id\":\"9\"},\"os\":{\"updates\":[{\"kb\":\"a\",\"ubr\":9},{}]}" TAIL,
        "{\"seen\":[{\"id\":1,\"ubr\":1},{\"ubr\":2}],\"device\":{\"id\":\"10\"}" TAIL,
        "{\"device\":{\"seen\":{\"id\":1,\"a\":{\"id\":1}},\"id\":\"11\"},\"a\":{\"id\":1}" TAIL,
    };
    enum { COUNT = sizeof records / sizeof records[0] };
    struct fake_dump alone[COUNT], after;
    struct bench b;
    for (size_t i = 0; i < COUNT; i++) {
        open_bench(&b, &fake_rules);
        cr_assert_eq(read_copy(&b, records[i], strlen(records[i]), 0), MST_OK, "%s",
                     b.error.message);
        dump_facts(&alone[i], b.vm);
        close_bench(&b);
    }
    open_bench(&b, &fake_rules);
    for (size_t i = 0; i < COUNT * COUNT * 3; i++) {
        const size_t which = i % 3 == 2 ? i / 3 % COUNT : i / 3 / COUNT;
        cr_assert_eq(read_copy(&b, records[which], strlen(records[which]), 0), MST_OK);
        dump_facts(&after, b.vm);
        cr_expect_str_eq(after.text, alone[which].text, "%s", records[which]);
    }
    close_bench(&b);
#undef TAIL
}

/* ---- the framer -------------------------------------------------------------------------- */

/* Feeds `text` in pieces of `step` bytes; writes records as line:text; and errors as line!byte; */
static void frame_all(const char *text, size_t len, size_t step, bool one_a_line,
                      struct fake_dump *dump)
{
    mst_framer framer;
    mst_frame frame = MST_FRAME_INIT;
    size_t at = 0, given = 0;
    mst_status status = MST_OK;
    *dump = (struct fake_dump){"", 0};
    mst_framer_init(&framer, one_a_line);
    while (status != MST_ERR_NOT_FOUND) {
        char *piece = malloc(given - at + 1);
        char line[64];
        memcpy(piece, text + at, given - at);
        status = mst_framer_next(&framer, piece, given - at, given == len, &frame);
        cr_assert_leq(frame.used, given - at);
        if (status == MST_OK) {
            cr_assert(frame.text >= piece && frame.text + frame.len <= piece + frame.used);
            snprintf(line, sizeof line, "%lu:", (unsigned long)frame.line);
            dump_string(dump, line);
            dump_bytes(dump, frame.text, frame.len);
            dump_string(dump, ";");
        } else if (status == MST_ERR_RECORD) {
            snprintf(line, sizeof line, "%lu!%u;", (unsigned long)frame.line, frame.error.byte);
            dump_string(dump, line);
        } else if (status == MST_ERR_SPACE) {
            cr_assert_lt(given, len, "asks for more at the end of: %s", text);
            given = given + step < len ? given + step : len;
        }
        free(piece);
        at += frame.used;
    }
    cr_expect_eq(at, len, "all of it is used: %s", text);
}

struct framing {
    const char *text, *frames;
};

static void expect_frames(const struct framing *framings, size_t count, bool one_a_line)
{
    for (size_t i = 0; i < count; i++)
        for (size_t step = 1; step < 40; step += step < 8 ? 1 : 9) {
            struct fake_dump dump;
            frame_all(framings[i].text, strlen(framings[i].text), step, one_a_line, &dump);
            cr_expect_str_eq(dump.text, framings[i].frames, "%s gives %s, not %s, by %zu",
                             framings[i].text, dump.text, framings[i].frames, step);
        }
}

Test(frame, finds_records)
{
    static const struct framing framings[] = {
        {"", ""},
        {" \n\t\r\n ", ""},
        {"{}", "1:{};"},
        {"{}\n{}\n", "1:{};2:{};"},
        {"{} {}{}\n\n {}", "1:{};1:{};1:{};3:{};"},
        {"{\"a\":{\"b\":[1,{\"c\":\"}\\\"]\"}]}}\n{\"x\":\"\\\\\"}",
         "1:{\"a\":{\"b\":[1,{\"c\":\"}\\\"]\"}]}};2:{\"x\":\"\\\\\"};"},
        {"{\n \"a\": 1,\n \"b\": [\n  {\n  }\n ]\n}\n{}",
         "1:{\n \"a\": 1,\n \"b\": [\n  {\n  }\n ]\n};8:{};"},
        {"\xef\xbb\xbf{}", "1:{};"},
        {"{\"\xc3\xa4\":\"\xe2\x82\xac\\\"\xf0\x9d\x84\x9e\"}",
         "1:{\"\xc3\xa4\":\"\xe2\x82\xac\\\"\xf0\x9d\x84\x9e\"};"},
    };
    expect_frames(framings, sizeof framings / sizeof framings[0], false);
}

Test(frame, finds_records_in_an_array)
{
    static const struct framing framings[] = {
        {"[]", ""},
        {"[{}]", "1:{};"},
        {" [ {} , {\"a\":[]} ]\n", "1:{};1:{\"a\":[]};"},
        {"[\n{},\n{}\n]", "2:{};3:{};"},
        {"[{}] [{}]", "1:{};1:{};"},
        {"[{},]", "1:{};1!0;"},
        {"[{} {}]", "1:{};1!0;1:{};"},
        {"[{}", "1:{};1!0;"},
        {"[{},", "1:{};1!0;"},
        {"[1,\n{}]", "1!0;2:{};"},
        {"[{\"a\":]},\n{}\n]\n", "1!5;2:{};"},
        {"[\n {\"a\":\"\n },\n {}\n]", "2!6;3!0;4:{};"},
    };
    expect_frames(framings, sizeof framings / sizeof framings[0], false);
}

Test(frame, takes_up_the_stream_after_a_bad_record)
{
    static const struct framing framings[] = {
        {"x\n{}", "1!0;2:{};"},
        {"}\n]\n,\n{}", "1!0;2!0;3!0;4:{};"},
        {"nonsense {}\n{}\n", "1!0;2:{};"},
        {"{\"a\":\"x}\n{}\n", "1!8;2:{};"},
        {"{\"a\":\"b\"c\"}\n{}\n", "1!9;2:{};"},
        {"{\"a\":1 {\"b\":2}}\n{}\n", "1!7;2:{};"},
        {"{\"a\":[1}\n{}\n", "1!7;2:{};"},
        {"{\"a\":1\n{\"b\":1}\n{}\n", "1!7;2:{\"b\":1};3:{};"},
        {"{\"a\":{\"b\":1}\n{}\n{}", "1!13;2:{};3:{};"},
        {"{\"a\":tru\n{}", "1!9;2:{};"},
        {"{\"a\":1,\n{}", "1!8;2:{};"},
        {"{\"a\":", "1!5;"},
        {"{\"a\":\"\\", "1!7;"},
        {"{\"a\":\"\\\n{}", "1!7;2:{};"},
        {"{\n  \"a\": \"x,\n  \"b\": {\n  }\n}\n{\n}\n", "1!12;6:{\n};"},
        {"\xff\xfe{\n{}", "1!0;2:{};"},
    };
    expect_frames(framings, sizeof framings / sizeof framings[0], false);
}

Test(frame, finds_lines)
{
    static const struct framing framings[] = {
        {"", ""},
        {"\n\n", ""},
        {"{}\n{}", "1:{};2:{};"},
        {"\xef\xbb\xbf{}\r\n\r\n  {} x\n", "1:{}\r;3:{} x;"},
        {"[1\n}\n", "1:[1;2:};"},
    };
    expect_frames(framings, sizeof framings / sizeof framings[0], true);
}

Test(frame, gives_up_records_that_are_too_long)
{
    size_t len = MST_RECORD_MAX_BYTES + 100;
    char *text = malloc(len);
    struct fake_dump dump;
    memset(text, 'x', len);
    memcpy(text, "{}\n{\"", 5);
    memcpy(text + len - 4, "\n{}\n", 4);
    text[1000] = '"';
    for (int one_a_line = 0; one_a_line < 2; one_a_line++)
        for (size_t step = 65536; step <= len; step += len - 65536) {
            frame_all(text, len, step, one_a_line, &dump);
            cr_expect(strncmp(dump.text, "1:{};2!", 7) == 0, "%s", dump.text);
            cr_expect(strstr(dump.text, ";3:{};"), "%s", dump.text);
        }
    free(text);
}

Test(frame, notices_depth)
{
    char text[256] = "{\"a\":";
    struct fake_dump dump;
    memset(text + 5, '[', 64);
    memcpy(text + 69, "\n{}", 4);
    frame_all(text, strlen(text), 7, false, &dump);
    cr_expect_str_eq(dump.text, "1!68;2:{};");
}
