/* SPDX-License-Identifier: Apache-2.0
 *
 * mutate_image.h - hostile images made of good ones. Each kind of change is a line of MUTATIONS:
 * raw ones change bytes of the image as it is, the others its sections, records and instructions,
 * mostly with what the image claims about its cost set right. */
#ifndef MST_TESTS_FUZZ_MUTATE_IMAGE_H
#define MST_TESTS_FUZZ_MUTATE_IMAGE_H

#include "mutate_code.h"

/* ---- records ------------------------------------------------------------------------------- */

static inline void change_field(struct parts *parts, struct dice *dice)
{
    struct part *part = pick_part(parts, dice);
    const uint32_t bytes = part ? bytes_of_record(part->id) : 0;
    if (bytes < 4 && part) {
        part->bytes[dice_below(dice, part->len)] = (uint8_t)dice_next(dice);
        return;
    }
    if (!part)
        return;
    const uint32_t field = dice_below(dice, bytes / 4) * 4;
    unsigned char *at = part->bytes + dice_below(dice, part->count) * (size_t)bytes + field;
    if (dice_below(dice, 3) == 0) /* what stands there in another record */
        memcpy(at, part->bytes + dice_below(dice, part->count) * (size_t)bytes + field, 4);
    else
        mst_store_u32(at, pick_value(parts, dice, mst_load_u32(at)));
}

static inline void swap_records(struct parts *parts, struct dice *dice)
{
    struct part *part = pick_part(parts, dice);
    if (!part)
        return;
    unsigned char kept[128];
    const size_t bytes = bytes_of_record(part->id);
    unsigned char *a = part->bytes + dice_below(dice, part->count) * bytes;
    unsigned char *b = part->bytes + dice_below(dice, part->count) * bytes;
    memcpy(kept, a, bytes);
    memcpy(a, b, bytes);
    memcpy(b, kept, bytes);
}

/* A number that says how many there are, or how long something is, is a little wrong. */
static inline void change_count(struct parts *parts, struct dice *dice)
{
    static const uint8_t fields[][2] = {
        {MST_SECTION_META, MST_META_MAX_TEXT},
        {MST_SECTION_META, MST_META_FACT_SLOTS},
        {MST_SECTION_META, MST_META_RESULT_SLOTS},
        {MST_SECTION_META, MST_META_REGISTER_SLOTS},
        {MST_SECTION_META, MST_META_SITE_COUNT},
        {MST_SECTION_STRINGS, MST_STRING_OFFSET},
        {MST_SECTION_STRINGS, MST_STRING_LEN},
        {MST_SECTION_ENUMS, MST_ENUM_MEMBER_COUNT},
        {MST_SECTION_ENUMS, MST_ENUM_SPELLING_COUNT},
        {MST_SECTION_FACTS, MST_FACT_CAPACITY},
        {MST_SECTION_FACTS, MST_FACT_STRIDE},
        {MST_SECTION_FACTS, MST_FACT_MAX_BYTES},
        {MST_SECTION_TABLES, MST_TABLE_ROW_COUNT},
        {MST_SECTION_TABLES, MST_TABLE_MAX_ROWS},
        {MST_SECTION_TABLES, MST_TABLE_KEY},
        {MST_SECTION_BLOCKS, MST_BLOCK_COUNT},
        {MST_SECTION_BLOCKS, MST_BLOCK_RESULT},
        {MST_SECTION_BLOCKS, MST_BLOCK_FIRST_REGISTER},
        {MST_SECTION_BLOCKS, MST_BLOCK_REGISTER_COUNT},
        {MST_SECTION_VERDICTS, MST_VERDICT_CHECK_COUNT},
        {MST_SECTION_VERDICTS, MST_VERDICT_CASE_COUNT},
        {MST_SECTION_CASES, MST_CASE_MEMBER},
        {MST_SECTION_CASES, MST_CASE_FIELD_COUNT},
        {MST_SECTION_ZONES, MST_ZONE_COUNT},
        {MST_SECTION_OPTIONAL, MST_DEBUG_PC}, /* the id of DEBUG, which is the first of them */
        {MST_SECTION_OPTIONAL, MST_DEBUG_SOURCE},
    };
    const uint8_t *field = fields[dice_below(dice, sizeof fields / sizeof *fields)];
    unsigned char *record = pick_record(parts, dice, field[0]);
    if (!record)
        return;
    if (dice_below(dice, 4) == 0)
        mst_store_u32(record + field[1], dice_below(dice, 2));
    else
        add_to_field(record + field[1], 1 + dice_below(dice, 2) * (uint32_t)-2);
}

