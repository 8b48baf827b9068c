/* SPDX-License-Identifier: Apache-2.0
 *
 * causes.c - why something is unknown: sets of causes beside the slots of results and registers,
 * kept by the traced loop, and their listing.
 *
 * A set is a row of bits: three for each fact (missing, invalid, stale), then undecided and fault
 * for each fact and each entry of CAUSES. Facts need no set: their state tells. */
#include "core/eval.h"
#include "core/vm.h"
#include "format/cost.h"

struct bounds {
    uint32_t facts, names; /* names: facts, then CAUSES */
};

static struct bounds load_bounds(const mst_image *image)
{
    const uint32_t facts = MST_COUNT(image, FACTS);
    const struct bounds bounds = {facts, facts + MST_COUNT(image, CAUSES)};
    return bounds;
}

/* The bit of a cause. */
static uint32_t place_bit(struct bounds bounds, mst_cause_kind kind, uint32_t name)
{
    if (kind <= MST_CAUSE_STALE)
        return (uint32_t)kind * bounds.facts + name;
    return 3 * bounds.facts + (kind == MST_CAUSE_FAULT ? bounds.names : 0) + name;
}

static uint32_t count_bits(struct bounds bounds)
{
    return 3 * bounds.facts + 2 * bounds.names;
}

uint32_t mst_causes_words(const mst_image *image)
{
    return mst_cost_set_words(MST_COUNT(image, FACTS), MST_COUNT(image, CAUSES));
}

#if MST_COUNT_STEPS
uint64_t mst_causes_written;
#define COUNT_SET(vm) (mst_causes_written += (vm)->set_words)
#else
#define COUNT_SET(vm) ((void)0)
#endif

static uint64_t *set_of(const struct mst_vm *vm, uint32_t slot)
{
    MST_ASSERT(slot >= vm->first_result);
    return vm->sets + (size_t)(slot - vm->first_result) * vm->set_words;
}

static uint32_t cause_of_slot(const struct mst_vm *vm, uint32_t slot)
{
    MST_ASSERT(slot < vm->fact_slots);
    return MST_U32(vm->image, SLOTS, slot, MST_SLOT_CAUSE);
}

/* Word `w` of the causes of a fact, by its own state. */
static uint64_t fact_word(const struct mst_vm *vm, uint32_t slot, uint32_t w)
{
    const struct bounds bounds = load_bounds(vm->image);
    uint64_t word = 0;
    for (uint32_t kind = MST_CAUSE_MISSING; kind <= MST_CAUSE_STALE; kind++) {
        const uint32_t bit = place_bit(bounds, (mst_cause_kind)kind, cause_of_slot(vm, slot));
        if ((vm->states[slot] >> kind & 1) != 0 && bit / 64 == w)
            word |= (uint64_t)1 << (bit & 63);
    }
    return word;
}

static uint64_t slot_word(const struct mst_vm *vm, uint32_t slot, uint32_t w)
{
    if (vm->states[slot] == 0)
        return 0;
    if (slot < vm->fact_slots)
        return fact_word(vm, slot, w);
    return slot < vm->first_result ? 0 : set_of(vm, slot)[w];
}

/* ---- what the loop notes ------------------------------------------------------------------- */

void mst_causes_clear(struct mst_vm *vm, uint32_t a)
{
    COUNT_SET(vm);
    memset(set_of(vm, a), 0, (size_t)vm->set_words * 8);
}

void mst_causes_unite(struct mst_vm *vm, uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t *set = set_of(vm, a);
    COUNT_SET(vm);
    for (uint32_t w = 0; w < vm->set_words; w++) /* a may be b or c */
        set[w] = slot_word(vm, b, w) | slot_word(vm, c, w);
}

void mst_causes_add(struct mst_vm *vm, uint32_t a, uint32_t b)
{
    uint64_t *set = set_of(vm, a);
    COUNT_SET(vm);
    for (uint32_t w = 0; w < vm->set_words; w++)
        set[w] |= slot_word(vm, b, w);
}

void mst_causes_arguments(struct mst_vm *vm, uint32_t a, uint32_t first, uint32_t count)
{
    uint64_t *set = set_of(vm, a);
    COUNT_SET(vm);
    for (uint32_t w = 0; w < vm->set_words; w++) {
        uint64_t word = 0;
        for (uint32_t i = 0; i < count; i++)
            word |= slot_word(vm, first + i, w);
        set[w] = word;
    }
}

static void set_single(struct mst_vm *vm, uint32_t a, mst_cause_kind kind, uint32_t name)
{
    const uint32_t bit = place_bit(load_bounds(vm->image), kind, name);
    mst_causes_clear(vm, a);
    set_of(vm, a)[bit / 64] |= (uint64_t)1 << (bit & 63);
}

