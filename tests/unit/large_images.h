/* SPDX-License-Identifier: Apache-2.0
 *
 * large_images.h - images of a megabyte, each as costly to verify as one part of the format lets
 * it be: what a hostile author would choose. All are put together from the sections of a small
 * one; a table at the end names them. */
#ifndef MST_TEST_LARGE_IMAGES_H
#define MST_TEST_LARGE_IMAGES_H

#include "../fuzz/image_parts.h"
#include "image_builder.c"

#define LARGE_BYTES (1u << 20)
#define LARGE_ROOM (LARGE_BYTES + 4096) /* that the small image is */

/* The slots of the small image. */
#define LARGE_BOOL 0u
#define LARGE_LIST 1u /* the fact; its element is the next one */
#define LARGE_FACT_SLOTS 3u
#define LARGE_TRUE 4u /* a constant */
#define LARGE_TEXT 5u
#define LARGE_FIRST_RESULT 6u

static inline void large_base(struct parts *parts)
{
    static struct builder b;
    const char *const members[] = {"yes", "no"};
    builder_begin(&b);
    b.max_text = MST_MAX_TEXT_BYTES;
    builder_enum(&b, "e", members, 2);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", MST_TYPE_BOOL);
    builder_list(&b, "g.xs", 1, MST_TYPE_INT);
    builder_const(&b, MST_TYPE_BOOL, 1);
    builder_const_text(&b, "text");
    builder_finish(&b);
    FUZZ_EXPECT(split_image(b.image, b.image_len, parts));
}

/* Room for `count` more records of a section, all zero; the first of them. */
static inline unsigned char *large_grow(struct parts *parts, uint32_t id, uint32_t count)
{
    struct part *part = find_part(parts, id);
    FUZZ_EXPECT(part);
    const uint32_t bytes = bytes_of_record(id) * count;
    if (part->room < part->len + bytes + PART_SLACK) {
        part->room = 2 * (part->len + bytes + PART_SLACK);
        part->bytes = realloc(part->bytes, part->room);
        FUZZ_EXPECT(part->bytes);
    }
    unsigned char *first = part->bytes + part->len;
    memset(first, 0, bytes + PART_SLACK);
    part->count += count;
    part->len += bytes;
    return first;
}

static inline uint32_t large_count(struct parts *parts, uint32_t id)
{
    return find_part(parts, id)->count;
}

static inline void large_meta(struct parts *parts, uint32_t field, uint32_t value)
{
    mst_store_u32(record_at(parts, MST_SECTION_META, 0) + field, value);
}

/* ---- code ---------------------------------------------------------------------------------- */

/* The instruction `pc` of a block of `count`. */
typedef uint64_t large_code(uint32_t pc, uint32_t count);

static inline uint64_t large_op(uint32_t op, uint32_t a, uint32_t b, uint32_t c)
{
    return mst_instruction_pack((struct mst_instruction){
        .op = (uint8_t)op, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c});
}

static inline uint64_t large_jump(uint32_t distance)
{
    return large_op(MST_OP_JUMP_TRUE, LARGE_BOOL, distance & 0xffff, distance >> 16);
}

/* A block of messages, which has no result and no owner. */
static inline void large_block(struct parts *parts, uint32_t count, large_code *code)
{
    const uint32_t first = large_count(parts, MST_SECTION_CODE);
    unsigned char *block = large_grow(parts, MST_SECTION_BLOCKS, 1);
    mst_store_u32(block + MST_BLOCK_FIRST, first);
    mst_store_u32(block + MST_BLOCK_COUNT, count);
    mst_store_u32(block + MST_BLOCK_KIND, MST_BLOCK_MESSAGE);
    mst_store_u32(block + MST_BLOCK_RESULT, MST_NO_INDEX);
    mst_store_u32(block + MST_BLOCK_FIRST_REGISTER, LARGE_FIRST_RESULT);
    mst_store_u32(block + MST_BLOCK_REGISTER_COUNT, MST_MAX_BLOCK_REGISTERS);
    unsigned char *at = large_grow(parts, MST_SECTION_CODE, count);
    for (uint32_t pc = 0; pc < count; pc++)
        mst_store_u64(at + (size_t)pc * 8, pc + 1 == count ? MST_OP_RET : code(pc, count));
}

