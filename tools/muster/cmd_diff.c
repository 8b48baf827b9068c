/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_diff.c - `muster diff`: what has changed between two versions of rules, and for whom. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff_show.h"
#include "instant.h"
#include "jobs.h"
#include "options.h"
#include "output.h"
#include "tool.h"

/* Devices named for each verdict on a terminal; elsewhere all are. */
#define TERMINAL_LIMIT 20

static const char help[] =
    "muster diff released/hotpatch.muster hotpatch.muster --facts fleet.ndjson\n"
    "\n"
    "Shows what has changed from OLD to NEW in rules, tables and texts; what was only\n"
    "moved or laid out anew has not changed. With facts it also shows how many\n"
    "devices come from which outcome to which, and names each with the check that\n"
    "decides.\n"
    "\n"
    "usage: muster diff OLD NEW [option...]\n"
    "\n"
    "OLD and NEW are .muster files, folders, modules on the search path, or compiled\n"
    "images. An image does not hold what conditions, texts and tables say: where one\n"
    "of both is an image, names, titles, outcomes and facts are compared.\n"
    "\n"
    "  -f, --facts FILE    JSON records of devices; '-' is standard input\n"
    "      --verdict NAME  compare this verdict (repeat for more; without: all)\n"
    "      --at TIME       the instant to evaluate for (without: now)\n"
    "      --limit N       name at most N devices a verdict (on a terminal: 20)\n"
    "      --format FORM   text, or json: an object a line\n"
    "  -j, --jobs N        evaluate in N threads; else one per processor, at most 8\n"
    "  -I DIR              look for modules below DIR too (repeat for more)\n"
    "  -h, --help          this text\n"
    "\n"
    "Ends with 0: good; 1: rules have errors, or records were rejected; 2: usage;\n"
    "3: files and the like.\n";

enum {
    OPTION_VERDICT = MST_TOOL_OPTION_FIRST,
    OPTION_AT,
    OPTION_LIMIT,
    OPTION_FORMAT,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"facts", required_argument, NULL, 'f'},
    {"verdict", required_argument, NULL, OPTION_VERDICT},
    {"at", required_argument, NULL, OPTION_AT},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"jobs", required_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_VERDICT, 0};

struct request {
    mst_tool_search search;
    mst_tool_fleet fleet;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    mst_tool_fleet *fleet = &request->fleet;
    switch (letter) {
    case 'I': return mst_tool_search_add(&request->search, value);
    case 'f': fleet->facts = value; return MST_TOOL_GOOD;
    case 'j': return mst_tool_read_jobs(value, &fleet->jobs);
    case OPTION_VERDICT: mst_tool_fleet_add(fleet, value); return MST_TOOL_GOOD;
    case OPTION_AT:
        if (mst_tool_read_instant(value, &fleet->at))
            return MST_TOOL_GOOD;
        return mst_tool_misused("--at needs a time as 2026-08-15T00:00:00Z or 2026-08-15, not '%s'",
                                value);
    case OPTION_LIMIT: return mst_tool_fleet_limit(fleet, value);
    default:
        fleet->is_json = strcmp(value, "json") == 0;
        if (fleet->is_json || strcmp(value, "text") == 0)
            return MST_TOOL_GOOD;
        return mst_tool_misused("--format is 'text' or 'json', not '%s'", value);
    }
}

/* ---- the rules --------------------------------------------------------------------------- */

static bool has_image(const mst_tool_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->modules[i].compilation == NULL)
            return true;
    return false;
}

static void add_rules(mst_diff_rules *to, const mst_tool_rules *rules, bool as_images)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (as_images)
            mst_diff_add_image(to, &rules->modules[i].image);
        else
            mst_diff_add_compilation(to, rules->modules[i].compilation);
    }
}

static bool is_same_image(const mst_tool_rules *before, const mst_tool_rules *after)
{
    return before->count == 1 && after->count == 1 &&
           memcmp(mst_image_digest(&before->modules[0].image),
                  mst_image_digest(&after->modules[0].image), 32) == 0;
}

static void compare_rules(const struct request *request, const mst_tool_rules *before,
                          const mst_tool_rules *after)
{
    bool as_images = has_image(before) || has_image(after);
    mst_diff_rules old_rules = {0}, new_rules = {0};
    mst_diff diff;
    add_rules(&old_rules, before, as_images);
    add_rules(&new_rules, after, as_images);
    mst_diff_make(&diff, &old_rules, &new_rules);
    if (request->fleet.is_json)
        mst_tool_show_changes_json(&diff);
    else if (diff.count > 0 || !as_images || is_same_image(before, after))
        mst_tool_show_changes(&diff);
    else
        mst_tool_puts("The images have the same names, titles, outcomes and facts.\n");
    if (as_images && !is_same_image(before, after))
        mst_tool_say("an image does not hold what conditions, texts and tables say: name the "
                     "sources of both to compare these");
    mst_diff_free(&diff);
    mst_diff_free_rules(&old_rules);
    mst_diff_free_rules(&new_rules);
}

static int compare(struct request *request, const char *old_name, const char *new_name)
{
    mst_tool_rules before, after;
    int code = mst_tool_rules_open(&before, old_name, &request->search);
    if (code != MST_TOOL_GOOD)
        return code;
    code = mst_tool_rules_open(&after, new_name, &request->search);
    if (code == MST_TOOL_GOOD) {
        compare_rules(request, &before, &after);
        if (request->fleet.facts != NULL)
            code = mst_tool_compare_fleet(&request->fleet, &before, &after);
        mst_tool_rules_close(&after);
    }
    mst_tool_rules_close(&before);
    return code;
}

int mst_tool_diff(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hf:j:I:", names, repeated, argc, argv};
    struct request request = {.search = MST_TOOL_SEARCH_INIT,
                              .fleet = {.at = mst_tool_clock(), .limit = UINT64_MAX}};
    int code;
    request.search.with_outline = true;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        if (!request.fleet.has_limit && isatty(STDOUT_FILENO))
            request.fleet.limit = TERMINAL_LIMIT;
        if (argc - optind == 2)
            code = compare(&request, argv[optind], argv[optind + 1]);
        else
            code = mst_tool_misused(argc - optind < 2 ? "which rules? OLD and NEW are needed"
                                                      : "OLD and NEW are enough; facts go with "
                                                        "--facts");
    }
    mst_tool_search_free(&request.search);
    free(request.fleet.verdicts);
    return code;
}
