/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_test.c - `muster test`: compiles rules with their tests, has the authoring library run them,
 * and reports. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cover_report.h"
#include "files.h"
#include "jobs.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "terminal.h"
#include "test_mutate.h"
#include "test_report.h"
#include "tool.h"

static const char help[] =
    "muster test stdlib-rules\n"
    "\n"
    "Runs the tests of rule files. Of a folder every module below it is looked at;\n"
    "those without tests are passed over.\n"
    "\n"
    "usage: muster test [RULES...] [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, a module on the search path, or an image with\n"
    "tests (build --with-tests); '.' without any.\n"
    "\n"
    "      --filter GLOB     only tests whose name fits, as in --filter '*boundary*'\n"
    "      --format FORM     text, tap, junit or json\n"
    "      --coverage        show which checks, cases, conditions and rows no test\n"
    "                        exercised\n"
    "      --min-coverage N  and fail below N percent\n"
    "      --html FILE       write the coverage as a page: the rules, what is missing\n"
    "      --mutate          change the rules one place at a time; show what no test\n"
    "                        notices\n"
    "      --explained FILE  the same; this page must explain what survives, and what\n"
    "                        it explains must survive\n"
    "      --sample N        try one change in N\n"
    "  -j, --jobs N          try them in N threads; else one per processor, at most 8\n"
    "  -I DIR                look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V     set a param of the rules\n"
    "  -v, --verbose         name the tests that passed, too, and what is covered\n"
    "  -h, --help            this text\n"
    "\n"
    "Ends with 0: all passed; 1: a test failed, rules have errors, there was no test,\n"
    "too little is covered, or survivors are not as explained; 2: usage; 3: files and\n"
    "the like.\n";

enum {
    OPTION_EXPLAINED = MST_TOOL_OPTION_FIRST,
    OPTION_FILTER,
    OPTION_FORMAT,
    OPTION_COVERAGE,
    OPTION_MIN_COVERAGE,
    OPTION_HTML,
    OPTION_MUTATE,
    OPTION_PARAM,
    OPTION_SAMPLE,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"coverage", no_argument, NULL, OPTION_COVERAGE},
    {"explained", required_argument, NULL, OPTION_EXPLAINED},
    {"filter", required_argument, NULL, OPTION_FILTER},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"html", required_argument, NULL, OPTION_HTML},
    {"jobs", required_argument, NULL, 'j'},
    {"min-coverage", required_argument, NULL, OPTION_MIN_COVERAGE},
    {"mutate", no_argument, NULL, OPTION_MUTATE},
    {"param", required_argument, NULL, OPTION_PARAM},
    {"sample", required_argument, NULL, OPTION_SAMPLE},
    {"verbose", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, 0};

static const char *const formats[] = {"text", "tap", "junit", "json"};

enum form { FORM_TEXT, FORM_TAP, FORM_JUNIT, FORM_JSON, FORM_COUNT };

struct testing {
    mst_tool_search search;
    const char *filter, *html; /* or NULL */
    enum form form;
    bool wants_coverage, wants_mutation;
    double min_coverage; /* percent; below 0: none is demanded */
    mst_tool_mutation mutation;
    mst_tool_tests tests;
    struct mst_tool_told told;
    char **paths; /* of the files in tests */
    size_t path_count, path_capacity;
};

/* ---- files --------------------------------------------------------------------------------- */

static bool fits_filter(void *context, const char *name)
{
    const struct testing *testing = context;
    return testing->filter == NULL || fnmatch(testing->filter, name, 0) == 0;
}

static char *keep_path(struct testing *testing, const char *path)
{
    testing->paths = mst_tool_grow(testing->paths, testing->path_count, &testing->path_capacity,
                                   sizeof *testing->paths);
    return testing->paths[testing->path_count++] = mst_tool_copy(path, strlen(path));
}

static int run_tests(struct testing *testing, const char *path, mst_author_subject *subject)
{
    mst_tool_tests *tests = &testing->tests;
    mst_tool_tested tested = {.path = path};
    subject->wants = fits_filter;
    subject->context = testing;
    subject->coverage = subject->compilation ? tests->coverage : NULL;
    if (subject->coverage)
        mst_author_coverage_add(subject->coverage, subject->compilation, subject->image);
    mst_status status = mst_author_run(subject, &tested.suite);
    tests->failed += tested.suite.failed_count;
    tests->passed += tested.suite.test_count - tested.suite.failed_count;
    if (tested.suite.test_count > 0) {
        tested.path = keep_path(testing, path);
        tests->files = mst_tool_grow(tests->files, tests->file_count, &tests->file_capacity,
                                     sizeof *tests->files);
        tests->files[tests->file_count++] = tested;
        if (testing->form == FORM_TEXT)
            mst_tool_put_tested(tests, &tested);
    }
    return status == MST_OK || status == MST_ERR_NOT_FOUND
               ? MST_TOOL_GOOD
               : mst_tool_failed("'%s': %s", path, mst_status_text(status));
}

