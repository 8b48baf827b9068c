/* SPDX-License-Identifier: Apache-2.0
 *
 * image_test.c - the SELFTEST section: rule tests as steps that mst_selftest() follows. */
#include "image_buffer.h"

static uint64_t value_of(struct mst_image_buffer *image, const struct mst_test_step *step)
{
    bool is_text = step->kind == MST_SELFTEST_CAUSE || step->kind == MST_SELFTEST_OTHER ||
                   (step->kind == MST_SELFTEST_FACT && step->c != 0);
    if (is_text)
        return mst_ir_string(image->lowered, step->value.text.ptr, step->value.text.len);
    return (uint64_t)step->value.word;
}

void mst_image_write_tests(struct mst_image_buffer *image)
{
    struct mst_program *program = image->program;
    size_t expectation = 0;
    for (size_t i = 0; i < program->steps.count && program->options->with_tests; i++) {
        const struct mst_test_step *step = &program->steps.items[i];
        uint32_t a = step->a, c = step->c, line, column;
        uint64_t value = value_of(image, step);
        if (step->kind == MST_SELFTEST_TEST)
            a = mst_ir_string(image->lowered, step->value.text.ptr, step->value.text.len);
        else if (step->kind == MST_SELFTEST_HOLDS)
            a = image->lowered->expectations.items[expectation++];
        else if (step->kind == MST_SELFTEST_FACT)
            c = 0;
        mst_source_place(program->diags, step->span.source, step->span.at, &line, &column);
        unsigned char *record = mst_image_record(image, MST_SECTION_SELFTEST);
        mst_store_u32(record + MST_STEP_KIND, step->kind);
        mst_store_u32(record + MST_STEP_A, a);
        mst_store_u64(record + MST_STEP_VALUE, value);
        mst_store_u32(record + MST_STEP_C, c);
        mst_store_u32(record + MST_STEP_LINE, line);
    }
}
