/* SPDX-License-Identifier: Apache-2.0
 *
 * random_facts.h - a pseudo-random source that is the same everywhere, and facts chosen by it: of
 * every type, at the ends of ranges and behind them, unknown in every way. */
#ifndef MST_TESTS_FUZZ_RANDOM_FACTS_H
#define MST_TESTS_FUZZ_RANDOM_FACTS_H

#include <stdio.h>
#include <stdlib.h>

#include "format/limits.h"
#include "muster/muster.h"

#define FUZZ_EXPECT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* ---- a pseudo-random source (splitmix64), the same everywhere ------------------------------ */

struct dice {
    uint64_t state;
};

static inline uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* A number below `count`, which is at least 1. */
static inline uint32_t dice_below(struct dice *dice, uint32_t count)
{
    return (uint32_t)(dice_next(dice) % count);
}

static inline struct dice dice_from(const uint8_t *data, size_t size)
{
    struct dice dice = {size};
    for (size_t i = 0; i < size; i++)
        dice.state = (dice.state ^ data[i]) * UINT64_C(0x100000001b3);
    return dice;
}

/* ---- facts --------------------------------------------------------------------------------- */

static inline int64_t pick_between(struct dice *dice, int64_t low, int64_t high)
{
    switch (dice_below(dice, 5)) {
    case 0: return low;
    case 1: return high;
    case 2: /* about 2026, for days and for seconds */
        return high > 10000000 ? 1786752000 + dice_below(dice, 100000) : 20680;
    default: return (int64_t)((uint64_t)low + dice_next(dice) % ((uint64_t)high - (uint64_t)low));
    }
}

static inline int64_t pick_int(struct dice *dice)
{
    static const int64_t edges[] = {0, 1, -1, 2, 7, 86400, INT64_MAX, INT64_MIN, 26100, 9106};
    return dice_below(dice, 4) != 0 ? edges[dice_below(dice, sizeof edges / sizeof *edges)]
                                    : (int64_t)dice_next(dice);
}

static inline mst_text pick_text(struct dice *dice)
{
    static char long_text[MST_MAX_TEXT_BYTES + 1];
    static const char *const texts[] = {"",         "a",   "Enterprise", "KB5101650", "running",
                                        "1.2.3.4",  "-7",  "2026-08-15", "7 days",    "P1D",
                                        "\xc3\xa4", "{x}", "a,b,,c",     "\"\\\n"};
    const uint32_t count = sizeof texts / sizeof *texts;
    const uint32_t i = dice_below(dice, count + 1);
    if (i < count)
        return (mst_text){texts[i], (uint32_t)strlen(texts[i])};
    memset(long_text, 'x', sizeof long_text);
    return (mst_text){long_text, 60 + dice_below(dice, sizeof long_text - 60)};
}

static inline mst_status set_enum_fact(mst_vm *vm, const mst_image *image,
                                       const mst_fact_info *info, mst_slot slot, struct dice *dice)
{
    mst_enum_info type = MST_ENUM_INFO_INIT;
    FUZZ_EXPECT(mst_enum_info_at(image, info->enum_index, &type) == MST_OK);
    const uint32_t way = dice_below(dice, 4);
    if (way == 0) {
        const mst_text other = pick_text(dice);
        return mst_fact_other(vm, slot, other.ptr, other.len);
    }
    if (way == 1 && type.spelling_count > 0) {
        uint32_t member = 0;
        const mst_text spelling = mst_enum_spelling(image, info->enum_index,
                                                    dice_below(dice, type.spelling_count), &member);
        return mst_fact_spelling(vm, slot, spelling.ptr, spelling.len);
    }
    return mst_fact_enum(vm, slot, dice_below(dice, type.member_count + 1));
}

static inline mst_status set_known_fact(mst_vm *vm, const mst_image *image,
                                        const mst_fact_info *info, mst_slot slot, struct dice *dice)
{
    switch (info->type) {
    case MST_TYPE_BOOL: return mst_fact_bool(vm, slot, dice_below(dice, 2) != 0);
    case MST_TYPE_INT: return mst_fact_int(vm, slot, pick_int(dice));
    case MST_TYPE_TEXT: {
        const mst_text text = pick_text(dice);
        return mst_fact_text(vm, slot, text.ptr, text.len);
    }
    case MST_TYPE_VERSION:
        return mst_fact_version(
            vm, slot, dice_below(dice, 2) ? MST_VERSION(26100, 9106, 0, 0) : dice_next(dice));
    case MST_TYPE_DATE:
        return mst_fact_date(vm, slot, pick_between(dice, MST_DATE_MIN, MST_DATE_MAX));
    case MST_TYPE_MONTH:
        return mst_fact_month(vm, slot, pick_between(dice, MST_MONTH_MIN, MST_MONTH_MAX));
    case MST_TYPE_DURATION: return mst_fact_duration(vm, slot, pick_int(dice));
    case MST_TYPE_TIME:
        return mst_fact_time(vm, slot, pick_between(dice, MST_TIME_MIN, MST_TIME_MAX));
    case MST_TYPE_ENUM: return set_enum_fact(vm, image, info, slot, dice);
    case MST_TYPE_LIST:
        return mst_fact_list(vm, slot, dice_below(dice, info->capacity + 1),
                             dice_below(dice, 3) == 0);
    default: return MST_OK;
    }
}

static inline void set_fact(mst_vm *vm, const mst_image *image, const mst_fact_info *info,
                            mst_slot slot, struct dice *dice)
{
    mst_status status = MST_OK;
    switch (dice_below(dice, 8)) {
    case 0: status = mst_fact_missing(vm, slot); break;
    case 1: status = mst_fact_invalid(vm, slot); break;
    default: status = set_known_fact(vm, image, info, slot, dice); break;
    }
    FUZZ_EXPECT(status == MST_OK || status == MST_ERR_ARGUMENT);
    (void)mst_fact_text_of(vm, slot);
}

static inline void set_facts(mst_vm *vm, const mst_image *image, struct dice *dice)
{
    mst_facts_clear(vm);
    for (uint32_t i = 0; i < mst_fact_count(image); i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        FUZZ_EXPECT(mst_fact_info_at(image, i, &info) == MST_OK);
        if (info.slot == MST_SLOT_NONE)
            continue;
        mst_fact_info parent = MST_FACT_INFO_INIT;
        uint32_t elements = 1; /* a part of a list: of some of its elements */
        for (uint32_t p = info.parent; p != MST_INDEX_NONE && info.stride > 0; p = parent.parent) {
            FUZZ_EXPECT(mst_fact_info_at(image, p, &parent) == MST_OK);
            if (parent.type == MST_TYPE_LIST)
                elements = parent.capacity < 4 ? parent.capacity : 4;
        }
        for (uint32_t k = 0; k < elements; k++)
            set_fact(vm, image, &info, info.slot + k * info.stride, dice);
    }
    for (uint32_t i = 0; i < mst_group_count(image); i++)
        if (dice_below(dice, 3) == 0)
            FUZZ_EXPECT(mst_observed(vm, i, pick_between(dice, MST_TIME_MIN, MST_TIME_MAX)) ==
                        MST_OK);
    if (dice_below(dice, 3) == 0)
        FUZZ_EXPECT(mst_observed(vm, MST_INDEX_NONE, 1786752000) == MST_OK);
}

#endif