/* Errors of rules are a result of a test run for people; other forms have no place for them. */
static int report_errors(struct testing *testing, const mst_compilation *compilation)
{
    bool is_result = testing->form == FORM_TEXT;
    for (size_t i = 0; i < mst_diagnostic_count(compilation); i++) {
        if (!mst_tool_tell_once(&testing->told, compilation, i))
            continue;
        char *text = mst_tool_diagnostic_text(
            compilation, i, is_result ? testing->tests.has_color : mst_tool_wants_color(2));
        if (is_result)
            mst_tool_printf("%s\n", text);
        else
            fprintf(stderr, "%s\n", text);
        free(text);
    }
    return MST_TOOL_WANTING;
}

static int test_source(struct testing *testing, const char *path, const char *text, size_t len)
{
    mst_image image;
    size_t byte_count;
    mst_compilation *compilation = NULL;
    int code = mst_tool_compile(path, text, len, &testing->search, &compilation);
    testing->tests.broken += code == MST_TOOL_WANTING;
    if (code == MST_TOOL_WANTING && compilation)
        code = report_errors(testing, compilation);
    if (code == MST_TOOL_GOOD) {
        const unsigned char *bytes = mst_compilation_image(compilation, &byte_count);
        code = mst_tool_open_image(&image, path, bytes, byte_count, true);
    }
    if (code == MST_TOOL_GOOD) {
        mst_author_subject subject = {.image = &image, .compilation = compilation, .text = text};
        code = run_tests(testing, path, &subject);
    }
    mst_compilation_free(compilation);
    return code;
}

static int test_file(struct testing *testing, const char *path)
{
    unsigned char *text;
    size_t len;
    mst_image image;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    if (!mst_tool_is_image(text, len)) {
        code = test_source(testing, path, (const char *)text, len);
    } else {
        code = mst_tool_open_image(&image, path, text, len, false);
        mst_author_subject subject = {.image = &image};
        if (code == MST_TOOL_GOOD)
            code = run_tests(testing, path, &subject);
    }
    free(text);
    return code;
}

static int test_rules(struct testing *testing, const char *name)
{
    char **paths;
    size_t count;
    int worst = mst_tool_rules_find(name, &testing->search, true, &paths, &count);
    for (size_t i = 0; i < count && worst < MST_TOOL_USAGE; i++) {
        int code = test_file(testing, paths[i]);
        worst = code > worst ? code : worst;
    }
    mst_tool_free_list(paths, count);
    return worst;
}

/* ---- options ------------------------------------------------------------------------------- */

static int take_format(struct testing *testing, const char *value)
{
    for (testing->form = FORM_TEXT; testing->form < FORM_COUNT; testing->form++)
        if (strcmp(value, formats[testing->form]) == 0)
            return MST_TOOL_GOOD;
    return mst_tool_misused("--format is text, tap, junit or json, not '%s'", value);
}

static int take_min_coverage(struct testing *testing, const char *value)
{
    char *end;
    testing->wants_coverage = true;
    testing->min_coverage = strtod(value, &end);
    if (*value >= '0' && *value <= '9' && *end == '\0' && testing->min_coverage <= 100)
        return MST_TOOL_GOOD;
    return mst_tool_misused("--min-coverage is a number of percent from 0 to 100, not '%s'", value);
}

static int take_sample(struct testing *testing, const char *value)
{
    char *end;
    testing->wants_mutation = true;
    testing->mutation.sample = strtoul(value, &end, 10);
    if (*value >= '1' && *value <= '9' && *end == '\0')
        return MST_TOOL_GOOD;
    return mst_tool_misused("--sample is a number from 1, not '%s'", value);
}

static int take_option(void *context, int letter, const char *value)
{
    struct testing *testing = context;
    switch (letter) {
    case 'I': return mst_tool_search_add(&testing->search, value);
    case 'v': testing->tests.is_verbose = true; return MST_TOOL_GOOD;
    case OPTION_FILTER: testing->filter = value; return MST_TOOL_GOOD;
    case OPTION_FORMAT: return take_format(testing, value);
    case OPTION_COVERAGE: testing->wants_coverage = true; return MST_TOOL_GOOD;
    case 'j': return mst_tool_read_jobs(value, &testing->mutation.jobs);
    case OPTION_SAMPLE: return take_sample(testing, value);
    case OPTION_EXPLAINED:
        testing->wants_mutation = true;
        testing->mutation.page = value;
        return MST_TOOL_GOOD;
    case OPTION_MUTATE: testing->wants_mutation = true; return MST_TOOL_GOOD;
    case OPTION_MIN_COVERAGE: return take_min_coverage(testing, value);
    case OPTION_HTML:
        testing->wants_coverage = true;
        testing->html = value;
        return MST_TOOL_GOOD;
    default: return mst_tool_search_param(&testing->search, value);
    }
}

