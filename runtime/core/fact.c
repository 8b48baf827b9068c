/* SPDX-License-Identifier: Apache-2.0
 *
 * fact.c - setting the facts of a vm. Each function checks slot, type and range: it is the border
 * between a host and the loop, which trusts what lies in the slots. */
#include "core/vm.h"

void mst_facts_clear(mst_vm *vm)
{
    memset(vm->states, MST_STATE_MISSING, vm->fact_slots);
    for (uint32_t i = 0; i < MST_COUNT(vm->image, GROUPS); i++)
        vm->groups[i].has_observed = false;
    vm->has_observed_all = false;
    mst_vm_touch(vm);
}

static mst_status put(struct mst_vm *vm, mst_slot slot, uint32_t type, uint64_t value, bool good)
{
    if (slot >= vm->fact_slots)
        return MST_ERR_ARGUMENT;
    if (vm->slots[slot].type != type)
        return MST_ERR_TYPE;
    if (!good)
        return MST_ERR_ARGUMENT;
    vm->values[slot] = value;
    vm->states[slot] = 0;
    mst_vm_touch(vm);
    return MST_OK;
}

static mst_status put_ranged(struct mst_vm *vm, mst_slot slot, mst_type type, int64_t value,
                             int64_t low, int64_t high)
{
    return put(vm, slot, type, (uint64_t)value, value >= low && value <= high);
}

mst_status mst_fact_bool(mst_vm *vm, mst_slot slot, bool value)
{
    return put(vm, slot, MST_TYPE_BOOL, value, true);
}

mst_status mst_fact_int(mst_vm *vm, mst_slot slot, int64_t value)
{
    return put(vm, slot, MST_TYPE_INT, (uint64_t)value, true);
}

mst_status mst_fact_version(mst_vm *vm, mst_slot slot, uint64_t value)
{
    return put(vm, slot, MST_TYPE_VERSION, value, true);
}

mst_status mst_fact_date(mst_vm *vm, mst_slot slot, int64_t days)
{
    return put_ranged(vm, slot, MST_TYPE_DATE, days, MST_DATE_MIN, MST_DATE_MAX);
}

mst_status mst_fact_month(mst_vm *vm, mst_slot slot, int64_t months)
{
    return put_ranged(vm, slot, MST_TYPE_MONTH, months, MST_MONTH_MIN, MST_MONTH_MAX);
}

mst_status mst_fact_duration(mst_vm *vm, mst_slot slot, int64_t seconds)
{
    return put(vm, slot, MST_TYPE_DURATION, (uint64_t)seconds, true);
}

mst_status mst_fact_time(mst_vm *vm, mst_slot slot, int64_t seconds)
{
    return put_ranged(vm, slot, MST_TYPE_TIME, seconds, MST_TIME_MIN, MST_TIME_MAX);
}

static mst_status put_unknown(struct mst_vm *vm, mst_slot slot, uint8_t state)
{
    if (slot >= vm->fact_slots)
        return MST_ERR_ARGUMENT;
    vm->states[slot] = state;
    mst_vm_touch(vm);
    return MST_OK;
}

mst_status mst_fact_invalid(mst_vm *vm, mst_slot slot)
{
    return put_unknown(vm, slot, MST_STATE_INVALID);
}

mst_status mst_fact_missing(mst_vm *vm, mst_slot slot)
{
    return put_unknown(vm, slot, MST_STATE_MISSING);
}

/* ---- texts and enums ----------------------------------------------------------------------- */

static void borrow(struct mst_vm *vm, mst_slot slot, const char *ptr, size_t len)
{
    vm->texts[vm->slots[slot].text] = (mst_text){len > 0 ? ptr : "", (uint32_t)len};
}

mst_status mst_fact_text(mst_vm *vm, mst_slot slot, const char *ptr, size_t len)
{
    if (slot >= vm->fact_slots)
        return MST_ERR_ARGUMENT;
    if (vm->slots[slot].type != MST_TYPE_TEXT)
        return MST_ERR_TYPE;
    if (len > vm->slots[slot].max_bytes)
        return mst_fact_invalid(vm, slot);
    borrow(vm, slot, ptr, len);
    return put(vm, slot, MST_TYPE_TEXT, MST_TEXT_DYNAMIC | vm->slots[slot].text, true);
}