static inline void large_message(struct parts *parts, large_code *code)
{
    large_meta(parts, MST_META_REGISTER_SLOTS, MST_MAX_BLOCK_REGISTERS);
    large_block(parts, MST_MAX_BLOCK_INSTRUCTIONS, code);
    large_block(parts, MST_MAX_BLOCK_INSTRUCTIONS, code);
}

/* As many jumps open as may be, and then all to the farthest of their targets. */
static inline uint64_t far_jump(uint32_t pc, uint32_t count)
{
    const uint32_t open = MST_MAX_JUMP_DEPTH;
    const uint32_t nearest = count - open - 2;
    if (pc >= nearest)
        return large_op(MST_OP_MOVE, LARGE_FIRST_RESULT, LARGE_BOOL, 0);
    return large_jump((pc < open ? count - 1 - pc : count - 1) - pc - 1);
}

/* Each jump to a place of its own, the farthest of those that are open. */
static inline uint64_t sliding_jump(uint32_t pc, uint32_t count)
{
    const uint32_t target = pc + MST_MAX_JUMP_DEPTH;
    return large_jump((target < count ? target : count - 1) - pc - 1);
}

static inline uint64_t tiny_loop(uint32_t pc, uint32_t count)
{
    if ((pc | 1) + 1 >= count)
        return large_op(MST_OP_MOVE, LARGE_FIRST_RESULT, LARGE_BOOL, 0);
    return pc % 2 == 0 ? large_op(MST_OP_EACH_UP, LARGE_FIRST_RESULT, LARGE_LIST, 1)
                       : large_op(MST_OP_MORE_UP, LARGE_FIRST_RESULT, LARGE_LIST, 0);
}

static inline uint64_t compare(uint32_t pc, uint32_t count)
{
    (void)count;
    return large_op(MST_OP_EQ_TEXT, LARGE_FIRST_RESULT + pc % 256, LARGE_TEXT, LARGE_TEXT);
}

static inline void far_jumps(struct parts *parts)
{
    large_message(parts, far_jump);
}

static inline void sliding_jumps(struct parts *parts)
{
    large_message(parts, sliding_jump);
}

static inline void tiny_loops(struct parts *parts)
{
    large_message(parts, tiny_loop);
}

static inline void compares(struct parts *parts)
{
    large_message(parts, compare);
}

/* Of one instruction each. */
static inline void tiny_blocks(struct parts *parts)
{
    large_meta(parts, MST_META_REGISTER_SLOTS, MST_MAX_BLOCK_REGISTERS);
    for (uint32_t i = 0; i < LARGE_BYTES / 56; i++)
        large_block(parts, 1, compare);
}

/* ---- verdicts ------------------------------------------------------------------------------ */

static inline void store_block(unsigned char *block, uint32_t pc, uint32_t kind, uint32_t result)
{
    mst_store_u32(block + MST_BLOCK_FIRST, pc);
    mst_store_u32(block + MST_BLOCK_COUNT, 1);
    mst_store_u32(block + MST_BLOCK_KIND, kind);
    mst_store_u32(block + MST_BLOCK_RESULT, result);
}

