/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_state.c - `muster state`: what an operator does to the file in which the service keeps what
 * it knows of its subjects. All of it works while the service runs. */
#include <string.h>

#include "instant.h"
#include "options.h"
#include "output.h"
#include "state_admin.h"
#include "terminal.h"
#include "tool.h"

static const char help[] =
    "muster state backup muster.db /backup/muster-2026-11-21.db\n"
    "\n"
    "Looks after the file in which 'muster serve' keeps what it knows of its devices.\n"
    "The service may run meanwhile.\n"
    "\n"
    "usage: muster state check FILE\n"
    "       muster state export FILE\n"
    "       muster state backup FILE NEW\n"
    "\n"
    "  check   reads everything and reports what is damaged\n"
    "  export  writes one JSON object a line for each subject: its facts, when they\n"
    "          were observed, and its verdicts as they were last kept\n"
    "  backup  copies the file as it is at one instant; NEW may not exist yet\n"
    "\n"
    "To restore a backup, stop the service, remove FILE, FILE-wal and FILE-shm, and\n"
    "copy the backup to FILE.\n"
    "\n"
    "  -h, --help  this text\n"
    "\n"
    "Ends with 0: good; 1: the file is damaged; 2: usage; 3: files and the like.\n";

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {0};

/* There are no options but --help. */
static int take_option(void *context, int letter, const char *value)
{
    (void)context;
    (void)letter;
    (void)value;
    return MST_TOOL_GOOD;
}

/* A damaged file is found wanting; anything else is the environment's. */
static int report(mst_state_status status, const char *message)
{
    mst_tool_say("%s", message);
    return status == MST_STATE_CORRUPT ? MST_TOOL_WANTING : MST_TOOL_FAILED;
}

/* ---- check ------------------------------------------------------------------------------- */

static void put_problem(void *context, const char *text)
{
    (void)context;
    mst_tool_puts("problem    ");
    mst_tool_puts_tame(text);
    mst_tool_puts("\n");
}

static void show_progress(void *context, uint64_t subject_count)
{
    (void)context;
    mst_tool_progress(subject_count, 0, 0);
}

static void put_count(const char *name, uint64_t count)
{
    char text[32];
    mst_tool_printf("%-9s  %s\n", name, mst_tool_count_text(text, count));
}

static int check(char **files)
{
    mst_state_findings findings;
    mst_state_why why;
    mst_state_status status =
        mst_state_check(files[0], put_problem, show_progress, NULL, &findings, &why);
    mst_tool_progress_clear();
    if (status != MST_STATE_OK)
        return report(status, why.text);
    mst_tool_printf("%-9s  %s\n", "file", files[0]);
    put_count("version", (uint64_t)findings.version);
    put_count("subjects", findings.subject_count);
    put_count("groups", findings.group_count);
    put_count("verdicts", findings.verdict_count);
    put_count("changes", findings.change_count);
    put_count("problems", findings.problem_count);
    if (findings.problem_count == 0)
        return MST_TOOL_GOOD;
    mst_tool_note("'%s' is damaged: restore a backup of it", files[0]);
    return MST_TOOL_WANTING;
}

/* ---- export ------------------------------------------------------------------------------ */

static void put_name(const mst_state *state, uint32_t number)
{
    mst_text name = mst_state_name_text(state, number);
    if (number == 0)
        mst_tool_puts("null");
    else
        mst_tool_put_json(name.ptr, name.len);
}

static void put_instant(int64_t instant)
{
    char text[MST_TOOL_INSTANT_BYTES];
    if (instant == MST_NEVER || instant == INT64_MIN)
        mst_tool_puts("null");
    else
        mst_tool_printf("\"%s\"", mst_tool_instant_text(text, instant, MST_TOOL_INSTANT_FULL));
}

static const char *kind_name(uint32_t kind)
{
    switch (kind) {
    case MST_KIND_PASS: return "pass";
    case MST_KIND_FAIL: return "fail";
    case MST_KIND_CASE: return "case";
    default: return "unknown";
    }
}

