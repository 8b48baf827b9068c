/* SPDX-License-Identifier: Apache-2.0
 *
 * embed_runtime.c - C11 and C++17 in one: an image, a record and a verdict by way of libmuster, and
 * each public struct in its initial form.
 *
 *     embed_runtime IMAGE RECORD-TEXT */
#include <stdio.h>
#include <string.h>

#include <muster/facts.h>

static unsigned char bytes[1 << 20];
static uint64_t vm_block[1 << 16], reader_block[1 << 16];
static char line[1 << 16];

static int list(const mst_image *image)
{
    mst_fact_info fact = MST_FACT_INFO_INIT;
    mst_group_info group = MST_GROUP_INFO_INIT;
    mst_enum_info members = MST_ENUM_INFO_INIT;
    mst_verdict_info verdict = MST_VERDICT_INFO_INIT;
    mst_code_place place = MST_CODE_PLACE_INIT;
    mst_param_info param = MST_PARAM_INFO_INIT;
    if (mst_code_place_at(image, 0, &place) != MST_OK ||
        mst_fact_info_at(image, 1, &fact) != MST_OK ||
        mst_group_info_at(image, 1, &group) != MST_OK ||
        mst_enum_info_at(image, 0, &members) != MST_OK ||
        mst_param_info_at(image, 0, &param) != MST_OK ||
        mst_verdict_info_at(image, 0, &verdict) != MST_OK)
        return 1;
    printf("%.*s %u, stale after %d days, %u members, %u check, %.*s = %.*s\n", (int)fact.name.len,
           fact.name.ptr, (unsigned)fact.type, (int)(group.stale_after_s / 86400),
           (unsigned)members.member_count, (unsigned)verdict.check_count, (int)param.name.len,
           param.name.ptr, (int)param.value.len, param.value.ptr);
    return 0;
}

static int judge(const mst_image *image, mst_vm *vm, mst_reader *reader, const char *record)
{
    const int64_t now = 1786752000;
    mst_framer framer;
    mst_frame frame = MST_FRAME_INIT;
    mst_record_error error = MST_RECORD_ERROR_INIT;
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_field field = MST_FIELD_INIT;
    mst_cause cause = MST_CAUSE_INIT;
    mst_watched build = MST_WATCHED_INIT;
    uint32_t cursor = 0;
    size_t len = 0;
    mst_framer_init(&framer, false);
    if (mst_framer_next(&framer, record, strlen(record), true, &frame) != MST_OK ||
        mst_read_record(reader, vm, frame.text, frame.len, now, &error) != MST_OK) {
        printf("byte %u: %s\n", (unsigned)error.byte, error.message);
        return 1;
    }
    if (mst_eval(vm, mst_verdict_find(image, "update"), now, &verdict) != MST_OK ||
        mst_field_at(vm, 0, &field) != MST_ERR_NOT_FOUND ||
        mst_cause_next(vm, &cursor, &cause) != MST_ERR_NOT_FOUND ||
        mst_watch_value(vm, mst_fact_find(image, "os.build"), &build) != MST_OK || !build.known ||
        mst_verdict_json(vm, image, &verdict, true, line, sizeof line, &len) != MST_OK)
        return 1;
    printf("%.*s\n", (int)len, line);
    if (mst_render(vm, MST_PART_REASON, line, sizeof line, &len) == MST_OK)
        printf("%.*s\n", (int)len, line);
    return 0;
}

int main(int argc, char **argv)
{
    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    mst_fault why = MST_FAULT_INIT;
    const mst_limits limits = MST_LIMITS_INIT;
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (!file)
        return 2;
    const size_t count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (mst_image_open(&image, bytes, count, &limits, &why) != MST_OK) {
        printf("refused: %s\n", why.text);
        return 1;
    }
    if (mst_vm_init(&vm, vm_block, sizeof vm_block, &image) != MST_OK ||
        mst_reader_init(&reader, reader_block, sizeof reader_block, &image) != MST_OK)
        return 1;
    return list(&image) || judge(&image, vm, reader, argv[2]);
}
