/* SPDX-License-Identifier: Apache-2.0
 *
 * image_builder.c - see image_builder.h. */
#include "image_builder.h"

#include <string.h>

#include "format/bytes.h"
#include "format/cost.h"
#include "format/limits.h"

static const uint32_t record_bytes[MST_SECTION_COUNT] = {
#define MST_SECTION(number, name, bytes, doc) [number] = (bytes),
    MST_SECTIONS(MST_SECTION)
#undef MST_SECTION
};

void builder_begin(struct builder *b)
{
    memset(b, 0, sizeof *b);
    b->max_text = MST_DEFAULT_TEXT_BYTES;
    b->subject = NONE;
    builder_string(b, "");
}

void builder_u32(struct builder *b, enum mst_section section, uint32_t value)
{
    struct builder_section *s = &b->section[section];
    mst_store_u32(s->bytes + s->len, value);
    s->len += 4;
}

void builder_u64(struct builder *b, enum mst_section section, uint64_t value)
{
    builder_u32(b, section, (uint32_t)value);
    builder_u32(b, section, (uint32_t)(value >> 32));
}

uint32_t builder_record(struct builder *b, enum mst_section section, uint32_t bytes,
                        const uint32_t *fields, uint32_t count)
{
    const uint32_t index = b->section[section].len / bytes;
    for (uint32_t i = 0; i < bytes / 4; i++)
        builder_u32(b, section, i < count ? fields[i] : 0);
    return index;
}

#define RECORD(b, section, ...)                                                                    \
    builder_record(b, section, record_bytes[section], (const uint32_t[]){__VA_ARGS__},             \
                   sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

uint32_t builder_string(struct builder *b, const char *text)
{
    struct builder_section *bytes = &b->section[MST_SECTION_BYTES];
    const uint32_t len = (uint32_t)strlen(text);
    const uint32_t offset = bytes->len;
    memcpy(bytes->bytes + offset, text, len);
    bytes->len += len;
    return RECORD(b, MST_SECTION_STRINGS, offset, len);
}

uint32_t builder_enum(struct builder *b, const char *name, const char *const *members,
                      uint32_t count)
{
    const uint32_t first_member = b->section[MST_SECTION_MEMBERS].len / 4;
    const uint32_t first_spelling = b->section[MST_SECTION_SPELLINGS].len / 8;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t string = builder_string(b, members[i]);
        builder_u32(b, MST_SECTION_MEMBERS, string);
        RECORD(b, MST_SECTION_SPELLINGS, string, i);
    }
    return RECORD(b, MST_SECTION_ENUMS, builder_string(b, name), first_member, count,
                  first_spelling, count);
}

uint32_t builder_group(struct builder *b, const char *name, uint32_t observed_fact,
                       int64_t stale_after_s)
{
    const uint32_t string = builder_string(b, name);
    return RECORD(b, MST_SECTION_GROUPS, string, string, 0, observed_fact,
                  (uint32_t)(uint64_t)stale_after_s, (uint32_t)((uint64_t)stale_after_s >> 32));
}

static uint32_t add_fact(struct builder *b, const char *name, uint32_t type, uint32_t parent,
                         uint32_t capacity, uint32_t stride)
{
    const uint32_t string = builder_string(b, name);
    const uint32_t group = b->section[MST_SECTION_GROUPS].len / 32 - 1;
    return RECORD(b, MST_SECTION_FACTS, string, string, 0, group, type, b->fact_slots, parent,
                  capacity, stride, type == MST_TYPE_TEXT ? b->max_text : 0, 0);
}

static void add_slot(struct builder *b, uint32_t type, uint32_t cause)
{
    RECORD(b, MST_SECTION_SLOTS, type, cause);
}

uint32_t builder_fact(struct builder *b, const char *name, uint32_t type)
{
    const uint32_t fact = add_fact(b, name, type, NONE, 0, 0);
    add_slot(b, type, fact);
    b->fact_slots++;
    return fact;
}

