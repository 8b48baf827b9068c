/* SPDX-License-Identifier: Apache-2.0
 *
 * test_image.c - what the verifier accepts and refuses, and that what it accepts cannot harm. */
#include <criterion/criterion.h>
#include <string.h>

#include "format/bytes.h"
#include "image_builder.c"

enum fault {
#define MST_FAULT(number, name, text) FAULT_##name = (number),
#include "format/fault.def"
#undef MST_FAULT
};

static struct builder b;
static _Alignas(8) unsigned char block[1 << 20];

static void build_rich(void);

static uint32_t open_with(const mst_limits *limits)
{
    mst_image image;
    mst_fault why = MST_FAULT_INIT;
    return mst_image_open(&image, b.image, b.image_len, limits, &why) == MST_OK ? 0 : why.id;
}

static uint32_t open_image(void)
{
    return open_with(NULL);
}

/* ---- code ---------------------------------------------------------------------------------- */

/* A value block of bool over g.x (bool), g.n (int), g.xs (list of int), with `registers`. */
static void begin_code(uint32_t registers)
{
    builder_begin(&b);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", MST_TYPE_BOOL);
    builder_fact(&b, "g.n", MST_TYPE_INT);
    builder_list(&b, "g.xs", 4, MST_TYPE_INT);
    builder_const(&b, MST_TYPE_BOOL, 1);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, registers);
}

static void op(enum mst_opcode code, uint32_t a, uint32_t bb, uint32_t c)
{
    builder_op(&b, code, 0, a, bb, c);
}

static uint32_t end_code(void)
{
    op(MST_OP_MOVE, RESULT(0), CONST(0), 0);
    op(MST_OP_RET, 0, 0, 0);
    builder_finish(&b);
    return open_image();
}

Test(image, an_empty_image_opens)
{
    builder_begin(&b);
    builder_finish(&b);
    cr_assert_eq(open_image(), 0);
}

Test(image, operands)
{
    begin_code(2);
    op(MST_OP_NOT, REG(0), FACT(0), 0);
    cr_assert_eq(end_code(), 0);
    begin_code(2);
    op(MST_OP_NOT, REG(0), FACT(1), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_TYPE);
    begin_code(2);
    op(MST_OP_NOT, REG(0), REG(1), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_UNDEFINED);
    begin_code(2);
    op(MST_OP_NOT, FACT(0), FACT(0), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_TARGET);
    begin_code(2);
    op(MST_OP_NOT, REG(2), FACT(0), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_TARGET);
    begin_code(2);
    op(MST_OP_NOT, REG(0), REG(9), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_SLOT);
    begin_code(2);
    op(MST_OP_NOT, REG(0), FACT(0), 1);
    cr_assert_eq(end_code(), FAULT_OPERAND_UNUSED);
    begin_code(2);
    op(MST_OP_EACH_UP, REG(0), 0, 1); /* no list */
    cr_assert_eq(end_code(), FAULT_OPERAND_RANGE);
    begin_code(2);
    op((enum mst_opcode)255, 0, 0, 0);
    cr_assert_eq(end_code(), FAULT_OPCODE);
    begin_code(2);
    op(MST_OP_CHECK, FACT(0), 0, 0);
    cr_assert_eq(end_code(), FAULT_BLOCK_KIND);
}

/* A policy of two checks by one form, over g.x, g.y (bool), g.n (int) and g.e (enum). */
static uint32_t open_checks(enum mst_opcode form, uint32_t c, uint32_t first, uint32_t second)
{
    static const char *const outcomes[] = {"passed", "failed"};
    builder_begin(&b);
    const uint32_t outcome = builder_enum(&b, "p", outcomes, 2);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", MST_TYPE_BOOL);
    builder_fact(&b, "g.y", MST_TYPE_BOOL);
    builder_fact(&b, "g.n", MST_TYPE_INT);
    builder_fact(&b, "g.e", MST_CODE_ENUM + outcome);
    const uint32_t a = form == MST_OP_CHECK_MASK ? FACT(3) : FACT(0);
    const uint32_t policy = builder_block(&b, MST_BLOCK_POLICY, MST_CODE_ENUM + outcome, 1);
    op(form, a, first, c);
    op(form, a, second, c);
    op(MST_OP_PASS, 0, 0, 0);
    builder_check(&b, "one", NONE, NONE);
    builder_check(&b, "two", NONE, NONE);
    builder_verdict(&b, &(struct builder_verdict){.name = "p",
                                                  .flags = 1,
                                                  .block = policy,
                                                  .advise = NONE,
                                                  .check_count = 2,
                                                  .outcomes_enum = outcome,
                                                  .labels = {NONE, NONE, NONE},
                                                  .check_enum = NONE});
    builder_finish(&b);
    return open_image();
}