/* Verdicts in the reverse order of their blocks, each with a policy and its advice. */
static inline void many_verdicts(struct parts *parts)
{
    const uint32_t count = MST_MAX_VERDICTS;
    unsigned char *verdicts = large_grow(parts, MST_SECTION_VERDICTS, count);
    unsigned char *blocks = large_grow(parts, MST_SECTION_BLOCKS, 2 * count);
    unsigned char *code = large_grow(parts, MST_SECTION_CODE, 2 * count);
    unsigned char *slots = large_grow(parts, MST_SECTION_SLOTS, 2 * count);
    large_meta(parts, MST_META_RESULT_SLOTS, 2 * count);
    for (uint32_t i = 0; i < count; i++) {
        unsigned char *verdict = verdicts + (size_t)(count - 1 - i) * 96;
        mst_store_u32(verdict + MST_VERDICT_FLAGS, 1);
        mst_store_u32(verdict + MST_VERDICT_BLOCK, 2 * i);
        mst_store_u32(verdict + MST_VERDICT_ADVISE, 2 * i + 1);
        for (uint32_t label = 0; label < 3; label++)
            mst_store_u32(verdict + MST_VERDICT_LABELS + label * 4, MST_NO_INDEX);
        mst_store_u32(verdict + MST_VERDICT_CHECK_ENUM, MST_NO_INDEX);
        unsigned char *block = blocks + (size_t)i * 96;
        store_block(block, 2 * i, MST_BLOCK_POLICY, LARGE_FIRST_RESULT + 2 * i);
        store_block(block + 48, 2 * i + 1, MST_BLOCK_ADVICE, MST_NO_INDEX);
        for (uint32_t k = 0; k < 2; k++) {
            mst_store_u32(block + (size_t)k * 48 + MST_BLOCK_FIRST_REGISTER,
                          LARGE_FIRST_RESULT + 2 * count);
            mst_store_u32(slots + (size_t)(2 * i + k) * 8, k == 0 ? MST_CODE_ENUM : MST_TYPE_INT);
            mst_store_u32(slots + (size_t)(2 * i + k) * 8 + MST_SLOT_CAUSE, MST_NO_INDEX);
        }
        mst_store_u64(code + (size_t)i * 16, MST_OP_PASS);
        mst_store_u64(code + (size_t)i * 16 + 8, MST_OP_RET);
    }
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Strings of the greatest length that share their bytes: an `a` less in each. */
static inline uint32_t long_strings(struct parts *parts, uint32_t count)
{
    const uint32_t first = large_count(parts, MST_SECTION_STRINGS);
    const uint32_t begin = large_count(parts, MST_SECTION_BYTES);
    unsigned char *bytes = large_grow(parts, MST_SECTION_BYTES, MST_MAX_TEXT_BYTES + count);
    memset(bytes, 'a', MST_MAX_TEXT_BYTES);
    memset(bytes + MST_MAX_TEXT_BYTES, 'b', count);
    unsigned char *strings = large_grow(parts, MST_SECTION_STRINGS, count);
    for (uint32_t i = 0; i < count; i++) {
        mst_store_u32(strings + (size_t)i * 8 + MST_STRING_OFFSET, begin + i);
        mst_store_u32(strings + (size_t)i * 8 + MST_STRING_LEN, MST_MAX_TEXT_BYTES);
    }
    return first;
}

static inline unsigned char *large_table(struct parts *parts, uint32_t rows, uint32_t type,
                                         uint32_t flags)
{
    unsigned char *table = large_grow(parts, MST_SECTION_TABLES, 1);
    mst_store_u32(table + MST_TABLE_ROW_COUNT, rows);
    mst_store_u32(table + MST_TABLE_MAX_ROWS, rows);
    mst_store_u32(table + MST_TABLE_FIRST_COLUMN, large_count(parts, MST_SECTION_COLUMNS));
    mst_store_u32(table + MST_TABLE_COLUMN_COUNT, 1);
    mst_store_u32(table + MST_TABLE_KEY, MST_NO_INDEX);
    unsigned char *column = large_grow(parts, MST_SECTION_COLUMNS, 1);
    mst_store_u32(column + MST_COLUMN_TYPE, type);
    mst_store_u32(column + MST_COLUMN_FIRST_CELL, large_count(parts, MST_SECTION_CELLS));
    mst_store_u32(column + MST_COLUMN_FIRST_KNOWN, MST_NO_INDEX);
    mst_store_u32(column + MST_COLUMN_FLAGS, flags);
    return table;
}

/* Keys of 4,096 bytes that agree but for the last ones. */
static inline void long_keys(struct parts *parts)
{
    const uint32_t rows = 64;
    const uint32_t first = long_strings(parts, rows);
    for (uint32_t t = 0; t < LARGE_BYTES / (12 * rows + 52) - 8; t++) {
        unsigned char *table = large_table(parts, rows, MST_TYPE_TEXT, 0);
        mst_store_u32(table + MST_TABLE_KEY, 0);
        mst_store_u32(table + MST_TABLE_FIRST_ORDER, large_count(parts, MST_SECTION_ORDERS));
        unsigned char *cells = large_grow(parts, MST_SECTION_CELLS, rows);
        unsigned char *orders = large_grow(parts, MST_SECTION_ORDERS, rows);
        for (uint32_t i = 0; i < rows; i++) {
            mst_store_u64(cells + (size_t)i * 8, first + i);
            mst_store_u32(orders + (size_t)i * 4, i);
        }
    }
}

/* Texts that ascend, each different from the one before. */
static inline void long_texts(struct parts *parts)
{
    const uint32_t rows = MST_MAX_TEXT_BYTES;
    const uint32_t first = long_strings(parts, rows);
    for (uint32_t t = 0; t < (LARGE_BYTES - 12 * rows) / (8 * rows + 52) - 1; t++) {
        (void)large_table(parts, rows, MST_TYPE_TEXT, 1);
        unsigned char *cells = large_grow(parts, MST_SECTION_CELLS, rows);
        for (uint32_t i = 0; i < rows; i++)
            mst_store_u64(cells + (size_t)i * 8, first + i);
    }
}

static inline void many_rows(struct parts *parts)
{
    const uint32_t rows = 80000;
    unsigned char *table = large_table(parts, rows, MST_TYPE_TIME, 1);
    mst_store_u32(table + MST_TABLE_KEY, 0);
    unsigned char *cells = large_grow(parts, MST_SECTION_CELLS, rows);
    unsigned char *orders = large_grow(parts, MST_SECTION_ORDERS, rows);
    for (uint32_t i = 0; i < rows; i++) {
        mst_store_u64(cells + (size_t)i * 8, i);
        mst_store_u32(orders + (size_t)i * 4, i);
    }
}

/* ---- texts, facts, zones ------------------------------------------------------------------- */

static inline void many_texts(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 16;
    const uint32_t begin = large_count(parts, MST_SECTION_BYTES);
    unsigned char *bytes = large_grow(parts, MST_SECTION_BYTES, count * 8);
    unsigned char *strings = large_grow(parts, MST_SECTION_STRINGS, count);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(bytes + (size_t)i * 8, "\xc3\xa4\xe2\x82\xac\xc3\xb6.", 8);
        mst_store_u32(strings + (size_t)i * 8 + MST_STRING_OFFSET, begin + i * 8);
        mst_store_u32(strings + (size_t)i * 8 + MST_STRING_LEN, 7);
    }
}

