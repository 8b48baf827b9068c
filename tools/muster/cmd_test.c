/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_test.c - `muster test`: compiles rule tests into images that carry them, lets the library run
 * them, and shows for each that failed what was expected and what the rules said instead. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "instant.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "terminal.h"
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
    "      --filter GLOB  only tests whose name fits, as in --filter '*boundary*'\n"
    "  -I DIR             look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V  set a param of the rules\n"
    "  -v, --verbose      name the tests that passed, too\n"
    "  -h, --help         this text\n"
    "\n"
    "Ends with 0: all passed; 1: a test failed, rules have errors, or there was no\n"
    "test; 2: usage; 3: files and the like.\n";

enum {
    OPTION_FILTER = MST_TOOL_OPTION_FIRST,
    OPTION_PARAM,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"filter", required_argument, NULL, OPTION_FILTER},
    {"param", required_argument, NULL, OPTION_PARAM},
    {"verbose", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, 0};

struct testing {
    mst_tool_search search;
    const char *filter; /* or NULL */
    bool is_verbose, has_color;
    size_t passed, failed;

    /* the file that is running */
    const char *path;
    const char *text; /* NULL: an image, which has no source to show */
    const mst_image *image;

    /* the test that is running */
    uint32_t test;
    bool has_test, is_wanted, has_failed;
    char *name;
};

/* ---- what came instead --------------------------------------------------------------------- */

/* Line `line` of the file, without the white space around it. */
static mst_text source_line(const struct testing *testing, uint32_t line)
{
    const char *from = testing->text;
    if (from == NULL)
        return (mst_text){"", 0};
    while (--line > 0 && strchr(from, '\n') != NULL)
        from = strchr(from, '\n') + 1;
    size_t len = strcspn(from, "\r\n");
    while (len > 0 && (*from == ' ' || *from == '\t')) {
        from++;
        len--;
    }
    return (mst_text){from, (uint32_t)len};
}

static bool mentions(mst_text line, mst_text name)
{
    for (uint32_t i = 0; name.len > 0 && i + name.len <= line.len; i++)
        if (memcmp(line.ptr + i, name.ptr, name.len) == 0)
            return true;
    return false;
}

/* The last part of "windows.hotpatch.readiness": what a test calls it. */
static mst_text short_name(mst_text name)
{
    for (uint32_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '.')
            return (mst_text){name.ptr + i, name.len - i};
    return name;
}

static void show_causes(mst_vm *vm)
{
    static const char *const kinds[] = {"missing", "invalid", "stale", "undecided", "fault"};
    mst_cause cause = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK)
        mst_tool_printf("            %s %.*s\n", kinds[cause.kind], (int)cause.name.len,
                        cause.name.ptr);
}

static void show_verdict(const struct testing *testing, mst_vm *vm, uint32_t index,
                         const mst_selftest_result *result)
{
    char until[MST_TOOL_INSTANT_BYTES], reason[512];
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    size_t len;
    if (mst_verdict_info_at(testing->image, index, &info) != MST_OK ||
        mst_eval(vm, index, result->at, &verdict) != MST_OK)
        return;
    mst_text name = short_name(info.name);
    mst_text outcome = mst_outcome_name(testing->image, &verdict);
    mst_tool_printf("    but     %.*s is %.*s", (int)name.len, name.ptr, (int)outcome.len,
                    outcome.ptr);
    if (verdict.check != MST_INDEX_NONE) {
        mst_text check = mst_check_name(testing->image, index, verdict.check);
        mst_tool_printf(" by check %.*s", (int)check.len, check.ptr);
    }
    mst_tool_printf(", until %s\n",
                    mst_tool_instant_text(until, verdict.valid_until, MST_TOOL_INSTANT_FULL));
    if (mst_render(vm, MST_PART_REASON, reason, sizeof reason, &len) == MST_OK)
        mst_tool_printf("            \"%.*s\"\n", (int)len, reason);
    show_causes(vm);
}

/* The verdicts that the expectation speaks of, as they are with the facts of the test; all of them
 * where there is no source that would tell. */
static void show_found(const struct testing *testing, mst_vm *vm, mst_text line,
                       const mst_selftest_result *result)
{
    for (uint32_t i = 0; i < mst_verdict_count(testing->image); i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        if (mst_verdict_info_at(testing->image, i, &info) == MST_OK &&
            (testing->text == NULL || mentions(line, short_name(info.name))))
            show_verdict(testing, vm, i, result);
    }
    if (result->what == MST_EXPECT_HOLDS && !result->known)
        mst_tool_puts("            (the condition is unknown)\n");
}

/* ---- results ------------------------------------------------------------------------------- */

static void end_test(struct testing *testing)
{
    if (testing->has_test && testing->is_wanted) {
        testing->passed += !testing->has_failed;
        testing->failed += testing->has_failed;
        if (testing->is_verbose && !testing->has_failed)
            mst_tool_printf("%sok%s      %s: %s\n", testing->has_color ? "\033[32m" : "",
                            testing->has_color ? "\033[0m" : "", testing->path, testing->name);
    }
    free(testing->name);
    testing->name = NULL;
    testing->has_test = false;
}