uint32_t builder_list(struct builder *b, const char *name, uint32_t capacity, uint32_t type)
{
    const uint32_t list = add_fact(b, name, MST_TYPE_LIST, NONE, capacity, 0);
    add_slot(b, MST_TYPE_LIST, list);
    b->fact_slots++;
    add_fact(b, name, type, list, 0, 1);
    for (uint32_t i = 0; i < capacity; i++)
        add_slot(b, type, list);
    b->fact_slots += capacity;
    return list;
}

uint32_t builder_const(struct builder *b, uint32_t type, uint64_t value)
{
    return RECORD(b, MST_SECTION_CONSTS, (uint32_t)value, (uint32_t)(value >> 32), type);
}

uint32_t builder_const_text(struct builder *b, const char *text)
{
    return builder_const(b, MST_TYPE_TEXT, builder_string(b, text));
}

/* ---- code ---------------------------------------------------------------------------------- */

uint32_t builder_block(struct builder *b, enum mst_block_kind kind, uint32_t type,
                       uint32_t register_count)
{
    const uint32_t width = kind == MST_BLOCK_VALUE ? 1 : kind <= MST_BLOCK_DECISION ? 2 : 0;
    struct builder_block *block = &b->blocks[b->block_count];
    *block = (struct builder_block){
        .kind = kind,
        .type = type,
        .first_op = b->op_count,
        .register_count = register_count,
        .result = width > 0 ? b->result_count : NONE,
    };
    if (width > 0)
        b->result_types[b->result_count] = type;
    if (width > 1)
        b->result_types[b->result_count + 1] = MST_TYPE_INT;
    b->result_count += width;
    return b->block_count++;
}

void builder_op(struct builder *b, enum mst_opcode op, uint32_t x, uint32_t a, uint32_t bb,
                uint32_t c)
{
    b->ops[b->op_count++] = (struct builder_op){op, x, a, bb, c};
    b->blocks[b->block_count - 1].op_count++;
}

void builder_wide(struct builder *b, enum mst_opcode op, uint32_t a, uint32_t wide)
{
    builder_op(b, op, 0, a, wide & 0xffff, wide >> 16);
}

void builder_call(struct builder *b, uint32_t a, uint32_t which, uint32_t block)
{
    builder_op(b, MST_OP_CALL, which, a, block & 0xffff, block >> 16);
}

/* ---- verdicts ------------------------------------------------------------------------------ */

uint32_t builder_param(struct builder *b, const char *name, uint32_t type, const char *value)
{
    return RECORD(b, MST_SECTION_PARAMS, builder_string(b, name), type, builder_string(b, value),
                  0);
}

uint32_t builder_check(struct builder *b, const char *name, uint32_t reason, uint32_t because)
{
    return RECORD(b, MST_SECTION_CHECKS, builder_string(b, name), 0, reason, NONE, NONE, because);
}

uint32_t builder_case(struct builder *b, uint32_t member, uint32_t because, uint32_t field_count,
                      uint32_t cause)
{
    const uint32_t first_field = b->section[MST_SECTION_FIELDS].len / 8 - field_count;
    return RECORD(b, MST_SECTION_CASES, member, NONE, because, first_field, field_count, cause);
}

void builder_verdict(struct builder *b, const struct builder_verdict *v)
{
    const uint32_t checks = b->section[MST_SECTION_CHECKS].len / 28;
    const uint32_t cases = b->section[MST_SECTION_CASES].len / 28;
    const bool policy = (v->flags & 1) != 0;
    const uint32_t fields[24] = {
        [0] = builder_string(b, v->name),
        [3] = v->flags,
        [4] = v->block,
        [5] = v->advise,
        [6] = checks - v->check_count - v->advice_count,
        [7] = v->check_count,
        [8] = checks - v->advice_count,
        [9] = v->advice_count,
        [10] = cases - v->case_count,
        [11] = v->case_count,
        [12] = v->outcomes_enum,
        [13] = policy ? builder_string(b, "passed") : 0,
        [14] = policy ? builder_string(b, "failed") : 0,
        [15] = policy ? builder_string(b, "open") : 0,
        [16] = v->labels[0],
        [17] = v->labels[1],
        [18] = v->labels[2],
        [22] = v->check_enum,
    };
    builder_record(b, MST_SECTION_VERDICTS, 96, fields, 24);
    if (v->check_enum != NONE)
        b->result_types[b->blocks[v->block].result + 1] = MST_CODE_ENUM + v->check_enum;
}