static void put_verdict(const mst_state *state, const mst_state_verdict *verdict)
{
    mst_tool_puts("{\"verdict\":");
    put_name(state, verdict->name);
    mst_tool_puts(",\"outcome\":");
    put_name(state, verdict->outcome);
    mst_tool_printf(",\"kind\":\"%s\",\"check\":", kind_name(verdict->kind));
    put_name(state, verdict->check);
    mst_tool_puts(",\"since\":");
    put_instant(verdict->since);
    mst_tool_puts(",\"valid_until\":");
    put_instant(verdict->valid_until);
    mst_tool_puts(",\"rules\":");
    put_name(state, verdict->rules);
    mst_tool_puts("}");
}

static void put_group(const mst_state *state, const mst_state_group *group)
{
    put_name(state, group->name);
    mst_tool_puts(":{\"observed\":");
    put_instant(group->observed);
    mst_tool_puts(",\"facts\":");
    if (group->text.len > 0)
        mst_tool_put(group->text.ptr, group->text.len);
    else
        mst_tool_puts("null");
    mst_tool_puts("}");
}

static bool put_subject(void *context, const mst_state_subject *subject)
{
    const mst_state *state = context;
    mst_tool_puts("{\"subject\":");
    mst_tool_put_json(subject->id.ptr, subject->id.len);
    mst_tool_puts(",\"verdicts\":[");
    for (uint32_t i = 0; i < subject->verdict_count; i++) {
        mst_tool_puts(i > 0 ? "," : "");
        put_verdict(state, &subject->verdicts[i]);
    }
    mst_tool_puts("],\"groups\":{");
    for (uint32_t i = 0; i < subject->group_count; i++) {
        mst_tool_puts(i > 0 ? "," : "");
        put_group(state, &subject->groups[i]);
    }
    mst_tool_puts("}}\n");
    return true;
}

#define PIECE 1000

static int export(char **files)
{
    mst_state_options options = MST_STATE_OPTIONS_INIT;
    mst_state_why why;
    mst_state *state;
    options.path = files[0];
    options.is_read_only = true;
    options.subject_max = MST_STATE_SLOT_MAX;
    mst_state_status status = mst_state_open(&state, &options, &why);
    if (status != MST_STATE_OK)
        return report(status, why.text);
    for (uint32_t at = 0; at != MST_STATE_END && status == MST_STATE_OK;)
        status = mst_state_scan(state, at, PIECE, put_subject, state, &at);
    int code = MST_TOOL_GOOD;
    if (status != MST_STATE_OK)
        code = report(status, mst_state_message(state));
    mst_state_close(state);
    return code;
}

/* ---- backup ------------------------------------------------------------------------------ */

static int backup(char **files)
{
    mst_state_why why;
    mst_state_status status = mst_state_backup(files[0], files[1], &why);
    return status == MST_STATE_OK ? MST_TOOL_GOOD : report(status, why.text);
}

/* ---- which ------------------------------------------------------------------------------- */

static const struct verb {
    const char *name;
    int (*run)(char **files);
    int file_count;
    const char *files;
} verbs[] = {
    {"check", check, 1, "the file: muster state check FILE"},
    {"export", export, 1, "the file: muster state export FILE"},
    {"backup", backup, 2, "the file and the new one: muster state backup FILE NEW"},
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static int run_verb(int count, char **words)
{
    if (count == 0)
        return mst_tool_misused("what to do? check, export or backup");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(words[0], verbs[i].name) != 0)
            continue;
        if (count - 1 != verbs[i].file_count)
            return mst_tool_misused("'%s' wants %s", verbs[i].name, verbs[i].files);
        return verbs[i].run(words + 1);
    }
    const char *meant = mst_tool_nearest(words[0], &verbs[0].name, VERB_COUNT, sizeof verbs[0]);
    if (meant)
        return mst_tool_misused("there is no '%s'; did you mean '%s'?", words[0], meant);
    return mst_tool_misused("there is no '%s': check, export or backup", words[0]);
}

int mst_tool_state(int argc, char **argv)
{
    const mst_tool_options options = {help, ":h", names, repeated, argc, argv};
    int code;
    if (mst_tool_read_options(&options, take_option, NULL, &code))
        code = run_verb(argc - optind, argv + optind);
    return code;
}