static inline void store_slot(unsigned char *slot, uint32_t type, uint32_t cause)
{
    mst_store_u32(slot + MST_SLOT_TYPE, type);
    mst_store_u32(slot + MST_SLOT_CAUSE, cause);
}

/* Chains of records as deep as they may be. */
static inline void many_facts(struct parts *parts)
{
    const uint32_t had = large_count(parts, MST_SECTION_FACTS);
    const uint32_t count = LARGE_BYTES / 56;
    const uint32_t behind = large_count(parts, MST_SECTION_SLOTS) - LARGE_FACT_SLOTS;
    unsigned char *facts = large_grow(parts, MST_SECTION_FACTS, count);
    unsigned char *end = large_grow(parts, MST_SECTION_SLOTS, count);
    unsigned char *first = end - (size_t)behind * 8;
    memmove(first + (size_t)count * 8, first, (size_t)behind * 8);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t depth = i % (MST_MAX_FACT_DEPTH + 1);
        unsigned char *fact = facts + (size_t)i * 48;
        mst_store_u32(fact + MST_FACT_TYPE, MST_TYPE_RECORD);
        mst_store_u32(fact + MST_FACT_SLOT, LARGE_FACT_SLOTS + i);
        mst_store_u32(fact + MST_FACT_PARENT, depth == 0 ? MST_NO_INDEX : had + i - 1);
        store_slot(first + (size_t)i * 8, MST_TYPE_RECORD, had + i);
    }
    large_meta(parts, MST_META_FACT_SLOTS, LARGE_FACT_SLOTS + count);
}

static inline void many_transitions(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 16;
    unsigned char *zone = large_grow(parts, MST_SECTION_ZONES, 1);
    unsigned char *transitions = large_grow(parts, MST_SECTION_TRANSITIONS, count);
    mst_store_u32(zone + MST_ZONE_COUNT, count);
    mst_store_u64(transitions + MST_TRANSITION_AT, (uint64_t)INT64_MIN);
    for (uint32_t i = 1; i < count; i++)
        mst_store_u64(transitions + (size_t)i * 16 + MST_TRANSITION_AT, (uint64_t)i * 86400);
}

static inline void many_spellings(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 8;
    unsigned char *type = record_at(parts, MST_SECTION_ENUMS, 0);
    (void)large_grow(parts, MST_SECTION_SPELLINGS, count);
    mst_store_u32(type + MST_ENUM_SPELLING_COUNT, large_count(parts, MST_SECTION_SPELLINGS));
}

/* ---- what a reader looks up ---------------------------------------------------------------- */

/* Strings of `len` bytes that share them, the next one `step` bytes behind the one before; all
 * bytes are `fill`, but for a number at every step. The first of them. */
