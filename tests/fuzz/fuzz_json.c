/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as JSON: the scanner must agree with jansson on what is JSON, the reader must keep
 * its hands inside record and block, and a reader that has read everything before must read
 * the same as a new one; the framer must find the same records however the stream is cut, and
 * exactly one in what the reader accepts; reading them in the same pass must give the same as
 * reading each after it. */
#include <stdint.h>
#include <stdlib.h>

#include "../facts/fake_rules.h"
#include "../facts/json_peer.h"
#include "muster/facts.h"
#include "scan.h"

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Made once: a fuzzer runs millions of inputs. */
static struct {
    struct json_peer peer;
    bool has_peer;
    mst_image image;
    mst_vm vm;
    char *block;
    size_t block_bytes;
    mst_reader *reader;
    char *new_block; /* of a reader that is made anew for each input */
} bench;

static void open_bench(void)
{
    bench.has_peer = json_peer_open(&bench.peer);
    bench.image = fake_image(&fake_rules);
    bench.vm.rules = &fake_rules;
    bench.vm.used_slots = 50;
    bench.block_bytes = mst_reader_size(&bench.image);
    bench.block = malloc(bench.block_bytes);
    bench.new_block = malloc(bench.block_bytes);
    EXPECT(bench.block && bench.new_block);
    EXPECT(mst_reader_init(&bench.reader, bench.block, bench.block_bytes, &bench.image) == MST_OK);
}

static bool scan_all(const char *text, size_t len)
{
    struct mst_scan scan;
    mst_scan_init(&scan, text, len);
    bool is_good = mst_scan_skip(&scan) && mst_scan_end(&scan);
    EXPECT(is_good == !scan.message);
    EXPECT(scan.at >= scan.begin && scan.at <= scan.end);
    if (!bench.has_peer || (scan.message && strstr(scan.message, "nested")))
        return is_good;
    enum json_opinion opinion = json_peer_ask(&bench.peer, text, len, NULL);
    EXPECT(opinion == PEER_CANNOT_TELL || is_good == (opinion == PEER_ACCEPTS));
    return is_good;
}

/* A text that was borrowed lies in the record or in the reader's block. */
static bool is_inside(const char *begin, size_t len, mst_text text)
{
    return text.ptr >= begin && text.ptr + text.len <= begin + len;
}

static bool read_all(const char *text, size_t len)
{
    mst_record_error error = MST_RECORD_ERROR_INIT;
    mst_status status = mst_read_record(bench.reader, &bench.vm, text, len, 0, &error);
    EXPECT(status == MST_OK || status == MST_ERR_RECORD);
    EXPECT(status == MST_OK || (error.message[0] && error.byte <= len));
    for (uint32_t i = 0; i < bench.vm.used_slots; i++) {
        mst_text borrowed = bench.vm.slots[i].text;
        EXPECT(status == MST_OK || bench.vm.slots[i].state == FAKE_MISSING);
        EXPECT(!borrowed.ptr || is_inside(text, len, borrowed) ||
               is_inside(bench.block, bench.block_bytes, borrowed));
    }
    return status == MST_OK;
}