/* ---- the end ------------------------------------------------------------------------------- */

static void report(const struct testing *testing)
{
    const mst_tool_tests *tests = &testing->tests;
    switch (testing->form) {
    case FORM_TAP: mst_tool_put_tests_tap(tests); break;
    case FORM_JUNIT: mst_tool_put_tests_junit(tests); break;
    case FORM_JSON: mst_tool_put_tests_json(tests); break;
    default:
        if (tests->coverage)
            mst_tool_put_cover_text(tests->coverage, tests->has_color, tests->is_verbose);
        if (tests->mutation)
            mst_tool_put_mutation_text(tests->mutation, tests);
        mst_tool_put_tests_end(tests);
    }
}

/* A run that tested nothing is no success. */
static int report_nothing(const struct testing *testing)
{
    if (testing->filter != NULL)
        return mst_tool_misused("no test has a name that fits '%s'", testing->filter);
    mst_tool_say("there are no tests in these rules");
    return MST_TOOL_WANTING;
}

static int judge_coverage(const struct testing *testing)
{
    int code = MST_TOOL_GOOD;
    if (testing->tests.coverage == NULL)
        return code;
    if (testing->html)
        code = mst_tool_write_cover_html(testing->tests.coverage, testing->html);
    mst_tool_cover_sum sum = mst_tool_cover_add_up(testing->tests.coverage, NULL);
    if (sum.goals == 0 || (double)sum.hit * 100 >= testing->min_coverage * (double)sum.goals)
        return code;
    unsigned tenths = mst_tool_cover_tenths(sum);
    mst_tool_say("%u.%u %% are covered, less than the %g %% that are demanded", tenths / 10,
                 tenths % 10, testing->min_coverage);
    return code == MST_TOOL_GOOD ? MST_TOOL_WANTING : code;
}

/* Rules whose tests fail are not worth changing. */
static int report_all(struct testing *testing, int worst)
{
    bool is_good = worst == MST_TOOL_GOOD && testing->tests.failed == 0;
    if (testing->wants_mutation && is_good) {
        worst = mst_tool_mutate(&testing->mutation, &testing->tests, &testing->search);
        testing->tests.mutation = worst == MST_TOOL_GOOD ? &testing->mutation : NULL;
    } else if (testing->wants_mutation) {
        mst_tool_say("the rules are not changed, since not all tests pass as they are");
    }
    if (worst < MST_TOOL_USAGE)
        report(testing);
    if (testing->tests.mutation != NULL && !mst_tool_mutation_is_good(&testing->mutation))
        worst = MST_TOOL_WANTING;
    return worst;
}

static int judge(struct testing *testing, int worst)
{
    bool has_tests = testing->tests.passed + testing->tests.failed > 0;
    worst = report_all(testing, worst);
    if (worst == MST_TOOL_GOOD && !has_tests)
        return report_nothing(testing);
    if (worst < MST_TOOL_USAGE && has_tests) {
        int code = judge_coverage(testing);
        worst = code > worst ? code : worst;
    }
    return worst == MST_TOOL_GOOD && testing->tests.failed > 0 ? MST_TOOL_WANTING : worst;
}

static void free_testing(struct testing *testing)
{
    for (size_t i = 0; i < testing->tests.file_count; i++)
        mst_author_suite_free(&testing->tests.files[i].suite);
    free(testing->tests.files);
    mst_tool_free_list(testing->paths, testing->path_count);
    mst_author_coverage_free(testing->tests.coverage);
    mst_tool_mutation_free(&testing->mutation);
    mst_tool_told_free(&testing->told);
    mst_tool_search_free(&testing->search);
}

int mst_tool_test(int argc, char **argv)
{
    struct testing testing = {.search = MST_TOOL_SEARCH_INIT, .min_coverage = -1};
    const mst_tool_options options = {help, ":hvj:I:", names, repeated, argc, argv};
    int code, worst = MST_TOOL_GOOD;
    if (!mst_tool_read_options(&options, take_option, &testing, &code)) {
        free_testing(&testing);
        return code;
    }
    if (testing.filter != NULL && testing.wants_mutation) {
        free_testing(&testing);
        return mst_tool_misused("--filter picks tests to run, but a change of --mutate is tried "
                                "with all of them: leave one out");
    }
    testing.search.with_tests = testing.search.with_sites = true;
    testing.tests.has_color = mst_tool_wants_color(STDOUT_FILENO);
    if (testing.wants_coverage)
        testing.tests.coverage = mst_author_coverage_new();
    for (int i = optind; i < argc || i == optind; i++) {
        code = test_rules(&testing, i < argc ? argv[i] : ".");
        worst = code > worst ? code : worst;
    }
    worst = judge(&testing, worst);
    free_testing(&testing);
    return worst;
}
