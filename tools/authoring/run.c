/* SPDX-License-Identifier: Apache-2.0
 *
 * run.c - the tests of an image: run by mst_selftest(), and for what fails, what came instead and
 * from which values. */
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "memory.h"
#include "record.h"

struct run {
    const mst_author_subject *subject;
    mst_author_suite *suite;
    mst_vm *vm;
    struct mst_follow follow;
    struct mst_record expected; /* values of the expectations themselves */
    struct mst_record record;   /* of a verdict that is looked into */
    uint32_t expectation;       /* the site of the one that was evaluated last */
    bool *is_expectation;       /* by site: is it a part of one? */
    bool *is_read;              /* by verdict: since the last report */
    uint32_t test;              /* the one that is running */
    bool has_test, is_wanted;
};

/* ---- what came instead --------------------------------------------------------------------- */

static void add_causes(mst_vm *vm, mst_author_found *found)
{
    static const char *const kinds[] = {"missing", "invalid", "stale", "undecided", "fault"};
    mst_cause cause = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK) {
        mst_author_value *value = MST_MEMORY_ADD(found->causes, found->cause_count);
        value->name = mst_memory_copy(kinds[cause.kind], strlen(kinds[cause.kind]));
        value->value = mst_memory_text(cause.name);
    }
}

static char *render_reason(mst_vm *vm, const mst_verdict_info *info)
{
    size_t len = 0;
    char *text = mst_memory_resize(NULL, info->max_output_bytes + 1);
    if (mst_render(vm, MST_PART_REASON, text, info->max_output_bytes, &len) != MST_OK) {
        free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

/* The last part of "windows.hotpatch.readiness": what a test calls it. */
static mst_text short_name(mst_text name)
{
    for (uint32_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.')
            return (mst_text){name.ptr + i, name.len - i};
    return name;
}

static mst_verdict eval_verdict(struct run *run, uint32_t index, int64_t at)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    if (run->subject->compilation != NULL)
        mst_record_verdict(&run->record, run->vm, index, at, &verdict);
    else
        (void)mst_eval(run->vm, index, at, &verdict);
    return verdict;
}

static void add_values(const struct run *run, const mst_verdict *verdict, bool is_policy,
                       mst_author_found *found)
{
    uint32_t site = MST_INDEX_NONE;
    if (run->subject->compilation == NULL)
        return;
    if (!is_policy)
        site = mst_record_last_case(&run->record, verdict->index);
    else if (verdict->check != MST_INDEX_NONE)
        site = mst_record_find(&run->record, MST_SITE_CHECK, verdict->index, verdict->check);
    mst_record_read(&run->record, site, true, &found->values, &found->value_count);
}

static void add_found(struct run *run, mst_author_failure *failure, uint32_t index, int64_t at)
{
    const mst_image *image = run->subject->image;
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    if (mst_verdict_info_at(image, index, &info) != MST_OK)
        return;
    mst_verdict verdict = eval_verdict(run, index, at);
    mst_author_found *found = MST_MEMORY_ADD(failure->found, failure->found_count);
    found->name = mst_memory_text(short_name(info.name));
    found->outcome = mst_memory_text(mst_outcome_name(image, &verdict));
    found->valid_until = verdict.valid_until;
    if (verdict.check != MST_INDEX_NONE)
        found->check = mst_memory_text(mst_check_name(image, index, verdict.check));
    found->reason = render_reason(run->vm, &info);
    add_causes(run->vm, found);
    add_values(run, &verdict, info.is_policy, found);
}

/* The verdicts that an expectation names, each once. */
static void add_named(struct run *run, mst_author_failure *failure, int64_t at)
{
    uint32_t count = mst_verdict_count(run->subject->image);
    bool *is_asked = mst_memory_zero(count * sizeof *is_asked);
    for (uint32_t i = run->expectation; i < run->follow.count; i++)
        if (run->follow.sites[i].kind == MST_SITE_VERDICT &&
            mst_follow_is_within(&run->follow, i, run->expectation))
            is_asked[run->follow.sites[i].index] = true;
    for (uint32_t i = 0; i < count; i++)
        if (is_asked[i])
            add_found(run, failure, i, at);
    free(is_asked);
}

/* The image alone does not say which verdicts an expectation asks for: those of its own. */
static void add_roots(struct run *run, mst_author_failure *failure, int64_t at)
{
    const mst_image *image = run->subject->image;
    for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        if (mst_verdict_info_at(image, i, &info) == MST_OK)
            add_found(run, failure, i, at);
    }
}

/* What stands beside verdicts in an expectation; a verdict alone is shown as found. */
static void add_operands(struct run *run, mst_author_failure *failure)
{
    mst_author_value *all = NULL;
    size_t count = 0;
    mst_record_read(&run->expected, run->expectation, false, &all, &count);
    for (size_t i = 0; i < count; i++) {
        bool is_verdict = false;
        for (size_t k = 0; k < failure->found_count; k++)
            is_verdict = is_verdict || strcmp(failure->found[k].name, all[i].name) == 0;
        if (!is_verdict) {
            *MST_MEMORY_ADD(failure->values, failure->value_count) = all[i];
            continue;
        }
        free(all[i].name);
        free(all[i].value);
    }
    free(all);
}

/* Line `line` of the root module, without the white space around it. */
static char *source_line(const char *text, uint32_t line)
{
    if (text == NULL)
        return mst_memory_copy("", 0);
    while (--line > 0 && strchr(text, '\n') != NULL)
        text = strchr(text, '\n') + 1;
    text += strspn(text, " \t");
    return mst_memory_copy(text, strcspn(text, "\r\n"));
}

static void add_failure(struct run *run, mst_author_test *test, const mst_selftest_result *result)
{
    mst_author_failure *failure = MST_MEMORY_ADD(test->failures, test->failure_count);
    failure->line = result->line;
    failure->text = source_line(run->subject->text, result->line);
    failure->is_unknown = result->what == MST_EXPECT_HOLDS && !result->known;
    if (result->what != MST_EXPECT_HOLDS) {
        add_found(run, failure, result->verdict, result->at);
    } else if (run->expectation != MST_INDEX_NONE) {
        add_named(run, failure, result->at);
        add_operands(run, failure);
    } else {
        add_roots(run, failure, result->at);
    }
}

/* ---- following ----------------------------------------------------------------------------- */

static void done(void *context, mst_vm *vm, uint32_t i)
{
    struct run *run = context;
    const mst_site *site = &run->follow.sites[i];
    if (run->is_expectation[i])
        mst_record_done(&run->expected, vm, i);
    if (site->role == MST_ROLE_EXPECTATION)
        run->expectation = i;
    if (site->kind == MST_SITE_CHECK || site->kind == MST_SITE_CASE)
        run->is_read[site->index] = true;
    if (run->subject->coverage != NULL)
        mst_coverage_done(run->subject->coverage, &run->follow, vm, i);
}

/* Texts are read by who reads the verdict, and advice too: what the test has come to counts as
 * exercised with them. */
static void render_all(struct run *run, uint32_t index, int64_t at)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    size_t len;
    (void)mst_eval(run->vm, index, at, &verdict);
    for (int part = MST_PART_LABEL; part <= MST_PART_CITE; part++)
        (void)mst_render(run->vm, (mst_part)part, NULL, 0, &len);
    for (uint32_t i = 0; i < verdict.advice_count; i++)
        for (int part = MST_PART_REASON; part <= MST_PART_CITE; part++)
            (void)mst_advice_render(run->vm, i, (mst_part)part, NULL, 0, &len);
}