/* Another type, of a slot, constant, column, fact or block: one that occurs in the image. */
static inline void change_type(struct parts *parts, struct dice *dice)
{
    static const uint8_t fields[][2] = {{MST_SECTION_SLOTS, MST_SLOT_TYPE},
                                        {MST_SECTION_CONSTS, MST_CONST_TYPE},
                                        {MST_SECTION_COLUMNS, MST_COLUMN_TYPE},
                                        {MST_SECTION_FACTS, MST_FACT_TYPE},
                                        {MST_SECTION_BLOCKS, MST_BLOCK_TYPE}};
    const uint8_t *field = fields[dice_below(dice, sizeof fields / sizeof *fields)];
    unsigned char *record = pick_record(parts, dice, field[0]);
    const unsigned char *slot = pick_record(parts, dice, MST_SECTION_SLOTS);
    if (!record || !slot)
        return;
    const uint32_t type = mst_load_u32(slot + MST_SLOT_TYPE);
    const struct part *consts = find_part(parts, MST_SECTION_CONSTS);
    mst_store_u32(record + field[1], type);
    if (field[0] != MST_SECTION_CONSTS) /* a constant and its slot must agree */
        return;
    const unsigned char *meta = record_at(parts, MST_SECTION_META, 0);
    const uint64_t first = (uint64_t)mst_load_u32(meta + MST_META_FACT_SLOTS) + 1;
    mst_store_u32(
        record_at(parts, MST_SECTION_SLOTS, first + (uint64_t)(record - consts->bytes) / 16) +
            MST_SLOT_TYPE,
        type);
}

/* Constants and cells at and behind the ends of ranges. */
static inline void change_constant(struct parts *parts, struct dice *dice)
{
    static const int64_t edges[] = {0,
                                    1,
                                    2,
                                    -1,
                                    INT64_MAX,
                                    INT64_MIN,
                                    MST_TIME_MIN - 1,
                                    MST_TIME_MAX + 1,
                                    MST_DATE_MIN - 1,
                                    MST_DATE_MAX + 1,
                                    MST_MONTH_MAX + 1,
                                    MST_NO_INDEX,
                                    (int64_t)1 << 32};
    const bool is_cell = dice_below(dice, 2) != 0;
    unsigned char *record =
        pick_record(parts, dice, is_cell ? MST_SECTION_CELLS : MST_SECTION_CONSTS);
    if (!record)
        return;
    const int64_t old = (int64_t)mst_load_u64(record);
    int64_t value = edges[dice_below(dice, sizeof edges / sizeof *edges)];
    if (dice_below(dice, 2))
        value = (int64_t)((uint64_t)old + dice_below(dice, 9) - 4);
    mst_store_u64(record, (uint64_t)value);
}

/* A text ends in the middle of its first character that is no ASCII. */
static inline void cut_text(struct parts *parts, struct dice *dice)
{
    const struct part *bytes = find_part(parts, MST_SECTION_BYTES);
    for (uint32_t tries = 0; bytes && tries < 64; tries++) {
        unsigned char *string = pick_record(parts, dice, MST_SECTION_STRINGS);
        const uint32_t offset = string ? mst_load_u32(string + MST_STRING_OFFSET) : 0;
        const uint32_t len = string ? mst_load_u32(string + MST_STRING_LEN) : 0;
        for (uint32_t i = 0; i < len && offset < bytes->len && i < bytes->len - offset; i++)
            if (bytes->bytes[offset + i] >= 0x80) {
                mst_store_u32(string + MST_STRING_LEN, i + 1);
                return;
            }
    }
}