/* The vm has room for one note of each. */
Test(image, checks_of_every_form_come_once)
{
    static const struct {
        enum mst_opcode form;
        uint32_t good, bad; /* of field c */
    } forms[] = {{MST_OP_CHECK, 0, 0},
                 {MST_OP_CHECK_AND, FACT(1), FACT(2)},
                 {MST_OP_CHECK_OR, FACT(1), FACT(2)},
                 {MST_OP_CHECK_MASK, FACT(2), FACT(1)}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const enum mst_opcode form = forms[i].form;
        cr_expect_eq(open_checks(form, forms[i].good, 0, 1), 0);
        cr_expect_eq(open_checks(form, forms[i].good, 1, 1), FAULT_OPERAND_RANGE);
        cr_expect_eq(open_checks(form, forms[i].good, 0, 2), FAULT_OPERAND_RANGE);
        if (form != MST_OP_CHECK)
            cr_expect_eq(open_checks(form, forms[i].bad, 0, 1), FAULT_OPERAND_TYPE);
        begin_code(2);
        op(form, FACT(0), 0, forms[i].good);
        cr_expect_eq(end_code(), FAULT_BLOCK_KIND);
    }
}

Test(image, jumps)
{
    begin_code(2); /* written in a skipped region, read behind it */
    op(MST_OP_JUMP_TRUE, FACT(0), 1, 0);
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_NOT, REG(1), REG(0), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_UNDEFINED);
    begin_code(2); /* written before as well: good */
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_JUMP_TRUE, FACT(0), 1, 0);
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_NOT, REG(1), REG(0), 0);
    cr_assert_eq(end_code(), 0);
    begin_code(2); /* another type in the region: the older value is gone */
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_JUMP_TRUE, FACT(0), 1, 0);
    op(MST_OP_MOVE, REG(0), FACT(1), 0);
    op(MST_OP_NOT, REG(1), REG(0), 0);
    cr_assert_eq(end_code(), FAULT_OPERAND_UNDEFINED);
    begin_code(2); /* if and else that cross */
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_JUMP_FALSE, FACT(0), 2, 0);
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_JUMP, 0, 1, 0);
    op(MST_OP_MOVE, REG(0), CONST(0), 0);
    op(MST_OP_NOT, REG(1), REG(0), 0);
    cr_assert_eq(end_code(), 0);
    begin_code(2);
    op(MST_OP_JUMP, 0, 2, 0);
    cr_assert_eq(end_code(), FAULT_JUMP);
}

