/* SPDX-License-Identifier: Apache-2.0
 *
 * verdicts.c - libmuster on a machine without operating system: an image and records lie in memory,
 * verdict lines come out. The host fills image_bytes and records, calls judge(), and reads output.
 * It is built for WebAssembly, where run_wasm.mjs is the host. */
#include <muster/facts.h>

#include <stdalign.h>

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("image") void *image_place(void);
EXPORT("records") void *records_place(void);
EXPORT("output") void *output_place(void);
EXPORT("room") uint32_t room(void);
EXPORT("judge") int32_t judge(uint32_t image_len, uint32_t records_len, int64_t now);

#define ROOM_BYTES (1u << 20)

static unsigned char image_bytes[ROOM_BYTES];
static char records[ROOM_BYTES], output[ROOM_BYTES];
static alignas(16) unsigned char vm_block[4u << 20], reader_block[4u << 20];

void *image_place(void)
{
    return image_bytes;
}

void *records_place(void)
{
    return records;
}

void *output_place(void)
{
    return output;
}

/* Bytes that an image, and records, can have. */
uint32_t room(void)
{
    return ROOM_BYTES;
}

static size_t output_len;

static mst_status end_line(mst_status status, size_t len)
{
    if (status != MST_OK || output_len + len + 1 >= sizeof output)
        return status != MST_OK ? status : MST_ERR_SPACE;
    output_len += len;
    output[output_len++] = '\n';
    return MST_OK;
}

/* All verdicts of the root module, a line each. */
static mst_status judge_record(mst_vm *vm, const mst_image *image, int64_t now)
{
    mst_status status = MST_OK;
    for (uint32_t i = 0; i < mst_verdict_count(image) && status == MST_OK; i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        mst_verdict verdict = MST_VERDICT_INIT;
        size_t len = 0;
        status = mst_verdict_info_at(image, i, &info);
        if (status == MST_OK && !info.is_root)
            continue;
        status = mst_eval(vm, i, now, &verdict);
        if (status == MST_OK)
            status = mst_verdict_json(vm, image, &verdict, false, output + output_len,
                                      sizeof output - output_len - 1, &len);
        status = end_line(status, len);
    }
    return status;
}

static mst_status judge_all(mst_vm *vm, mst_reader *reader, const mst_image *image,
                            size_t records_len, int64_t now)
{
    mst_framer framer;
    mst_status found = MST_OK;
    mst_framer_init(&framer, false);
    for (size_t at = 0;;) {
        mst_frame frame = MST_FRAME_INIT;
        found = mst_framer_next(&framer, records + at, records_len - at, true, &frame);
        if (found == MST_ERR_NOT_FOUND)
            return MST_OK;
        if (found != MST_OK && found != MST_ERR_RECORD)
            return found;
        if (found == MST_OK)
            found = mst_read_record(reader, vm, frame.text, frame.len, now, &frame.error);
        size_t len = 0;
        if (found == MST_ERR_RECORD)
            found = end_line(mst_record_error_json(&frame.error, frame.line, output + output_len,
                                                   sizeof output - output_len - 1, &len),
                             len);
        else if (found == MST_OK)
            found = judge_record(vm, image, now);
        if (found != MST_OK)
            return found;
        at += frame.used;
    }
}

/* Length of the verdict lines in `output`, or -1 - the status that ended it. */
int32_t judge(uint32_t image_len, uint32_t records_len, int64_t now)
{
    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    output_len = 0;
    mst_status status = mst_image_open(&image, image_bytes, image_len, NULL, NULL);
    if (status == MST_OK)
        status = mst_vm_init(&vm, vm_block, sizeof vm_block, &image);
    if (status == MST_OK)
        status = mst_reader_init(&reader, reader_block, sizeof reader_block, &image);
    if (status == MST_OK)
        status = judge_all(vm, reader, &image, records_len, now);
    return status == MST_OK ? (int32_t)output_len : -1 - (int32_t)status;
}
