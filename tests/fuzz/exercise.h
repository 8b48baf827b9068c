/* SPDX-License-Identifier: Apache-2.0
 *
 * exercise.h - everything that a host can do with an image, done to one that may be hostile: open,
 * facts from a pseudo-random source, every verdict with all its texts and causes, its JSON form,
 * the disassembly. Blocks and buffers are of exactly the size that is promised to be enough, so
 * that a sanitizer sees one byte too many. */
#ifndef MST_TESTS_FUZZ_EXERCISE_H
#define MST_TESTS_FUZZ_EXERCISE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/vm.h"
#include "format/builtins.h"
#include "format/calendar.h"
#include "format/cost.h"
#include "format/limits.h"
#include "muster/facts.h"
#include "muster/muster.h"
#include "random_facts.h"

#define FUZZ_ROUNDS 3            /* sets of facts for each image */
#define FUZZ_MAX_VERDICTS 16     /* of an image with more, the first */
#define FUZZ_MAX_CODE 4096       /* instructions that are disassembled */
#define FUZZ_MAX_ROWS 64         /* rows of a table that are looked for */
#define FUZZ_MAX_JSON (4u << 20) /* a larger verdict may be refused */

/* ---- counting ------------------------------------------------------------------------------ */

/* Instrumented builds count the steps: the loop stops the program at one more than was proven. */
static inline void begin_counting(uint64_t most)
{
#if MST_COUNT_STEPS
    mst_loop_steps = 0;
    mst_loop_most = most;
    mst_causes_written = 0;
#else
    (void)most;
#endif
}

/* Every call may take as many. */
static inline void count_again(void)
{
#if MST_COUNT_STEPS
    mst_loop_steps = 0;
#endif
}

static inline void check_counted_causes(const mst_verdict_info *info)
{
#if MST_COUNT_STEPS
    FUZZ_EXPECT(mst_causes_written / MST_COST_SETS <= info->max_cause_steps - info->max_steps);
#else
    (void)info;
#endif
}

/* ---- verdicts ------------------------------------------------------------------------------ */

/* One text, into a buffer that is too small and then into one that fits. */
typedef mst_status render_text(mst_vm *vm, uint32_t i, mst_part part, char *buffer, size_t capacity,
                               size_t *len);

static inline mst_status render_main(mst_vm *vm, uint32_t i, mst_part part, char *buffer,
                                     size_t capacity, size_t *len)
{
    (void)i;
    return mst_render(vm, part, buffer, capacity, len);
}

static inline mst_status render_field(mst_vm *vm, uint32_t i, mst_part part, char *buffer,
                                      size_t capacity, size_t *len)
{
    (void)part;
    return mst_field_render(vm, i, buffer, capacity, len);
}

static inline void exercise_text(render_text *render, mst_vm *vm, uint32_t i, mst_part part,
                                 size_t most)
{
    size_t len = 0;
    size_t again = 0;
    char nothing = 'x';
    count_again();
    const mst_status status = render(vm, i, part, &nothing, 0, &len);
    if (status == MST_ERR_NOT_FOUND)
        return;
    FUZZ_EXPECT(status == (len > 0 ? MST_ERR_SPACE : MST_OK) && len <= most);
    char *buffer = malloc(len > 0 ? len : 1);
    FUZZ_EXPECT(buffer);
    count_again();
    FUZZ_EXPECT(render(vm, i, part, buffer, len, &again) == MST_OK && again == len);
    FUZZ_EXPECT(mst_utf8_valid(buffer, len));
    count_again();
    if (len > 1)
        FUZZ_EXPECT(render(vm, i, part, buffer, len - 1, &again) == MST_ERR_SPACE && again == len);
    free(buffer);
}