static inline void change_text(struct parts *parts, struct dice *dice)
{
    static const uint8_t bytes[] = {0x80, 0xc3, 0xe2, 0xff, 'x', 0, '\n', '"'};
    unsigned char *at = pick_record(parts, dice, MST_SECTION_BYTES);
    if (dice_below(dice, 4) == 0)
        cut_text(parts, dice);
    else if (at)
        *at = bytes[dice_below(dice, sizeof bytes)];
}

/* ---- sections ------------------------------------------------------------------------------ */

static inline void resize_section(struct parts *parts, struct dice *dice)
{
    struct part *part = pick_part(parts, dice);
    const uint32_t bytes = part ? bytes_of_record(part->id) : 0;
    if (!part || part->len + bytes > part->room)
        return;
    const bool grows = dice_below(dice, 2) != 0;
    if (grows)
        memcpy(part->bytes + part->len, part->bytes + dice_below(dice, part->count) * (size_t)bytes,
               bytes);
    part->count += grows ? 1 : MST_NO_INDEX;
    part->len += grows ? bytes : 0 - bytes;
}

/* One record more or less in the range that another one owns, all counts and beginnings set right:
 * a member of an enum, a transition of a zone, a case of a decision. */
static inline void resize_range(struct parts *parts, struct dice *dice)
{
    static const uint8_t ranges[][4] = {
        {MST_SECTION_ENUMS, MST_ENUM_FIRST_MEMBER, MST_ENUM_MEMBER_COUNT, MST_SECTION_MEMBERS},
        {MST_SECTION_ENUMS, MST_ENUM_FIRST_SPELLING, MST_ENUM_SPELLING_COUNT,
         MST_SECTION_SPELLINGS},
        {MST_SECTION_ZONES, MST_ZONE_FIRST, MST_ZONE_COUNT, MST_SECTION_TRANSITIONS},
        {MST_SECTION_VERDICTS, MST_VERDICT_FIRST_CASE, MST_VERDICT_CASE_COUNT, MST_SECTION_CASES},
        {MST_SECTION_CASES, MST_CASE_FIRST_FIELD, MST_CASE_FIELD_COUNT, MST_SECTION_FIELDS}};
    const uint8_t *range = ranges[dice_below(dice, sizeof ranges / sizeof *ranges)];
    unsigned char *owner = pick_record(parts, dice, range[0]);
    const struct part *owners = find_part(parts, range[0]);
    struct part *part = find_part(parts, range[3]);
    const uint32_t bytes = bytes_of_record(range[3]);
    const bool grows = dice_below(dice, 2) != 0;
    const uint32_t count = owner ? mst_load_u32(owner + range[2]) : 0;
    const uint32_t last = owner ? mst_load_u32(owner + range[1]) + count - 1 : 0;
    if (count == 0 || !part || last >= part->count || part->len + bytes > part->room)
        return;
    unsigned char *at = part->bytes + (size_t)last * bytes;
    const size_t behind = (size_t)(part->bytes + part->len - at);
    if (grows)
        memmove(at + bytes, at, behind);
    else
        memmove(at, at + bytes, behind - bytes);
    const uint32_t step = grows ? 1 : MST_NO_INDEX;
    part->count += step;
    part->len += step * bytes;
    add_to_field(owner + range[2], step);
    for (uint32_t i = 0; i < owners->count; i++) {
        unsigned char *first = record_at(parts, range[0], i) + range[1];
        if (mst_load_u32(first) > last)
            add_to_field(first, step);
    }
}

/* A section of another image, in the place of this one's. */
static inline void splice_section(struct parts *parts, struct dice *dice)
{
    const struct seed_image *seed = pick_seed(dice);
    struct parts other;
    if (split_image(seed->bytes, seed->size, &other)) {
        struct part *here = &parts->list[dice_below(dice, parts->count)];
        struct part *there = find_part(&other, here->id);
        if (there) {
            const struct part kept = *here;
            *here = *there;
            *there = kept;
        }
    }
    free_parts(&other);
}

/* Takes a section for one of another number, with as many records as there is room for. */
static inline void rename_part(struct part *part, uint32_t id)
{
    const uint32_t bytes = bytes_of_record(id);
    part->id = id;
    part->count = part->len / bytes;
    part->len = part->count * bytes;
}