Test(image, loops)
{
    begin_code(3);
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    op(MST_OP_MORE_UP, REG(0), 2, 1);
    cr_assert_eq(end_code(), 0);
    begin_code(3); /* the element is gone behind its loop */
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    op(MST_OP_MORE_UP, REG(0), 2, 1);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    cr_assert_eq(end_code(), FAULT_OPERAND_UNDEFINED);
    begin_code(3); /* the loop's register set in its body: it would not end */
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_MOVE, REG(0), REG(0), 0);
    op(MST_OP_MORE_UP, REG(0), 2, 1);
    cr_assert_eq(end_code(), FAULT_OPERAND_TARGET);
    begin_code(3); /* up and down */
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    op(MST_OP_MORE_DOWN, REG(0), 2, 1);
    cr_assert_eq(end_code(), FAULT_LOOP);
    begin_code(3); /* an end without a beginning */
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    cr_assert_eq(end_code(), FAULT_LOOP);
    begin_code(3); /* a jump into a loop */
    op(MST_OP_JUMP_TRUE, FACT(0), 1, 0);
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_ELEMENT, REG(1), REG(0), 3);
    op(MST_OP_MORE_UP, REG(0), 2, 1);
    cr_assert_eq(end_code(), FAULT_JUMP);
    begin_code(3); /* the second round would read an int as a bool */
    op(MST_OP_MOVE, REG(0), FACT(0), 0);
    op(MST_OP_EACH_UP, REG(1), 2, 3);
    op(MST_OP_NOT, REG(2), REG(0), 0);
    op(MST_OP_MOVE, REG(0), FACT(1), 0);
    op(MST_OP_MORE_UP, REG(1), 2, 2);
    cr_assert_eq(end_code(), FAULT_LOOP_TYPE);
    begin_code(3); /* a register above the loop's own begins it unwritten */
    op(MST_OP_MOVE, REG(2), FACT(0), 0);
    op(MST_OP_EACH_UP, REG(0), 2, 2);
    op(MST_OP_NOT, REG(1), REG(2), 0);
    op(MST_OP_MORE_UP, REG(0), 2, 1);
    cr_assert_eq(end_code(), FAULT_OPERAND_UNDEFINED);
    begin_code(3); /* a register of another type before, not read in the loop: good */
    op(MST_OP_MOVE, REG(2), FACT(0), 0);
    op(MST_OP_EACH_UP, REG(0), 2, 3);
    op(MST_OP_MOVE, REG(2), FACT(1), 0);
    op(MST_OP_ADD, REG(1), REG(2), REG(2));
    op(MST_OP_MORE_UP, REG(0), 2, 2);
    cr_assert_eq(end_code(), 0);
}

Test(image, blocks_end_and_call_downward)
{
    begin_code(1);
    builder_finish(&b);
    cr_assert_eq(open_image(), FAULT_BLOCK_SHAPE);
    begin_code(1);
    op(MST_OP_RET, 0, 0, 0);
    builder_finish(&b);
    cr_assert_eq(open_image(), FAULT_OPERAND_UNDEFINED); /* no result */
    begin_code(1);
    op(MST_OP_MOVE, RESULT(0), CONST(0), 0);
    builder_finish(&b);
    cr_assert_eq(open_image(), FAULT_BLOCK_END);
    begin_code(1);
    builder_call(&b, REG(0), 0, 0); /* itself */
    cr_assert_eq(end_code(), FAULT_CALL);
    static const struct {
        uint32_t which, result, fault;
    } calls[] = {{0, 0, 0}, {1, 0, FAULT_CALL}, {2, 0, FAULT_CALL}, {0, 1, FAULT_OPERAND_SLOT}};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        begin_code(1);
        op(MST_OP_MOVE, RESULT(0), CONST(0), 0);
        op(MST_OP_RET, 0, 0, 0);
        builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 1);
        builder_call(&b, REG(0), calls[i].which, 0);
        op(MST_OP_MOVE, RESULT(1), calls[i].result != 0 ? RESULT(0) : REG(0), 0);
        op(MST_OP_RET, 0, 0, 0);
        builder_finish(&b);
        cr_expect_eq(open_image(), calls[i].fault, "case %zu", i);
    }
}

Test(image, claims)
{
    begin_code(1);
    cr_assert_eq(end_code(), 0);
    unsigned char *record = b.image + builder_offset(&b, MST_SECTION_BLOCKS);
    record[MST_BLOCK_STEPS]++;
    cr_assert_eq(open_image(), FAULT_CLAIM_STEPS);
    record[MST_BLOCK_STEPS]--;
    record[MST_BLOCK_DEPTH]++;
    cr_assert_eq(open_image(), FAULT_CLAIM_DEPTH);
    record[MST_BLOCK_DEPTH]--;
    record[MST_BLOCK_FLAGS] = 1;
    cr_assert_eq(open_image(), FAULT_CLAIM_TIMED);
    record[MST_BLOCK_FLAGS] = 0;
    record[MST_BLOCK_OUTPUT] = 1;
    cr_assert_eq(open_image(), FAULT_CLAIM_OUTPUT);
}

