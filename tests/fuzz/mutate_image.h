/* SPDX-License-Identifier: Apache-2.0
 *
 * mutate_image.h - hostile images made of good ones: bits, bytes, sections, records and
 * instructions are changed, each in its own way, mostly with the claims of the image set right. */
#ifndef MST_TESTS_FUZZ_MUTATE_IMAGE_H
#define MST_TESTS_FUZZ_MUTATE_IMAGE_H

#include "image_parts.h"
#include "seed_images.h"

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
    const size_t bytes = bytes_of_record(part->id);
    unsigned char *a = part->bytes + dice_below(dice, part->count) * bytes;
    unsigned char *b = part->bytes + dice_below(dice, part->count) * bytes;
    memcpy(kept, a, bytes);
    memcpy(a, b, bytes);
    memcpy(b, kept, bytes);
}

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
