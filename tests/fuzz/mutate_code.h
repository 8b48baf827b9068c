/* SPDX-License-Identifier: Apache-2.0
 *
 * mutate_code.h - how the mutants of mutate_image.h are chosen, and those of instructions: other
 * operands, targets and places of them, more, less, and some of another image. */
#ifndef MST_TESTS_FUZZ_MUTATE_CODE_H
#define MST_TESTS_FUZZ_MUTATE_CODE_H

#include "format/operand.h"
#include "image_parts.h"
#include "seed_images.h"

/* ---- choosing ------------------------------------------------------------------------------ */

/* One of those made for it, or the larger of two: most are small, and hold little that could be
 * wrong. */
static inline const struct seed_image *pick_seed(struct dice *dice)
{
    const struct seed_images *seeds = seed_images();
    if (dice_below(dice, 4) == 0)
        return &seeds->list[dice_below(dice, seeds->own)];
    const struct seed_image *a = &seeds->list[dice_below(dice, seeds->count)];
    const struct seed_image *b = &seeds->list[dice_below(dice, seeds->count)];
    return a->size > b->size ? a : b;
}

static inline struct part *pick_part(struct parts *parts, struct dice *dice)
{
    struct part *part = NULL;
    for (int tries = 0; tries < 16 && (!part || part->count == 0); tries++)
        part = &parts->list[dice_below(dice, parts->count)];
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

/* A record of a section, NULL where it is empty. */
static inline unsigned char *pick_record(struct parts *parts, struct dice *dice, uint32_t id)
{
    const struct part *part = find_part(parts, id);
    if (!part || part->count == 0)
        return NULL;
    return part->bytes + dice_below(dice, part->count) * (size_t)bytes_of_record(id);
}

static inline void add_to_field(unsigned char *field, uint32_t step)
{
    mst_store_u32(field, mst_load_u32(field) + step);
}

/* ---- instructions -------------------------------------------------------------------------- */

static inline uint8_t pick_opcode(struct dice *dice)
{
    static const uint8_t opcodes[] = {
#define MST_OPCODE(number, name, mnemonic, x, a, b, c, steps, doc) number,
#include "format/opcodes.def"
#undef MST_OPCODE
    };
    return opcodes[dice_below(dice, sizeof opcodes)];
}

/* An instruction; every other time the next one of some opcode, so that rare ones have a turn. */
static inline unsigned char *pick_instruction(struct parts *parts, struct dice *dice)
{
    const struct part *code = find_part(parts, MST_SECTION_CODE);
    unsigned char *at = pick_record(parts, dice, MST_SECTION_CODE);
    if (!at || dice_below(dice, 2))
        return at;
    const uint8_t op = pick_opcode(dice);
    for (unsigned char *next = at; next < code->bytes + code->len; next += 8)
        if (*next == op)
            return next;
    return at;
}

static inline void change_instruction(struct parts *parts, struct dice *dice)
{
    unsigned char *at = pick_instruction(parts, dice);
    if (!at)
        return;
    struct mst_instruction in = mst_instruction_unpack(mst_load_u64(at));
    const struct mst_instruction from =
        mst_instruction_unpack(mst_load_u64(pick_record(parts, dice, MST_SECTION_CODE)));
    const uint16_t step = (uint16_t)(1 - 2 * (int)dice_below(dice, 2));
    switch (dice_below(dice, 7)) {
    case 0: in.op = pick_opcode(dice); break;
    case 1: in.x = (uint8_t)(dice_below(dice, 2) ? from.x : dice_below(dice, 8)); break;
    case 2: in.a = dice_below(dice, 2) ? from.a : (uint16_t)(in.a + step); break;
    case 3: in.b = dice_below(dice, 2) ? from.b : (uint16_t)(in.b + step); break;
    case 4: in.c = dice_below(dice, 2) ? from.c : (uint16_t)(in.c + step); break;
    case 5: in.b = from.a; break;
    default: in.b = (uint16_t)dice_next(dice); break;
    }
    mst_store_u64(at, mst_instruction_pack(in));
}

/* What an instruction names that is no slot: a table, a column, a check, a type. */
static inline void change_immediate(struct parts *parts, struct dice *dice)
{
    unsigned char *at = pick_instruction(parts, dice);
    if (!at)
        return;
    struct mst_instruction in = mst_instruction_unpack(mst_load_u64(at));
    const struct mst_opcode_form *form = mst_opcode_form(in.op);
    const uint16_t value = (uint16_t)dice_below(dice, dice_below(dice, 4) == 0 ? 65536 : 8);
    if (!form)
        return;
    in.x = form->x > MST_S_ELEMENT ? (uint8_t)value : in.x;
    in.b = form->b > MST_S_ELEMENT ? value : in.b;
    in.c = form->c > MST_S_ELEMENT && dice_below(dice, 2) ? value : in.c;
    mst_store_u64(at, mst_instruction_pack(in));
}

/* Instructions of a block: its record, its first one and their number; false if it has none. */
struct piece {
    unsigned char *block, *code;
    uint32_t number, count;
};

static inline bool pick_piece(struct parts *parts, struct dice *dice, struct piece *piece)
{
    const struct part *blocks = find_part(parts, MST_SECTION_BLOCKS);
    const struct part *code = find_part(parts, MST_SECTION_CODE);
    if (!blocks || !code || blocks->count == 0)
        return false;
    const uint32_t pc = dice_below(dice, code->count + 1); /* longer blocks more often */
    piece->number = dice_below(dice, blocks->count);
    for (uint32_t i = 0; i < blocks->count; i++) {
        const unsigned char *block = blocks->bytes + (size_t)i * 48;
        if (pc - mst_load_u32(block + MST_BLOCK_FIRST) < mst_load_u32(block + MST_BLOCK_COUNT))
            piece->number = i;
    }
    piece->block = blocks->bytes + (size_t)piece->number * 48;
    piece->count = mst_load_u32(piece->block + MST_BLOCK_COUNT);
    const uint32_t first = mst_load_u32(piece->block + MST_BLOCK_FIRST);
    piece->code = code->bytes + (size_t)first * 8;
    return piece->count > 0 && piece->count <= code->count && first <= code->count - piece->count;
}

static inline bool is_slot(uint8_t kind)
{
    return kind >= MST_D_BOOL && kind <= MST_S_ELEMENT;
}

static inline bool is_jump(uint8_t op)
{
    return op >= MST_OP_JUMP && op <= MST_OP_JUMP_PRESENT;
}

static inline bool is_loop(uint8_t op)
{
    return (op >= MST_OP_LOOP_UP && op <= MST_OP_NEXT_DOWN) ||
           (op >= MST_OP_EACH_UP && op <= MST_OP_MORE_DOWN);
}

/* Near, anywhere, or to the end of the block and a little behind it. */
static inline uint32_t pick_target(struct dice *dice, uint32_t pc, uint32_t count)
{
    switch (dice_below(dice, 4)) {
    case 0: return count;
    case 1: return dice_below(dice, count + 2);
    default: return pc + 1 + dice_below(dice, 8);
    }
}

/* A jump or loop of a block goes elsewhere: anywhere in it, or to one behind its end. A call calls
 * another block: itself perhaps. */
static inline void change_target(struct parts *parts, struct dice *dice)
{
    struct piece piece;
    if (!pick_piece(parts, dice, &piece))
        return;
    for (uint32_t tries = 0; tries < 8; tries++) {
        const uint32_t pc = dice_below(dice, piece.count);
        unsigned char *at = piece.code + (size_t)pc * 8;
        struct mst_instruction in = mst_instruction_unpack(mst_load_u64(at));
        const uint32_t target = pick_target(dice, pc, piece.count);
        const uint32_t distance = target - pc - 1;
        if (is_jump(in.op)) {
            in.b = (uint16_t)distance;
            in.c = (uint16_t)(target > pc ? 0 : distance >> 16);
        } else if (is_loop(in.op)) {
            in.c = (uint16_t)(dice_below(dice, 2) ? distance : in.c + 1u - 2 * dice_below(dice, 2));
        } else if (in.op == MST_OP_CALL) {
            in.b =
                (uint16_t)(dice_below(dice, 2) ? piece.number : dice_below(dice, piece.number + 2));
        } else {
            continue;
        }
        mst_store_u64(at, mst_instruction_pack(in));
        return;
    }
}

/* An operand becomes one that another instruction of the block has, one nearby or any: mostly a
 * register of another type, or one that is not written yet. */
static inline void change_register(struct parts *parts, struct dice *dice)
{
    struct piece piece;
    if (!pick_piece(parts, dice, &piece))
        return;
    const uint32_t pc = dice_below(dice, piece.count);
    const uint32_t near = pc + dice_below(dice, 17) - 8;
    const uint32_t other = near < piece.count ? near : dice_below(dice, piece.count);
    unsigned char *at = piece.code + (size_t)pc * 8;
    struct mst_instruction in = mst_instruction_unpack(mst_load_u64(at));
    const struct mst_instruction from =
        mst_instruction_unpack(mst_load_u64(piece.code + (size_t)other * 8));
    const uint32_t registers = mst_load_u32(piece.block + MST_BLOCK_REGISTER_COUNT) % 256;
    const uint16_t operands[] = {from.a, from.b, from.c,
                                 (uint16_t)(mst_load_u32(piece.block + MST_BLOCK_FIRST_REGISTER) +
                                            dice_below(dice, 1 + registers))};
    const uint16_t operand = operands[dice_below(dice, 4)];
    switch (dice_below(dice, 3)) {
    case 0: in.a = operand; break;
    case 1: in.b = operand; break;
    default: in.c = operand; break;
    }
    mst_store_u64(at, mst_instruction_pack(in));
}

/* What the loop around an instruction moves, or what another one has as its first operand. */
static inline uint16_t pick_loop_register(const struct piece *piece, uint32_t pc, struct dice *dice)
{
    for (uint32_t i = dice_below(dice, 2) ? pc : 0; i > 0; i--) {
        const struct mst_instruction in =
            mst_instruction_unpack(mst_load_u64(piece->code + (size_t)i * 8 - 8));
        if (is_loop(in.op))
            return in.a;
    }
    return mst_instruction_unpack(
               mst_load_u64(piece->code + dice_below(dice, piece->count) * (size_t)8))
        .a;
}

/* From here to there another register takes the place of one: two loops may then move the same. */
static inline void rename_register(struct parts *parts, struct dice *dice)
{
    struct piece piece;
    if (!pick_piece(parts, dice, &piece))
        return;
    const uint32_t first = dice_below(dice, piece.count);
    const uint32_t rest = piece.count - first;
    const uint32_t count = 1 + dice_below(dice, dice_below(dice, 2) && rest > 6 ? 6 : rest);
    const struct mst_instruction from =
        mst_instruction_unpack(mst_load_u64(piece.code + (size_t)first * 8));
    const uint16_t to = pick_loop_register(&piece, first, dice);
    for (uint32_t pc = first; pc < first + count; pc++) {
        struct mst_instruction in =
            mst_instruction_unpack(mst_load_u64(piece.code + (size_t)pc * 8));
        const struct mst_opcode_form *form = mst_opcode_form(in.op);
        if (!form)
            continue;
        in.a = is_slot(form->a) && in.a == from.a ? to : in.a;
        in.b = is_slot(form->b) && in.b == from.a ? to : in.b;
        in.c = is_slot(form->c) && in.c == from.a ? to : in.c;
        mst_store_u64(piece.code + (size_t)pc * 8, mst_instruction_pack(in));
    }
}

/* All registers of a block lie elsewhere: perhaps where those of a block are that it calls. */
static inline void move_registers(struct parts *parts, struct dice *dice)
{
    struct piece piece;
    if (!pick_piece(parts, dice, &piece))
        return;
    const uint32_t first = mst_load_u32(piece.block + MST_BLOCK_FIRST_REGISTER);
    const uint32_t step = dice_below(dice, 6) - 4;
    mst_store_u32(piece.block + MST_BLOCK_FIRST_REGISTER, first + step);
    for (uint32_t pc = 0; pc < piece.count; pc++) {
        unsigned char *at = piece.code + (size_t)pc * 8;
        struct mst_instruction in = mst_instruction_unpack(mst_load_u64(at));
        const struct mst_opcode_form *form = mst_opcode_form(in.op);
        if (!form)
            continue;
        in.a = (uint16_t)(is_slot(form->a) && in.a >= first ? in.a + step : in.a);
        in.b =
            (uint16_t)((is_slot(form->b) || form->b == MST_ARGUMENTS) && in.b >= first ? in.b + step
                                                                                       : in.b);
        in.c = (uint16_t)(is_slot(form->c) && in.c >= first ? in.c + step : in.c);
        mst_store_u64(at, mst_instruction_pack(in));
    }
}

/* Two instructions of a block change places. */
static inline void swap_instructions(struct parts *parts, struct dice *dice)
{
    struct piece piece;
    if (!pick_piece(parts, dice, &piece))
        return;
    unsigned char *a = piece.code + dice_below(dice, piece.count) * (size_t)8;
    unsigned char *b = dice_below(dice, 2) && a > piece.code
                           ? a - 8
                           : piece.code + dice_below(dice, piece.count) * (size_t)8;
    const uint64_t kept = mst_load_u64(a);
    mst_store_u64(a, mst_load_u64(b));
    mst_store_u64(b, kept);
}

/* One instruction more or less, with the blocks behind it moved. What is added is one of this or
 * any block, or the one that stands there. */
static inline void resize_code(struct parts *parts, struct dice *dice, bool grows)
{
    struct part *code = find_part(parts, MST_SECTION_CODE);
    struct piece piece;
    if (!pick_piece(parts, dice, &piece) || piece.count < 2 || code->len + 8 > code->room)
        return;
    const uint64_t other = mst_load_u64(pick_record(parts, dice, MST_SECTION_CODE));
    unsigned char *at = piece.code + dice_below(dice, piece.count - 1) * (size_t)8;
    const size_t behind = (size_t)(code->bytes + code->len - at);
    if (grows) {
        memmove(at + 8, at, behind);
        const uint32_t way = dice_below(dice, 3);
        if (way == 0)
            mst_store_u64(at, other);
        else if (way == 1)
            mst_store_u64(at, mst_load_u64(piece.code + dice_below(dice, piece.count) * (size_t)8));
    } else {
        memmove(at, at + 8, behind - 8);
    }
    const uint32_t step = grows ? 1 : MST_NO_INDEX;
    code->count += step;
    code->len += step * 8;
    add_to_field(piece.block + MST_BLOCK_COUNT, step);
    for (uint32_t i = piece.number + 1; i < find_part(parts, MST_SECTION_BLOCKS)->count; i++)
        add_to_field(record_at(parts, MST_SECTION_BLOCKS, i) + MST_BLOCK_FIRST, step);
}

static inline void insert_instruction(struct parts *parts, struct dice *dice)
{
    resize_code(parts, dice, true);
}

static inline void delete_instruction(struct parts *parts, struct dice *dice)
{
    resize_code(parts, dice, false);
}

/* A few instructions of this or another image over those of a block. */
static inline void splice_code(struct parts *parts, struct dice *dice)
{
    const struct seed_image *seed = pick_seed(dice);
    struct parts other;
    struct piece to;
    struct piece from;
    const bool is_image = split_image(seed->bytes, seed->size, &other);
    struct parts *source = is_image && dice_below(dice, 2) ? &other : parts;
    if (pick_piece(parts, dice, &to) && pick_piece(source, dice, &from)) {
        uint32_t count = 1 + dice_below(dice, 6);
        const uint32_t most = to.count < from.count ? to.count : from.count;
        count = count < most ? count : most;
        memmove(to.code + dice_below(dice, to.count - count + 1) * (size_t)8,
                from.code + dice_below(dice, from.count - count + 1) * (size_t)8,
                count * (size_t)8);
    }
    free_parts(&other);
}

#endif