static inline uint32_t sliding_strings(struct parts *parts, uint32_t count, uint32_t len,
                                       uint32_t step, char fill)
{
    const uint32_t first = large_count(parts, MST_SECTION_STRINGS);
    const uint32_t begin = large_count(parts, MST_SECTION_BYTES);
    unsigned char *bytes = large_grow(parts, MST_SECTION_BYTES, len + count * step);
    unsigned char *strings = large_grow(parts, MST_SECTION_STRINGS, count);
    memset(bytes, fill, (size_t)len + (size_t)count * step);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < 4 && step > 4; k++)
            bytes[(size_t)i * step + step / 2 + k] = (unsigned char)('A' + (i >> 4 * k & 15));
        mst_store_u32(strings + (size_t)i * 8 + MST_STRING_OFFSET, begin + i * step);
        mst_store_u32(strings + (size_t)i * 8 + MST_STRING_LEN, len);
    }
    return first;
}

/* Spellings of the enum, each a string of its own. */
static inline void add_spellings(struct parts *parts, uint32_t first, uint32_t count)
{
    unsigned char *spellings = large_grow(parts, MST_SECTION_SPELLINGS, count);
    for (uint32_t i = 0; i < count; i++)
        mst_store_u32(spellings + (size_t)i * 8 + MST_SPELLING_TEXT, first + i);
    mst_store_u32(record_at(parts, MST_SECTION_ENUMS, 0) + MST_ENUM_SPELLING_COUNT,
                  large_count(parts, MST_SECTION_SPELLINGS));
}

/* Facts of the record itself, at paths that are strings of their own. */
static inline void add_paths(struct parts *parts, uint32_t first_string, uint32_t count)
{
    const uint32_t had = large_count(parts, MST_SECTION_FACTS);
    const uint32_t behind = large_count(parts, MST_SECTION_SLOTS) - LARGE_FACT_SLOTS;
    unsigned char *facts = large_grow(parts, MST_SECTION_FACTS, count);
    unsigned char *end = large_grow(parts, MST_SECTION_SLOTS, count);
    unsigned char *first = end - (size_t)behind * 8;
    memmove(first + (size_t)count * 8, first, (size_t)behind * 8);
    for (uint32_t i = 0; i < count; i++) {
        unsigned char *fact = facts + (size_t)i * 48;
        mst_store_u32(fact + MST_FACT_PATH, first_string + i);
        mst_store_u32(fact + MST_FACT_TYPE, MST_TYPE_BOOL);
        mst_store_u32(fact + MST_FACT_SLOT, LARGE_FACT_SLOTS + i);
        mst_store_u32(fact + MST_FACT_PARENT, MST_NO_INDEX);
        store_slot(first + (size_t)i * 8, MST_TYPE_BOOL, had + i);
    }
    large_meta(parts, MST_META_FACT_SLOTS, LARGE_FACT_SLOTS + count);
}

/* They agree in length and at both ends. */
static inline void alike_spellings(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 40;
    add_spellings(parts, sliding_strings(parts, count, 48, 24, '.'), count);
}

static inline void alike_paths(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 96;
    add_paths(parts, sliding_strings(parts, count, 48, 24, '_'), count);
}

/* Each as long as half of the image. */
static inline void long_spellings(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 32;
    add_spellings(parts, sliding_strings(parts, count, LARGE_BYTES / 2, 0, 'x'), count);
}

static inline void long_paths(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 128;
    add_paths(parts, sliding_strings(parts, count, LARGE_BYTES / 2, 0, 'x'), count);
}

/* Of as many parts as a path may have. */
static inline void deep_paths(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 65;
    add_paths(parts, sliding_strings(parts, count, 63, 1, '.'), count);
}

/* As many parts, and as much text, as a reader takes. */
static inline void many_parts(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 65;
    add_paths(parts, sliding_strings(parts, count, 14, 1, '.'), count);
}

static inline void much_text(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 32;
    add_spellings(parts, sliding_strings(parts, count, 124, 16, 'x'), count);
}

/* A word that is the same in lower case, and part of one path. */
static inline bool is_plain(uint64_t word)
{
    for (uint32_t i = 0; i < 8; i++) {
        const unsigned char byte = (unsigned char)(word >> 8 * i);
        if (byte >= 0x80 || byte == '.' || (byte >= 'A' && byte <= 'Z'))
            return false;
    }
    return true;
}