/* The cause that belongs to an instruction: that of the last entry at or before it. */
static uint32_t find_origin(const mst_image *image, uint32_t pc)
{
    uint32_t low = 0;
    uint32_t high = MST_COUNT(image, ORIGINS);
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (MST_U32(image, ORIGINS, middle, MST_ORIGIN_PC) <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? MST_NO_INDEX : MST_U32(image, ORIGINS, low - 1, MST_ORIGIN_CAUSE);
}

void mst_causes_origin(struct mst_vm *vm, uint32_t a, uint32_t pc, uint8_t state)
{
    const uint32_t name = find_origin(vm->image, pc);
    mst_cause_kind kind = MST_CAUSE_FAULT;
    if (state == MST_STATE_UNDECIDED)
        kind = MST_CAUSE_UNDECIDED;
    else if (state == MST_STATE_INVALID && name < MST_COUNT(vm->image, FACTS))
        kind = MST_CAUSE_INVALID; /* a failed conversion blames the fact */
    if (name == MST_NO_INDEX)
        mst_causes_clear(vm, a);
    else
        set_single(vm, a, kind, name);
}

void mst_causes_stale(struct mst_vm *vm, uint32_t a, uint32_t fact_slot)
{
    set_single(vm, a, MST_CAUSE_STALE, cause_of_slot(vm, fact_slot));
}

void mst_causes_cut(struct mst_vm *vm, uint32_t a, uint32_t part_fact)
{
    const uint32_t slot = MST_U32(vm->image, FACTS, part_fact, MST_FACT_SLOT);
    set_single(vm, a, MST_CAUSE_INVALID, cause_of_slot(vm, slot));
}

void mst_causes_case(struct mst_vm *vm, uint32_t a, uint32_t case_index)
{
    set_single(vm, a, MST_CAUSE_UNDECIDED, MST_U32(vm->image, CASES, case_index, MST_CASE_CAUSE));
}

/* ---- the causes of a verdict --------------------------------------------------------------- */

static void add_to_verdict(struct mst_vm *vm, uint32_t slot)
{
    COUNT_SET(vm);
    for (uint32_t w = 0; w < vm->set_words; w++)
        vm->causes[w] |= slot_word(vm, slot, w);
}

static void trace_fields(struct mst_vm *vm)
{
    for (uint32_t i = 0; i < mst_eval_field_count(vm); i++) {
        struct mst_block_run *block = &vm->blocks[mst_eval_field_block(vm, i)];
        if (block->done_epoch != vm->epoch)
            mst_loop_run_traced(vm, block);
        add_to_verdict(vm, block->result);
    }
}

/* Runs the last verdict once more, traced: in an epoch of its own, since what the plain loop has
 * computed has no sets. */
static void trace_verdict(struct mst_vm *vm)
{
    struct mst_block_run *block = vm->judged->block;
    COUNT_SET(vm);
    memset(vm->causes, 0, (size_t)vm->set_words * 8);
    vm->epoch++;
    mst_loop_run_traced(vm, block);
    /* a policy notes its unknown checks beside the number of the first, a decision its `when` */
    add_to_verdict(vm, block->result + 1);
    trace_fields(vm);
    vm->has_causes = true;
}

static mst_text name_cause(const mst_image *image, uint32_t name)
{
    const uint32_t facts = MST_COUNT(image, FACTS);
    const uint32_t string = name < facts ? MST_U32(image, FACTS, name, MST_FACT_NAME)
                                         : MST_U32(image, CAUSES, name - facts, 0);
    return mst_image_string(image, string);
}

static void describe_cause(const mst_image *image, uint32_t bit, mst_cause *cause)
{
    const struct bounds bounds = load_bounds(image);
    uint32_t kind = MST_CAUSE_KINDS;
    while (kind-- > 0)
        if (bit >= place_bit(bounds, (mst_cause_kind)kind, 0))
            break;
    const mst_cause found = {
        sizeof found,
        (mst_cause_kind)kind,
        name_cause(image, bit - place_bit(bounds, (mst_cause_kind)kind, 0)),
    };
    mst_image_fill(cause, &found, sizeof found);
}

mst_status mst_cause_next(mst_vm *vm, uint32_t *cursor, mst_cause *cause)
{
    if (!vm->judged)
        return MST_ERR_NOT_FOUND;
    const mst_verdict verdict = mst_eval_last(vm);
    if (verdict.unknown_count == 0 && verdict.field_count == 0)
        return MST_ERR_NOT_FOUND;
    if (!vm->has_causes)
        trace_verdict(vm);
    const uint32_t count = count_bits(load_bounds(vm->image));
    for (uint32_t bit = *cursor; bit < count; bit++)
        if ((vm->causes[bit / 64] >> (bit & 63) & 1) != 0) {
            describe_cause(vm->image, bit, cause);
            *cursor = bit + 1;
            return MST_OK;
        }
    *cursor = count;
    return MST_ERR_NOT_FOUND;
}