/* The JSON form of the last verdict; a hash of it. */
static inline uint64_t exercise_json(mst_vm *vm, const mst_image *image, const mst_verdict *verdict)
{
    size_t room = mst_verdict_json_max(image);
    const bool is_enough = room <= FUZZ_MAX_JSON;
    uint64_t hash = 0;
    room = is_enough ? room : FUZZ_MAX_JSON;
    char *buffer = malloc(room);
    FUZZ_EXPECT(buffer);
    for (int brief = 0; brief < 2; brief++) {
        size_t len = 0;
        begin_counting(UINT64_MAX); /* all its texts */
        const mst_status status =
            mst_verdict_json(vm, image, verdict, brief != 0, buffer, room, &len);
        FUZZ_EXPECT(status == MST_OK || (status == MST_ERR_SPACE && !is_enough));
        if (status != MST_OK)
            continue;
        FUZZ_EXPECT(len <= room && mst_utf8_valid(buffer, len) && !memchr(buffer, '\n', len));
        hash ^= dice_from((const uint8_t *)buffer, len).state;
    }
    free(buffer);
    return hash;
}

static inline void exercise_causes(mst_vm *vm, const mst_image *image, const mst_verdict *verdict)
{
    uint32_t cursor = 0;
    uint32_t count = 0;
    mst_cause cause = {.size = sizeof cause};
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK) {
        FUZZ_EXPECT(cause.kind < MST_CAUSE_KINDS && cause.name.ptr);
        FUZZ_EXPECT(++count <= 1000000);
    }
    uint32_t checks = 0;
    while (mst_unknown_check(vm, checks) != MST_INDEX_NONE)
        FUZZ_EXPECT(mst_check_name(image, verdict->index, mst_unknown_check(vm, checks++)).ptr);
    FUZZ_EXPECT(checks == 0 || checks == verdict->unknown_count);
}

static inline void exercise_texts(mst_vm *vm, const mst_verdict *verdict, size_t most)
{
    for (int part = MST_PART_LABEL; part <= MST_PART_CITE; part++) {
        exercise_text(render_main, vm, 0, (mst_part)part, most);
        for (uint32_t i = 0; i < verdict->advice_count; i++)
            exercise_text(mst_advice_render, vm, i, (mst_part)part, most);
    }
    for (uint32_t i = 0; i < verdict->field_count; i++) {
        mst_field field = MST_FIELD_INIT;
        FUZZ_EXPECT(mst_field_at(vm, i, &field) == MST_OK && field.name.ptr);
        exercise_text(render_field, vm, i, MST_PART_LABEL, most);
    }
}

static inline bool is_same_verdict(const mst_verdict *a, const mst_verdict *b)
{
    return a->kind == b->kind && a->outcome == b->outcome && a->check == b->check &&
           a->unknown_count == b->unknown_count && a->advice_count == b->advice_count &&
           a->field_count == b->field_count;
}

/* What a compiled verdict promises: it is the same at every instant before valid_until. Only our
 * own compiler's images keep that. */
static inline void check_promise(mst_vm *vm, const mst_verdict *verdict, struct dice *dice)
{
    const int64_t end =
        verdict->valid_until > MST_TIME_MAX ? MST_TIME_MAX + 1 : verdict->valid_until;
    const int64_t span = end - verdict->at;
    const int64_t instants[] = {verdict->at + (int64_t)(dice_next(dice) % (uint64_t)span), end - 1};
    for (int i = 0; i < 2; i++) {
        mst_verdict then = MST_VERDICT_INIT;
        begin_counting(UINT64_MAX);
        FUZZ_EXPECT(mst_eval(vm, verdict->index, instants[i], &then) == MST_OK);
        FUZZ_EXPECT(is_same_verdict(verdict, &then));
    }
}

/* What code may not read before it is written, nor where it is unknown, becomes garbage of every
 * type: registers, results, texts of sites, values of unknown facts. */
static inline void poison(mst_vm *vm, struct dice *dice)
{
    const uint32_t slots = mst_image_slot_count(vm->image);
    vm->epoch++; /* what is computed holds no longer */
    for (uint32_t i = 0; i < slots; i++) {
        if (i >= vm->fact_slots && i < vm->first_result)
            continue;
        if (i < vm->fact_slots && vm->states[i] == 0)
            continue;
        vm->values[i] = dice_next(dice) >> dice_below(dice, 64);
        if (i >= vm->first_result)
            vm->states[i] = (uint8_t)(dice_below(dice, 4) == 0 ? MST_STATE_FAULT : 0);
    }
    for (uint32_t i = 0; i < vm->other_text; i++)
        vm->texts[i] = (mst_text){NULL, UINT32_MAX};
}

