/* SPDX-License-Identifier: Apache-2.0
 *
 * test_holes.c - images that were accepted once and should not have been, or that cost more than
 * was proven: each hole that reading the verifier against the vm has shown, one test. */
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
static mst_image image;

static uint32_t open_with(const mst_limits *limits)
{
    mst_fault why = MST_FAULT_INIT;
    return mst_image_open(&image, b.image, b.image_len, limits, &why) == MST_OK ? 0 : why.id;
}

static uint32_t open_image(void)
{
    return open_with(NULL);
}

static const char *const outcomes[] = {"yes", "no"};

static void begin(void)
{
    builder_begin(&b);
    builder_enum(&b, "outcome", outcomes, 2);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.x", MST_TYPE_BOOL);
    builder_list(&b, "g.xs", 4, MST_TYPE_INT);
}

static void end_policy(uint32_t policy, uint32_t checks)
{
    builder_op(&b, MST_OP_PASS, 0, 0, 0, 0);
    builder_verdict(&b, &(struct builder_verdict){
                            "p", 3, policy, NONE, checks, 0, 0, 0, {NONE, NONE, NONE}, NONE});
    builder_finish(&b);
}

/* The label of a policy without labels is the name of its outcome: as long as a text could be. */
Test(holes, the_name_of_an_outcome_is_a_text_too)
{
    begin();
    end_policy(builder_block(&b, MST_BLOCK_POLICY, MST_CODE_ENUM, 0), 0);
    cr_assert_eq(open_image(), 0);
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    cr_assert_eq(mst_verdict_info_at(&image, 0, &info), MST_OK);
    cr_expect_geq(info.max_output_bytes, strlen("passed"));
    static char longer[MST_MAX_NAME_BYTES + 2];
    memset(longer, 'x', MST_MAX_NAME_BYTES + 1);
    begin();
    const uint32_t name = builder_string(&b, longer);
    end_policy(builder_block(&b, MST_BLOCK_POLICY, MST_CODE_ENUM, 0), 0);
    unsigned char *verdict = b.image + builder_offset(&b, MST_SECTION_VERDICTS);
    mst_store_u32(verdict + MST_VERDICT_OUTCOMES + 8, name);
    cr_assert_eq(open_image(), FAULT_NAME_TOO_LONG);
}

/* A field is rendered as well. */
Test(holes, the_value_of_a_field_is_a_text_too)
{
    begin();
    builder_const_text(&b, "text");
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_TEXT, 0);
    builder_op(&b, MST_OP_MOVE, 0, RESULT(0), CONST(0), 0);
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    const uint32_t decision = builder_block(&b, MST_BLOCK_DECISION, MST_CODE_ENUM, 0);
    builder_op(&b, MST_OP_DECIDE, 0, 0, 0, 0);
    builder_u32(&b, MST_SECTION_FIELDS, builder_string(&b, "f"));
    builder_u32(&b, MST_SECTION_FIELDS, 0);
    builder_case(&b, 0, NONE, 1, 0);
    builder_verdict(&b, &(struct builder_verdict){
                            "d", 2, decision, NONE, 0, 0, 1, 0, {NONE, NONE, NONE}, NONE});
    builder_finish(&b);
    cr_assert_eq(open_image(), 0);
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    cr_assert_eq(mst_verdict_info_at(&image, 0, &info), MST_OK);
    cr_expect_eq(info.max_output_bytes, b.max_text);
}

/* What checks note is a list with room for each of them once. */
Test(holes, a_check_runs_once)
{
    begin();
    const uint32_t policy = builder_block(&b, MST_BLOCK_POLICY, MST_CODE_ENUM, 1);
    builder_op(&b, MST_OP_EACH_UP, 0, REG(0), 1, 2);
    builder_op(&b, MST_OP_CHECK, 0, FACT(0), 0, 0);
    builder_op(&b, MST_OP_MORE_UP, 0, REG(0), 1, 1);
    builder_check(&b, "c", NONE, NONE);
    end_policy(policy, 1);
    cr_assert_eq(open_image(), FAULT_BLOCK_KIND);
}

/* A reader takes the fact behind a list for its element; a second one it would never set. */
Test(holes, a_list_has_one_element)
{
    begin();
    builder_fact(&b, "g.last", MST_TYPE_INT);
    builder_finish(&b);
    cr_assert_eq(open_image(), 0);
    unsigned char *list = b.image + builder_offset(&b, MST_SECTION_FACTS) + 48;
    unsigned char *last = list + 2 * 48;
    mst_store_u32(list + MST_FACT_CAPACITY, 1);
    mst_store_u32(list + 48 + MST_FACT_STRIDE, 2);
    mst_store_u32(last + MST_FACT_PARENT, 1);
    mst_store_u32(last + MST_FACT_STRIDE, 2);
    mst_store_u32(last + MST_FACT_SLOT, 3);
    cr_assert_eq(open_image(), FAULT_FACT_SHAPE);
}

/* An older reader would refuse it, and so does this one where the image says that it is older. */
Test(holes, instructions_newer_than_the_image)
{
    builder_begin(&b);
    builder_group(&b, "g", NONE, 0);
    builder_fact(&b, "g.v", MST_TYPE_VERSION);
    builder_block(&b, MST_BLOCK_VALUE, MST_TYPE_BOOL, 0);
    builder_op(&b, MST_OP_IN_PART, 4, RESULT(0), FACT(0), FACT(0));
    builder_op(&b, MST_OP_RET, 0, 0, 0, 0);
    builder_finish(&b);
    cr_assert_eq(open_image(), 0);
    b.image[MST_HEADER_MINOR] = 0;
    cr_assert_eq(open_image(), FAULT_OPCODE);
}
