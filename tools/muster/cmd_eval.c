/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_eval.c - `muster eval`: facts in, verdicts out. Here are the command line and the loop over
 * records; eval_run.c holds what is run, eval_lines.c and eval_table.c show. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval_run.h"
#include "fact_stream.h"
#include "instant.h"
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
    const mst_tool_sink *sink;
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
            request->sink = forms[i].sink;
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
    if (!request->sink)
        request->sink = isatty(STDOUT_FILENO) ? &mst_tool_table_sink : &mst_tool_ndjson_sink;
    if (request->has_limit && request->sink != &mst_tool_table_sink)
        return mst_tool_misused("--limit is for --format table");
    if (!request->facts && isatty(STDIN_FILENO))
        return mst_tool_misused("there are no facts: name a file with --facts, or send records to "
                                "standard input");
    if (!request->facts)
        request->facts = "-";
    bool is_standard_input = strcmp(request->facts, "-") == 0;
    request->run.facts = is_standard_input ? "standard input" : request->facts;
    if (is_standard_input && strcmp(request->rules, "-") == 0)
        return mst_tool_misused("rules and facts cannot both come from standard input");
    return MST_TOOL_GOOD;
}

/* ---- records ----------------------------------------------------------------------------- */

/* The next record, read into the first vm that is used. */
static mst_status next_record(mst_tool_run *run, mst_tool_stream *stream, mst_frame *frame)
{
    const mst_tool_machine *machine = run->machines;
    while (!machine->is_used) /* some verdict is wanted */
        machine++;
    return mst_tool_stream_read(stream, machine->reader, machine->vm, run->at, frame);
}

/* Reads it into the other modules' vms; all share the record, so one that rejects it does. */
static bool read_again(mst_tool_run *run, const mst_frame *frame, mst_record_error *error)
{
    bool is_first = true;
    for (size_t i = 0; i < run->machine_count; i++) {
        mst_tool_machine *machine = &run->machines[i];
        if (!machine->is_used)
            continue;
        if (!is_first && mst_read_record(machine->reader, machine->vm, frame->text, frame->len,
                                         run->at, error) != MST_OK)
            return false;
        is_first = false;
    }
    return true;
}

static int evaluate(struct request *request, unsigned *kinds)
{
    mst_tool_run *run = &request->run;
    for (size_t i = 0; i < run->wanted_count; i++) {
        const mst_tool_wanted *wanted = &run->wanted[i];
        mst_verdict verdict = MST_VERDICT_INIT;
        mst_status status = mst_eval(wanted->machine->vm, wanted->index, run->at, &verdict);
        if (status != MST_OK)
            return mst_tool_failed("cannot evaluate '%s': %s", wanted->name,
                                   mst_status_text(status));
        *kinds |= 1u << verdict.kind;
        if (run->wants_all_checks)
            (void)mst_eval_all_checks(wanted->machine->vm); /* nothing, unless a policy failed */
        request->sink->verdict(run, i, &verdict);
    }
    return MST_TOOL_GOOD;
}

static int take_record(struct request *request, const mst_frame *frame, unsigned *kinds)
{
    mst_tool_run *run = &request->run;
    mst_record_error error = MST_RECORD_ERROR_INIT;
    run->record_count++;
    if (read_again(run, frame, &error)) {
        if (request->sink == &mst_tool_table_sink)
            mst_tool_keys_take(&run->keys, frame->text, frame->len);
        return evaluate(request, kinds);
    }
    run->bad_count++;
    request->sink->bad_record(run, frame->line, &error);
    return MST_TOOL_GOOD;
}

static int take_block(struct request *request, mst_tool_stream *stream)
{
    if (!stream->is_regular)
        request->sink->idle(&request->run);
    mst_tool_progress(request->run.record_count, stream->read_bytes, stream->total_bytes);
    return mst_tool_stream_fill(stream);
}

/* Until the stream ends or cannot go on. */
static int take_stream(struct request *request, mst_tool_stream *stream, unsigned *kinds)
{
    mst_tool_run *run = &request->run;
    for (;;) {
        mst_frame frame = MST_FRAME_INIT;
        int code = MST_TOOL_GOOD;
        switch (next_record(run, stream, &frame)) {
        case MST_OK: code = take_record(request, &frame, kinds); break;
        case MST_ERR_NOT_FOUND: return MST_TOOL_GOOD;
        case MST_ERR_SPACE: code = take_block(request, stream); break;
        default:
            run->record_count++;
            run->bad_count++;
            request->sink->bad_record(run, frame.line, &frame.error);
        }
        if (code != MST_TOOL_GOOD)
            return code;
    }
}

static int run_request(struct request *request)
{
    mst_tool_run *run = &request->run;
    mst_tool_stream stream;
    unsigned kinds = 0;
    int code = mst_tool_stream_open(&stream, request->facts);
    if (code != MST_TOOL_GOOD)
        return code;
    request->sink->begin(run);
    code = take_stream(request, &stream, &kinds);
    request->sink->end(run);
    mst_tool_progress_clear();
    mst_tool_stream_close(&stream);
    if (code == MST_TOOL_GOOD && (run->bad_count > 0 || (kinds & request->fail_on) != 0))
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
    const mst_tool_options options = {help, ":hf:I:", names, repeated, argc, argv};
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