/* Two sections change places: in the table with their numbers, or what they hold without. */
static inline void swap_sections(struct parts *parts, struct dice *dice)
{
    struct part *a = &parts->list[dice_below(dice, parts->count)];
    struct part *b = &parts->list[dice_below(dice, parts->count)];
    const struct part kept = *a;
    const uint32_t second = b->id;
    *a = *b;
    *b = kept;
    if (dice_below(dice, 2)) {
        rename_part(a, kept.id);
        rename_part(b, second);
    }
}

/* What blocks and verdicts claim, after it was set right. */
static inline void change_claim(struct parts *parts, struct dice *dice)
{
    static const uint8_t fields[][2] = {
        {MST_SECTION_BLOCKS, MST_BLOCK_STEPS},     {MST_SECTION_BLOCKS, MST_BLOCK_DEPTH},
        {MST_SECTION_BLOCKS, MST_BLOCK_FLAGS},     {MST_SECTION_BLOCKS, MST_BLOCK_OUTPUT},
        {MST_SECTION_VERDICTS, MST_VERDICT_STEPS}, {MST_SECTION_VERDICTS, MST_VERDICT_OUTPUT}};
    const uint8_t *field = fields[dice_below(dice, sizeof fields / sizeof *fields)];
    unsigned char *record = pick_record(parts, dice, field[0]);
    if (!record) /* what is claimed may be all that 32 bits hold */
        return;
    const uint64_t most = mst_load_u32(record + field[1]);
    mst_store_u32(record + field[1], (uint32_t)(dice_next(dice) % (most + 1)));
}

/* ---- bytes --------------------------------------------------------------------------------- */

static inline size_t flip_bit(uint8_t *data, size_t size, struct dice *dice)
{
    data[dice_below(dice, (uint32_t)size)] ^= (uint8_t)(1u << dice_below(dice, 8));
    return size;
}

static inline size_t change_byte(uint8_t *data, size_t size, struct dice *dice)
{
    data[dice_below(dice, (uint32_t)size)] = (uint8_t)dice_next(dice);
    return size;
}

/* The end is missing, which the header may admit. */
static inline size_t truncate_image(uint8_t *data, size_t size, struct dice *dice)
{
    const size_t left = dice_below(dice, 2) ? dice_below(dice, (uint32_t)size)
                                            : size - 1 - dice_below(dice, (uint32_t)size) % 64;
    if (left >= MST_HEADER_BYTES && dice_below(dice, 2))
        mst_store_u32(data + MST_HEADER_BYTE_COUNT, (uint32_t)left);
    return left;
}

/* ---- all of them --------------------------------------------------------------------------- */

/* MUTATION(function, weight) */
#define RAW_MUTATIONS(MUTATION)                                                                    \
    MUTATION(flip_bit, 2)                                                                          \
    MUTATION(change_byte, 2)                                                                       \
    MUTATION(truncate_image, 1)
#define PART_MUTATIONS(MUTATION)                                                                   \
    MUTATION(swap_sections, 1)                                                                     \
    MUTATION(splice_section, 1)                                                                    \
    MUTATION(resize_section, 1)                                                                    \
    MUTATION(resize_range, 2)                                                                      \
    MUTATION(swap_records, 2)                                                                      \
    MUTATION(change_field, 4)                                                                      \
    MUTATION(change_count, 4)                                                                      \
    MUTATION(change_type, 2)                                                                       \
    MUTATION(change_constant, 2)                                                                   \
    MUTATION(change_text, 1)                                                                       \
    MUTATION(change_instruction, 4)                                                                \
    MUTATION(change_immediate, 4)                                                                  \
    MUTATION(change_target, 3)                                                                     \
    MUTATION(change_register, 6)                                                                   \
    MUTATION(rename_register, 5)                                                                   \
    MUTATION(move_registers, 2)                                                                    \
    MUTATION(swap_instructions, 3)                                                                 \
    MUTATION(insert_instruction, 2)                                                                \
    MUTATION(delete_instruction, 2)                                                                \
    MUTATION(splice_code, 3)                                                                       \
    MUTATION(change_claim, 2)

