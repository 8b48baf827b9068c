/* SPDX-License-Identifier: Apache-2.0
 *
 * selftest.c - running the rule tests that an image carries: each step sets a fact through the
 * public functions, or asks whether what is expected has come. */
#include "core/eval.h"
#include "core/image.h"

struct run {
    mst_vm *vm;
    const mst_image *image;
    mst_selftest_report *report;
    void *context;
    mst_selftest_result result; /* of the test that is running */
};

/* ---- facts --------------------------------------------------------------------------------- */

static mst_status set_fact(struct run *run, uint32_t slot, uint64_t value)
{
    mst_vm *vm = run->vm;
    const uint32_t type = MST_U32(run->image, SLOTS, slot, MST_SLOT_TYPE);
    const int64_t word = (int64_t)value;
    if (mst_code_is_enum(type))
        return mst_fact_enum(vm, slot, (uint32_t)value);
    switch (type) {
    case MST_TYPE_BOOL: return mst_fact_bool(vm, slot, value != 0);
    case MST_TYPE_INT: return mst_fact_int(vm, slot, word);
    case MST_TYPE_VERSION: return mst_fact_version(vm, slot, value);
    case MST_TYPE_DATE: return mst_fact_date(vm, slot, word);
    case MST_TYPE_MONTH: return mst_fact_month(vm, slot, word);
    case MST_TYPE_DURATION: return mst_fact_duration(vm, slot, word);
    case MST_TYPE_TIME: return mst_fact_time(vm, slot, word);
    default: break;
    }
    const mst_text text = mst_image_string(run->image, (uint32_t)value);
    return mst_fact_text(vm, slot, text.ptr, text.len);
}

static mst_status apply_step(struct run *run, const unsigned char *step)
{
    mst_vm *vm = run->vm;
    const uint32_t a = mst_load_u32(step + MST_STEP_A), c = mst_load_u32(step + MST_STEP_C);
    const uint64_t value = mst_load_u64(step + MST_STEP_VALUE);
    switch (mst_load_u32(step + MST_STEP_KIND)) {
    case MST_SELFTEST_FACT: return set_fact(run, a, value);
    case MST_SELFTEST_STATE: return c == 0 ? mst_fact_missing(vm, a) : mst_fact_invalid(vm, a);
    case MST_SELFTEST_LIST: return mst_fact_list(vm, a, (uint32_t)value, c != 0);
    case MST_SELFTEST_PRESENT: return mst_fact_present(vm, a);
    case MST_SELFTEST_OBSERVED: return mst_observed(vm, a, (int64_t)value);
    default: break;
    }
    const mst_text text = mst_image_string(run->image, (uint32_t)value);
    return mst_fact_other(vm, a, text.ptr, text.len);
}

static void begin_test(struct run *run, const unsigned char *step)
{
    mst_facts_clear(run->vm);
    run->result.test++;
    run->result.test_line = mst_load_u32(step + MST_STEP_LINE);
    run->result.name = mst_image_string(run->image, mst_load_u32(step + MST_STEP_A));
    run->result.at = (int64_t)mst_load_u64(step + MST_STEP_VALUE);
}

/* ---- expectations -------------------------------------------------------------------------- */

static void expect_holds(struct run *run, uint32_t block)
{
    mst_eval_block(run->vm, block, run->result.at);
    const uint32_t slot = MST_U32(run->image, BLOCKS, block, MST_BLOCK_RESULT);
    run->result.what = MST_EXPECT_HOLDS;
    run->result.known = run->vm->states[slot] == 0;
    run->result.passed = run->result.known && run->vm->values[slot] != 0;
}

static void expect_until(struct run *run, uint32_t verdict_index, int64_t expected)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    (void)mst_eval(run->vm, verdict_index, run->result.at, &verdict);
    run->result.what = MST_EXPECT_UNTIL;
    run->result.verdict = verdict_index;
    run->result.expected = expected;
    run->result.found = verdict.valid_until;
    run->result.passed = verdict.valid_until == expected;
}

/* "os.build" is called so, and "build". */
static bool is_called(mst_text full, mst_text name)
{
    if (full.len <= name.len)
        return mst_text_compare(full, name) == 0;
    const mst_text end = {full.ptr + full.len - name.len, name.len};
    return end.ptr[-1] == '.' && mst_text_compare(end, name) == 0;
}

static void expect_cause(struct run *run, uint32_t verdict_index, mst_text name, uint32_t kind)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_cause found = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    (void)mst_eval(run->vm, verdict_index, run->result.at, &verdict);
    run->result.what = MST_EXPECT_CAUSE;
    run->result.verdict = verdict_index;
    run->result.passed = false;
    while (mst_cause_next(run->vm, &cursor, &found) == MST_OK)
        if ((uint32_t)found.kind == kind && is_called(found.name, name))
            run->result.passed = true;
}

static void expect_step(struct run *run, const unsigned char *step)
{
    const uint32_t a = mst_load_u32(step + MST_STEP_A);
    const uint64_t value = mst_load_u64(step + MST_STEP_VALUE);
    run->result.line = mst_load_u32(step + MST_STEP_LINE);
    run->result.known = true;
    run->result.verdict = MST_INDEX_NONE;
    switch (mst_load_u32(step + MST_STEP_KIND)) {
    case MST_SELFTEST_HOLDS: expect_holds(run, a); break;
    case MST_SELFTEST_UNTIL: expect_until(run, a, (int64_t)value); break;
    default:
        expect_cause(run, a, mst_image_string(run->image, (uint32_t)value),
                     mst_load_u32(step + MST_STEP_C));
        break;
    }
    run->report(run->context, run->vm, &run->result);
}

uint32_t mst_selftest_count(const mst_image *image)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < MST_COUNT(image, SELFTEST); i++)
        count += MST_U32(image, SELFTEST, i, MST_STEP_KIND) == MST_SELFTEST_TEST;
    return count;
}

mst_status mst_selftest(mst_vm *vm, mst_selftest_report *report, void *context)
{
    struct run run = {.vm = vm, .image = vm->image, .report = report, .context = context};
    const uint32_t count = MST_COUNT(vm->image, SELFTEST);
    if (count == 0)
        return MST_ERR_NOT_FOUND;
    run.result.size = sizeof run.result;
    run.result.test = UINT32_MAX; /* the first test makes it 0 */
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *step = MST_AT(vm->image, SELFTEST, i);
        const uint32_t kind = mst_load_u32(step + MST_STEP_KIND);
        if (kind == MST_SELFTEST_TEST)
            begin_test(&run, step);
        else if (kind >= MST_SELFTEST_HOLDS)
            expect_step(&run, step);
        else if (apply_step(&run, step) != MST_OK)
            MST_ASSERT(false); /* the verifier has checked what can be set */
    }
    mst_facts_clear(vm);
    return MST_OK;
}
