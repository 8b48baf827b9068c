/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_baselines.c - `muster baselines`: rows for the table of releases out of a catalogue, written
 * beside the table, and what they would change. It activates nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diff_show.h"
#include "files.h"
#include "instant.h"
#include "instead.h"
#include "options.h"
#include "output.h"
#include "release_table.h"
#include "tool.h"

#define TERMINAL_LIMIT 20 /* devices named for each verdict */

static const char help[] =
    "muster baselines catalogue.json --facts fleet.ndjson --rules windows.cadence\n"
    "\n"
    "Reads a catalogue of Windows updates, as the source autopatch writes it or Graph\n"
    "answers it, and shows which rows the table of releases lacks. Writes the table\n"
    "with these rows beside the old one, as releases.new.csv, for you to look through\n"
    "and to put in its place; nothing changes by itself. With facts it also shows\n"
    "which devices would get another outcome.\n"
    "\n"
    "usage: muster baselines CATALOGUE [option...]\n"
    "\n"
    "      --table FILE    the table (without: that of the module windows.releases)\n"
    "  -o, --output FILE   write to this file instead\n"
    "  -f, --facts FILE    JSON records of devices; '-' is standard input\n"
    "      --rules RULES   the rules to ask for them (without: windows.cadence)\n"
    "      --verdict NAME  compare this verdict (repeat for more; without: all)\n"
    "      --at TIME       the instant to evaluate for (without: now)\n"
    "      --limit N       name at most N devices a verdict (on a terminal: 20)\n"
    "  -I DIR              look for modules below DIR too (repeat for more)\n"
    "  -h, --help          this text\n"
    "\n"
    "Ends with 0: good; 1: the catalogue or a table is no good, or they contradict\n"
    "each other; 2: usage; 3: files and the like.\n";

enum {
    OPTION_TABLE = MST_TOOL_OPTION_FIRST,
    OPTION_RULES,
    OPTION_VERDICT,
    OPTION_AT,
    OPTION_LIMIT,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"table", required_argument, NULL, OPTION_TABLE},
    {"output", required_argument, NULL, 'o'},
    {"facts", required_argument, NULL, 'f'},
    {"rules", required_argument, NULL, OPTION_RULES},
    {"verdict", required_argument, NULL, OPTION_VERDICT},
    {"at", required_argument, NULL, OPTION_AT},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_VERDICT, 0};

struct request {
    mst_tool_search search;
    mst_tool_fleet fleet;
    const char *catalogue, *table, *output, *rules;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    mst_tool_fleet *fleet = &request->fleet;
    switch (letter) {
    case 'I': return mst_tool_search_add(&request->search, value);
    case 'o': request->output = value; return MST_TOOL_GOOD;
    case 'f': fleet->facts = value; return MST_TOOL_GOOD;
    case OPTION_TABLE: request->table = value; return MST_TOOL_GOOD;
    case OPTION_RULES: request->rules = value; return MST_TOOL_GOOD;
    case OPTION_VERDICT: mst_tool_fleet_add(fleet, value); return MST_TOOL_GOOD;
    case OPTION_AT:
        if (mst_tool_read_instant(value, &fleet->at))
            return MST_TOOL_GOOD;
        return mst_tool_misused("--at needs a time as 2026-08-15T00:00:00Z or 2026-08-15, not '%s'",
                                value);
    default: return mst_tool_fleet_limit(fleet, value);
    }
}

/* ---- paths ------------------------------------------------------------------------------- */

static bool has_ending(const char *path, const char *ending)
{
    size_t len = strlen(path), ending_len = strlen(ending);
    return len > ending_len && strcmp(path + len - ending_len, ending) == 0;
}

/* releases.csv beside the module windows.releases, to be freed. */
static int find_table(const struct request *request, char **table)
{
    char **paths;
    size_t count;
    if (request->table) {
        *table = mst_tool_format("%s", request->table);
        return MST_TOOL_GOOD;
    }
    int code = mst_tool_rules_find("windows.releases", &request->search, false, &paths, &count);
    if (code == MST_TOOL_GOOD)
        *table = mst_tool_format("%.*scsv", (int)(strlen(paths[0]) - strlen("muster")), paths[0]);
    mst_tool_free_list(paths, count);
    return code;
}

static char *output_path(const struct request *request, const char *table)
{
    if (request->output)
        return mst_tool_format("%s", request->output);
    if (has_ending(table, ".csv"))
        return mst_tool_format("%.*s.new.csv", (int)(strlen(table) - strlen(".csv")), table);
    return mst_tool_format("%s.new", table);
}

/* ---- the new table ----------------------------------------------------------------------- */

static char *make_text(const mst_tool_releases *releases)
{
    bool ends = releases->len > 0 && releases->text[releases->len - 1] == '\n';
    char *text = mst_tool_format("%s%s", releases->text, ends ? "" : "\n");
    for (size_t i = releases->file_count; i < releases->row_count; i++) {
        char *line = mst_tool_release_line(releases, &releases->rows[i]);
        char *longer = mst_tool_format("%s%s\n", text, line);
        free(line);
        free(text);
        text = longer;
    }
    return text;
}