/* ---- the frame ----------------------------------------------------------------------------- */

Test(image, header)
{
    builder_begin(&b);
    builder_finish(&b);
    mst_image image;
    cr_assert_eq(mst_image_open(&image, b.image, 63, NULL, NULL), MST_ERR_IMAGE);
    b.image[0] ^= 1;
    cr_assert_eq(open_image(), FAULT_MAGIC);
    b.image[0] ^= 1;
    b.image[MST_HEADER_MINOR]++;
    cr_assert_eq(open_image(), FAULT_VERSION);
    b.image[MST_HEADER_MINOR]--;
    b.image_len--;
    cr_assert_eq(open_image(), FAULT_BYTE_COUNT);
}

Test(image, limits)
{
    begin_code(1);
    cr_assert_eq(end_code(), 0);
    mst_limits limits = MST_LIMITS_INIT;
    limits.max_vm_bytes = 100;
    cr_assert_eq(open_with(&limits), FAULT_LIMIT_VM);
    limits = (mst_limits)MST_LIMITS_INIT;
    build_rich();
    limits.max_cause_steps = 1;
    cr_assert_eq(open_with(&limits), FAULT_LIMIT_CAUSES);
    limits.size = offsetof(mst_limits, max_cause_steps); /* of an older program: its standard */
    cr_assert_eq(open_with(&limits), 0);
}

Test(image, facts_lie_one_behind_the_other)
{
    begin_code(1);
    cr_assert_eq(end_code(), 0);
    unsigned char *fact = b.image + builder_offset(&b, MST_SECTION_FACTS) + 48;
    mst_store_u32(fact + MST_FACT_SLOT, 0);
    cr_assert_eq(open_image(), FAULT_FACT_SLOT);
    mst_store_u32(fact + MST_FACT_SLOT, 1);
    mst_store_u32(fact + 48 + MST_FACT_CAPACITY, 5);
    cr_assert_eq(open_image(), FAULT_FACT_SHAPE);
}

static bool is_text(mst_text text, const char *expected)
{
    return text.len == strlen(expected) && memcmp(text.ptr, expected, text.len) == 0;
}

Test(image, params_say_with_what_it_was_built)
{
    static const char *const colours[] = {"red", "green"};
    mst_image image;
    mst_param_info info = MST_PARAM_INFO_INIT;
    builder_begin(&b);
    const uint32_t colour = builder_enum(&b, "Colour", colours, 2);
    builder_param(&b, "m.age", MST_TYPE_DURATION, "30 days");
    builder_param(&b, "n.paint", MST_CODE_ENUM + colour, "green");
    builder_finish(&b);
    cr_assert_eq(mst_image_open(&image, b.image, b.image_len, NULL, NULL), MST_OK);
    cr_assert_eq(mst_param_count(&image), 2);
    cr_assert_eq(mst_param_info_at(&image, 0, &info), MST_OK);
    cr_assert(is_text(info.name, "m.age") && is_text(info.value, "30 days"));
    cr_assert(info.type == MST_TYPE_DURATION && info.enum_index == MST_INDEX_NONE);
    cr_assert_eq(mst_param_info_at(&image, 1, &info), MST_OK);
    cr_assert(is_text(info.name, "n.paint") && is_text(info.value, "green"));
    cr_assert(info.type == MST_TYPE_ENUM && info.enum_index == colour);
    cr_assert_eq(mst_param_info_at(&image, 2, &info), MST_ERR_ARGUMENT);
    info.size = offsetof(mst_param_info, value); /* of an older program */
    info.enum_index = 77;
    cr_assert_eq(mst_param_info_at(&image, 0, &info), MST_OK);
    cr_assert(is_text(info.name, "m.age") && is_text(info.value, "green") && info.enum_index == 77);
}

