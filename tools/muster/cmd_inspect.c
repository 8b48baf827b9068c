/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_inspect.c - `muster inspect`: what an image holds, needs and costs at worst, for people. */
#include <string.h>
#include <unistd.h>

#include "fact_list.h"
#include "inspect_json.h"
#include "instant.h"
#include "muster/facts.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "table.h"
#include "terminal.h"
#include "tool.h"

static const char help[] =
    "muster inspect hotpatch.musterc\n"
    "\n"
    "Shows what rules hold: version and digest, verdicts with their checks and\n"
    "outcomes, the facts that they need, and what they cost at worst, as the loader\n"
    "has proved it.\n"
    "\n"
    "usage: muster inspect IMAGE|RULES [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, or a module on the search path; it is\n"
    "compiled first. '-' is standard input.\n"
    "\n"
    "      --format FORM  text, or json: an object a line for each module, without\n"
    "                     facts (`muster facts --json-schema` has them)\n"
    "      --disassemble  only the code of the image, beside the lines of the rules\n"
    "                     that it comes from (images built --with-source have them)\n"
    "  -I DIR             look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V  set a param of the rules\n"
    "  -h, --help         this text\n"
    "\n"
    "Ends with 0: good; 1: rules in error, image refused; 2: usage; 3: files and the\n"
    "like.\n";

enum {
    OPTION_DISASSEMBLE = MST_TOOL_OPTION_FIRST,
    OPTION_FORMAT,
    OPTION_PARAM,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"disassemble", no_argument, NULL, OPTION_DISASSEMBLE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"param", required_argument, NULL, OPTION_PARAM},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, 0};

struct request {
    const char *rules;
    bool wants_code, is_json;
    mst_tool_search search;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    switch (letter) {
    case 'I': return mst_tool_search_add(&request->search, value);
    case OPTION_DISASSEMBLE:
        request->wants_code = request->search.with_source = true;
        return MST_TOOL_GOOD;
    case OPTION_FORMAT:
        request->is_json = strcmp(value, "json") == 0;
        if (request->is_json || strcmp(value, "text") == 0)
            return MST_TOOL_GOOD;
        return mst_tool_misused("--format is 'text' or 'json', not '%s'", value);
    default: return mst_tool_search_param(&request->search, value);
    }
}

static void put_text(mst_text text)
{
    mst_tool_put_tame(text.ptr, text.len);
}

/* ---- the image --------------------------------------------------------------------------- */

static void put_bytes(const char *name, uint64_t count)
{
    char text[32];
    mst_tool_printf("  %-11s  %s bytes\n", name, mst_tool_count_text(text, count));
}

/* What only some images have. */
static void put_extras(const mst_image *image)
{
    char text[32];
    uint32_t tests = mst_selftest_count(image);
    if (tests > 0)
        mst_tool_printf("  %-11s  %s, in the image: `muster test` runs them\n", "rule tests",
                        mst_tool_count_text(text, tests));
    if (mst_tool_has_source(image))
        mst_tool_printf("  %-11s  in the image: --disassemble shows it\n", "source");
}

static void put_identity(const mst_tool_module *module)
{
    const mst_image *image = &module->image;
    const unsigned char *predecessor = mst_image_predecessor(image);
    int64_t effective = mst_image_effective_from(image);
    char digest[65], instant[MST_TOOL_INSTANT_BYTES];
    put_text(mst_image_module(image));
    mst_tool_puts(" ");
    put_text(mst_image_version(image));
    mst_tool_puts("\n");
    if (mst_image_doc(image).len > 0) {
        put_text(mst_image_doc(image));
        mst_tool_puts("\n");
    }
    mst_tool_printf("\n  %-11s  %s\n", "digest",
                    mst_tool_digest_text(digest, mst_image_digest(image)));
    mst_tool_printf("  %-11s  %s\n", "predecessor",
                    predecessor ? mst_tool_digest_text(digest, predecessor) : "none");
    if (effective != MST_NEVER)
        mst_tool_printf("  %-11s  from %s\n", "effective",
                        mst_tool_instant_text(instant, effective, MST_TOOL_INSTANT_FULL));
    put_bytes("image", module->byte_count);
    put_bytes("vm", mst_vm_size(image));
    put_bytes("reader", mst_reader_size(image));
    put_extras(image);
    mst_tool_puts("\n");
}