static void measure(struct run *run, int64_t at)
{
    for (uint32_t i = 0; i < mst_verdict_count(run->subject->image); i++) {
        if (run->is_read[i] && run->is_wanted)
            render_all(run, i, at);
        run->is_read[i] = false;
    }
    mst_coverage_settle(run->subject->coverage, run->is_wanted);
}

static void begin_test(struct run *run, const mst_selftest_result *result)
{
    char *name = mst_memory_text(result->name);
    const mst_author_subject *subject = run->subject;
    run->has_test = true;
    run->test = result->test;
    run->is_wanted = subject->wants == NULL || subject->wants(subject->context, name);
    if (!run->is_wanted) {
        free(name);
        return;
    }
    mst_author_test *test = MST_MEMORY_ADD(run->suite->tests, run->suite->test_count);
    test->name = name;
    test->line = result->test_line;
    test->at = result->at;
}

static void take_result(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    struct run *run = context;
    run->vm = vm;
    if (!run->has_test || run->test != result->test)
        begin_test(run, result);
    if (run->subject->coverage != NULL)
        measure(run, result->at);
    if (!result->passed && run->is_wanted) {
        mst_author_test *test = &run->suite->tests[run->suite->test_count - 1];
        run->suite->failed_count += test->failure_count == 0;
        add_failure(run, test, result);
        if (run->subject->compilation != NULL)
            mst_follow_begin(&run->follow, vm, done, run);
    }
    run->expectation = MST_INDEX_NONE;
}