static bool equal_texts(mst_text a, mst_text b)
{
    return a.len == b.len && !a.ptr == !b.ptr && (!a.ptr || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Whatever the reader has guessed or remembered: a new one sets the same facts. */
static void read_anew(const char *text, size_t len)
{
    static struct mst_vm used;
    mst_record_error errors[2] = {MST_RECORD_ERROR_INIT, MST_RECORD_ERROR_INIT};
    mst_reader *reader;
    EXPECT(mst_reader_init(&reader, bench.new_block, bench.block_bytes, &bench.image) == MST_OK);
    const mst_status status = mst_read_record(bench.reader, &bench.vm, text, len, 0, &errors[0]);
    used = bench.vm;
    EXPECT(mst_read_record(reader, &bench.vm, text, len, 0, &errors[1]) == status);
    EXPECT(errors[0].byte == errors[1].byte && !strcmp(errors[0].message, errors[1].message));
    for (uint32_t i = 0; i < bench.vm.used_slots; i++) {
        EXPECT(used.slots[i].state == bench.vm.slots[i].state);
        EXPECT(used.slots[i].word == bench.vm.slots[i].word);
        EXPECT(equal_texts(used.slots[i].text, bench.vm.slots[i].text));
    }
}

/* What came out of a stream: a sum over all records and errors, and the last record. */
struct outcome {
    uint64_t sum;
    uint32_t records, errors;
    size_t first, len; /* of the last record in the stream */
};

static void note(struct outcome *outcome, mst_status status, const mst_frame *frame, size_t at)
{
    uint64_t mark = status == MST_OK ? at : ~at;
    if (status == MST_OK) {
        outcome->records++;
        outcome->first = at;
        outcome->len = frame->len;
    } else {
        outcome->errors++;
        mark ^= (uint64_t)frame->error.byte << 32;
    }
    outcome->sum = outcome->sum * 31 + mark + frame->line + frame->len;
}

static struct outcome frame_all(const char *text, size_t len, size_t step, bool one_a_line)
{
    struct outcome outcome = {0, 0, 0, 0, 0};
    mst_framer framer;
    mst_frame frame = MST_FRAME_INIT;
    size_t at = 0, given = 0;
    mst_framer_init(&framer, one_a_line);
    for (;;) {
        mst_status status = mst_framer_next(&framer, text + at, given - at, given == len, &frame);
        EXPECT(frame.used <= given - at);
        if (status == MST_OK || status == MST_ERR_RECORD)
            note(&outcome, status, &frame, (size_t)(frame.text - text));
        at += frame.used;
        if (status == MST_ERR_NOT_FOUND)
            break;
        EXPECT(status != MST_ERR_SPACE || given < len);
        if (status == MST_ERR_SPACE)
            given = len - given > step ? given + step : len;
    }
    EXPECT(at == len);
    return outcome;
}

static void compare_frames(const char *text, size_t len, bool is_record)
{
    for (int one_a_line = 0; one_a_line < 2; one_a_line++) {
        struct outcome whole = frame_all(text, len, len, one_a_line);
        struct outcome pieces = frame_all(text, len, len / 7 + 1, one_a_line);
        EXPECT(whole.sum == pieces.sum && whole.records == pieces.records);
        if (!is_record || one_a_line)
            continue;
        EXPECT(whole.records == 1 && whole.errors == 0);
        EXPECT(text[whole.first] == '{' && text[whole.first + whole.len - 1] == '}');
    }
}

/* The records of a stream that are accepted, with their places, and what is wrong with the others;
 * the vm's states stand for the facts. */
static uint64_t read_stream(const char *text, size_t len, size_t step, bool at_once)
{
    uint64_t sum = 0;
    mst_framer framer;
    size_t at = 0, given = 0;
    mst_framer_init(&framer, false);
    for (;;) {
        mst_frame frame = MST_FRAME_INIT;
        const size_t have = given - at;
        mst_status status = at_once
                                ? mst_framer_read(&framer, bench.reader, &bench.vm, text + at, have,
                                                  given == len, 0, &frame)
                                : mst_framer_next(&framer, text + at, have, given == len, &frame);
        if (!at_once && status == MST_OK)
            status =
                mst_read_record(bench.reader, &bench.vm, frame.text, frame.len, 0, &frame.error);
        if (status == MST_ERR_NOT_FOUND)
            return sum;
        for (uint32_t i = 0; status == MST_OK && i < bench.vm.used_slots; i++)
            sum = sum * 31 + (uint64_t)bench.vm.slots[i].state;
        if (status == MST_ERR_SPACE)
            given = len - given > step ? given + step : len;
        else
            sum = (sum * 31 + frame.line) * 31 + frame.len +
                  (status == MST_OK ? 0 : 1 + (uint64_t)frame.error.byte);
        at += frame.used;
    }
}

static void compare_readings(const char *text, size_t len)
{
    const size_t steps[] = {len, len / 5 + 1};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        EXPECT(read_stream(text, len, steps[i], true) == read_stream(text, len, steps[i], false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    if (!bench.reader)
        open_bench();
    bool is_json = scan_all(text, size);
    bool is_record = read_all(text, size);
    EXPECT(is_json || !is_record);
    read_anew(text, size);
    if (size > 0)
        compare_frames(text, size, is_record);
    compare_readings(text, size);
    return 0;
}
