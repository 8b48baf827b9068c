/* SPDX-License-Identifier: Apache-2.0
 *
 * verify_optional.c - the sections that may be absent: where code comes from; the steps of rule
 * tests, that they name slots, blocks and verdicts of the right kind, and values in the range of
 * their types. Runs last. */
#include "core/verify.h"

static uint32_t slot_type(const struct mst_verify *v, uint32_t slot)
{
    return MST_U32(v->image, SLOTS, slot, MST_SLOT_TYPE);
}

static bool is_instant(uint64_t value)
{
    return (int64_t)value >= MST_TIME_MIN && (int64_t)value <= MST_TIME_MAX;
}

static bool is_short_string(const struct mst_verify *v, uint64_t value)
{
    return value < MST_COUNT(v->image, STRINGS) &&
           mst_image_string(v->image, (uint32_t)value).len <= MST_MAX_OTHER_BYTES;
}

static bool is_list_length(const struct mst_verify *v, uint32_t slot, uint64_t length)
{
    const uint32_t fact = MST_U32(v->image, SLOTS, slot, MST_SLOT_CAUSE);
    return slot_type(v, slot) == MST_TYPE_LIST &&
           MST_U32(v->image, FACTS, fact, MST_FACT_SLOT) == slot &&
           length <= MST_U32(v->image, FACTS, fact, MST_FACT_CAPACITY);
}

static bool is_condition(const struct mst_verify *v, uint32_t block)
{
    return block < MST_COUNT(v->image, BLOCKS) &&
           MST_U32(v->image, BLOCKS, block, MST_BLOCK_KIND) == MST_BLOCK_VALUE &&
           MST_U32(v->image, BLOCKS, block, MST_BLOCK_TYPE) == MST_TYPE_BOOL;
}

/* A value that a fact can be given: `other` has a step of its own. */
static bool is_fact_value(struct mst_verify *v, uint32_t type, uint64_t value,
                          const unsigned char *at)
{
    if (!mst_verify_is_scalar(v, type) || !mst_verify_value(v, type, value, at))
        return false;
    return !mst_code_is_enum(type) ||
           value < MST_U32(v->image, ENUMS, type - MST_CODE_ENUM, MST_ENUM_MEMBER_COUNT);
}

/* A step that sets a fact: a is its slot. */
static bool check_slot_step(struct mst_verify *v, const unsigned char *step, uint32_t slot,
                            uint64_t value, uint32_t c)
{
    if (slot >= mst_image_fact_slots(v->image))
        return false;
    switch (mst_load_u32(step + MST_STEP_KIND)) {
    case MST_SELFTEST_FACT:
        return is_fact_value(v, slot_type(v, slot), value, step + MST_STEP_VALUE) && c == 0;
    case MST_SELFTEST_STATE: return value == 0 && c <= 1;
    case MST_SELFTEST_OTHER:
        return mst_code_is_enum(slot_type(v, slot)) && is_short_string(v, value) && c == 0;
    case MST_SELFTEST_LIST: return is_list_length(v, slot, value) && c <= 1;
    default: return slot_type(v, slot) == MST_TYPE_RECORD && value == 0 && c == 0;
    }
}

static bool check_step(struct mst_verify *v, const unsigned char *step)
{
    const mst_image *image = v->image;
    const uint32_t a = mst_load_u32(step + MST_STEP_A), c = mst_load_u32(step + MST_STEP_C);
    const uint64_t value = mst_load_u64(step + MST_STEP_VALUE);
    switch (mst_load_u32(step + MST_STEP_KIND)) {
    case MST_SELFTEST_TEST: return a < MST_COUNT(image, STRINGS) && is_instant(value) && c == 0;
    case MST_SELFTEST_OBSERVED: return a < MST_COUNT(image, GROUPS) && is_instant(value) && c == 0;
    case MST_SELFTEST_HOLDS: return is_condition(v, a) && value == 0 && c == 0;
    case MST_SELFTEST_UNTIL: return a < MST_COUNT(image, VERDICTS) && c == 0;
    case MST_SELFTEST_CAUSE:
        return a < MST_COUNT(image, VERDICTS) && value < MST_COUNT(image, STRINGS) &&
               c < MST_CAUSE_KINDS;
    default: return check_slot_step(v, step, a, value, c);
    }
}

static bool verify_steps(struct mst_verify *v)
{
    for (uint32_t i = 0; i < MST_COUNT(v->image, SELFTEST); i++) {
        const unsigned char *step = MST_AT(v->image, SELFTEST, i);
        const uint32_t kind = mst_load_u32(step + MST_STEP_KIND);
        if (kind < MST_SELFTEST_TEST || kind > MST_SELFTEST_CAUSE ||
            (i == 0 && kind != MST_SELFTEST_TEST))
            return mst_verify_refuse(v, MST_FAULT_STEP_KIND, mst_verify_offset(v, step));
        if (!check_step(v, step))
            return mst_verify_refuse(v, MST_FAULT_STEP_TARGET, mst_verify_offset(v, step));
        if (kind == MST_SELFTEST_HOLDS && MST_U64(v->image, BLOCKS, mst_load_u32(step + MST_STEP_A),
                                                  MST_BLOCK_STEPS) > v->limits.max_steps)
            return mst_verify_refuse(v, MST_FAULT_LIMIT_STEPS, mst_verify_offset(v, step));
    }
    return true;
}

static bool verify_places(struct mst_verify *v)
{
    uint64_t next_pc = 0;
    for (uint32_t i = 0; i < MST_COUNT(v->image, DEBUG); i++) {
        const unsigned char *place = MST_AT(v->image, DEBUG, i);
        const uint32_t pc = mst_load_u32(place + MST_DEBUG_PC);
        if (pc < next_pc || pc >= MST_COUNT(v->image, CODE) ||
            mst_load_u32(place + MST_DEBUG_LINE) == 0 ||
            mst_load_u32(place + MST_DEBUG_COLUMN) == 0)
            return mst_verify_refuse(v, MST_FAULT_DEBUG_PLACE, mst_verify_offset(v, place));
        if (!mst_verify_string(v, place + MST_DEBUG_MODULE) ||
            !mst_verify_string(v, place + MST_DEBUG_SOURCE))
            return false;
        const uint32_t source = mst_load_u32(place + MST_DEBUG_SOURCE);
        if (mst_image_string(v->image, source).len > MST_MAX_SOURCE_LINE_BYTES)
            return mst_verify_refuse(v, MST_FAULT_DEBUG_PLACE, mst_verify_offset(v, place));
        next_pc = (uint64_t)pc + 1;
    }
    return true;
}

bool mst_verify_optional(struct mst_verify *v)
{
    return verify_places(v) && verify_steps(v);
}