/* ---- claims -------------------------------------------------------------------------------- */

static uint32_t field(const struct builder *b, enum mst_section section, uint32_t i, uint32_t at)
{
    return mst_load_u32(b->section[section].bytes + i * record_bytes[section] + at);
}

static uint16_t resolve(const struct builder *b, uint32_t ref, uint32_t first_register)
{
    const uint32_t consts = b->section[MST_SECTION_CONSTS].len / 16;
    const uint32_t n = ref & 0xffff;
    switch (ref >> 16) {
    case 2: return (uint16_t)b->fact_slots;
    case 3: return (uint16_t)(b->fact_slots + 1 + n);
    case 4: return (uint16_t)(b->fact_slots + 1 + consts + n);
    case 5: return (uint16_t)(first_register + n);
    default: return (uint16_t)n;
    }
}

struct claims {
    uint64_t own, calls, output;
    uint32_t depth;
    bool timed;
};

static uint64_t rounds_of(const struct builder *b, const struct builder_op *op)
{
    if (op->op == MST_OP_LOOP_UP || op->op == MST_OP_LOOP_DOWN)
        return mst_cost_table_rounds(field(b, MST_SECTION_TABLES, op->b, MST_TABLE_MAX_ROWS));
    return mst_cost_list_rounds(field(b, MST_SECTION_FACTS, op->b, MST_FACT_CAPACITY));
}

static void claim_op(struct builder *b, const struct builder_op *op, uint64_t rounds,
                     struct claims *claims)
{
    const uint32_t wide = (op->b & 0xffff) | op->c << 16;
    claims->own += mst_cost_instruction(op->op, op->x, b->max_text) * rounds;
    if (op->op == MST_OP_EMIT_TEXT)
        claims->output += rounds * field(b, MST_SECTION_STRINGS, wide, MST_STRING_LEN);
    if (op->op == MST_OP_EMIT)
        claims->output += rounds * mst_cost_emit_bytes(op->c, b->max_text);
    if (op->op == MST_OP_FRESH || op->op == MST_OP_FLIP || op->op == MST_OP_BUILTIN_RISE)
        claims->timed = true;
    if (op->op != MST_OP_CALL)
        return;
    const unsigned char *callee = b->section[MST_SECTION_BLOCKS].bytes + wide * 48;
    claims->calls += mst_load_u64(callee + MST_BLOCK_STEPS);
    claims->timed |= mst_load_u32(callee + MST_BLOCK_FLAGS) != 0;
    if (claims->depth <= mst_load_u32(callee + MST_BLOCK_DEPTH))
        claims->depth = mst_load_u32(callee + MST_BLOCK_DEPTH) + 1;
}

static struct claims claim_block(struct builder *b, const struct builder_block *block)
{
    struct claims claims = {.depth = 1};
    uint64_t rounds[16] = {1};
    uint32_t loops = 0;
    for (uint32_t i = block->first_op; i < block->first_op + block->op_count; i++) {
        const struct builder_op *op = &b->ops[i];
        claim_op(b, op, rounds[loops], &claims);
        if ((op->op >= MST_OP_LOOP_UP && op->op <= MST_OP_LOOP_DOWN) ||
            (op->op >= MST_OP_EACH_UP && op->op <= MST_OP_EACH_DOWN)) {
            rounds[loops + 1] = rounds[loops] * rounds_of(b, op);
            loops++;
        } else if ((op->op >= MST_OP_NEXT_UP && op->op <= MST_OP_NEXT_DOWN) ||
                   (op->op >= MST_OP_MORE_UP && op->op <= MST_OP_MORE_DOWN)) {
            loops -= loops > 0;
        }
    }
    return claims;
}

