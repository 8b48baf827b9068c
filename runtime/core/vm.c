/* SPDX-License-Identifier: Apache-2.0
 *
 * vm.c - the layout of the block of memory that a caller brings for a vm, and its beginning. What
 * the loop needs of blocks, groups and facts is decoded here once. */
#include "core/vm.h"

/* ---- layout -------------------------------------------------------------------------------- */

/* Arrays that follow the vm's own struct. */
struct arrays {
    uint64_t blocks, verdicts, groups, ageing, slots, texts, values, sets, causes, states, notes,
        failed, sites;
    uint64_t end;
};

static uint64_t place(uint64_t *end, uint64_t count, uint64_t bytes)
{
    const uint64_t start = (*end + 7) / 8 * 8;
    *end = start + count * bytes;
    return start;
}

static bool can_have_text(uint32_t type)
{
    return type == MST_TYPE_TEXT || mst_code_is_enum(type);
}

/* Slots of facts that can have a text; of a part of a list one for each element. */
static uint32_t count_fact_texts(const mst_image *image)
{
    uint32_t count = 0;
    uint32_t capacity = 0; /* of the last list before */
    for (uint32_t i = 0; i < MST_COUNT(image, FACTS); i++) {
        const unsigned char *fact = MST_AT(image, FACTS, i);
        const uint32_t type = mst_load_u32(fact + MST_FACT_TYPE);
        if (type == MST_TYPE_LIST)
            capacity = mst_load_u32(fact + MST_FACT_CAPACITY);
        if (can_have_text(type))
            count += mst_load_u32(fact + MST_FACT_STRIDE) == 0 ? 1 : capacity;
    }
    return count;
}

/* All counts are bounded by the image's size and by limits.h, so that nothing overflows. */
static struct arrays lay_out(const mst_image *image)
{
    struct arrays at;
    uint64_t end = sizeof(struct mst_vm);
    const uint64_t slots = mst_image_slot_count(image);
    const uint64_t facts = mst_image_fact_slots(image);
    const uint64_t sites = MST_U32(image, META, 0, MST_META_SITE_COUNT);
    const uint64_t words = mst_causes_words(image);
    at.blocks = place(&end, MST_COUNT(image, BLOCKS), sizeof(struct mst_block_run));
    at.texts = place(&end, sites + 1 + count_fact_texts(image), sizeof(mst_text));
    at.values = place(&end, slots, 8); /* where the texts end: see fact_save.c */
    at.states = place(&end, slots, 1);
    at.slots = place(&end, facts, sizeof(struct mst_slot_run));
    at.groups = place(&end, MST_COUNT(image, GROUPS), sizeof(struct mst_group_run));
    at.ageing = place(&end, MST_COUNT(image, GROUPS), sizeof(uint32_t));
    at.verdicts = place(&end, MST_COUNT(image, VERDICTS), sizeof(struct mst_verdict_run));
    at.notes = place(&end, MST_COUNT(image, CHECKS), sizeof(uint16_t));
    at.failed = place(&end, MST_COUNT(image, CHECKS), sizeof(uint16_t));
    at.causes = place(&end, words, 8);
    at.sets = place(&end, (slots - mst_image_first_result(image)) * words, 8);
    at.sites = place(&end, sites, MST_U32(image, META, 0, MST_META_MAX_TEXT));
    at.end = end;
    return at;
}

uint64_t mst_vm_bytes(const mst_image *image)
{
    return (lay_out(image).end + 7) / 8 * 8;
}

size_t mst_vm_size(const mst_image *image)
{
    return (size_t)image->vm_bytes;
}

static void point_arrays(struct mst_vm *vm, const struct arrays *at)
{
    char *base = (char *)vm;
    vm->blocks = (struct mst_block_run *)(void *)(base + at->blocks);
    vm->verdicts = (struct mst_verdict_run *)(void *)(base + at->verdicts);
    vm->groups = (struct mst_group_run *)(void *)(base + at->groups);
    vm->ageing_groups = (uint32_t *)(void *)(base + at->ageing);
    vm->slots = (struct mst_slot_run *)(void *)(base + at->slots);
    vm->texts = (mst_text *)(void *)(base + at->texts);
    vm->values = (uint64_t *)(void *)(base + at->values);
    vm->sets = (uint64_t *)(void *)(base + at->sets);
    vm->causes = (uint64_t *)(void *)(base + at->causes);
    vm->states = (uint8_t *)(base + at->states);
    vm->notes = (uint16_t *)(void *)(base + at->notes);
    vm->failed = (uint16_t *)(void *)(base + at->failed);
    vm->site_bytes = base + at->sites;
}

