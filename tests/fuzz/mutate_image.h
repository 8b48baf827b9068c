/* SPDX-License-Identifier: Apache-2.0
 *
 * mutate_image.h - hostile images made of good ones. An image is taken apart into its sections,
 * records and instructions are changed, and it is put together again, mostly with what it claims
 * about its cost set right, so that the checks behind those of header and claims are reached. */
#ifndef MST_TESTS_FUZZ_MUTATE_IMAGE_H
#define MST_TESTS_FUZZ_MUTATE_IMAGE_H

#include "exercise.h"
#include "format/bytes.h"
#include "format/cost.h"
#include "format/layout.h"
#include "seed_images.h"

#define MAX_PARTS 32
#define PART_SLACK 256 /* bytes by which a section may grow */

struct part {
    uint32_t id, count, len, room;
    unsigned char *bytes;
};

struct parts {
    unsigned char header[MST_HEADER_BYTES];
    struct part list[MAX_PARTS];
    uint32_t count;
};

/* Of a section that nobody knows, a byte is a record. */
static inline uint32_t record_bytes(uint32_t id)
{
    const uint32_t bytes = mst_record_bytes(mst_section_of(id));
    return bytes != 0 ? bytes : 1;
}

/* ---- apart and together -------------------------------------------------------------------- */

static inline void free_parts(struct parts *parts)
{
    for (uint32_t i = 0; i < parts->count; i++)
        free(parts->list[i].bytes);
    parts->count = 0;
}

/* False where the bytes are not at least shaped like an image. */
static inline bool split_image(const uint8_t *data, size_t size, struct parts *parts)
{
    parts->count = 0;
    if (size < MST_HEADER_BYTES)
        return false;
    memcpy(parts->header, data, MST_HEADER_BYTES);
    const uint32_t count = mst_load_u32(data + MST_HEADER_SECTION_COUNT);
    if (count > MAX_PARTS || size < MST_HEADER_BYTES + (size_t)count * MST_ENTRY_SIZE)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *entry = data + MST_HEADER_BYTES + (size_t)i * MST_ENTRY_SIZE;
        const uint32_t offset = mst_load_u32(entry + MST_ENTRY_OFFSET);
        struct part part = {.id = mst_load_u32(entry + MST_ENTRY_ID),
                            .count = mst_load_u32(entry + MST_ENTRY_COUNT),
                            .len = mst_load_u32(entry + MST_ENTRY_BYTES)};
        if (offset > size || part.len > size - offset ||
            (uint64_t)part.count * record_bytes(part.id) > part.len)
            return false;
        part.room = part.len + PART_SLACK;
        part.bytes = calloc(1, part.room);
        FUZZ_EXPECT(part.bytes);
        memcpy(part.bytes, data + offset, part.len);
        parts->list[parts->count++] = part;
    }
    return true;
}

/* Writes the image; 0 if it does not fit. */
static inline size_t join_image(const struct parts *parts, uint8_t *out, size_t room)
{
    size_t at = MST_HEADER_BYTES + (size_t)parts->count * MST_ENTRY_SIZE;
    if (at > room)
        return 0;
    memcpy(out, parts->header, MST_HEADER_BYTES);
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct part *part = &parts->list[i];
        const size_t begin = (at + 7) / 8 * 8;
        if (begin > room || part->len > room - begin)
            return 0;
        memset(out + at, 0, begin - at);
        memcpy(out + begin, part->bytes, part->len);
        at = begin + part->len;
        uint8_t *entry = out + MST_HEADER_BYTES + (size_t)i * MST_ENTRY_SIZE;
        mst_store_u32(entry + MST_ENTRY_ID, part->id);
        mst_store_u32(entry + MST_ENTRY_OFFSET, (uint32_t)begin);
        mst_store_u32(entry + MST_ENTRY_COUNT, part->count);
        mst_store_u32(entry + MST_ENTRY_BYTES, part->len);
    }
    mst_store_u32(out + MST_HEADER_SECTION_COUNT, parts->count);
    mst_store_u32(out + MST_HEADER_BYTE_COUNT, (uint32_t)at);
    return at;
}

static inline struct part *find_part(struct parts *parts, uint32_t id)
{
    for (uint32_t i = 0; i < parts->count; i++)
        if (parts->list[i].id == id)
            return &parts->list[i];
    return NULL;
}

