/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_explain.c - `muster explain`: finds the record of one subject, evaluates it and tells why. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval_run.h"
#include "explain_report.h"
#include "fact_stream.h"
#include "instant.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "tool.h"

static const char help[] =
    "muster explain windows.hotpatch --facts fleet.ndjson --subject D-4711\n"
    "\n"
    "Tells why a device got its verdicts: the checks in order, each expression with\n"
    "its value and where its facts came from, until when that holds and what comes\n"
    "then, and the fewest facts that would have to be different for a policy to pass.\n"
    "\n"
    "usage: muster explain RULES [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, or a module on the search path.\n"
    "\n"
    "  -f, --facts FILE    JSON records; standard input without it\n"
    "      --subject ID    whose verdicts; without it those of the only record\n"
    "      --verdict NAME  this policy or decision only (repeat for more)\n"
    "      --at TIME       the instant to evaluate at; now without it\n"
    "      --format FORM   text, or json: an object a line for each verdict\n"
    "  -I DIR              look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V   set a param of the rules\n"
    "  -h, --help          this text\n"
    "\n"
    "Ends with 0: explained; 1: no such subject, or a record that is rejected;\n"
    "2: usage; 3: files and the like.\n";

enum {
    OPTION_SUBJECT = MST_TOOL_OPTION_FIRST,
    OPTION_VERDICT,
    OPTION_AT,
    OPTION_FORMAT,
    OPTION_PARAM,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"at", required_argument, NULL, OPTION_AT},
    {"facts", required_argument, NULL, 'f'},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"param", required_argument, NULL, OPTION_PARAM},
    {"subject", required_argument, NULL, OPTION_SUBJECT},
    {"verdict", required_argument, NULL, OPTION_VERDICT},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, OPTION_VERDICT, 0};

struct request {
    const char *rules, *facts, *subject;
    const char **verdicts;
    size_t verdict_count, verdict_capacity;
    bool is_json;
    mst_tool_search search;
    mst_tool_run run;
    char *record; /* of the subject */
    size_t record_len;
};

/* ---- the record -------------------------------------------------------------------------- */

static mst_text subject_of(const mst_tool_machine *machine)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    uint32_t fact = mst_image_subject(machine->image);
    if (fact == MST_INDEX_NONE || mst_fact_info_at(machine->image, fact, &info) != MST_OK)
        return (mst_text){NULL, 0};
    return mst_fact_text_of(machine->vm, info.slot);
}

static bool is_wanted(const struct request *request, const mst_tool_machine *machine)
{
    mst_text subject = subject_of(machine);
    return request->subject == NULL ||
           (subject.ptr != NULL && subject.len == strlen(request->subject) &&
            memcmp(subject.ptr, request->subject, subject.len) == 0);
}

/* The last record of a subject counts, as in a fleet that reports. */
static void keep_record(struct request *request, const mst_frame *frame)
{
    free(request->record);
    request->record = mst_tool_copy(frame->text, frame->len);
    request->record_len = frame->len;
}

/* Without a subject there may be only one record. */
static int search_block(struct request *request, mst_tool_block *block)
{
    const mst_tool_machine *machine = mst_tool_machine_of(&request->run, &request->run.wanted[0]);
    for (;;) {
        mst_frame frame = MST_FRAME_INIT;
        mst_status status =
            mst_tool_block_read(block, machine->reader, machine->vm, request->run.at, &frame);
        if (status == MST_ERR_NOT_FOUND || status == MST_ERR_SPACE)
            return MST_TOOL_GOOD;
        if (status != MST_OK || !is_wanted(request, machine))
            continue;
        if (request->record != NULL && request->subject == NULL)
            return mst_tool_misused("there is more than one record: name one with --subject");
        keep_record(request, &frame);
    }
}

static int search_stream(struct request *request, mst_tool_stream *stream)
{
    mst_tool_block block;
    int code = MST_TOOL_GOOD;
    mst_tool_block_init(&block, stream);
    while (code == MST_TOOL_GOOD && mst_tool_block_next(&block, stream)) {
        code = search_block(request, &block);
        if (code == MST_TOOL_GOOD && block.failure != 0)
            code = mst_tool_failed("cannot read '%s': %s", stream->path, strerror(block.failure));
    }
    mst_tool_block_free(&block);
    return code;
}