/* The verdict with all that belongs to it; a hash of its JSON form. */
static inline uint64_t exercise_once(mst_vm *vm, const mst_image *image,
                                     const mst_verdict_info *info, mst_verdict *verdict)
{
    begin_counting(info->max_steps);
    FUZZ_EXPECT(mst_eval(vm, verdict->index, verdict->at, verdict) == MST_OK);
    FUZZ_EXPECT(verdict->valid_until > verdict->at && verdict->kind <= MST_KIND_UNKNOWN);
    FUZZ_EXPECT(mst_outcome_name(image, verdict).ptr);
    exercise_texts(vm, verdict, info->max_output_bytes);
    count_again();
    FUZZ_EXPECT((mst_eval_all_checks(vm) == MST_OK) == (verdict->kind == MST_KIND_FAIL));
    FUZZ_EXPECT((mst_failed_check(vm, 0) == MST_INDEX_NONE) == (verdict->kind != MST_KIND_FAIL));
    begin_counting(info->max_steps);
    exercise_causes(vm, image, verdict);
    check_counted_causes(info);
    return exercise_json(vm, image, verdict);
}

/* All facts forgotten, and set again by one copy. */
static inline void reload_facts(mst_vm *vm)
{
    const size_t size = mst_facts_size(vm);
    void *block = malloc(size);
    FUZZ_EXPECT(block);
    FUZZ_EXPECT(mst_facts_save(vm, block, size) == MST_OK);
    mst_facts_clear(vm);
    FUZZ_EXPECT(mst_facts_load(vm, block, size) == MST_OK);
    free(block);
}

/* Twice, with other garbage in what does not count: the second time as the first. */
static inline void exercise_verdict(mst_vm *vm, const mst_image *image, uint32_t index, int64_t now,
                                    struct dice *dice, bool is_ours)
{
    mst_verdict verdict = {.size = sizeof verdict, .index = index, .at = now};
    mst_verdict again = verdict;
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    FUZZ_EXPECT(mst_verdict_info_at(image, index, &info) == MST_OK);
    if (dice_below(dice, 2))
        poison(vm, dice);
    const uint64_t hash = exercise_once(vm, image, &info, &verdict);
    reload_facts(vm);
    poison(vm, dice);
    FUZZ_EXPECT(exercise_once(vm, image, &info, &again) == hash);
    FUZZ_EXPECT(is_same_verdict(&verdict, &again) && again.valid_until == verdict.valid_until);
    if (is_ours)
        check_promise(vm, &verdict, dice);
    begin_counting(UINT64_MAX);
}

/* Every verdict over the facts that are in the vm. */
static inline void exercise_verdicts(mst_vm *vm, const mst_image *image, struct dice *dice,
                                     bool is_ours)
{
    const int64_t now =
        dice_below(dice, 2) ? 1786752000 : pick_between(dice, MST_TIME_MIN, MST_TIME_MAX);
    for (uint32_t i = 0; i < mst_verdict_count(image) && i < FUZZ_MAX_VERDICTS; i++)
        exercise_verdict(vm, image, i, now, dice, is_ours);
    mst_verdict none = MST_VERDICT_INIT;
    FUZZ_EXPECT(mst_eval(vm, mst_verdict_count(image), now, &none) == MST_ERR_ARGUMENT);
}

/* ---- what hosts and searches rely on ------------------------------------------------------- */

/* No two facts, nor elements of a list, share a slot. */
static inline void exercise_slots(const mst_image *image)
{
    uint8_t *is_taken = calloc(1, MST_MAX_SLOTS);
    FUZZ_EXPECT(is_taken);
    uint32_t capacity = 1;
    for (uint32_t i = 0; i < mst_fact_count(image); i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        FUZZ_EXPECT(mst_fact_info_at(image, i, &info) == MST_OK);
        capacity = info.type == MST_TYPE_LIST ? info.capacity : capacity;
        for (uint32_t k = 0; k < (info.stride > 0 ? capacity : 1); k++) {
            const uint32_t slot = info.slot + k * info.stride;
            FUZZ_EXPECT(slot < mst_image_fact_slots(image) && !is_taken[slot]);
            is_taken[slot] = 1;
        }
    }
    free(is_taken);
}