static void show_rows(const mst_tool_releases *releases, const char *table)
{
    size_t added = releases->row_count - releases->file_count;
    mst_tool_printf("%s: %zu row%s, %zu new\n", table, releases->file_count,
                    releases->file_count == 1 ? "" : "s", added);
    for (size_t i = releases->file_count; i < releases->row_count; i++) {
        char *line = mst_tool_release_line(releases, &releases->rows[i]);
        mst_tool_puts("  + ");
        mst_tool_puts_tame(line);
        mst_tool_puts("\n");
        free(line);
    }
}

static void show_next_steps(const mst_tool_releases *releases, const char *table,
                            const char *output)
{
    bool has_baseline = false;
    for (size_t i = releases->file_count; i < releases->row_count; i++)
        has_baseline = has_baseline || strcmp(releases->rows[i].kind, "baseline") == 0;
    if (has_baseline)
        mst_tool_puts("\nThe catalogue does not call an update a baseline: it is taken for one on "
                      "a day without\na hotpatch. Compare with the hotpatch calendar.\n");
    mst_tool_printf("\nWritten to %s; nothing is active. Look through it, then:\n"
                    "  mv %s %s && muster test stdlib-rules\n",
                    output, output, table);
}

/* ---- for whom ---------------------------------------------------------------------------- */

static int compare(struct request *request, const char *table, const char *text)
{
    struct mst_tool_instead instead = {
        .table = mst_tool_whole_path(table), .text = text, .len = strlen(text)};
    mst_tool_rules before, after;
    int code = mst_tool_rules_open(&before, request->rules, &request->search);
    if (code == MST_TOOL_GOOD) {
        request->search.instead = &instead;
        code = mst_tool_rules_open(&after, request->rules, &request->search);
        request->search.instead = NULL;
        if (code == MST_TOOL_GOOD && instead.uses == 0)
            code = mst_tool_failed("'%s' does not read the table '%s'", request->rules, table);
        else if (code == MST_TOOL_GOOD)
            code = mst_tool_compare_fleet(&request->fleet, &before, &after);
        mst_tool_rules_close(&after);
    }
    mst_tool_rules_close(&before);
    free(instead.table);
    return code;
}

static bool is_same_file(const char *one, const char *other)
{
    char *whole = mst_tool_whole_path(one), *beside = mst_tool_whole_path(other);
    const bool is_same = whole && beside && strcmp(whole, beside) == 0;
    free(whole);
    free(beside);
    return is_same;
}

static int propose(struct request *request, mst_tool_releases *releases, const char *table)
{
    char *output = output_path(request, table), *text = make_text(releases);
    int code = MST_TOOL_GOOD;
    show_rows(releases, table);
    if (is_same_file(output, table)) {
        code = mst_tool_misused("the new table is written beside '%s', never over it", table);
    } else if (releases->row_count > releases->file_count) {
        code = mst_tool_write_file(output, (const unsigned char *)text, strlen(text));
        if (code == MST_TOOL_GOOD && request->fleet.facts)
            code = compare(request, table, text);
        if (code == MST_TOOL_GOOD || code == MST_TOOL_WANTING)
            show_next_steps(releases, table, output);
    }
    free(text);
    free(output);
    return code;
}

static int run(struct request *request)
{
    mst_tool_catalogue catalogue;
    mst_tool_releases releases = {0};
    char *table = NULL;
    size_t differing = 0;
    int code = mst_tool_catalogue_read(&catalogue, request->catalogue);
    if (code == MST_TOOL_GOOD)
        code = find_table(request, &table);
    if (code == MST_TOOL_GOOD)
        code = mst_tool_releases_read(&releases, table);
    if (code == MST_TOOL_GOOD) {
        differing = mst_tool_releases_add(&releases, &catalogue);
        code = propose(request, &releases, table);
    }
    mst_tool_releases_free(&releases);
    mst_tool_catalogue_free(&catalogue);
    free(table);
    return code == MST_TOOL_GOOD && differing > 0 ? MST_TOOL_WANTING : code;
}

int mst_tool_baselines(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hf:o:I:", names, repeated, argc, argv};
    struct request request = {.search = MST_TOOL_SEARCH_INIT,
                              .rules = "windows.cadence",
                              .fleet = {.at = mst_tool_clock(), .limit = UINT64_MAX}};
    int code;
    if (mst_tool_read_options(&options, take_option, &request, &code)) {
        if (!request.fleet.has_limit && isatty(STDOUT_FILENO))
            request.fleet.limit = TERMINAL_LIMIT;
        request.catalogue = argv[optind];
        if (argc - optind == 1)
            code = run(&request);
        else
            code = mst_tool_misused("one catalogue is needed, a JSON file");
    }
    mst_tool_search_free(&request.search);
    free(request.fleet.verdicts);
    return code;
}