/* A record of a section; zeros where there is none, so that a wrong index reads nothing. */
static inline unsigned char *record_at(struct parts *parts, uint32_t id, uint64_t index)
{
    static unsigned char none[128];
    struct part *part = find_part(parts, id);
    memset(none, 0, sizeof none);
    return part && index < part->count ? part->bytes + index * record_bytes(id) : none;
}

/* ---- claims -------------------------------------------------------------------------------- */

struct claim {
    uint64_t own, calls, output, rounds, outer[MST_MAX_LOOP_DEPTH + 1];
    uint32_t depth, loops;
    bool timed;
};

static inline void claim_flow(struct parts *parts, struct claim *claim, uint32_t block,
                              struct mst_instruction in)
{
    const uint32_t callee = mst_instruction_wide(in);
    const bool is_table = in.op == MST_OP_LOOP_UP || in.op == MST_OP_LOOP_DOWN;
    if (in.op == MST_OP_CALL && callee < block) {
        const unsigned char *record = record_at(parts, MST_SECTION_BLOCKS, callee);
        const uint32_t depth = mst_load_u32(record + MST_BLOCK_DEPTH) + 1;
        claim->calls = mst_cost_add(claim->calls, mst_load_u64(record + MST_BLOCK_STEPS));
        claim->timed |= (mst_load_u32(record + MST_BLOCK_FLAGS) & MST_BLOCK_TIMED) != 0;
        claim->depth = claim->depth < depth ? depth : claim->depth;
    } else if (is_table || in.op == MST_OP_EACH_UP || in.op == MST_OP_EACH_DOWN) {
        if (claim->loops == MST_MAX_LOOP_DEPTH)
            return;
        const uint64_t rounds =
            is_table
                ? mst_cost_table_rounds(
                      mst_load_u32(record_at(parts, MST_SECTION_TABLES, in.b) + MST_TABLE_MAX_ROWS))
                : mst_cost_list_rounds(
                      mst_load_u32(record_at(parts, MST_SECTION_FACTS, in.b) + MST_FACT_CAPACITY));
        claim->outer[claim->loops++] = claim->rounds;
        claim->rounds = mst_cost_mul(claim->rounds, rounds);
    } else if (claim->loops > 0 && (in.op == MST_OP_NEXT_UP || in.op == MST_OP_NEXT_DOWN ||
                                    in.op == MST_OP_MORE_UP || in.op == MST_OP_MORE_DOWN)) {
        claim->rounds = claim->outer[--claim->loops];
    }
}

static inline void claim_cost(struct parts *parts, struct claim *claim, uint32_t max_text,
                              struct mst_instruction in)
{
    uint64_t bytes = 0;
    claim->own = mst_cost_add(
        claim->own, mst_cost_mul(mst_cost_instruction(in.op, in.x, max_text), claim->rounds));
    if (in.op == MST_OP_EMIT_TEXT)
        bytes = mst_load_u32(record_at(parts, MST_SECTION_STRINGS, mst_instruction_wide(in)) +
                             MST_STRING_LEN);
    else if (in.op == MST_OP_EMIT)
        bytes = mst_cost_emit_bytes(in.c, max_text);
    claim->output = mst_cost_add(claim->output, mst_cost_mul(bytes, claim->rounds));
    claim->timed |= in.op == MST_OP_FRESH || in.op == MST_OP_FLIP || in.op == MST_OP_BUILTIN_RISE;
}

/* Sets right what a block claims; its own steps if it may be called, else 0. */
static inline uint64_t reseal_block(struct parts *parts, uint32_t block, uint64_t before)
{
    unsigned char *record = record_at(parts, MST_SECTION_BLOCKS, block);
    const uint32_t max_text =
        mst_load_u32(record_at(parts, MST_SECTION_META, 0) + MST_META_MAX_TEXT);
    const uint32_t first = mst_load_u32(record + MST_BLOCK_FIRST);
    const uint32_t count = mst_load_u32(record + MST_BLOCK_COUNT);
    struct claim claim = {.rounds = 1, .depth = 1};
    for (uint32_t i = 0; i < count && i < MST_MAX_BLOCK_INSTRUCTIONS; i++) {
        const struct mst_instruction in = mst_instruction_unpack(
            mst_load_u64(record_at(parts, MST_SECTION_CODE, (uint64_t)first + i)));
        claim_cost(parts, &claim, max_text, in);
        claim_flow(parts, &claim, block, in);
    }
    mst_store_u64(record + MST_BLOCK_STEPS, mst_cost_block_steps(claim.own, claim.calls, before));
    mst_store_u32(record + MST_BLOCK_DEPTH, claim.depth);
    mst_store_u32(record + MST_BLOCK_OUTPUT, (uint32_t)claim.output);
    mst_store_u32(record + MST_BLOCK_FLAGS, claim.timed ? MST_BLOCK_TIMED : 0);
    return mst_cost_is_memoised(mst_load_u32(record + MST_BLOCK_KIND)) ? claim.own : 0;
}

