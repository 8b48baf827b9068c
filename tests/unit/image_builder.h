/* SPDX-License-Identifier: Apache-2.0
 *
 * image_builder.h - a small assembler for images, so that the runtime can be tested without the
 * compiler and with code that no compiler would write. It lays out sections and computes claims by
 * format/cost.h; what it is told to put into records it puts there unchecked. */
#ifndef MST_TEST_IMAGE_BUILDER_H
#define MST_TEST_IMAGE_BUILDER_H

#include "format/layout.h"
#include "format/operand.h"
#include "muster/muster.h"

#define BUILDER_SECTION_BYTES 16384
#define BUILDER_BLOCKS 64
#define BUILDER_CODE 1024

/* Slots are named by class and number until image_finish() knows where they lie. */
#define FACT(n) (0x10000u | (unsigned)(n))
#define NOW 0x20000u
#define CONST(n) (0x30000u | (unsigned)(n))
#define RESULT(n) (0x40000u | (unsigned)(n))
#define REG(n) (0x50000u | (unsigned)(n))
#define NONE MST_NO_INDEX

struct builder_section {
    unsigned char bytes[BUILDER_SECTION_BYTES];
    uint32_t len;
};

struct builder_op {
    uint32_t op, x, a, b, c;
};

struct builder_block {
    uint32_t kind, type, first_op, op_count, register_count, result;
};

struct builder {
    struct builder_section section[MST_SECTION_COUNT];
    struct builder_block blocks[BUILDER_BLOCKS];
    struct builder_op ops[BUILDER_CODE];
    uint32_t block_count, op_count, result_count;
    uint32_t fact_slots, site_count, max_text, subject;
    uint32_t result_types[2 * BUILDER_BLOCKS];
    unsigned char image[MST_SECTION_COUNT * BUILDER_SECTION_BYTES];
    uint32_t image_len;
};

void builder_begin(struct builder *b);
uint32_t builder_string(struct builder *b, const char *text);
/* Appends `count` u32 fields to a section; returns the record's number by `record_bytes`. */
uint32_t builder_record(struct builder *b, enum mst_section section, uint32_t record_bytes,
                        const uint32_t *fields, uint32_t count);
void builder_u32(struct builder *b, enum mst_section section, uint32_t value);
void builder_u64(struct builder *b, enum mst_section section, uint64_t value);
/* An enum with members "a", "b", … as given, each its own spelling. */
uint32_t builder_enum(struct builder *b, const char *name, const char *const *members,
                      uint32_t count);
uint32_t builder_group(struct builder *b, const char *name, uint32_t observed_fact,
                       int64_t stale_after_s);
/* A plain fact in its own slot; returns its index. */
uint32_t builder_fact(struct builder *b, const char *name, uint32_t type);
/* A list, and its one element described as a scalar. */
uint32_t builder_list(struct builder *b, const char *name, uint32_t capacity, uint32_t type);
uint32_t builder_const(struct builder *b, uint32_t type, uint64_t value);
uint32_t builder_const_text(struct builder *b, const char *text);

/* Begins a block; instructions that follow are its own. Its result is RESULT(n) by number. */
uint32_t builder_block(struct builder *b, enum mst_block_kind kind, uint32_t type,
                       uint32_t register_count);
void builder_op(struct builder *b, enum mst_opcode op, uint32_t x, uint32_t a, uint32_t bb,
                uint32_t c);
/* An instruction with a 32-bit immediate. */
void builder_wide(struct builder *b, enum mst_opcode op, uint32_t a, uint32_t wide);
/* a := a result of a block: 0, its value or outcome; 1, its check or case. */
void builder_call(struct builder *b, uint32_t a, uint32_t which, uint32_t block);

/* A verdict over a block; checks and cases are added by builder_check() and builder_case() in
 * the order of the verdicts, before it. */
struct builder_verdict {
    const char *name;
    uint32_t flags, block, advise, check_count, advice_count, case_count, outcomes_enum;
    uint32_t labels[3];
    uint32_t check_enum;
};
uint32_t builder_param(struct builder *b, const char *name, uint32_t type, const char *value);
uint32_t builder_check(struct builder *b, const char *name, uint32_t reason, uint32_t because);
uint32_t builder_case(struct builder *b, uint32_t member, uint32_t because, uint32_t field_count,
                      uint32_t cause);
void builder_verdict(struct builder *b, const struct builder_verdict *verdict);

/* Lays out the image in b->image. */
void builder_finish(struct builder *b);
/* The offset in b->image of a record. */
uint32_t builder_offset(const struct builder *b, enum mst_section section);

#endif
