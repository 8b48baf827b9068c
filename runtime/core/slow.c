/* SPDX-License-Identifier: Apache-2.0
 *
 * slow.c - operations of the loop that are calls: searches, built-in functions, staleness. Like
 * the loop they rely on what the verifier has proven. */
#include "core/vm.h"
#include "format/arith.h"
#include "format/builtins.h"
#include "format/operand.h"

/* ---- time ---------------------------------------------------------------------------------- */

int64_t mst_slow_instant(int64_t now, int64_t delta)
{
    int64_t instant = 0;
    if (delta <= 0 || !mst_add_time(now, delta, &instant))
        return MST_NEVER;
    return instant;
}

int64_t mst_slow_flip(int64_t now, uint32_t flip, int64_t b, int64_t c)
{
    int64_t delta = 0;
    if (!mst_sub(c, b, &delta) || delta == INT64_MAX)
        return MST_NEVER;
    if (flip == MST_FLIP_AT || (flip == MST_FLIP_BOTH && delta > 0))
        return mst_slow_instant(now, delta);
    return mst_slow_instant(now, delta + 1);
}

static bool find_observed(const struct mst_vm *vm, const struct mst_group_run *group,
                          int64_t *observed)
{
    const uint8_t state = group->observed_slot != MST_SLOT_NONE ? vm->states[group->observed_slot]
                                                                : MST_STATE_MISSING;
    if (state == 0)
        *observed = (int64_t)vm->values[group->observed_slot];
    else if (state == MST_STATE_INVALID)
        *observed = MST_TIME_MIN; /* data of unknown age does not pass for fresh */
    else if (group->has_observed)
        *observed = group->observed;
    else if (vm->has_observed_all)
        *observed = vm->observed_all;
    else
        return false;
    return true;
}

uint8_t mst_slow_fresh(const struct mst_vm *vm, uint32_t slot, int64_t *until)
{
    MST_ASSERT(slot < vm->fact_slots && vm->states[slot] == 0);
    MST_ASSERT(vm->slots[slot].group < MST_COUNT(vm->image, GROUPS));
    const struct mst_group_run *group = &vm->groups[vm->slots[slot].group];
    int64_t observed = 0;
    int64_t expiry = 0;
    if (group->stale_after_s == 0 || !find_observed(vm, group, &observed) ||
        !mst_add_time(observed, group->stale_after_s, &expiry))
        return 0;
    if (vm->now >= expiry)
        return MST_STATE_STALE;
    *until = expiry;
    return 0;
}

/* ---- tables and lists ---------------------------------------------------------------------- */

#if MST_ASSERT_ENABLED
/* Rows of the table that a column belongs to. */
static uint32_t count_rows(const mst_image *image, uint32_t column)
{
    uint32_t t = 0;
    while (column - MST_U32(image, TABLES, t, MST_TABLE_FIRST_COLUMN) >=
           MST_U32(image, TABLES, t, MST_TABLE_COLUMN_COUNT))
        t++;
    return MST_U32(image, TABLES, t, MST_TABLE_ROW_COUNT);
}
#endif

bool mst_slow_cell(const struct mst_vm *vm, uint32_t column, uint64_t row, uint64_t *cell)
{
    const unsigned char *record = MST_AT(vm->image, COLUMNS, column);
    const uint32_t known = mst_load_u32(record + MST_COLUMN_FIRST_KNOWN);
    MST_ASSERT(row < count_rows(vm->image, column));
    if (known != MST_NO_INDEX && (*MST_AT(vm->image, KNOWN, known + row / 8) >> (row & 7) & 1) == 0)
        return false;
    *cell = MST_U64(vm->image, CELLS, mst_load_u32(record + MST_COLUMN_FIRST_CELL) + row, 0);
    return true;
}

/* By the order in which the keys of a table are sorted. */
static int compare_keys(const struct mst_vm *vm, uint32_t type, uint64_t a, uint64_t b)
{
    if (type == MST_TYPE_TEXT)
        return mst_text_compare(mst_vm_text(vm, a), mst_vm_text(vm, b));
    if (type == MST_TYPE_VERSION)
        return (a > b) - (a < b);
    return ((int64_t)a > (int64_t)b) - ((int64_t)a < (int64_t)b);
}

