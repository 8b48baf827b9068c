/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_eval.c - `muster eval`: facts in, verdicts out. Here is the command line; eval_run.h has
 * the parts. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval_run.h"
#include "instant.h"
#include "jobs.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "terminal.h"
#include "tool.h"

static const char help[] =
    "muster eval windows.hotpatch --facts fleet.ndjson\n"
    "\n"
    "Evaluates rules over facts: JSON records in, verdicts out. Records are JSON\n"
    "objects, one after another, or arrays of them; what is no record is reported\n"
    "and passed over.\n"
    "\n"
    "usage: muster eval RULES [--facts FILE] [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, a module on the search path, or a compiled\n"
    "image.\n"
    "\n"
    "  -f, --facts FILE     the records; '-' or nothing: standard input\n"
    "      --verdict NAME   only this policy or decision (repeat for more)\n"
    "      --at TIME        as of 2026-08-15T00:00:00Z; else the machine's clock\n"
    "      --format FORM    table (on a terminal), ndjson (elsewhere), or json: one\n"
    "                       array\n"
    "      --brief          only subject, verdict, outcome, check and valid_until\n"
    "      --all-checks     every check that fails, not only the first, which decides\n"
    "  -j, --jobs N         evaluate in N threads; else one per processor, at most 8.\n"
    "                       The output is the same\n"
    "      --limit N        only the table's first N rows; its summary counts all\n"
    "      --fail-on KINDS  end with 1 if a verdict is 'fail', or 'unknown', or with\n"
    "                       'fail,unknown' either\n"
    "  -I DIR               look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V    set a param of the rules\n"
    "  -h, --help           this text\n"
    "\n"
    "On a narrow terminal the table leaves UNTIL out and cuts what does not fit.\n"
    "Ends with 0: good; 1: rules or records in error, or --fail-on; 2: usage;\n"
    "3: files and the like.\n";

enum {
    OPTION_VERDICT = MST_TOOL_OPTION_FIRST,
    OPTION_AT,
    OPTION_FORMAT,
    OPTION_BRIEF,
    OPTION_ALL_CHECKS,
    OPTION_LIMIT,
    OPTION_FAIL_ON,
    OPTION_PARAM,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"facts", required_argument, NULL, 'f'},
    {"verdict", required_argument, NULL, OPTION_VERDICT},
    {"at", required_argument, NULL, OPTION_AT},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"brief", no_argument, NULL, OPTION_BRIEF},
    {"all-checks", no_argument, NULL, OPTION_ALL_CHECKS},
    {"jobs", required_argument, NULL, 'j'},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"fail-on", required_argument, NULL, OPTION_FAIL_ON},
    {"param", required_argument, NULL, OPTION_PARAM},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, OPTION_VERDICT, 0};

/* What the command line asks for. */
struct request {
    const char *rules, *facts;
    const char **verdicts;
    size_t verdict_count, verdict_capacity;
    bool has_limit;
    unsigned fail_on; /* a bit for each mst_kind */
    mst_tool_search search;
    mst_tool_run run;
};

/* ---- the command line -------------------------------------------------------------------- */

static int take_format(struct request *request, const char *form)
{
    static const struct {
        const char *name;
        const mst_tool_sink *sink;
    } forms[] = {
        {"table", &mst_tool_table_sink},
        {"ndjson", &mst_tool_ndjson_sink},
        {"json", &mst_tool_json_sink},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(form, forms[i].name) == 0) {
            request->run.sink = forms[i].sink;
            return MST_TOOL_GOOD;
        }
    }
    return mst_tool_misused("--format is 'table', 'ndjson' or 'json', not '%s'", form);
}

static int take_fail_on(struct request *request, const char *kinds)
{
    for (const char *at = kinds; at == kinds || *at;) {
        size_t len = strcspn(at, ",");
        if (len == 4 && memcmp(at, "fail", 4) == 0)
            request->fail_on |= 1u << MST_KIND_FAIL;
        else if (len == 7 && memcmp(at, "unknown", 7) == 0)
            request->fail_on |= 1u << MST_KIND_UNKNOWN;
        else
            return mst_tool_misused("--fail-on is 'fail', 'unknown' or 'fail,unknown', not '%s'",
                                    kinds);
        at += len + (at[len] == ',');
    }
    return MST_TOOL_GOOD;
}