/* Adds the cost of the `count` blocks named at `at`; the longest of their outputs goes to *most. */
static inline uint64_t sum_blocks(struct parts *parts, const unsigned char *at, uint32_t count,
                                  uint32_t *most)
{
    uint64_t steps = 0;
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *block =
            record_at(parts, MST_SECTION_BLOCKS, mst_load_u32(at + (size_t)i * 4));
        const uint32_t output = mst_load_u32(block + MST_BLOCK_OUTPUT);
        steps = mst_cost_add(steps, mst_load_u64(block + MST_BLOCK_STEPS));
        *most = *most < output ? output : *most;
    }
    return steps;
}

static inline uint64_t case_steps(struct parts *parts, uint64_t index, uint32_t *most)
{
    const unsigned char *taken = record_at(parts, MST_SECTION_CASES, index);
    const uint64_t first = mst_load_u32(taken + MST_CASE_FIRST_FIELD);
    const uint32_t count = mst_load_u32(taken + MST_CASE_FIELD_COUNT);
    unsigned char copy[8];
    memcpy(copy, taken + MST_CASE_LABEL, sizeof copy); /* label and because */
    uint64_t steps = sum_blocks(parts, copy, 2, most);
    for (uint32_t i = 0; i < count && i < 1024; i++) {
        memcpy(copy, record_at(parts, MST_SECTION_FIELDS, first + i) + MST_FIELD_BLOCK, 4);
        steps = mst_cost_add(steps, sum_blocks(parts, copy, 1, most));
    }
    return steps;
}

static inline uint64_t check_steps(struct parts *parts, uint64_t index, uint32_t *most)
{
    unsigned char copy[16];
    memcpy(copy, record_at(parts, MST_SECTION_CHECKS, index) + MST_CHECK_TEXTS, sizeof copy);
    return sum_blocks(parts, copy, 4, most);
}

static inline void reseal_verdict(struct parts *parts, uint32_t index)
{
    unsigned char record[96];
    memcpy(record, record_at(parts, MST_SECTION_VERDICTS, index), sizeof record);
    const uint64_t checks = mst_load_u32(record + MST_VERDICT_FIRST_CHECK);
    const uint64_t advice = mst_load_u32(record + MST_VERDICT_FIRST_ADVICE);
    const uint64_t cases = mst_load_u32(record + MST_VERDICT_FIRST_CASE);
    uint32_t output = 0;
    uint32_t unused = 0;
    uint64_t label = 0;
    uint64_t check = 0;
    uint64_t taken = 0;
    uint64_t steps = sum_blocks(parts, record + MST_VERDICT_BLOCK, 2, &unused);
    for (uint32_t i = 0; i < 3; i++) {
        const uint64_t one = sum_blocks(parts, record + MST_VERDICT_LABELS + i * 4, 1, &output);
        label = label < one ? one : label;
    }
    for (uint32_t i = 0; i < mst_load_u32(record + MST_VERDICT_CHECK_COUNT) && i < 1024; i++) {
        const uint64_t one = check_steps(parts, checks + i, &output);
        check = check < one ? one : check;
    }
    for (uint32_t i = 0; i < mst_load_u32(record + MST_VERDICT_ADVICE_COUNT) && i < 1024; i++)
        steps = mst_cost_add(steps, check_steps(parts, advice + i, &output));
    for (uint32_t i = 0; i < mst_load_u32(record + MST_VERDICT_CASE_COUNT) && i < 1024; i++) {
        const uint64_t one = case_steps(parts, cases + i, &output);
        taken = taken < one ? one : taken;
    }
    steps = mst_cost_add(mst_cost_add(steps, label), mst_cost_add(check, taken));
    unsigned char *place = record_at(parts, MST_SECTION_VERDICTS, index);
    mst_store_u64(place + MST_VERDICT_STEPS, steps);
    mst_store_u32(place + MST_VERDICT_OUTPUT, output);
}