/* The record of the enum that a slot holds; NULL where it holds none. */
static const unsigned char *find_enum(const struct mst_vm *vm, mst_slot slot)
{
    if (slot >= vm->fact_slots || !mst_code_is_enum(vm->slots[slot].type))
        return NULL;
    return MST_AT(vm->image, ENUMS, vm->slots[slot].type - MST_CODE_ENUM);
}

mst_status mst_fact_enum(mst_vm *vm, mst_slot slot, uint32_t member)
{
    const unsigned char *record = find_enum(vm, slot);
    if (!record)
        return slot >= vm->fact_slots ? MST_ERR_ARGUMENT : MST_ERR_TYPE;
    return put(vm, slot, vm->slots[slot].type, member,
               member < mst_load_u32(record + MST_ENUM_MEMBER_COUNT));
}

mst_status mst_fact_other(mst_vm *vm, mst_slot slot, const char *ptr, size_t len)
{
    const unsigned char *record = find_enum(vm, slot);
    if (!record)
        return slot >= vm->fact_slots ? MST_ERR_ARGUMENT : MST_ERR_TYPE;
    if (len > MST_MAX_OTHER_BYTES)
        return mst_fact_invalid(vm, slot);
    borrow(vm, slot, ptr, len);
    const uint64_t value = mst_load_u32(record + MST_ENUM_MEMBER_COUNT) |
                           (uint64_t)vm->slots[slot].text << MST_ENUM_OTHER_SHIFT;
    return put(vm, slot, vm->slots[slot].type, value, true);
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_spelt(mst_text spelling, const char *ptr, size_t len)
{
    if (spelling.len != len)
        return false;
    for (uint32_t i = 0; i < spelling.len; i++)
        if (small(spelling.ptr[i]) != small(ptr[i]))
            return false;
    return true;
}

mst_status mst_fact_spelling(mst_vm *vm, mst_slot slot, const char *ptr, size_t len)
{
    const unsigned char *record = find_enum(vm, slot);
    if (!record)
        return slot >= vm->fact_slots ? MST_ERR_ARGUMENT : MST_ERR_TYPE;
    const uint32_t index = vm->slots[slot].type - MST_CODE_ENUM;
    for (uint32_t i = 0; i < mst_load_u32(record + MST_ENUM_SPELLING_COUNT); i++) {
        uint32_t member = 0;
        if (!is_spelt(mst_enum_spelling(vm->image, index, i, &member), ptr, len))
            continue;
        return member == MST_INDEX_NONE ? mst_fact_missing(vm, slot)
                                        : mst_fact_enum(vm, slot, member);
    }
    return mst_fact_other(vm, slot, ptr, len);
}

mst_text mst_fact_text_of(const mst_vm *vm, mst_slot slot)
{
    const mst_text none = {NULL, 0};
    if (slot >= vm->fact_slots || vm->states[slot] != 0)
        return none;
    const uint32_t type = vm->slots[slot].type;
    const uint64_t word = vm->values[slot];
    if (mst_code_is_enum(type))
        return mst_vm_text(vm, mst_slow_enum_text(vm, type, word));
    return type == MST_TYPE_TEXT ? mst_vm_text(vm, word) : none;
}

/* ---- lists and times of observation -------------------------------------------------------- */

mst_status mst_fact_present(mst_vm *vm, mst_slot slot)
{
    return put(vm, slot, MST_TYPE_RECORD, 0, true);
}

mst_status mst_fact_list(mst_vm *vm, mst_slot slot, uint32_t length, bool cut)
{
    if (slot >= vm->fact_slots)
        return MST_ERR_ARGUMENT;
    return put(vm, slot, MST_TYPE_LIST, length | (cut ? MST_LIST_CUT : 0),
               length <= vm->slots[slot].max_bytes);
}

mst_status mst_observed(mst_vm *vm, uint32_t group, int64_t time)
{
    const bool all = group == MST_INDEX_NONE;
    if ((!all && group >= MST_COUNT(vm->image, GROUPS)) || time < MST_TIME_MIN ||
        time > MST_TIME_MAX)
        return MST_ERR_ARGUMENT;
    if (all) {
        vm->observed_all = time;
        vm->has_observed_all = true;
    } else {
        vm->groups[group].observed = time;
        vm->groups[group].has_observed = true;
    }
    mst_vm_touch(vm);
    return MST_OK;
}