Test(image, params_are_verified)
{
    builder_begin(&b);
    builder_param(&b, "m.age", MST_TYPE_DURATION, "30 days");
    builder_finish(&b);
    unsigned char *param = b.image + builder_offset(&b, MST_SECTION_PARAMS);
    mst_store_u32(param + MST_PARAM_TYPE, MST_CODE_ENUM);
    cr_assert_eq(open_image(), FAULT_TYPE);
    mst_store_u32(param + MST_PARAM_TYPE, MST_TYPE_INT);
    mst_store_u32(param + MST_PARAM_VALUE, 1000);
    cr_assert_eq(open_image(), FAULT_STRING_INDEX);
}

/* ---- hostile images ------------------------------------------------------------------------ */

static const char *const two[] = {"passed", "failed"};

/* A text from the table; a sum over list and table. */
static void rich_values(uint32_t list)
{
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_TEXT, 2); /* a text from the table */
    builder_op(&b, MST_OP_FRESH, 0, REG(0), FACT(0), 0);
    builder_op(&b, MST_OP_FIND, 1, REG(1), REG(0), 0);
    builder_op(&b, MST_OP_COLUMN, 0, REG(0), REG(1), 0);
    builder_op(&b, MST_OP_BUILTIN, 2, RESULT(0), REG(0), 1);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_INT, 4); /* a sum over list and table */
    builder_op(&b, MST_OP_MOVE, 0, REG(0), CONST(1), 0);
    builder_op(&b, MST_OP_LOOP_DOWN, 0, REG(1), 0, 5);
    builder_op(&b, MST_OP_EACH_UP, 0, REG(2), list, 3);
    builder_op(&b, MST_OP_ELEMENT, 0, REG(3), REG(2), list + 1);
    builder_op(&b, MST_OP_ADD, 0, REG(0), REG(0), REG(3));
    builder_op(&b, MST_OP_MORE_UP, 0, REG(2), list, 2);
    builder_op(&b, MST_OP_NEXT_DOWN, 0, REG(1), 0, 4);
    builder_op(&b, MST_OP_MOVE, 0, RESULT(1), REG(0), 0);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
}

static uint32_t rich_policy(uint32_t outcome)
{
    const uint32_t policy = builder_block(&b, MST_BLOCK_POLICY, MST_CODE_ENUM + outcome, 3);
    builder_call(&b, REG(0), 0, 0);
    builder_op(&b, MST_OP_LIKE, 0, REG(0), REG(0), CONST(2));
    builder_op(&b, MST_OP_CHECK, 0, REG(0), 0, 0);
    builder_op(&b, MST_OP_FLIP, MST_FLIP_BOTH, 0, NOW, FACT(1));
    builder_op(&b, MST_OP_LE, 0, REG(1), FACT(1), NOW);
    builder_op(&b, MST_OP_CHECK, 0, REG(1), 1, 0);
    builder_op(&b, MST_OP_PASS, 0, 0, 0, 0);
    return policy;
}

static uint32_t rich_message(uint32_t outcome)
{
    const uint32_t message = builder_block(&b, MST_BLOCK_MESSAGE, 0, 1);
    builder_call(&b, REG(0), 0, 1);
    builder_wide(&b, MST_OP_EMIT_TEXT, 0, builder_string(&b, "sum "));
    builder_op(&b, MST_OP_EMIT, 0, REG(0), 0, MST_TYPE_INT);
    builder_op(&b, MST_OP_EMIT, 0, FACT(6), 0, MST_CODE_ENUM + outcome);
    builder_op(&b, MST_OP_TEXT_ENUM, 0, REG(0), FACT(6), MST_CODE_ENUM + outcome);
    builder_op(&b, MST_OP_EMIT, 0, REG(0), 0, MST_TYPE_TEXT);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    return message;
}

static uint32_t rich_advice(void)
{
    const uint32_t advise = builder_block(&b, MST_BLOCK_ADVICE, 0, 2);
    builder_op(&b, MST_OP_MOVE, 0, REG(0), NOW, 0);
    builder_op(&b, MST_OP_MOVE, 0, REG(1), CONST(0), 0);
    builder_op(&b, MST_OP_BUILTIN_RISE, 47, REG(0), REG(0), 0);
    builder_op(&b, MST_OP_EQ, 0, REG(1), REG(0), REG(0));
    builder_op(&b, MST_OP_NOT, 0, REG(1), REG(1), 0);
    builder_op(&b, MST_OP_ADVISE, 0, REG(1), 0, 0);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    return advise;
}