static inline void reseal(struct parts *parts)
{
    const struct part *blocks = find_part(parts, MST_SECTION_BLOCKS);
    const struct part *verdicts = find_part(parts, MST_SECTION_VERDICTS);
    uint64_t before = 0;
    for (uint32_t i = 0; blocks && i < blocks->count; i++)
        before = mst_cost_add(before, reseal_block(parts, i, before));
    for (uint32_t i = 0; verdicts && i < verdicts->count; i++)
        reseal_verdict(parts, i);
}

/* ---- mutations ----------------------------------------------------------------------------- */

static inline struct part *pick_part(struct parts *parts, struct dice *dice)
{
    static const uint8_t favourites[] = {MST_SECTION_CODE,   MST_SECTION_CODE,  MST_SECTION_BLOCKS,
                                         MST_SECTION_FACTS,  MST_SECTION_SLOTS, MST_SECTION_TABLES,
                                         MST_SECTION_COLUMNS};
    struct part *part = NULL;
    for (int tries = 0; tries < 8 && (!part || part->count == 0); tries++)
        part = dice_below(dice, 2)
                   ? find_part(parts, favourites[dice_below(dice, sizeof favourites)])
                   : &parts->list[dice_below(dice, parts->count)];
    return part && part->count > 0 ? part : NULL;
}

static inline uint32_t pick_value(struct parts *parts, struct dice *dice, uint32_t old)
{
    switch (dice_below(dice, 8)) {
    case 0: return old + 1;
    case 1: return old - 1;
    case 2: return dice_below(dice, 2) ? 0 : MST_NO_INDEX;
    case 3: return old ^ 1u << dice_below(dice, 32);
    case 4: return parts->list[dice_below(dice, parts->count)].count - dice_below(dice, 2);
    case 5: return (uint32_t)dice_next(dice);
    default: return dice_below(dice, 24);
    }
}

