/* SPDX-License-Identifier: Apache-2.0
 *
 * image_parts.h - an image taken apart into its sections and put together again, with what it
 * claims about its cost set right: so that the checks behind those of header and claims are
 * reached by whatever is changed in between. */
#ifndef MST_TESTS_FUZZ_IMAGE_PARTS_H
#define MST_TESTS_FUZZ_IMAGE_PARTS_H

#include "exercise.h"
#include "format/bytes.h"
#include "format/cost.h"
#include "format/layout.h"

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
static inline uint32_t bytes_of_record(uint32_t id)
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
            (uint64_t)part.count * bytes_of_record(part.id) > part.len)
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
    return part && index < part->count ? part->bytes + index * bytes_of_record(id) : none;
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

static inline uint32_t max_text_of(struct parts *parts)
{
    return mst_load_u32(record_at(parts, MST_SECTION_META, 0) + MST_META_MAX_TEXT);
}

/* Sets right what a block claims; its own steps if it may be called, else 0. */
static inline uint64_t reseal_block(struct parts *parts, uint32_t block, uint64_t before)
{
    unsigned char *record = record_at(parts, MST_SECTION_BLOCKS, block);
    const uint32_t max_text = max_text_of(parts);
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

/* Of the block whose index is at `at`. */
static inline uint32_t block_type(struct parts *parts, const unsigned char *at)
{
    return mst_load_u32(record_at(parts, MST_SECTION_BLOCKS, mst_load_u32(at)) + MST_BLOCK_TYPE);
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
        const struct mst_text_cost field =
            mst_cost_field(0, block_type(parts, copy), max_text_of(parts));
        *most = *most < field.output ? (uint32_t)field.output : *most;
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
    uint32_t output = (uint32_t)mst_cost_verdict(0).output;
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

#endif