enum mutation {
#define MUTATION(function, weight) MUTATION_##function,
    RAW_MUTATIONS(MUTATION) PART_MUTATIONS(MUTATION) MUTATION_COUNT
#undef MUTATION
};

static inline enum mutation pick_mutation(struct dice *dice)
{
    static const uint8_t weights[] = {
#define MUTATION(function, weight) weight,
        RAW_MUTATIONS(MUTATION) PART_MUTATIONS(MUTATION)
#undef MUTATION
    };
    uint32_t total = 0;
    for (uint32_t i = 0; i < MUTATION_COUNT; i++)
        total += weights[i];
    uint32_t left = dice_below(dice, total);
    uint32_t i = 0;
    while (left >= weights[i])
        left -= weights[i++];
    return (enum mutation)i;
}

static inline const char *name_mutation(enum mutation kind)
{
    static const char *const names[] = {
#define MUTATION(function, weight) #function,
        RAW_MUTATIONS(MUTATION) PART_MUTATIONS(MUTATION)
#undef MUTATION
    };
    return names[kind];
}

static inline void mutate_parts(struct parts *parts, enum mutation kind, struct dice *dice)
{
    switch (kind) {
#define MUTATION(function, weight)                                                                 \
    case MUTATION_##function: function(parts, dice); break;
        PART_MUTATIONS(MUTATION)
#undef MUTATION
    default: break;
    }
}

static inline size_t mutate_bytes(uint8_t *data, size_t size, enum mutation kind, struct dice *dice)
{
    switch (kind) {
#define MUTATION(function, weight)                                                                 \
    case MUTATION_##function: return function(data, size, dice);
        RAW_MUTATIONS(MUTATION)
#undef MUTATION
    default: return size;
    }
}

/* The parts with one to three changes of a kind. Claims of most are set right, but for those that
 * are the change. */
static inline void mutate_and_seal(struct parts *parts, enum mutation kind, struct dice *dice)
{
    const bool is_claim = kind == MUTATION_change_claim;
    if (is_claim)
        reseal(parts);
    if (parts->count > 0)
        for (uint32_t i = dice_below(dice, 4) == 0 ? 3 : 1; i > 0; i--)
            mutate_parts(parts, kind, dice);
    if (!is_claim && dice_below(dice, 16) != 0)
        reseal(parts);
}

/* Makes `data` (`size` bytes of it in use, room for `max`) another image with the same tail behind
 * it, by changes of one kind; returns its size. What is no image becomes one. */
static inline size_t mutate_image(uint8_t *data, size_t size, size_t max, struct dice *dice,
                                  enum mutation kind)
{
    struct parts parts = {.count = 0};
    bool is_image = dice_below(dice, 64) != 0 && split_image(data, size, &parts);
    uint8_t tail[64];
    size_t tail_len = 0;
    if (is_image) {
        const size_t used = mst_load_u32(parts.header + MST_HEADER_BYTE_COUNT);
        tail_len = used < size && size - used <= sizeof tail ? size - used : 0;
        memcpy(tail, data + size - tail_len, tail_len);
    } else {
        free_parts(&parts);
        const struct seed_image *seed = pick_seed(dice);
        FUZZ_EXPECT(split_image(seed->bytes, seed->size, &parts));
    }
    if (dice_below(dice, 4) == 0) {
        tail_len = dice_below(dice, 9);
        for (size_t i = 0; i < tail_len; i++)
            tail[i] = (uint8_t)dice_next(dice);
    }
    mutate_and_seal(&parts, kind, dice);
    size_t joined = join_image(&parts, data, max);
    free_parts(&parts);
    if (joined == 0) { /* no room: any input but the empty one will do */
        data[0] = size > 0 ? data[0] : 0;
        return size > 0 ? size : 1;
    }
    joined = mutate_bytes(data, joined, kind, dice);
    if (tail_len > max - joined)
        return joined;
    memcpy(data + joined, tail, tail_len);
    return joined + tail_len > 0 ? joined + tail_len : 1;
}

#endif