bool mst_slow_find(const struct mst_vm *vm, uint32_t table, uint64_t key, uint64_t *row)
{
    const unsigned char *record = MST_AT(vm->image, TABLES, table);
    const uint32_t first_order = mst_load_u32(record + MST_TABLE_FIRST_ORDER);
    const uint32_t column =
        mst_load_u32(record + MST_TABLE_FIRST_COLUMN) + mst_load_u32(record + MST_TABLE_KEY);
    const uint32_t type = MST_U32(vm->image, COLUMNS, column, MST_COLUMN_TYPE);
    const uint32_t first_cell = MST_U32(vm->image, COLUMNS, column, MST_COLUMN_FIRST_CELL);
    uint32_t low = 0;
    uint32_t high = mst_load_u32(record + MST_TABLE_ROW_COUNT);
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const uint32_t candidate = MST_U32(vm->image, ORDERS, first_order + middle, 0);
        const int order =
            compare_keys(vm, type, key, MST_U64(vm->image, CELLS, first_cell + candidate, 0));
        if (order == 0) {
            *row = candidate;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

static uint32_t list_slot(const struct mst_vm *vm, uint32_t list_fact)
{
    return MST_U32(vm->image, FACTS, list_fact, MST_FACT_SLOT);
}

uint64_t mst_slow_list_count(const struct mst_vm *vm, uint32_t list_fact)
{
    const uint32_t slot = list_slot(vm, list_fact);
    if (vm->states[slot] != 0)
        return 0;
    const uint64_t value = vm->values[slot];
    return (uint32_t)value + (uint64_t)((value & MST_LIST_CUT) != 0);
}

uint64_t mst_slow_list_element(const struct mst_vm *vm, uint32_t list_fact, uint64_t i)
{
    const uint64_t value = vm->values[list_slot(vm, list_fact)];
    return i < (uint32_t)value ? i : i | MST_LIST_CUT;
}

/* ---- built-in functions -------------------------------------------------------------------- */

struct signature {
    uint8_t result, args[MST_BUILTIN_MAX_ARGS];
};

static const struct signature signatures[] = {
#define MST_BUILTIN_FN(number, name, function, result, arg1, arg2, arg3, rises, steps, doc)        \
    [number] = {MST_ARG_##result, {MST_ARG_##arg1, MST_ARG_##arg2, MST_ARG_##arg3}},
#include "format/builtins.def"
#undef MST_BUILTIN_FN
};

uint8_t mst_slow_arguments(const struct mst_vm *vm, uint32_t number, uint32_t first,
                           uint32_t *count)
{
    const struct signature *signature = &signatures[number];
    uint8_t unknown = 0;
    uint32_t i = 0;
    for (; i < MST_BUILTIN_MAX_ARGS && signature->args[i] != MST_ARG_NONE; i++)
        unknown |= vm->states[first + i];
    *count = i;
    return unknown;
}

static struct mst_zone load_zone(const mst_image *image, uint64_t index)
{
    const unsigned char *record = MST_AT(image, ZONES, index);
    const struct mst_zone zone = {
        MST_AT(image, TRANSITIONS, mst_load_u32(record + MST_ZONE_FIRST)),
        mst_load_u32(record + MST_ZONE_COUNT),
    };
    return zone;
}

static void load_argument(const struct mst_vm *vm, uint32_t type, uint64_t word,
                          struct mst_value *argument)
{
    argument->word = (int64_t)word;
    if (type == MST_ARG_TEXT)
        argument->text = mst_vm_text(vm, word);
    else if (type == MST_ARG_ZONE)
        argument->zone = load_zone(vm->image, word);
}

/* Puts a text result into the site, so that it lasts as long as what was computed from it. */
static void store_text(struct mst_vm *vm, uint32_t site, mst_text text, uint64_t *word)
{
    char *room = vm->site_bytes + (size_t)(site - 1) * vm->max_text;
    MST_ASSERT(text.len <= vm->max_text);
    if (text.ptr != room)
        memmove(room, text.ptr, text.len);
    vm->texts[site - 1] = (mst_text){room, text.len};
    *word = MST_TEXT_DYNAMIC | (site - 1);
}

uint8_t mst_slow_builtin(struct mst_vm *vm, uint32_t number, uint32_t first, uint32_t site,
                         uint64_t *word, int64_t *until)
{
    const struct signature *signature = &signatures[number];
    struct mst_value args[MST_BUILTIN_MAX_ARGS] = {0};
    struct mst_value result = {0};
    char *room = site > 0 ? vm->site_bytes + (size_t)(site - 1) * vm->max_text : NULL;
    for (uint32_t i = 0; i < MST_BUILTIN_MAX_ARGS && signature->args[i] != MST_ARG_NONE; i++)
        load_argument(vm, signature->args[i], vm->values[first + i], &args[i]);
    if (until)
        *until = mst_slow_instant(vm->now, mst_builtin_next_change(number, args));
    switch (mst_builtin_call(number, args, room, site > 0 ? vm->max_text : 0, &result)) {
    case MST_BUILTIN_OK: break;
    case MST_BUILTIN_INVALID: return MST_STATE_INVALID;
    case MST_BUILTIN_FAULT:
    default: return MST_STATE_FAULT;
    }
    if (signature->result == MST_ARG_TEXT)
        store_text(vm, site, result.text, word);
    else
        *word = (uint64_t)result.word;
    return 0;
}

/* ---- values -------------------------------------------------------------------------------- */

uint64_t mst_slow_enum_text(const struct mst_vm *vm, uint32_t type, uint64_t word)
{
    const unsigned char *record = MST_AT(vm->image, ENUMS, type - MST_CODE_ENUM);
    const uint64_t other = word >> MST_ENUM_OTHER_SHIFT;
    if (other == MST_ENUM_OTHER_WRITTEN >> MST_ENUM_OTHER_SHIFT)
        return MST_TEXT_DYNAMIC | vm->other_text;
    if (other != 0) {
        MST_ASSERT(other > vm->other_text);
        return MST_TEXT_DYNAMIC | other;
    }
    MST_ASSERT(word < mst_load_u32(record + MST_ENUM_MEMBER_COUNT));
    return MST_U32(vm->image, MEMBERS, mst_load_u32(record + MST_ENUM_FIRST_MEMBER) + word, 0);
}

bool mst_slow_either(const struct mst_vm *vm, uint32_t b, uint32_t c, bool truth)
{
    return (vm->states[b] == 0 && vm->values[b] == truth) ||
           (vm->states[c] == 0 && vm->values[c] == truth);
}

uint8_t mst_slow_named(const struct mst_vm *vm, const struct mst_block_run *policy)
{
    const bool passed = vm->states[policy->result] == 0 && vm->values[policy->result] == 0;
    return passed ? MST_STATE_FAULT : 0;
}

bool mst_slow_set_part(uint64_t version, uint32_t part, int64_t number, uint64_t *result)
{
    const uint32_t shift = 64 - 16 * part;
    MST_ASSERT(part >= 1 && part <= 4);
    if (number < 0 || number > 65535)
        return false;
    *result = (version & ~((uint64_t)0xffff << shift)) | (uint64_t)number << shift;
    return true;
}