/* ---- decoding ------------------------------------------------------------------------------ */

static void decode_blocks(struct mst_vm *vm)
{
    for (uint32_t i = 0; i < MST_COUNT(vm->image, BLOCKS); i++) {
        const unsigned char *record = MST_AT(vm->image, BLOCKS, i);
        struct mst_block_run *block = &vm->blocks[i];
        block->code = MST_AT(vm->image, CODE, mst_load_u32(record + MST_BLOCK_FIRST));
        block->result = mst_load_u32(record + MST_BLOCK_RESULT);
        block->kind = (uint8_t)mst_load_u32(record + MST_BLOCK_KIND);
        block->is_verdict = block->kind == MST_BLOCK_POLICY || block->kind == MST_BLOCK_DECISION;
        block->timed = (mst_load_u32(record + MST_BLOCK_FLAGS) & MST_BLOCK_TIMED) != 0;
        block->until = MST_NEVER;
    }
}

static bool is_timed(const struct mst_vm *vm, const unsigned char *at)
{
    const uint32_t block = mst_load_u32(at);
    return block != MST_NO_INDEX && vm->blocks[block].timed;
}

static bool has_timed_check(const struct mst_vm *vm, uint32_t first, uint32_t count)
{
    bool timed = false;
    for (uint32_t i = first; i < first + count; i++) {
        const unsigned char *check = MST_AT(vm->image, CHECKS, i);
        for (uint32_t part = 0; part < 3; part++)
            timed |= is_timed(vm, check + MST_CHECK_TEXTS + part * 4);
        timed |= is_timed(vm, check + MST_CHECK_BECAUSE);
    }
    return timed;
}

static bool has_timed_text(const struct mst_vm *vm, const unsigned char *record)
{
    bool timed = has_timed_check(vm, mst_load_u32(record + MST_VERDICT_FIRST_CHECK),
                                 mst_load_u32(record + MST_VERDICT_CHECK_COUNT)) ||
                 has_timed_check(vm, mst_load_u32(record + MST_VERDICT_FIRST_ADVICE),
                                 mst_load_u32(record + MST_VERDICT_ADVICE_COUNT));
    const uint32_t first = mst_load_u32(record + MST_VERDICT_FIRST_CASE);
    for (uint32_t i = 0; i < mst_load_u32(record + MST_VERDICT_CASE_COUNT); i++)
        timed |= is_timed(vm, MST_AT(vm->image, CASES, first + i) + MST_CASE_LABEL) ||
                 is_timed(vm, MST_AT(vm->image, CASES, first + i) + MST_CASE_BECAUSE);
    for (uint32_t i = 0; i < 3; i++)
        timed |= is_timed(vm, record + MST_VERDICT_LABELS + i * 4);
    return timed;
}

static void decode_verdict(struct mst_vm *vm, uint32_t i)
{
    const unsigned char *record = MST_AT(vm->image, VERDICTS, i);
    struct mst_verdict_run *verdict = &vm->verdicts[i];
    verdict->block = &vm->blocks[mst_load_u32(record + MST_VERDICT_BLOCK)];
    verdict->index = i;
    verdict->advise = mst_load_u32(record + MST_VERDICT_ADVISE);
    verdict->is_policy = (mst_load_u32(record + MST_VERDICT_FLAGS) & 1) != 0;
    verdict->timed_texts = has_timed_text(vm, record);
    verdict->is_plain =
        verdict->is_policy && verdict->advise == MST_NO_INDEX && !verdict->timed_texts;
    verdict->block->first_note = mst_load_u32(
        record + (verdict->is_policy ? MST_VERDICT_FIRST_CHECK : MST_VERDICT_FIRST_CASE));
    if (verdict->advise != MST_NO_INDEX)
        vm->blocks[verdict->advise].first_note = mst_load_u32(record + MST_VERDICT_FIRST_ADVICE);
}