/* ---- verdicts ---------------------------------------------------------------------------- */

static mst_verdict_info read_verdict(const mst_image *image, uint32_t index)
{
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    mst_verdict_info_at(image, index, &info);
    return info;
}

static void put_costs(const mst_image *image)
{
    mst_tool_table table;
    mst_tool_puts("verdicts, and their cost at worst\n");
    mst_tool_table_begin(&table, 2, true);
    mst_tool_table_column(&table, "VERDICT");
    mst_tool_table_column(&table, "KIND");
    mst_tool_table_column(&table, "STEPS")->is_right = true;
    mst_tool_table_column(&table, "CAUSE STEPS")->is_right = true;
    mst_tool_table_column(&table, "TEXT BYTES")->is_right = true;
    mst_tool_table_column(&table, "TITLE")->min_width = 20;
    for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
        mst_verdict_info info = read_verdict(image, i);
        mst_tool_table_cell(&table, info.name.ptr, info.name.len, NULL);
        mst_tool_table_text(&table, info.is_policy ? "policy" : "decision");
        mst_tool_table_count(&table, info.max_steps);
        mst_tool_table_count(&table, info.max_cause_steps);
        mst_tool_table_count(&table, info.max_output_bytes);
        mst_tool_table_cell(&table, info.title.ptr, info.title.len, NULL);
    }
    mst_tool_table_end(&table);
    mst_tool_puts("\n");
}

static mst_text name_outcome(const mst_image *image, uint32_t index, uint32_t outcome,
                             mst_kind kind)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    verdict.index = index;
    verdict.outcome = outcome;
    verdict.kind = kind;
    return mst_outcome_name(image, &verdict);
}

static void put_policy_outcomes(const mst_image *image, uint32_t index)
{
    static const mst_kind kinds[] = {MST_KIND_PASS, MST_KIND_FAIL, MST_KIND_UNKNOWN};
    static const char *const words[] = {"  pass     ", "  fail     ", "  unknown  "};
    for (uint32_t i = 0; i < 3; i++) {
        mst_tool_puts(words[i]);
        put_text(name_outcome(image, index, i, kinds[i]));
        mst_tool_puts("\n");
    }
}

/* Several cases may have one outcome; it is named once. */
static void put_case_outcomes(const mst_image *image, uint32_t index, uint32_t case_count)
{
    for (uint32_t i = 0; i < case_count; i++) {
        mst_text name = name_outcome(image, index, i, MST_KIND_CASE);
        bool is_new = true;
        for (uint32_t j = 0; j < i && is_new; j++) {
            mst_text other = name_outcome(image, index, j, MST_KIND_CASE);
            is_new = other.len != name.len || memcmp(other.ptr, name.ptr, name.len) != 0;
        }
        if (!is_new)
            continue;
        bool is_unknown = name.len == 7 && memcmp(name.ptr, "unknown", 7) == 0;
        mst_tool_puts(is_unknown ? "  unknown  " : "  case     ");
        put_text(name);
        mst_tool_puts("\n");
    }
}

static void put_checks(const mst_image *image, uint32_t index, uint32_t check_count)
{
    mst_tool_table table;
    mst_tool_table_begin(&table, 2, false);
    mst_tool_table_column(&table, "kind");
    mst_tool_table_column(&table, "name");
    mst_tool_table_column(&table, "title")->min_width = 20;
    for (uint32_t i = 0; i < check_count; i++) {
        mst_text name = mst_check_name(image, index, i), title = mst_check_title(image, index, i);
        mst_tool_table_text(&table, "check  ");
        mst_tool_table_cell(&table, name.ptr, name.len, NULL);
        mst_tool_table_cell(&table, title.ptr, title.len, NULL);
    }
    mst_tool_table_end(&table);
}

