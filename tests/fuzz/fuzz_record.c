/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a record for real rules: read, judged, written as JSON. The first byte chooses the
 * rules. A record that is read gives the same verdict lines when it is read again, whatever was
 * read in between; each is one line of UTF-8 and names its subject. */
#include <stdint.h>

#include "exercise.h"
#include "facts/verdict_line.h"
#include "seed_images.h"

#define NOW 1786752000 /* 2026-08-15T00:00:00Z */

struct bench {
    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    char *line, *former, *memo_line;
    size_t room;
    struct mst_line_memo memo;
};

static const char other_record[] =
    "{\"device\":{\"id\":\"other\"},\"id\":\"other\",\"os\":{\"build\":\"26100.9106\"},"
    "\"g\":{\"id\":\"other\",\"text\":\"\\u00e4\",\"list\":[1,2,3]},"
    "\"observed\":{\"g\":\"2026-08-01T00:00:00Z\"}}";

static void open_bench(struct bench *bench, const struct seed_image *seed)
{
    void *block = NULL; /* both are kept until the program ends */
    FUZZ_EXPECT(mst_image_open(&bench->image, seed->bytes, seed->size, NULL, NULL) == MST_OK);
    bench->vm = make_vm(&bench->image, &block);
    bench->reader = make_reader(&bench->image, &block);
    FUZZ_EXPECT(bench->reader);
    bench->room = mst_verdict_json_max(&bench->image) + MST_RECORD_MAX_BYTES;
    bench->line = malloc(bench->room);
    bench->former = malloc(bench->room);
    bench->memo_line = malloc(bench->room);
    FUZZ_EXPECT(bench->line && bench->former && bench->memo_line);
}

/* What a host that writes many of them gets is the same. */
static void expect_line(struct bench *bench, const mst_verdict *verdict, const char *text,
                        size_t len)
{
    size_t room = mst_verdict_json_max(&bench->image) + MST_RECORD_MAX_BYTES, line_len = 0;
    FUZZ_EXPECT(mst_verdict_line(bench->vm, &bench->image, verdict, false, &bench->memo,
                                 bench->memo_line, room, &line_len) == MST_OK);
    FUZZ_EXPECT(line_len == len && memcmp(bench->memo_line, text, len) == 0);
}

/* All verdicts as JSON, one behind the other. */
static size_t judge(struct bench *bench, char *lines)
{
    size_t used = 0;
    for (uint32_t i = 0; i < mst_verdict_count(&bench->image); i++) {
        mst_verdict verdict = MST_VERDICT_INIT;
        size_t len = 0;
        FUZZ_EXPECT(mst_eval(bench->vm, i, NOW, &verdict) == MST_OK);
        FUZZ_EXPECT(mst_verdict_json(bench->vm, &bench->image, &verdict, false, lines + used,
                                     bench->room - used, &len) == MST_OK);
        FUZZ_EXPECT(mst_utf8_valid(lines + used, len));
        expect_line(bench, &verdict, lines + used, len);
        for (size_t k = 0; k < len; k++)
            FUZZ_EXPECT((unsigned char)lines[used + k] >= 0x20);
        used += len;
        if (used > MST_RECORD_MAX_BYTES)
            break;
    }
    return used;
}

static void check_error(const mst_record_error *error, size_t len)
{
    char line[MST_RECORD_ERROR_JSON_MAX];
    size_t line_len = 0;
    FUZZ_EXPECT(error->message && error->message[0] != '\0' && error->byte <= len);
    FUZZ_EXPECT(mst_record_error_json(error, 1, line, sizeof line, &line_len) == MST_OK);
    FUZZ_EXPECT(mst_utf8_valid(line, line_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bench benches[MAX_SEEDS];
    const struct seed_images *seeds = seed_images();
    if (size == 0)
        return 0;
    const uint32_t chosen = data[0] % seeds->count;
    struct bench *bench = &benches[chosen];
    if (!bench->vm)
        open_bench(bench, &seeds->list[chosen]);
    const size_t len = size - 1;
    char *json = malloc(len > 0 ? len : 1);
    FUZZ_EXPECT(json);
    memcpy(json, data + 1, len);
    mst_record_error error = MST_RECORD_ERROR_INIT;
    const mst_status status = mst_read_record(bench->reader, bench->vm, json, len, NOW, &error);
    FUZZ_EXPECT(status == MST_OK || status == MST_ERR_RECORD);
    if (status == MST_ERR_RECORD) {
        check_error(&error, len);
        free(json);
        return 0;
    }
    const size_t former = judge(bench, bench->former);
    (void)mst_read_record(bench->reader, bench->vm, other_record, sizeof other_record - 1, NOW,
                          NULL);
    FUZZ_EXPECT(mst_read_record(bench->reader, bench->vm, json, len, NOW, &error) == MST_OK);
    FUZZ_EXPECT(judge(bench, bench->line) == former &&
                memcmp(bench->line, bench->former, former) == 0);
    free(json);
    return 0;
}