static void write_block(struct builder *b, const struct builder_block *block,
                        uint32_t first_register, uint64_t *before)
{
    const struct claims claims = claim_block(b, block);
    const uint64_t steps = mst_cost_block_steps(claims.own, claims.calls, *before);
    RECORD(b, MST_SECTION_BLOCKS, block->first_op, block->op_count, block->kind, block->type,
           block->result == NONE ? NONE : resolve(b, RESULT(block->result), 0), first_register,
           block->register_count, claims.depth, claims.timed, (uint32_t)claims.output,
           (uint32_t)steps, (uint32_t)(steps >> 32));
    if (mst_cost_is_memoised(block->kind))
        *before += claims.own;
    for (uint32_t i = block->first_op; i < block->first_op + block->op_count; i++) {
        const struct builder_op *op = &b->ops[i];
        const struct mst_instruction in = {
            (uint8_t)op->op,
            (uint8_t)op->x,
            resolve(b, op->a, first_register),
            resolve(b, op->b, first_register),
            resolve(b, op->c, first_register),
        };
        builder_u64(b, MST_SECTION_CODE, mst_instruction_pack(in));
    }
}

struct sum {
    uint64_t steps, output;
};

static void add_block(const struct builder *b, uint32_t block, struct sum *sum)
{
    if (block == NONE)
        return;
    const unsigned char *record = b->section[MST_SECTION_BLOCKS].bytes + block * 48;
    sum->steps += mst_load_u64(record + MST_BLOCK_STEPS);
    if (sum->output < mst_load_u32(record + MST_BLOCK_OUTPUT))
        sum->output = mst_load_u32(record + MST_BLOCK_OUTPUT);
}

static void add_field(const struct builder *b, uint32_t block, struct sum *sum)
{
    const uint32_t type = field(b, MST_SECTION_BLOCKS, block, MST_BLOCK_TYPE);
    const uint64_t output = mst_cost_emit_bytes(type, b->max_text);
    add_block(b, block, sum);
    if (sum->output < output)
        sum->output = output;
}

static void merge(struct sum *total, struct sum most)
{
    total->steps += most.steps;
    if (total->output < most.output)
        total->output = most.output;
}

static void keep_most(struct sum *most, struct sum sum)
{
    if (most->steps < sum.steps)
        most->steps = sum.steps;
    if (most->output < sum.output)
        most->output = sum.output;
}