static int find_record(struct request *request)
{
    mst_tool_stream stream;
    int code = mst_tool_stream_open(&stream, request->facts, 1);
    if (code != MST_TOOL_GOOD)
        return code;
    code = search_stream(request, &stream);
    mst_tool_stream_close(&stream);
    if (code != MST_TOOL_GOOD || request->record != NULL)
        return code;
    if (request->subject != NULL)
        mst_tool_say("no record is of the subject '%s'", request->subject);
    else
        mst_tool_say("there is no record that can be read");
    return MST_TOOL_WANTING;
}

/* ---- the explanation --------------------------------------------------------------------- */

static char *render(mst_vm *vm, mst_part part, const mst_verdict_info *info)
{
    size_t len = 0;
    char *text = mst_tool_resize(NULL, info->max_output_bytes + 1);
    if (mst_render(vm, part, text, info->max_output_bytes, &len) == MST_OK) {
        text[len] = '\0';
        return text;
    }
    free(text);
    return NULL;
}

static void add_causes(mst_tool_explained *explained, mst_vm *vm)
{
    static const char *const kinds[] = {"missing", "invalid", "stale", "undecided", "fault"};
    mst_cause cause = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    while (mst_cause_next(vm, &cursor, &cause) == MST_OK) {
        explained->causes = mst_tool_resize(explained->causes, (explained->cause_count + 1) *
                                                                   sizeof *explained->causes);
        explained->causes[explained->cause_count++] = (mst_author_change){
            .fact = cause.name,
            .from = mst_tool_copy(kinds[cause.kind], strlen(kinds[cause.kind]))};
    }
}

static void describe(mst_tool_explained *explained, const mst_tool_machine *machine, int64_t at)
{
    const mst_tool_wanted *wanted = explained->wanted;
    mst_vm *vm = machine->vm;
    mst_verdict verdict = MST_VERDICT_INIT;
    mst_text subject = subject_of(machine);
    (void)mst_eval(vm, wanted->index, at, &verdict);
    mst_text outcome = mst_outcome_name(machine->image, &verdict);
    explained->outcome = mst_tool_copy(outcome.ptr, outcome.len);
    if (subject.ptr != NULL)
        explained->subject = mst_tool_copy(subject.ptr, subject.len);
    if (verdict.check != MST_INDEX_NONE) {
        mst_text check = mst_check_name(machine->image, wanted->index, verdict.check);
        explained->check = mst_tool_copy(check.ptr, check.len);
    }
    explained->reason = render(vm, MST_PART_REASON, &wanted->info);
    explained->remedy = render(vm, MST_PART_REMEDY, &wanted->info);
    add_causes(explained, vm);
}

static void free_explained(mst_tool_explained *explained)
{
    for (size_t i = 0; i < explained->cause_count; i++)
        free(explained->causes[i].from);
    free(explained->causes);
    free(explained->subject);
    free(explained->outcome);
    free(explained->check);
    free(explained->reason);
    free(explained->remedy);
}

static const mst_compilation *compilation_of(const mst_tool_rules *rules, const mst_image *image)
{
    for (size_t i = 0; i < rules->count; i++)
        if (&rules->modules[i].image == image)
            return rules->modules[i].compilation;
    return NULL;
}

static int explain_one(struct request *request, const mst_tool_rules *rules, size_t i)
{
    const mst_tool_wanted *wanted = &request->run.wanted[i];
    const mst_tool_machine *machine = mst_tool_machine_of(&request->run, wanted);
    mst_record_error error = MST_RECORD_ERROR_INIT;
    mst_author_explanation explanation;
    mst_tool_explained explained = {.wanted = wanted, .explanation = &explanation};
    if (mst_read_record(machine->reader, machine->vm, request->record, request->record_len,
                        request->run.at, &error) != MST_OK) {
        mst_tool_say("the record is rejected at byte %u: %s", error.byte, error.message);
        return MST_TOOL_WANTING;
    }
    describe(&explained, machine, request->run.at);
    mst_author_explain(compilation_of(rules, machine->image), machine->image, machine->vm,
                       wanted->index, request->run.at, &explanation);
    if (!request->is_json)
        mst_tool_puts(i > 0 ? "\n" : "");
    if (request->is_json)
        mst_tool_put_explained_json(&explained);
    else
        mst_tool_put_explained_text(&explained);
    mst_author_explanation_free(&explanation);
    free_explained(&explained);
    return MST_TOOL_GOOD;
}