/* Of 16 bytes, chosen so that all have one hash in schema.c. */
static inline uint32_t colliding_strings(struct parts *parts, uint32_t count)
{
    const uint64_t factor = 0x9e3779b97f4a7c15u;
    const uint32_t first = sliding_strings(parts, count, 16, 16, 'x');
    unsigned char *bytes = find_part(parts, MST_SECTION_BYTES)->bytes +
                           large_count(parts, MST_SECTION_BYTES) - 16 - (size_t)count * 16;
    const uint64_t digits = 0x00001f1f1f1f1f1fu;
    uint64_t number = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t begin = 0, end = 0;
        do {
            number = (number - digits) & digits; /* the next one whose bits are all among these */
            begin = 0x2020202020202020u | number;
            const uint64_t hash = (begin ^ 16) * factor;
            end = hash ^ hash >> 32 ^ 0x1234567890123456u;
            /* The first of these refuses 255 of 256. */
        } while ((end & 0x8080808080808080u) != 0 || !is_plain(end) || !is_plain(begin));
        mst_store_u64(bytes + (size_t)i * 16, begin);
        mst_store_u64(bytes + (size_t)i * 16 + 8, end);
    }
    return first;
}

static inline void colliding_spellings(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 32;
    add_spellings(parts, colliding_strings(parts, count), count);
}

static inline void colliding_paths(struct parts *parts)
{
    const uint32_t count = LARGE_BYTES / 80;
    add_paths(parts, colliding_strings(parts, count), count);
}

static inline void many_steps(struct parts *parts)
{
    const uint32_t id = mst_section_id(MST_SECTION_SELFTEST), bytes = bytes_of_record(id);
    const uint32_t count = LARGE_BYTES / bytes;
    struct part *part = &parts->list[parts->count++];
    FUZZ_EXPECT(parts->count <= MAX_PARTS);
    *part = (struct part){.id = id};
    unsigned char *steps = large_grow(parts, id, count);
    for (uint32_t i = 0; i < count; i++)
        mst_store_u32(steps + (size_t)i * bytes, i == 0 ? MST_SELFTEST_TEST : MST_SELFTEST_STATE);
}

/* ---- all of them --------------------------------------------------------------------------- */

static const struct large_image {
    const char *name;
    void (*build)(struct parts *parts);
    mst_status status;
    mst_status reader; /* of mst_reader_init() */
} large_images[] = {
    {"compares", compares, MST_OK, MST_OK},
    {"far jumps", far_jumps, MST_OK, MST_OK},
    {"sliding jumps", sliding_jumps, MST_OK, MST_OK},
    {"tiny loops", tiny_loops, MST_OK, MST_OK},
    {"tiny blocks", tiny_blocks, MST_OK, MST_OK},
    {"many verdicts", many_verdicts, MST_OK, MST_OK},
    {"long keys", long_keys, MST_ERR_IMAGE, MST_OK},
    {"long texts", long_texts, MST_ERR_IMAGE, MST_OK},
    {"many rows", many_rows, MST_OK, MST_OK},
    {"many texts", many_texts, MST_OK, MST_OK},
    {"many facts", many_facts, MST_OK, MST_OK},
    {"many transitions", many_transitions, MST_OK, MST_OK},
    {"many spellings", many_spellings, MST_OK, MST_OK},
    {"many steps", many_steps, MST_OK, MST_OK},
    {"alike spellings", alike_spellings, MST_OK, MST_OK},
    {"alike paths", alike_paths, MST_OK, MST_OK},
    {"long spellings", long_spellings, MST_OK, MST_ERR_LIMIT},
    {"long paths", long_paths, MST_OK, MST_ERR_LIMIT},
    {"deep paths", deep_paths, MST_OK, MST_ERR_LIMIT},
    {"many parts", many_parts, MST_OK, MST_OK},
    {"much text", much_text, MST_OK, MST_OK},
    {"colliding paths", colliding_paths, MST_OK, MST_ERR_LIMIT},
    {"colliding spellings", colliding_spellings, MST_OK, MST_ERR_LIMIT},
};

/* The image, in a block of its own; *size is its length. */
static inline unsigned char *large_image(const struct large_image *large, size_t *size)
{
    struct parts parts = {.count = 0};
    unsigned char *bytes = malloc(LARGE_ROOM);
    FUZZ_EXPECT(bytes);
    large_base(&parts);
    large->build(&parts);
    reseal(&parts);
    *size = join_image(&parts, bytes, LARGE_ROOM);
    free_parts(&parts);
    FUZZ_EXPECT(*size > 0);
    return bytes;
}

#endif