static void prepare(struct run *run)
{
    struct mst_follow *follow = &run->follow;
    mst_follow_init(follow, run->subject->compilation);
    mst_record_init(&run->expected, follow);
    mst_record_init(&run->record, follow);
    run->is_expectation = mst_memory_zero(follow->count * sizeof *run->is_expectation);
    run->is_read = mst_memory_zero(mst_verdict_count(run->subject->image) * sizeof *run->is_read);
    for (uint32_t i = 0; i < follow->count; i++) {
        const mst_site *site = &follow->sites[i];
        run->is_expectation[i] =
            site->role == MST_ROLE_EXPECTATION ||
            (site->parent != MST_INDEX_NONE && run->is_expectation[site->parent]);
    }
    if (run->subject->coverage != NULL)
        mst_coverage_attach(run->subject->coverage, run->subject->compilation, run->subject->image,
                            follow);
    mst_follow_begin(follow, run->vm, done, run);
}

mst_status mst_author_run(const mst_author_subject *subject, mst_author_suite *suite)
{
    struct run run = {.subject = subject, .suite = suite, .expectation = MST_INDEX_NONE};
    size_t size = mst_vm_size(subject->image);
    void *block = mst_memory_resize(NULL, size);
    *suite = (mst_author_suite){.tests = NULL};
    mst_status status = mst_vm_init(&run.vm, block, size, subject->image);
    if (status == MST_OK) {
        if (subject->compilation != NULL)
            prepare(&run);
        status = mst_selftest(run.vm, take_result, &run);
    }
    if (run.follow.sites != NULL) {
        mst_record_free(&run.expected);
        mst_record_free(&run.record);
        mst_follow_free(&run.follow);
    }
    free(run.is_expectation);
    free(run.is_read);
    free(block);
    return status;
}

/* ---- releasing ----------------------------------------------------------------------------- */

static void free_values(mst_author_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(values[i].name);
        free(values[i].value);
    }
    free(values);
}

static void free_failure(mst_author_failure *failure)
{
    for (size_t i = 0; i < failure->found_count; i++) {
        mst_author_found *found = &failure->found[i];
        free(found->name);
        free(found->outcome);
        free(found->check);
        free(found->reason);
        free_values(found->causes, found->cause_count);
        free_values(found->values, found->value_count);
    }
    free_values(failure->values, failure->value_count);
    free(failure->found);
    free(failure->text);
}

void mst_author_suite_free(mst_author_suite *suite)
{
    for (size_t i = 0; i < suite->test_count; i++) {
        for (size_t k = 0; k < suite->tests[i].failure_count; k++)
            free_failure(&suite->tests[i].failures[k]);
        free(suite->tests[i].failures);
        free(suite->tests[i].name);
    }
    free(suite->tests);
    *suite = (mst_author_suite){.tests = NULL};
}