static int explain_all(struct request *request, const mst_tool_rules *rules)
{
    int code = find_record(request);
    for (size_t i = 0; i < request->run.wanted_count && code == MST_TOOL_GOOD; i++)
        code = explain_one(request, rules, i);
    return code;
}

/* With its source an image has the lines of its code, but not the expressions in them. */
static int refuse_image(const mst_image *image, const char *path)
{
    mst_text module = mst_image_module(image), version = mst_image_version(image);
    return mst_tool_misused("'%s' is compiled, and an image holds no expressions, with its source "
                            "or without: name the rules that it was built from, %.*s %.*s",
                            path, (int)module.len, module.ptr, (int)version.len, version.ptr);
}

static int explain_rules(struct request *request)
{
    mst_tool_rules rules;
    int code = mst_tool_rules_open(&rules, request->rules, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    for (size_t i = 0; i < rules.count && code == MST_TOOL_GOOD; i++)
        if (rules.modules[i].compilation == NULL)
            code = refuse_image(&rules.modules[i].image, rules.modules[i].path);
    if (code == MST_TOOL_GOOD)
        code =
            mst_tool_run_prepare(&request->run, &rules, request->verdicts, request->verdict_count);
    if (code == MST_TOOL_GOOD)
        code = explain_all(request, &rules);
    mst_tool_run_release(&request->run);
    mst_tool_rules_close(&rules);
    return code;
}

/* ---- the command line -------------------------------------------------------------------- */

static int take_format(struct request *request, const char *form)
{
    request->is_json = strcmp(form, "json") == 0;
    if (request->is_json || strcmp(form, "text") == 0)
        return MST_TOOL_GOOD;
    return mst_tool_misused("--format is text or json, not '%s'", form);
}

static int take_at(struct request *request, const char *text)
{
    if (mst_tool_read_instant(text, &request->run.at))
        return MST_TOOL_GOOD;
    return mst_tool_misused("--at needs a time as 2026-08-15T00:00:00Z or 2026-08-15, not '%s'",
                            text);
}

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    switch (letter) {
    case 'f': request->facts = value; return MST_TOOL_GOOD;
    case 'I': return mst_tool_search_add(&request->search, value);
    case OPTION_SUBJECT: request->subject = value; return MST_TOOL_GOOD;
    case OPTION_AT: return take_at(request, value);
    case OPTION_FORMAT: return take_format(request, value);
    case OPTION_VERDICT:
        request->verdicts = mst_tool_grow(request->verdicts, request->verdict_count,
                                          &request->verdict_capacity, sizeof *request->verdicts);
        request->verdicts[request->verdict_count++] = value;
        return MST_TOOL_GOOD;
    default: return mst_tool_search_param(&request->search, value);
    }
}

static int complete_request(struct request *request)
{
    if (!request->rules)
        return MST_TOOL_USAGE;
    if (!request->facts && isatty(STDIN_FILENO))
        return mst_tool_misused("there are no facts: name a file with --facts, or send records to "
                                "standard input");
    if (!request->facts)
        request->facts = "-";
    if (strcmp(request->facts, "-") == 0 && strcmp(request->rules, "-") == 0)
        return mst_tool_misused("rules and facts cannot both come from standard input");
    return MST_TOOL_GOOD;
}

int mst_tool_explain(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hf:I:", names, repeated, argc, argv};
    struct request request = {
        .search = MST_TOOL_SEARCH_INIT,
        .run = {.at = mst_tool_clock(), .sink = &mst_tool_ndjson_sink, .jobs = 1}};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        request.rules = mst_tool_only_rules(&options, "; facts go with --facts");
        request.search.at = request.run.at;
        request.search.with_sites = request.search.with_outline = true;
        code = complete_request(&request);
        if (code == MST_TOOL_GOOD)
            code = explain_rules(&request);
    }
    mst_tool_search_free(&request.search);
    free(request.verdicts);
    free(request.record);
    return code;
}