static void put_verdicts(const mst_image *image)
{
    bool color = mst_tool_wants_color(STDOUT_FILENO);
    for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
        mst_verdict_info info = read_verdict(image, i);
        mst_tool_puts(color ? MST_TOOL_BOLD : "");
        mst_tool_puts(info.is_policy ? "policy " : "decision ");
        put_text(info.name);
        mst_tool_puts(color ? MST_TOOL_PLAIN : "");
        mst_tool_puts(info.doc.len > 0 ? ": " : "");
        put_text(info.doc);
        mst_tool_puts("\n");
        if (info.is_policy)
            put_policy_outcomes(image, i);
        else
            put_case_outcomes(image, i, info.case_count);
        put_checks(image, i, info.check_count);
        mst_tool_puts("\n");
    }
}

/* ---- code -------------------------------------------------------------------------------- */

#define LINE_BYTES 512

/* Of text that was cut anywhere. */
static size_t whole_characters(const char *text, size_t len)
{
    while (len > 0 && ((unsigned char)text[len - 1] & 0xC0u) == 0x80u)
        len--;
    return len > 0 ? len - 1 : 0;
}

/* A line that was written to a buffer of LINE_BYTES, or as much of it as has room. */
static void put_cut(mst_status status, const char *line, size_t len)
{
    mst_tool_put_tame(line, status == MST_OK ? len : whole_characters(line, LINE_BYTES));
    mst_tool_puts(status == MST_OK ? "" : "...");
}

static void put_head(const mst_image *image, const mst_code_place *place)
{
    char text[32], name[LINE_BYTES];
    size_t len = 0;
    mst_status status = mst_block_name(image, place->block, name, sizeof name, &len);
    mst_tool_printf("%sblock %u: ", place->first > 0 ? "\n" : "", place->block);
    put_cut(status, name, len);
    mst_tool_printf(", at most %s steps\n", mst_tool_count_text(text, place->block_steps));
}

/* The head of a block where one begins, and the line of the rules where it is another one. */
static void put_place(const mst_image *image, const mst_code_place *place, uint32_t pc,
                      const mst_code_place *before)
{
    if (pc == place->first)
        put_head(image, place);
    bool is_same_line = place->line == before->line && place->module.ptr == before->module.ptr;
    if (place->line == 0 || (pc != place->first && is_same_line))
        return;
    mst_tool_puts("  ");
    put_text(place->module);
    mst_tool_printf(":%u:%u  ", place->line, place->column);
    put_text(place->source);
    mst_tool_puts("\n");
}

static void put_code(const mst_image *image)
{
    char line[LINE_BYTES];
    mst_code_place place = MST_CODE_PLACE_INIT, before = MST_CODE_PLACE_INIT;
    for (uint32_t pc = 0; mst_code_place_at(image, pc, &place) == MST_OK; pc++) {
        size_t len = 0;
        put_place(image, &place, pc, &before);
        mst_status status = mst_disassemble(image, pc, line, sizeof line, &len);
        mst_tool_puts("    ");
        put_cut(status, line, len);
        mst_tool_puts("\n");
        before = place;
    }
}

static void put_module(const mst_tool_module *module)
{
    put_identity(module);
    if (mst_verdict_count(&module->image) > 0)
        put_costs(&module->image);
    put_verdicts(&module->image);
    mst_tool_put_params(&module->image);
    mst_tool_put_facts(&module->image);
}

static int inspect(const struct request *request)
{
    mst_tool_rules rules;
    if (!request->rules)
        return MST_TOOL_USAGE;
    if (request->wants_code && request->is_json)
        return mst_tool_misused("--disassemble is for people: there is no JSON of it");
    int code = mst_tool_rules_open(&rules, request->rules, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    for (size_t i = 0; i < rules.count; i++) {
        if (request->wants_code)
            put_code(&rules.modules[i].image);
        else if (request->is_json)
            mst_tool_put_module_json(&rules.modules[i]);
        else
            put_module(&rules.modules[i]);
    }
    mst_tool_rules_close(&rules);
    return code;
}

int mst_tool_inspect(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hI:", names, repeated, argc, argv};
    struct request request = {.search = MST_TOOL_SEARCH_INIT};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        request.rules = mst_tool_only_rules(&options, "");
        code = inspect(&request);
    }
    mst_tool_search_free(&request.search);
    return code;
}
