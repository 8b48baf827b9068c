/* SPDX-License-Identifier: Apache-2.0
 *
 * mst_framer_read() is mst_framer_next() and mst_read_record() in one pass: over good and bad
 * streams, in pieces of every size, both ways must find the same records, facts, errors, counts. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "../facts/fake_rules.h"
#include "muster/facts.h"

struct way {
    bool at_once;
    mst_image image;
    mst_vm vm;
    mst_reader *reader;
    void *block;
    char log[4096]; /* status, place and facts of each record */
    size_t len;
};

static void open_way(struct way *way, bool at_once)
{
    *way = (struct way){.at_once = at_once, .image = fake_image(&fake_rules)};
    way->vm.rules = &fake_rules;
    way->vm.used_slots = 50;
    const size_t size = mst_reader_size(&way->image);
    way->block = malloc(size);
    cr_assert_eq(mst_reader_init(&way->reader, way->block, size, &way->image), MST_OK);
}

static mst_status next(struct way *way, mst_framer *framer, const char *text, size_t len,
                       bool is_last, mst_frame *frame)
{
    if (way->at_once)
        return mst_framer_read(framer, way->reader, &way->vm, text, len, is_last, 7, frame);
    const mst_status status = mst_framer_next(framer, text, len, is_last, frame);
    if (status != MST_OK)
        return status;
    return mst_read_record(way->reader, &way->vm, frame->text, frame->len, 7, &frame->error);
}

/* After an error nothing is left of the record before. */
static void expect_no_facts(struct way *way)
{
    struct fake_dump found = {"", 0}, none = {"", 0};
    dump_facts(&found, &way->vm);
    mst_facts_clear(&way->vm);
    dump_facts(&none, &way->vm);
    cr_expect_str_eq(found.text, none.text);
}

static void note(struct way *way, mst_status status, const mst_frame *frame)
{
    if (status != MST_OK && way->at_once)
        expect_no_facts(way);
    struct fake_dump facts = {"", 0};
    if (status == MST_OK)
        dump_facts(&facts, &way->vm);
    else
        snprintf(facts.text, sizeof facts.text, " %u %s", frame->error.byte, frame->error.message);
    cr_assert_lt(way->len, sizeof way->log);
    way->len +=
        (size_t)snprintf(way->log + way->len, sizeof way->log - way->len, "%d line %lu:%s\n",
                         (int)status, (unsigned long)frame->line, facts.text);
}

/* Each piece is a copy of its size, so that a look behind it is seen. */
static void read_stream(struct way *way, const char *text, size_t step, bool one_a_line)
{
    const size_t len = strlen(text);
    size_t at = 0, given = 0;
    mst_status status = MST_OK;
    mst_framer framer;
    mst_framer_init(&framer, one_a_line);
    way->len = 0;
    while (status != MST_ERR_NOT_FOUND) {
        mst_frame frame = MST_FRAME_INIT;
        char *piece = malloc(given - at + 1);
        memcpy(piece, text + at, given - at);
        status = next(way, &framer, piece, given - at, given == len, &frame);
        if (status == MST_OK || status == MST_ERR_RECORD)
            note(way, status, &frame);
        else if (status == MST_ERR_SPACE)
            given = given + step < len ? given + step : len;
        free(piece);
        at += frame.used;
    }
    cr_expect_eq(at, len, "all of it is used: %s", text);
}

#define ID(id) "{\"device\":{\"id\":\"" id "\"}"