static void decode_groups(struct mst_vm *vm)
{
    for (uint32_t i = 0; i < MST_COUNT(vm->image, GROUPS); i++) {
        const unsigned char *record = MST_AT(vm->image, GROUPS, i);
        const uint32_t fact = mst_load_u32(record + MST_GROUP_OBSERVED);
        vm->groups[i].stale_after_s = (int64_t)mst_load_u64(record + MST_GROUP_STALE);
        vm->groups[i].observed_slot =
            fact == MST_NO_INDEX ? MST_SLOT_NONE : MST_U32(vm->image, FACTS, fact, MST_FACT_SLOT);
        if (vm->groups[i].stale_after_s != 0)
            vm->ageing_groups[vm->ageing_group_count++] = i;
    }
}

/* Facts by slot; parts of a list at each of its elements. A list's capacity stands for the bytes
 * that it has not. */
static void decode_facts(struct mst_vm *vm)
{
    uint32_t capacity = 0; /* of the last list before */
    uint32_t text = vm->other_text + 1;
    for (uint32_t i = 0; i < MST_COUNT(vm->image, FACTS); i++) {
        const unsigned char *fact = MST_AT(vm->image, FACTS, i);
        const uint32_t slot = mst_load_u32(fact + MST_FACT_SLOT);
        const uint32_t stride = mst_load_u32(fact + MST_FACT_STRIDE);
        struct mst_slot_run run = {
            (uint16_t)mst_load_u32(fact + MST_FACT_TYPE),
            (uint16_t)mst_load_u32(fact + MST_FACT_MAX_BYTES),
            mst_load_u32(fact + MST_FACT_GROUP),
            text,
        };
        if (run.type == MST_TYPE_LIST) {
            capacity = mst_load_u32(fact + MST_FACT_CAPACITY);
            run.max_bytes = (uint16_t)capacity;
        }
        for (uint32_t k = 0; k < (stride == 0 ? 1 : capacity); k++) {
            vm->slots[slot + k * stride] = run;
            if (can_have_text(run.type))
                run.text = ++text;
        }
    }
}

static void load_consts(struct mst_vm *vm)
{
    for (uint32_t i = 0; i < MST_COUNT(vm->image, CONSTS); i++)
        vm->values[vm->first_const + i] = MST_U64(vm->image, CONSTS, i, MST_CONST_VALUE);
}

mst_status mst_vm_init(mst_vm **vm_out, void *block, size_t byte_count, const mst_image *image)
{
    const struct arrays at = lay_out(image);
    if (byte_count < mst_vm_size(image) || (uintptr_t)block % sizeof(uint64_t) != 0)
        return MST_ERR_SPACE;
    memset(block, 0, mst_vm_size(image));
    struct mst_vm *vm = block;
    vm->image = image;
    vm->strings = MST_AT(image, STRINGS, 0);
    vm->string_bytes = (const char *)MST_AT(image, BYTES, 0);
    vm->run = mst_loop_run;
    vm->fact_slots = mst_image_fact_slots(image);
    vm->first_const = mst_image_first_const(image);
    vm->first_result = mst_image_first_result(image);
    vm->first_register = mst_image_first_register(image);
    vm->verdict_count = MST_COUNT(image, VERDICTS);
    vm->max_text = MST_U32(image, META, 0, MST_META_MAX_TEXT);
    vm->set_words = mst_causes_words(image);
    point_arrays(vm, &at);
    vm->other_text = MST_U32(image, META, 0, MST_META_SITE_COUNT);
    vm->texts[vm->other_text] = (mst_text){"other", 5};
    vm->fact_texts = &vm->texts[vm->other_text + 1];
    decode_blocks(vm);
    for (uint32_t i = 0; i < MST_COUNT(image, VERDICTS); i++)
        decode_verdict(vm, i);
    decode_groups(vm);
    decode_facts(vm);
    mst_fact_save_init(vm);
    load_consts(vm);
    mst_facts_clear(vm);
    *vm_out = vm;
    return MST_OK;
}