static int take_limit(struct request *request, const char *text)
{
    char *end;
    request->run.row_limit = strtoull(text, &end, 10);
    request->has_limit = true;
    if (text[0] < '0' || text[0] > '9' || *end)
        return mst_tool_misused("--limit needs a number of rows, not '%s'", text);
    return MST_TOOL_GOOD;
}

static int take_at(struct request *request, const char *text)
{
    if (mst_tool_read_instant(text, &request->run.at))
        return MST_TOOL_GOOD;
    return mst_tool_misused("--at needs a time as 2026-08-15T00:00:00Z or 2026-08-15, not '%s'",
                            text);
}

static void take_verdict(struct request *request, const char *name)
{
    request->verdicts = mst_tool_grow(request->verdicts, request->verdict_count,
                                      &request->verdict_capacity, sizeof *request->verdicts);
    request->verdicts[request->verdict_count++] = name;
}

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    switch (letter) {
    case 'f': request->facts = value; return MST_TOOL_GOOD;
    case OPTION_VERDICT: take_verdict(request, value); return MST_TOOL_GOOD;
    case 'I': return mst_tool_search_add(&request->search, value);
    case OPTION_AT: return take_at(request, value);
    case OPTION_FORMAT: return take_format(request, value);
    case OPTION_BRIEF: request->run.is_brief = true; return MST_TOOL_GOOD;
    case OPTION_ALL_CHECKS: request->run.wants_all_checks = true; return MST_TOOL_GOOD;
    case 'j': return mst_tool_read_jobs(value, &request->run.jobs);
    case OPTION_LIMIT: return take_limit(request, value);
    case OPTION_FAIL_ON: return take_fail_on(request, value);
    default: return mst_tool_search_param(&request->search, value);
    }
}

/* What depends on several options, and on where the command runs. */
static int complete_request(struct request *request)
{
    if (!request->rules)
        return MST_TOOL_USAGE;
    if (!request->run.sink)
        request->run.sink = isatty(STDOUT_FILENO) ? &mst_tool_table_sink : &mst_tool_ndjson_sink;
    if (request->has_limit && request->run.sink != &mst_tool_table_sink)
        return mst_tool_misused("--limit is for --format table");
    if (!request->facts && isatty(STDIN_FILENO))
        return mst_tool_misused("there are no facts: name a file with --facts, or send records to "
                                "standard input");
    if (request->run.jobs == 0)
        request->run.jobs = mst_tool_usual_jobs();
    if (!request->facts)
        request->facts = "-";
    bool is_standard_input = strcmp(request->facts, "-") == 0;
    request->run.facts = is_standard_input ? "standard input" : request->facts;
    if (is_standard_input && strcmp(request->rules, "-") == 0)
        return mst_tool_misused("rules and facts cannot both come from standard input");
    return MST_TOOL_GOOD;
}

/* ---- running ----------------------------------------------------------------------------- */

static int run_request(struct request *request)
{
    mst_tool_run *run = &request->run;
    mst_tool_stream stream;
    int code = mst_tool_stream_open(&stream, request->facts, mst_tool_crew_blocks(run->jobs));
    if (code != MST_TOOL_GOOD)
        return code;
    run->sink->begin(run);
    code = mst_tool_crew_run(run, &stream);
    run->sink->end(run);
    mst_tool_progress_clear();
    mst_tool_stream_close(&stream);
    if (code == MST_TOOL_GOOD && (run->bad_count > 0 || (run->kinds & request->fail_on) != 0))
        code = MST_TOOL_WANTING;
    return code;
}

static int evaluate_rules(struct request *request)
{
    mst_tool_rules rules;
    int code = mst_tool_rules_open(&rules, request->rules, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    code = mst_tool_run_prepare(&request->run, &rules, request->verdicts, request->verdict_count);
    if (code == MST_TOOL_GOOD)
        code = run_request(request);
    mst_tool_run_release(&request->run);
    mst_tool_rules_close(&rules);
    return code;
}

int mst_tool_eval(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hf:j:I:", names, repeated, argc, argv};
    struct request request = {.search = MST_TOOL_SEARCH_INIT,
                              .run = {.at = mst_tool_clock(), .row_limit = UINT64_MAX}};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        request.rules = mst_tool_only_rules(&options, "; facts go with --facts");
        request.search.at = request.run.at;
        code = complete_request(&request);
        if (code == MST_TOOL_GOOD)
            code = evaluate_rules(&request);
    }
    mst_tool_search_free(&request.search);
    free(request.verdicts);
    return code;
}
