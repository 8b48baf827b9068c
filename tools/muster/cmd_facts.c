/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_facts.c - `muster facts`: the input facts that rules read. */
#include "fact_list.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "tool.h"

static const char help[] =
    "muster facts windows.hotpatch --json-schema > record.schema.json\n"
    "\n"
    "Shows the facts that rules read: their types, where they stand in a JSON record,\n"
    "and the spellings of their enums.\n"
    "\n"
    "usage: muster facts RULES [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, a module on the search path, a compiled\n"
    "image, or '-' for standard input.\n"
    "\n"
    "      --json-schema  a JSON Schema (draft 2020-12) of a record instead\n"
    "  -I DIR             look for modules below DIR too (repeat for more)\n"
    "  -h, --help         this text\n"
    "\n"
    "Ends with 0: good; 1: the rules have errors; 2: usage; 3: files and the like.\n";

enum {
    OPTION_JSON_SCHEMA = MST_TOOL_OPTION_FIRST,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"json-schema", no_argument, NULL, OPTION_JSON_SCHEMA},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', 0};

struct request {
    const char *rules;
    bool wants_schema;
    mst_tool_search search;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    if (letter == 'I')
        return mst_tool_search_add(&request->search, value);
    request->wants_schema = true;
    return MST_TOOL_GOOD;
}

static void put_module(const mst_image *image)
{
    mst_text module = mst_image_module(image), version = mst_image_version(image);
    uint32_t count = mst_tool_count_facts(image);
    mst_tool_put_tame(module.ptr, module.len);
    mst_tool_puts(" ");
    mst_tool_put_tame(version.ptr, version.len);
    mst_tool_printf(" reads %u fact%s\n\n", (unsigned)count, count == 1 ? "" : "s");
    mst_tool_put_facts(image);
}

static int show_facts(const struct request *request)
{
    mst_tool_rules rules;
    if (!request->rules)
        return MST_TOOL_USAGE;
    int code = mst_tool_rules_open(&rules, request->rules, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    if (request->wants_schema && rules.count > 1)
        code = mst_tool_misused("'%s' holds %zu modules; name one for --json-schema",
                                request->rules, rules.count);
    else if (request->wants_schema)
        mst_tool_put_record_schema(&rules.modules[0].image);
    else
        for (size_t i = 0; i < rules.count; i++)
            put_module(&rules.modules[i].image);
    mst_tool_rules_close(&rules);
    return code;
}

int mst_tool_facts(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hI:", names, repeated, argc, argv};
    struct request request = {.search = MST_TOOL_SEARCH_INIT};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        request.rules = mst_tool_only_rules(&options, "");
        code = show_facts(&request);
    }
    mst_tool_search_free(&request.search);
    return code;
}