static void rich_decision(uint32_t outcome, uint32_t policy, uint32_t message)
{
    const uint32_t decision = builder_block(&b, MST_BLOCK_DECISION, MST_CODE_ENUM + outcome, 1);
    builder_call(&b, REG(0), 0, policy);
    builder_op(&b, MST_OP_JUMP_UNKNOWN, 0, REG(0), 2, 0);
    builder_call(&b, REG(0), 0, 1);
    builder_op(&b, MST_OP_JUMP_KNOWN, 0, REG(0), 0, 0);
    builder_op(&b, MST_OP_DECIDE, 0, 0, 0, 0);
    builder_u32(&b, MST_SECTION_FIELDS, builder_string(&b, "f"));
    builder_u32(&b, MST_SECTION_FIELDS, 0);
    builder_u32(&b, MST_SECTION_FIELDS, builder_string(&b, "h"));
    builder_u32(&b, MST_SECTION_FIELDS, 1);
    builder_case(&b, 1, message, 2, 0);
    builder_verdict(&b, &(struct builder_verdict){
                            "d", 2, decision, NONE, 0, 0, 1, outcome, {NONE, NONE, NONE}, NONE});
}

/* Table, zone and constants. */
static void rich_data(void)
{
    const uint32_t table[] = {builder_string(&b, "t"), 2, 4, 0, 1, 0, 0};
    const uint32_t key[] = {builder_string(&b, "key"), MST_TYPE_TEXT, 0, 0, 0};
    builder_record(&b, MST_SECTION_TABLES, 32, table, 7);
    builder_record(&b, MST_SECTION_COLUMNS, 20, key, 5);
    builder_u64(&b, MST_SECTION_CELLS, builder_string(&b, "zeta"));
    builder_u64(&b, MST_SECTION_CELLS, builder_string(&b, "beta"));
    builder_u32(&b, MST_SECTION_ORDERS, 1);
    builder_u32(&b, MST_SECTION_ORDERS, 0);
    b.section[MST_SECTION_KNOWN].bytes[0] = 3;
    b.section[MST_SECTION_KNOWN].len = 1;
    const uint32_t zone[] = {builder_string(&b, "utc"), 0, 1};
    builder_record(&b, MST_SECTION_ZONES, 16, zone, 3);
    builder_u64(&b, MST_SECTION_TRANSITIONS, (uint64_t)INT64_MIN);
    builder_u64(&b, MST_SECTION_TRANSITIONS, 0);
    builder_u32(&b, MST_SECTION_CAUSES, builder_string(&b, "let"));
    builder_u32(&b, MST_SECTION_ORIGINS, 1);
    builder_u32(&b, MST_SECTION_ORIGINS, 5);
    builder_const(&b, MST_CODE_ZONE, 0);
    builder_const(&b, MST_TYPE_INT, 0);
    builder_const_text(&b, "z*");
}

/* One of everything: table, list, texts, zone, policy, decision, advice, fields. */
static void build_rich(void)
{
    builder_begin(&b);
    b.site_count = 1;
    const uint32_t outcome = builder_enum(&b, "p", two, 2);
    const uint32_t check_enum = builder_enum(&b, "p.check", two, 2);
    builder_group(&b, "g", NONE, 86400);
    builder_fact(&b, "g.t", MST_TYPE_TEXT);
    builder_fact(&b, "g.at", MST_TYPE_TIME);
    const uint32_t list = builder_list(&b, "g.xs", 3, MST_TYPE_INT);
    builder_fact(&b, "g.e", MST_CODE_ENUM + outcome);
    b.subject = 0;
    rich_data();
    rich_values(list);
    const uint32_t policy = rich_policy(outcome);
    const uint32_t message = rich_message(outcome);
    const uint32_t advise = rich_advice();
    for (int i = 0; i < 2; i++)
        builder_check(&b, two[i], message, message);
    builder_check(&b, "hint", message, NONE);
    builder_verdict(
        &b, &(struct builder_verdict){
                "p", 3, policy, advise, 2, 1, 0, outcome, {message, message, message}, check_enum});
    rich_decision(outcome, policy, message);
    builder_finish(&b);
}