static void claim_verdict(struct builder *b, unsigned char *v)
{
    struct sum total = {0, MST_MAX_NAME_BYTES}, most = {0};
    add_block(b, mst_load_u32(v + MST_VERDICT_BLOCK), &total);
    add_block(b, mst_load_u32(v + MST_VERDICT_ADVISE), &total);
    for (uint32_t i = 0; i < 3; i++) {
        struct sum sum = {0};
        add_block(b, mst_load_u32(v + MST_VERDICT_LABELS + i * 4), &sum);
        keep_most(&most, sum);
    }
    merge(&total, most);
    most = (struct sum){0};
    const uint32_t first = mst_load_u32(v + MST_VERDICT_FIRST_CHECK);
    const uint32_t checks = mst_load_u32(v + MST_VERDICT_CHECK_COUNT);
    const uint32_t advices = mst_load_u32(v + MST_VERDICT_ADVICE_COUNT);
    for (uint32_t i = 0; i < checks + advices; i++) {
        struct sum sum = {0};
        for (uint32_t at = MST_CHECK_TEXTS; at <= MST_CHECK_BECAUSE; at += 4)
            add_block(b, field(b, MST_SECTION_CHECKS, first + i, at), &sum);
        if (i < checks)
            keep_most(&most, sum);
        else
            merge(&total, sum);
    }
    merge(&total, most);
    most = (struct sum){0};
    for (uint32_t i = 0; i < mst_load_u32(v + MST_VERDICT_CASE_COUNT); i++) {
        const uint32_t n = mst_load_u32(v + MST_VERDICT_FIRST_CASE) + i;
        const uint32_t first_field = field(b, MST_SECTION_CASES, n, MST_CASE_FIRST_FIELD);
        struct sum sum = {0};
        add_block(b, field(b, MST_SECTION_CASES, n, MST_CASE_LABEL), &sum);
        add_block(b, field(b, MST_SECTION_CASES, n, MST_CASE_BECAUSE), &sum);
        for (uint32_t k = 0; k < field(b, MST_SECTION_CASES, n, MST_CASE_FIELD_COUNT); k++)
            add_field(b, field(b, MST_SECTION_FIELDS, first_field + k, MST_FIELD_BLOCK), &sum);
        keep_most(&most, sum);
    }
    merge(&total, most);
    mst_store_u32(v + MST_VERDICT_OUTPUT, (uint32_t)total.output);
    mst_store_u64(v + MST_VERDICT_STEPS, total.steps);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void write_meta(struct builder *b, uint32_t registers)
{
    const uint32_t meta[28] = {
        [0] = builder_string(b, "test"),
        [1] = builder_string(b, "1.0"),
        [3] = b->subject,
        [4] = 0xffffffffu,
        [5] = 0x7fffffffu,
        [6] = b->max_text,
        [7] = b->fact_slots,
        [8] = b->section[MST_SECTION_CONSTS].len / 16,
        [9] = b->result_count,
        [10] = registers,
        [11] = b->site_count,
    };
    builder_record(b, MST_SECTION_META, 112, meta, 28);
}

static void write_sections(struct builder *b)
{
    uint32_t end = MST_HEADER_BYTES + MST_SECTION_COUNT * MST_ENTRY_SIZE;
    unsigned char *image = b->image;
    for (uint32_t id = 0; id < MST_SECTION_COUNT; id++) {
        unsigned char *entry = image + MST_HEADER_BYTES + id * MST_ENTRY_SIZE;
        const uint32_t len = b->section[id].len;
        end = (end + 7) / 8 * 8;
        mst_store_u32(entry + MST_ENTRY_ID, id);
        mst_store_u32(entry + MST_ENTRY_OFFSET, end);
        mst_store_u32(entry + MST_ENTRY_COUNT, len / record_bytes[id]);
        mst_store_u32(entry + MST_ENTRY_BYTES, len);
        memcpy(image + end, b->section[id].bytes, len);
        end += len;
    }
    memcpy(image, MST_IMAGE_MAGIC, 8);
    mst_store_u16(image + MST_HEADER_MAJOR, MST_IMAGE_MAJOR);
    mst_store_u16(image + MST_HEADER_MINOR, MST_IMAGE_MINOR);
    mst_store_u32(image + MST_HEADER_BYTE_COUNT, end);
    mst_store_u32(image + MST_HEADER_SECTION_COUNT, MST_SECTION_COUNT);
    b->image_len = end;
}

void builder_finish(struct builder *b)
{
    const uint32_t consts = b->section[MST_SECTION_CONSTS].len / 16;
    const uint32_t first_register = b->fact_slots + 1 + consts + b->result_count;
    uint32_t registers = 0;
    uint64_t before = 0;
    add_slot(b, MST_TYPE_TIME, NONE);
    for (uint32_t i = 0; i < consts; i++)
        add_slot(b, field(b, MST_SECTION_CONSTS, i, MST_CONST_TYPE), NONE);
    for (uint32_t i = 0; i < b->result_count; i++)
        add_slot(b, b->result_types[i], NONE);
    for (uint32_t i = 0; i < b->block_count; i++) {
        write_block(b, &b->blocks[i], first_register + registers, &before);
        registers += b->blocks[i].register_count;
    }
    for (uint32_t i = 0; i < b->section[MST_SECTION_VERDICTS].len; i += 96)
        claim_verdict(b, b->section[MST_SECTION_VERDICTS].bytes + i);
    write_meta(b, registers);
    write_sections(b);
}

uint32_t builder_offset(const struct builder *b, enum mst_section section)
{
    return mst_load_u32(b->image + MST_HEADER_BYTES + section * MST_ENTRY_SIZE + MST_ENTRY_OFFSET);
}