static const char *const streams[] = {
    "",
    ID("1") "}\n" ID("2") ",\"os\":{\"ubr\":1}}\n" ID("3") "}",
    ID("1") "}" ID("2") "}\n\n {} " ID("3") "}",
    "[" ID("1") "},\n" ID("2") ",\"os\":{\"ubr\":2}} ]\n" ID("3") "}",
    "[" ID("1") "} " ID("2") "},,{\"os\":{\"ubr\":1}}," ID("3") "}",
    "\xef\xbb\xbf" ID("1") "}\n" ID("2") "}\n",
    "{\n \"device\": {\n  \"id\": \"1\" },\n \"os\": {\"ubr\": 1}\n}\n" ID("2") "}\n}\n" ID(
        "3") "}",
    "{\n \"device\": {\n  \"id\": \"1\n },\n}\n" ID("2") "}\n",
    "{\"os\":{\"ubr\":1}}\n" ID("2") "} x\n" ID("3") "}",
    ID("1") ",\"os\":{\"ubr\":1},\"x\":tru}\n" ID("2") ",\"os\":{\"ubr\":01}}\n" ID("3") "}",
    ID("1") ",\"os\":{\"ubr\":1}\n" ID("2") "}\n" ID("3") ",\"os\":{\"osBuild\":\"1.2\"",
    ID("1\\u00e4") ",\"os\":{\"osBuild\":\"\\u0031.2\",\"ubr\":null}}" ID("2") ",\"x\":\"\xff\"}\n",
    "1\n" ID("2") "}\n\"" ID("3") "}\n" ID("4") "}",
};

Test(stream, gives_the_same_at_once)
{
    struct way apart, at_once;
    open_way(&apart, false);
    open_way(&at_once, true);
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
        for (size_t step = 1; step < 200; step += step < 40 ? 1 : 53)
            for (int one_a_line = 0; one_a_line < 2; one_a_line++) {
                read_stream(&apart, streams[i], step, one_a_line);
                read_stream(&at_once, streams[i], step, one_a_line);
                cr_expect_str_eq(at_once.log, apart.log, "%s by %zu", streams[i], step);
            }
    for (uint32_t f = 0; f < fake_rules.fact_count; f++)
        cr_expect_eq(mst_reader_seen(at_once.reader, f), mst_reader_seen(apart.reader, f),
                     "fact %u", f);
    free(apart.block);
    free(at_once.block);
}

Test(stream, does_not_take_a_record_that_is_too_long)
{
    static char text[MST_RECORD_MAX_BYTES + 64];
    struct way way;
    mst_framer framer;
    mst_frame frame = MST_FRAME_INIT;
    open_way(&way, true);
    mst_framer_init(&framer, false);
    const size_t head = (size_t)snprintf(text, sizeof text, ID("1") ",\"x\":\"");
    memset(text + head, 'x', sizeof text - head);
    memcpy(text + MST_RECORD_MAX_BYTES - 2, "\"}", 2);
    cr_expect_eq(
        mst_framer_read(&framer, way.reader, &way.vm, text, MST_RECORD_MAX_BYTES, false, 0, &frame),
        MST_OK);
    memcpy(text + MST_RECORD_MAX_BYTES - 2, "x\"}", 3);
    cr_expect_eq(mst_framer_read(&framer, way.reader, &way.vm, text, MST_RECORD_MAX_BYTES + 1, true,
                                 0, &frame),
                 MST_ERR_RECORD);
    free(way.block);
}

/* Wherever the pieces end: by line, in an array, and over several lines with the end in the text,
 * in a half escape, behind it. */
Test(stream, ends_a_record_that_is_too_long_at_the_same_byte)
{
    static const char *const heads[] = {"", "[", "{}\n{\n"};
    static char text[MST_RECORD_MAX_BYTES + 256];
    struct way whole, pieces;
    open_way(&whole, false);
    open_way(&pieces, true);
    for (size_t i = 0; i < 3 * sizeof heads / sizeof heads[0]; i++) {
        size_t len = (size_t)snprintf(text, sizeof text, "%s%s", heads[i / 3],
                                      i / 3 == 2 ? "\"x\":\"" : ID("1") ",\"x\":\"");
        memset(text + len, i % 3 == 0 ? 'x' : '\\', sizeof text - len);
        len = MST_RECORD_MAX_BYTES + 20 + i % 3;
        snprintf(text + len, sizeof text - len, "\"}\n" ID("2") "}\n");
        read_stream(&whole, text, sizeof text, false);
        cr_expect(strstr(whole.log, " 1048576 the record is longer than 1 MiB"), "%s", whole.log);
        for (size_t step = 65535; step <= 1 << 20; step = step * 2 + 1) {
            read_stream(&pieces, text, step, false);
            cr_expect_str_eq(pieces.log, whole.log, "%zu by %zu", i, step);
        }
    }
    free(whole.block);
    free(pieces.block);
}