static void begin_test(struct testing *testing, const mst_selftest_result *result)
{
    end_test(testing);
    testing->has_test = true;
    testing->has_failed = false;
    testing->test = result->test;
    testing->name = mst_tool_copy(result->name.ptr, result->name.len);
    testing->is_wanted = testing->filter == NULL || fnmatch(testing->filter, testing->name, 0) == 0;
}

static void take_result(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    struct testing *testing = context;
    if (!testing->has_test || testing->test != result->test)
        begin_test(testing, result);
    if (result->passed || !testing->is_wanted)
        return;
    if (!testing->has_failed)
        mst_tool_printf("%sFAILED%s  %s:%" PRIu32 ": %s\n", testing->has_color ? "\033[31m" : "",
                        testing->has_color ? "\033[0m" : "", testing->path, result->test_line,
                        testing->name);
    testing->has_failed = true;
    mst_text line = source_line(testing, result->line);
    mst_tool_printf("    line %" PRIu32 "%s%.*s\n", result->line, line.len > 0 ? ": " : "",
                    (int)line.len, line.ptr);
    show_found(testing, vm, line, result);
}

/* ---- files --------------------------------------------------------------------------------- */

static int run_image(struct testing *testing, const mst_image *image)
{
    mst_vm *vm;
    size_t size = mst_vm_size(image);
    void *block = mst_tool_resize(NULL, size);
    testing->image = image;
    mst_status status = mst_vm_init(&vm, block, size, image);
    if (status == MST_OK)
        status = mst_selftest(vm, take_result, testing);
    end_test(testing);
    testing->image = NULL;
    free(block);
    return status == MST_OK || status == MST_ERR_NOT_FOUND
               ? MST_TOOL_GOOD
               : mst_tool_failed("'%s': %s", testing->path, mst_status_text(status));
}

static int report_errors(const struct testing *testing, const mst_compilation *compilation)
{
    for (size_t i = 0; i < mst_diagnostic_count(compilation); i++) {
        char *text = mst_tool_diagnostic_text(compilation, i, testing->has_color);
        mst_tool_printf("%s\n", text);
        free(text);
    }
    return MST_TOOL_WANTING;
}

static int test_image(struct testing *testing, const unsigned char *bytes, size_t byte_count,
                      bool is_ours)
{
    mst_image image;
    int code = mst_tool_open_image(&image, testing->path, bytes, byte_count, is_ours);
    return code == MST_TOOL_GOOD ? run_image(testing, &image) : code;
}

static int test_source(struct testing *testing, size_t len)
{
    size_t byte_count;
    mst_compilation *compilation = NULL;
    int code = mst_tool_compile(testing->path, testing->text, len, &testing->search, &compilation);
    if (code == MST_TOOL_WANTING && compilation)
        code = report_errors(testing, compilation);
    if (code == MST_TOOL_GOOD) {
        const unsigned char *bytes = mst_compilation_image(compilation, &byte_count);
        code = test_image(testing, bytes, byte_count, true);
    }
    mst_compilation_free(compilation);
    return code;
}

static int test_file(struct testing *testing, const char *path)
{
    unsigned char *text;
    size_t len;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    testing->path = path;
    testing->text = NULL;
    if (mst_tool_is_image(text, len)) {
        code = test_image(testing, text, len, false);
    } else {
        char *source = mst_tool_copy((const char *)text, len);
        testing->text = source;
        code = test_source(testing, len);
        free(source);
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

static int take_option(void *context, int letter, const char *value)
{
    struct testing *testing = context;
    switch (letter) {
    case 'I': return mst_tool_search_add(&testing->search, value);
    case 'v': testing->is_verbose = true; return MST_TOOL_GOOD;
    case OPTION_FILTER: testing->filter = value; return MST_TOOL_GOOD;
    default: return mst_tool_search_param(&testing->search, value);
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

int mst_tool_test(int argc, char **argv)
{
    struct testing testing = {.search = MST_TOOL_SEARCH_INIT};
    const mst_tool_options options = {help, ":hvI:", names, repeated, argc, argv};
    int code, worst = MST_TOOL_GOOD;
    if (!mst_tool_read_options(&options, take_option, &testing, &code)) {
        mst_tool_search_free(&testing.search);
        return code;
    }
    testing.search.with_tests = true;
    testing.has_color = mst_tool_wants_color(1);
    for (int i = optind; i < argc || i == optind; i++) {
        code = test_rules(&testing, i < argc ? argv[i] : ".");
        worst = code > worst ? code : worst;
    }
    if (worst < MST_TOOL_USAGE)
        mst_tool_printf("%zu passed, %zu failed\n", testing.passed, testing.failed);
    mst_tool_search_free(&testing.search);
    if (worst == MST_TOOL_GOOD && testing.passed + testing.failed == 0)
        return report_nothing(&testing);
    return worst == MST_TOOL_GOOD && testing.failed > 0 ? MST_TOOL_WANTING : worst;
}