static inline void change_field(struct parts *parts, struct dice *dice)
{
    struct part *part = pick_part(parts, dice);
    const uint32_t bytes = part ? record_bytes(part->id) : 0;
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

static inline uint8_t pick_opcode(struct dice *dice)
{
    static const uint8_t opcodes[] = {
#define MST_OPCODE(number, name, mnemonic, x, a, b, c, steps, doc) number,
#include "format/opcodes.def"
#undef MST_OPCODE
    };
    return opcodes[dice_below(dice, sizeof opcodes)];
}

static inline void change_instruction(struct parts *parts, struct dice *dice)
{
    struct part *code = find_part(parts, MST_SECTION_CODE);
    if (!code || code->count == 0)
        return;
    unsigned char *at = code->bytes + dice_below(dice, code->count) * (size_t)8;
    const uint64_t other = mst_load_u64(code->bytes + dice_below(dice, code->count) * (size_t)8);
    struct mst_instruction in = mst_instruction_unpack(mst_load_u64(at));
    const struct mst_instruction from = mst_instruction_unpack(other);
    switch (dice_below(dice, 7)) {
    case 0: in.op = pick_opcode(dice); break;
    case 1: in.x = (uint8_t)(dice_below(dice, 2) ? from.x : dice_below(dice, 8)); break;
    case 2:
        in.a = dice_below(dice, 2) ? from.a : (uint16_t)(in.a + 1 - 2 * dice_below(dice, 2));
        break;
    case 3:
        in.b = dice_below(dice, 2) ? from.b : (uint16_t)(in.b + 1 - 2 * dice_below(dice, 2));
        break;
    case 4:
        in.c = dice_below(dice, 2) ? from.c : (uint16_t)(in.c + 1 - 2 * dice_below(dice, 2));
        break;
    case 5: in.b = from.a; break;
    default: in = from; break;
    }
    mst_store_u64(at, mst_instruction_pack(in));
}

/* One instruction more or less, with the blocks behind it moved. */
static inline void resize_code(struct parts *parts, struct dice *dice, bool grows)
{
    struct part *code = find_part(parts, MST_SECTION_CODE);
    struct part *blocks = find_part(parts, MST_SECTION_BLOCKS);
    if (!code || !blocks || blocks->count == 0 || code->count < 2 || code->len + 8 > code->room)
        return;
    const uint32_t block = dice_below(dice, blocks->count);
    unsigned char *record = record_at(parts, MST_SECTION_BLOCKS, block);
    const uint32_t first = mst_load_u32(record + MST_BLOCK_FIRST);
    const uint32_t count = mst_load_u32(record + MST_BLOCK_COUNT);
    if (count < 2 || count > code->count || first > code->count - count)
        return;
    unsigned char *at = code->bytes + ((size_t)first + dice_below(dice, count - 1)) * 8;
    const size_t behind = (size_t)(code->bytes + code->len - at);
    if (grows)
        memmove(at + 8, at, behind);
    else
        memmove(at, at + 8, behind - 8);
    const uint32_t step = grows ? 1 : MST_NO_INDEX;
    code->count += step;
    code->len += step * 8;
    mst_store_u32(record + MST_BLOCK_COUNT, count + step);
    for (uint32_t i = block + 1; i < blocks->count; i++) {
        unsigned char *field = record_at(parts, MST_SECTION_BLOCKS, i) + MST_BLOCK_FIRST;
        mst_store_u32(field, mst_load_u32(field) + step);
    }
}

static inline void swap_records(struct parts *parts, struct dice *dice)
{
    struct part *part = pick_part(parts, dice);
    if (!part)
        return;
    unsigned char kept[128];
    const size_t bytes = record_bytes(part->id);
    unsigned char *a = part->bytes + dice_below(dice, part->count) * bytes;
    unsigned char *b = part->bytes + dice_below(dice, part->count) * bytes;
    memcpy(kept, a, bytes);
    memcpy(a, b, bytes);
    memcpy(b, kept, bytes);
}

static inline void resize_section(struct parts *parts, struct dice *dice)
{
    struct part *part = pick_part(parts, dice);
    const uint32_t bytes = part ? record_bytes(part->id) : 0;
    if (!part || part->len + bytes > part->room)
        return;
    const bool grows = dice_below(dice, 2) != 0;
    if (grows)
        memcpy(part->bytes + part->len, part->bytes + dice_below(dice, part->count) * (size_t)bytes,
               bytes);
    part->count += grows ? 1 : MST_NO_INDEX;
    part->len += grows ? bytes : 0 - bytes;
}

/* A section of another image, in the place of this one's. */
static inline void splice_section(struct parts *parts, struct dice *dice)
{
    const struct seed_images *seeds = seed_images();
    const struct seed_image *seed = &seeds->list[dice_below(dice, seeds->count)];
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

static inline void mutate_parts(struct parts *parts, struct dice *dice)
{
    switch (dice_below(dice, 16)) {
    case 0: swap_records(parts, dice); break;
    case 1: resize_section(parts, dice); break;
    case 2: resize_code(parts, dice, true); break;
    case 3: resize_code(parts, dice, false); break;
    case 4: splice_section(parts, dice); break;
    case 5:
    case 6:
    case 7:
    case 8: change_field(parts, dice); break;
    default: change_instruction(parts, dice); break;
    }
}

/* Makes `data` (`size` bytes of it in use, room for `max`) another image with the same tail behind
 * it; returns its size. What is no image becomes one. */
static inline size_t mutate_image(uint8_t *data, size_t size, size_t max, struct dice *dice)
{
    const struct seed_images *seeds = seed_images();
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
        const struct seed_image *seed = &seeds->list[dice_below(dice, seeds->count)];
        FUZZ_EXPECT(split_image(seed->bytes, seed->size, &parts));
    }
    if (dice_below(dice, 4) == 0) {
        tail_len = dice_below(dice, 9);
        for (size_t i = 0; i < tail_len; i++)
            tail[i] = (uint8_t)dice_next(dice);
    }
    if (parts.count > 0)
        for (uint32_t i = 1 + dice_below(dice, 3); i > 0; i--)
            mutate_parts(&parts, dice);
    if (dice_below(dice, 16) != 0)
        reseal(&parts);
    const size_t joined = join_image(&parts, data, max);
    free_parts(&parts);
    if (joined == 0) { /* no room: any input but the empty one will do */
        data[0] = size > 0 ? data[0] : 0;
        return size > 0 ? size : 1;
    }
    if (tail_len > max - joined)
        return joined;
    memcpy(data + joined, tail, tail_len);
    if (dice_below(dice, 64) == 0) /* a wrong byte anywhere, header and table too */
        data[dice_below(dice, (uint32_t)joined)] ^= (uint8_t)(1u << dice_below(dice, 8));
    return joined + tail_len;
}

#endif
