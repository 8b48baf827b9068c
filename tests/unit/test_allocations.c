/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting allocations: the linker puts the functions here in the place of malloc() and its sisters
 * (--wrap, see CMakeLists.txt), so that each call from this program and from our libraries is
 * counted. The compiler allocates, which shows that they are; libmuster does not, whatever it is
 * asked. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/facts.h"
#include "muster/lang.h"

#define NOW 1786752000 /* 2026-08-15T00:00:00Z, the day of the sample fleet */
#define RECORDS 1000

static size_t calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

void *__wrap_malloc(size_t size)
{
    calls++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    calls++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    calls++;
    return __real_realloc(block, size);
}

void __wrap_free(void *block)
{
    calls++;
    __real_free(block);
}

/* ---- what is judged -------------------------------------------------------------------------- */

static unsigned char image_bytes[1 << 20];
static size_t image_size;
static char fleet[8 << 20], buffer[1 << 16];
static size_t fleet_size;
static uint64_t vm_block[1 << 14], reader_block[1 << 15];

static size_t load(const char *path, char *to, size_t capacity)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s", path);
    const size_t len = fread(to, 1, capacity, file);
    cr_assert(len > 0 && len < capacity, "%s", path);
    fclose(file);
    return len;
}

/* The rule tests of the hotpatch rules, and with them all of those rules. */
static void compile_rules(void)
{
    static const char folder[] = MST_SOURCE_DIR "/stdlib-rules";
    static const char path[] = MST_SOURCE_DIR "/stdlib-rules/windows/hotpatch_test.muster";
    const char *const folders[] = {folder};
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    mst_loader *loader = mst_file_loader(folders, 1);
    mst_compilation *compilation;
    size_t count;
    options.loader = loader;
    options.with_tests = options.with_source = true;
    const size_t len = load(path, fleet, sizeof fleet);
    cr_assert_eq(mst_compile(&compilation, path, fleet, len, &options), MST_OK);
    const unsigned char *image = mst_compilation_image(compilation, &count);
    cr_assert(count <= sizeof image_bytes);
    memcpy(image_bytes, image, count);
    image_size = count;
    mst_compilation_free(compilation);
    mst_file_loader_free(loader);
}

/* ---- what is counted ------------------------------------------------------------------------- */

static struct {
    size_t records, verdicts, texts, causes, fields, expectations, lines;
} done;

static void render_verdict(mst_vm *vm, const mst_image *image, const mst_verdict *verdict)
{
    size_t len;
    uint32_t cursor = 0;
    mst_cause cause = MST_CAUSE_INIT;
    mst_field field = MST_FIELD_INIT;
    for (int part = MST_PART_LABEL; part <= MST_PART_CITE; part++)
        done.texts += mst_render(vm, (mst_part)part, buffer, sizeof buffer, &len) == MST_OK;
    for (uint32_t i = 0; i < verdict->advice_count; i++)
        done.texts += mst_advice_render(vm, i, MST_PART_REASON, buffer, sizeof buffer, &len) == 0;
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK)
        done.causes++;
    for (uint32_t i = 0; mst_field_at(vm, i, &field) == MST_OK; i++)
        done.fields += mst_field_render(vm, i, buffer, sizeof buffer, &len) == MST_OK;
    (void)mst_eval_all_checks(vm);
    done.verdicts +=
        mst_verdict_json(vm, image, verdict, false, buffer, sizeof buffer, &len) == MST_OK;
}

static void count_expectation(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    (void)context;
    (void)vm;
    done.expectations += result->passed;
}

static void judge_fleet(const mst_image *image, mst_vm *vm, mst_reader *reader)
{
    mst_framer framer;
    mst_frame frame = MST_FRAME_INIT;
    mst_record_error error = MST_RECORD_ERROR_INIT;
    mst_framer_init(&framer, false);
    for (size_t at = 0, len = 0; at < fleet_size; at += frame.used) {
        if (mst_framer_read(&framer, reader, vm, fleet + at, fleet_size - at, true, NOW, &frame) !=
            MST_OK)
            continue; /* the end */
        done.records += mst_read_record(reader, vm, frame.text, frame.len, NOW, &error) == MST_OK;
        (void)mst_record_error_json(&error, frame.line, buffer, sizeof buffer, &len);
        for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
            mst_verdict verdict = MST_VERDICT_INIT;
            if (mst_eval(vm, i, NOW, &verdict) == MST_OK)
                render_verdict(vm, image, &verdict);
        }
    }
}

Test(allocations, none_in_libmuster)
{
    calls = 0;
    compile_rules();
    cr_assert_gt(calls, 2, "the functions here are not in the place of malloc()");
    fleet_size = load(MST_SOURCE_DIR "/stdlib-rules/samples/fleet.ndjson", fleet, sizeof fleet);

    mst_image image;
    mst_vm *vm = NULL;
    mst_reader *reader = NULL;
    size_t len;
    calls = 0;
    mst_status status = mst_image_open(&image, image_bytes, image_size, NULL, NULL);
    if (status == MST_OK)
        status = mst_vm_init(&vm, vm_block, sizeof vm_block, &image);
    if (status == MST_OK)
        status = mst_reader_init(&reader, reader_block, sizeof reader_block, &image);
    if (status == MST_OK)
        judge_fleet(&image, vm, reader);
    if (status == MST_OK)
        status = mst_selftest(vm, count_expectation, NULL);
    mst_code_place place = MST_CODE_PLACE_INIT;
    for (uint32_t pc = 0; mst_disassemble(&image, pc, buffer, sizeof buffer, &len) == MST_OK; pc++)
        done.lines += mst_code_place_at(&image, pc, &place) == MST_OK && place.line > 0;
    cr_assert_eq(calls, 0, "%zu calls of malloc() and its sisters", calls);

    cr_assert_eq(status, MST_OK);
    cr_assert_eq(done.records, RECORDS);
    cr_assert_gt(done.lines, 100);
    cr_assert_eq(done.verdicts, RECORDS * mst_verdict_count(&image));
    cr_assert(done.texts > RECORDS && done.causes > 0 && done.fields > 0 && done.expectations > 0);
}

Test(allocations, a_default_age_is_a_time)
{
    compile_rules();
    mst_image image;
    mst_vm *vm = NULL;
    mst_reader *reader = NULL;
    cr_assert_eq(mst_image_open(&image, image_bytes, image_size, NULL, NULL), MST_OK);
    cr_assert_eq(mst_vm_init(&vm, vm_block, sizeof vm_block, &image), MST_OK);
    cr_assert_eq(mst_reader_init(&reader, reader_block, sizeof reader_block, &image), MST_OK);
    static const char record[] = "{\"device\":{\"id\":\"D-1\"}}";
    const size_t len = sizeof record - 1;
    cr_assert_eq(mst_read_record(reader, vm, record, len, NOW, NULL), MST_OK);
    cr_assert_eq(mst_read_record(reader, vm, record, len, MST_NEVER, NULL), MST_OK);
    cr_assert_eq(mst_read_record(reader, vm, record, len, NOW * INT64_C(1000000), NULL),
                 MST_ERR_ARGUMENT);
}