/* Each key of a table is found in its own row. */
static inline void exercise_tables(const mst_vm *vm, const mst_image *image)
{
    for (uint32_t t = 0; t < MST_COUNT(image, TABLES); t++) {
        const uint32_t key = MST_U32(image, TABLES, t, MST_TABLE_KEY);
        const uint32_t rows = MST_U32(image, TABLES, t, MST_TABLE_ROW_COUNT);
        const uint32_t column = MST_U32(image, TABLES, t, MST_TABLE_FIRST_COLUMN) + key;
        for (uint32_t row = 0; key != MST_NO_INDEX && row < rows && row < FUZZ_MAX_ROWS; row++) {
            uint64_t cell = 0;
            uint64_t found = 0;
            FUZZ_EXPECT(mst_slow_cell(vm, column, row, &cell));
            FUZZ_EXPECT(mst_slow_find(vm, t, cell, &found) && found == row);
        }
    }
}

/* Each transition of a zone gives the offset from its instant on. */
static inline void exercise_zones(const mst_image *image)
{
    for (uint32_t z = 0; z < MST_COUNT(image, ZONES); z++) {
        const uint32_t first = MST_U32(image, ZONES, z, MST_ZONE_FIRST);
        const struct mst_zone zone = {MST_AT(image, TRANSITIONS, first),
                                      MST_U32(image, ZONES, z, MST_ZONE_COUNT)};
        for (uint32_t i = 1; i < zone.count; i++) {
            const int64_t at = (int64_t)MST_U64(image, TRANSITIONS, first + i, MST_TRANSITION_AT);
            int32_t offset_s = 0;
            if (mst_zone_offset(&zone, at, &offset_s))
                FUZZ_EXPECT((uint32_t)offset_s ==
                            MST_U32(image, TRANSITIONS, first + i, MST_TRANSITION_OFFSET));
        }
    }
}

/* ---- rule tests ---------------------------------------------------------------------------- */

static inline void take_result(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    const bool *is_ours = context;
    size_t len = 0;
    FUZZ_EXPECT(result->size == sizeof *result && result->name.ptr);
    FUZZ_EXPECT(result->passed || !*is_ours);
    FUZZ_EXPECT(result->verdict == MST_INDEX_NONE ||
                result->verdict < MST_COUNT(vm->image, VERDICTS));
    (void)mst_render(vm, MST_PART_LABEL, NULL, 0, &len);
}

static inline uint32_t count_selftests(const mst_vm *vm)
{
    const uint32_t count = mst_selftest_count(vm->image);
    FUZZ_EXPECT(count <= MST_COUNT(vm->image, SELFTEST));
    return count;
}

static inline void exercise_selftest(mst_vm *vm, bool is_ours)
{
    const mst_status status = mst_selftest(vm, take_result, &is_ours);
    FUZZ_EXPECT(status == (count_selftests(vm) > 0 ? MST_OK : MST_ERR_NOT_FOUND));
}