static void set_facts(mst_vm *vm, const mst_image *image, int variant)
{
    mst_facts_clear(vm);
    mst_observed(vm, MST_INDEX_NONE, 1786752000 - variant * 50000);
    for (uint32_t i = 0; i < mst_fact_count(image) && variant > 0; i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        mst_fact_info_at(image, i, &info);
        for (uint32_t k = 0; k < 3; k++) { /* the wrong types are refused */
            const mst_slot slot = info.slot + k * info.stride;
            mst_fact_text(vm, slot, "beta", 4);
            mst_fact_int(vm, slot, variant);
            mst_fact_time(vm, slot, 1786752000 + variant);
            mst_fact_list(vm, slot, 3, variant == 2);
            mst_fact_bool(vm, slot, true);
            mst_fact_version(vm, slot, 77);
            mst_fact_spelling(vm, slot, variant == 1 ? "failed" : "mauve", variant == 1 ? 6 : 5);
        }
    }
}

static void exercise(const mst_image *image)
{
    mst_vm *vm;
    char buffer[600];
    size_t len;
    if (mst_vm_init(&vm, block, sizeof block, image) != MST_OK)
        return;
    for (int variant = 0; variant < 4; variant++) {
        set_facts(vm, image, variant);
        for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
            mst_verdict verdict = MST_VERDICT_INIT;
            mst_field field = MST_FIELD_INIT;
            mst_cause cause = MST_CAUSE_INIT;
            uint32_t cursor = 0;
            cr_assert_eq(mst_eval(vm, i, 1786752000, &verdict), MST_OK);
            mst_outcome_name(image, &verdict);
            for (int part = 0; part < 4; part++) {
                mst_render(vm, (mst_part)part, buffer, sizeof buffer, &len);
                mst_advice_render(vm, 0, (mst_part)part, buffer, sizeof buffer, &len);
            }
            for (uint32_t f = 0; mst_field_at(vm, f, &field) == MST_OK; f++)
                mst_field_render(vm, f, buffer, sizeof buffer, &len);
            while (mst_cause_next(vm, &cursor, &cause) == MST_OK)
                cr_assert(cause.kind < MST_CAUSE_KINDS);
        }
    }
    for (uint32_t pc = 0; mst_disassemble(image, pc, buffer, sizeof buffer, &len) == MST_OK; pc++)
        cr_assert(len > 0);
}

Test(image, a_rich_image_opens_and_runs)
{
    mst_image image;
    mst_fault why = MST_FAULT_INIT;
    build_rich();
    cr_assert_eq(mst_image_open(&image, b.image, b.image_len, NULL, &why), MST_OK, "%u at %u: %s",
                 why.id, (unsigned)why.offset, why.text);
    exercise(&image);
}

/* Each byte of a good image replaced by others: refused, or harmless. */
Test(image, changed_bytes_are_refused_or_harmless)
{
    static const unsigned char changes[] = {0x01, 0x02, 0x04, 0x10, 0x40, 0x80, 0xff};
    uint32_t opened = 0;
    build_rich();
    for (uint32_t at = 0; at < b.image_len; at++)
        for (size_t i = 0; i < sizeof changes; i++) {
            mst_image image;
            b.image[at] ^= changes[i];
            if (mst_image_open(&image, b.image, b.image_len, NULL, NULL) == MST_OK) {
                opened++;
                exercise(&image);
            }
            b.image[at] ^= changes[i];
        }
    cr_assert(opened > 100); /* digest, texts, cells */
}

Test(image, cut_images_are_refused)
{
    build_rich();
    for (uint32_t len = 0; len < b.image_len; len++) {
        mst_image image;
        cr_assert_eq(mst_image_open(&image, b.image, len, NULL, NULL), MST_ERR_IMAGE);
    }
}