static inline void exercise_params(const mst_image *image)
{
    mst_param_info info = MST_PARAM_INFO_INIT;
    for (uint32_t i = 0; i < mst_param_count(image); i++) {
        FUZZ_EXPECT(mst_param_info_at(image, i, &info) == MST_OK);
        FUZZ_EXPECT(mst_utf8_valid(info.name.ptr, info.name.len) &&
                    mst_utf8_valid(info.value.ptr, info.value.len));
        FUZZ_EXPECT(info.enum_index == MST_INDEX_NONE || info.enum_index < mst_enum_count(image));
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static inline void place_code(const mst_image *image, uint32_t pc)
{
    mst_code_place place = MST_CODE_PLACE_INIT;
    if (mst_code_place_at(image, pc, &place) != MST_OK)
        return;
    FUZZ_EXPECT(place.first <= pc && (place.line == 0) == (place.source.ptr == NULL));
    FUZZ_EXPECT(place.source.len <= MST_MAX_SOURCE_LINE_BYTES);
    FUZZ_EXPECT(place.line == 0 || (mst_utf8_valid(place.source.ptr, place.source.len) &&
                                    mst_utf8_valid(place.module.ptr, place.module.len)));
}

/* The name of the block of an instruction: it fits a block of as many bytes as it says. */
static inline void name_block(const mst_image *image, uint32_t block)
{
    size_t len = 0;
    size_t again = 0;
    char nothing = 'x';
    if (mst_block_name(image, block, &nothing, 0, &len) == MST_ERR_NOT_FOUND) {
        FUZZ_EXPECT(block == MST_COUNT(image, BLOCKS));
        return;
    }
    char *name = malloc(len);
    FUZZ_EXPECT(name && len > 0);
    FUZZ_EXPECT(mst_block_name(image, block, name, len, &again) == MST_OK && again == len);
    FUZZ_EXPECT(mst_utf8_valid(name, len) && memchr(name, '\n', len) == NULL);
    free(name);
}

static inline void disassemble(const mst_image *image)
{
    for (uint32_t block = 0; block < FUZZ_MAX_CODE; block++) {
        name_block(image, block);
        if (block >= MST_COUNT(image, BLOCKS))
            break;
    }
    for (uint32_t pc = 0; pc < FUZZ_MAX_CODE; pc++) {
        place_code(image, pc);
        size_t len = 0;
        size_t again = 0;
        char nothing = 'x';
        if (mst_disassemble(image, pc, &nothing, 0, &len) == MST_ERR_NOT_FOUND)
            break;
        char *line = malloc(len > 0 ? len : 1);
        FUZZ_EXPECT(line);
        FUZZ_EXPECT(mst_disassemble(image, pc, line, len, &again) == MST_OK && again == len);
        FUZZ_EXPECT(mst_utf8_valid(line, len) && memchr(line, '\n', len) == NULL);
        free(line);
    }
}

static inline mst_vm *make_vm(const mst_image *image, void **block)
{
    mst_vm *vm = NULL;
    const size_t size = mst_vm_size(image);
    *block = malloc(size);
    FUZZ_EXPECT(*block);
    memset(*block, 0xa5, size);
    FUZZ_EXPECT(mst_vm_init(&vm, *block, size, image) == MST_OK);
    return vm;
}

static inline mst_reader *make_reader(const mst_image *image, void **block)
{
    mst_reader *reader = NULL;
    const size_t size = mst_reader_size(image);
    *block = malloc(size > 0 ? size : 1);
    FUZZ_EXPECT(*block);
    const mst_status status = mst_reader_init(&reader, *block, size, image);
    FUZZ_EXPECT(status == MST_OK || status == MST_ERR_LIMIT);
    return status == MST_OK ? reader : NULL;
}

/* An opened image: with no facts, with some, with those of a record. */
static inline void exercise_image(const mst_image *image, struct dice *dice, const char *json,
                                  size_t len, bool is_ours)
{
    void *vm_block = NULL;
    void *reader_block = NULL;
    mst_vm *vm = make_vm(image, &vm_block);
    mst_reader *reader = make_reader(image, &reader_block);
    exercise_slots(image);
    exercise_tables(vm, image);
    exercise_zones(image);
    exercise_params(image);
    exercise_selftest(vm, is_ours);
    exercise_verdicts(vm, image, dice, is_ours);
    for (int round = 0; round < FUZZ_ROUNDS; round++) {
        set_facts(vm, image, dice);
        exercise_verdicts(vm, image, dice, is_ours);
    }
    mst_record_error error = MST_RECORD_ERROR_INIT;
    if (reader && mst_read_record(reader, vm, json, len, 1786752000, &error) == MST_OK)
        exercise_verdicts(vm, image, dice, is_ours);
    disassemble(image);
    free(reader_block);
    free(vm_block);
}

#endif
