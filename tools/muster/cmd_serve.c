/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_serve.c - `muster serve`: the command line of the service. Its options are the rows of
 * settings.def; the service itself is runtime/service, which gets rules from here by a callback. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "options.h"
#include "output.h"
#include "plugins.h"
#include "rules.h"
#include "service/service.h"
#include "tool.h"

static const char help_head[] =
    "muster serve windows.hotpatch\n"
    "\n"
    "Keeps the facts of every subject and their verdicts, always current. Records\n"
    "come in by sockets or HTTP, verdicts and their changes go out; a status page\n"
    "is at http://127.0.0.1:7412/. Nothing needs to be set.\n"
    "\n"
    "usage: muster serve RULES [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, a module on the search path, or a compiled\n"
    "image. SIGHUP, or a change of the file, loads it again.\n"
    "\n";

#define HELP_COLUMNS 79
#define HELP_INDENT 31

static const char *const help_own[][2] = {
    {"    --config FILE", "settings as lines 'name = value'; options win"},
    {"    --print-config", "show all settings in that form, and end"},
    {"-I DIR", "look for modules below DIR too (repeat for more)"},
    {"    --param M.P=V", "set a param of the rules"},
    {"-h, --help", "this text"},
};

static const char help_tail[] =
    "\n"
    "Ends with 0: SIGTERM, once what came in is answered; 1: errors in rules;\n"
    "2: usage; 3: an address, a file, a permission.\n";

enum {
    OPTION_PARAM = MST_TOOL_OPTION_FIRST,
    OPTION_CONFIG,
    OPTION_PRINT_CONFIG,
    OPTION_SETTING, /* and following: the rows of settings.def */
};

struct request {
    const char *rules, *config;
    bool wants_print;
    mst_tool_search search;
    mst_settings settings;
    /* Of the command line, to be set after those of the file. */
    struct given {
        const char *name, *value;
    } * given;
    size_t given_count, given_capacity;
};

static int take_option(void *context, int letter, const char *value)
{
    struct request *request = context;
    const char *value_name, *standard, *what;
    bool is_list;
    switch (letter) {
    case 'I': return mst_tool_search_add(&request->search, value);
    case OPTION_PARAM: return mst_tool_search_param(&request->search, value);
    case OPTION_CONFIG: request->config = value; return MST_TOOL_GOOD;
    case OPTION_PRINT_CONFIG: request->wants_print = true; return MST_TOOL_GOOD;
    default: break;
    }
    const char *name = mst_settings_name((size_t)(letter - OPTION_SETTING), &value_name, &standard,
                                         &what, &is_list);
    request->given = mst_tool_grow(request->given, request->given_count, &request->given_capacity,
                                   sizeof *request->given);
    request->given[request->given_count++] = (struct given){name, value ? value : "yes"};
    return MST_TOOL_GOOD;
}

/* ---- the table of options ---------------------------------------------------------------- */

struct table {
    struct option names[MST_SETTING_COUNT_MAX + 8];
    int repeated[MST_SETTING_COUNT_MAX + 4];
    char *help;
};

/* "      --name VALUE  what it is", wrapped at 80 columns. */
static char *add_help(char *help, const char *option, const char *text)
{
    char *longer = mst_tool_format("%s  %-*s", help, HELP_INDENT - 4, option);
    size_t column = strlen(option) > HELP_INDENT - 4 ? HELP_COLUMNS : HELP_INDENT - 2;
    free(help);
    while (*text) {
        size_t len = strcspn(text, " ");
        bool breaks = column + 1 + len > HELP_COLUMNS;
        help = mst_tool_format("%s%s%*s%.*s", longer, breaks ? "\n" : "",
                               breaks                 ? HELP_INDENT
                               : column < HELP_INDENT ? 2
                                                      : 1,
                               "", (int)len, text);
        free(longer);
        longer = help;
        column = (breaks ? HELP_INDENT : column < HELP_INDENT ? HELP_INDENT : column + 1) + len;
        text += len + strspn(text + len, " ");
    }
    help = mst_tool_format("%s\n", longer);
    free(longer);
    return help;
}

static char *add_setting_help(char *help, const char *name, const char *value_name,
                              const char *standard, const char *what)
{
    bool has_standard = *standard && *value_name;
    char *option = mst_tool_format("    --%s%s%s", name, *value_name ? " " : "", value_name);
    char *text = mst_tool_format("%s%s%s%s", what, has_standard ? " [" : "",
                                 has_standard ? standard : "", has_standard ? "]" : "");
    help = add_help(help, option, text);
    free(option);
    free(text);
    return help;
}

static void make_table(struct table *table)
{
    static const struct option own[] = {
        MST_TOOL_OPTION_HELP,
        {"param", required_argument, NULL, OPTION_PARAM},
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"print-config", no_argument, NULL, OPTION_PRINT_CONFIG},
    };
    size_t count = sizeof own / sizeof own[0], repeated = 0;
    const char *name, *value_name, *standard, *what;
    bool is_list;
    *table = (struct table){.help = mst_tool_copy(help_head, sizeof help_head - 1)};
    memcpy(table->names, own, sizeof own);
    table->repeated[repeated++] = 'I';
    table->repeated[repeated++] = OPTION_PARAM;
    for (size_t i = 0; (name = mst_settings_name(i, &value_name, &standard, &what, &is_list));
         i++) {
        int number = OPTION_SETTING + (int)i;
        int argument = *value_name ? required_argument : no_argument;
        table->names[count++] = (struct option){name, argument, NULL, number};
        if (is_list)
            table->repeated[repeated++] = number;
        table->help = add_setting_help(table->help, name, value_name, standard, what);
    }
    for (size_t i = 0; i < sizeof help_own / sizeof help_own[0]; i++)
        table->help = add_help(table->help, help_own[i][0], help_own[i][1]);
    char *longer = mst_tool_format("%s%s", table->help, help_tail);
    free(table->help);
    table->help = longer;
}

/* ---- rules ------------------------------------------------------------------------------- */

/* Compiles anew each time: what is on disk now counts. Diagnostics go to standard error. */
static bool compile(void *context, unsigned char **bytes, size_t *byte_count,
                    char why[MST_SERVICE_WHY_BYTES])
{
    struct request *request = context;
    mst_tool_rules rules;
    if (mst_tool_rules_open(&rules, request->rules, &request->search) != MST_TOOL_GOOD) {
        snprintf(why, MST_SERVICE_WHY_BYTES, "'%.200s' cannot be used; what is wrong stands above",
                 request->rules);
        return false;
    }
    bool is_one = rules.count == 1;
    if (is_one) {
        *byte_count = rules.modules[0].byte_count;
        *bytes = mst_tool_resize(NULL, *byte_count);
        memcpy(*bytes, rules.modules[0].bytes, *byte_count);
    } else {
        snprintf(why, MST_SERVICE_WHY_BYTES,
                 "'%.200s' has %zu modules; name the one to serve, it may import the others",
                 request->rules, rules.count);
    }
    mst_tool_rules_close(&rules);
    return is_one;
}

/* ---- running ----------------------------------------------------------------------------- */

static int complete_settings(struct request *request)
{
    char why[MST_SETTING_WHY_BYTES];
    if (request->config && !mst_settings_read(&request->settings, request->config, why))
        return mst_tool_failed("%s", why);
    for (size_t i = 0; i < request->given_count; i++)
        if (!mst_settings_set(&request->settings, request->given[i].name, request->given[i].value,
                              MST_FROM_OPTION, why))
            return mst_tool_misused("%s", why);
    return MST_TOOL_GOOD;
}

static int serve(struct request *request)
{
    char **paths;
    size_t count;
    int code = mst_tool_rules_find(request->rules, &request->search, false, &paths, &count);
    if (code != MST_TOOL_GOOD)
        return code;
    char **folders = mst_tool_plugin_folders();
    const mst_service_options options = {.settings = &request->settings,
                                         .clock = mst_clock_machine,
                                         .compile = compile,
                                         .context = request,
                                         .watched = count == 1 ? paths[0] : NULL,
                                         .plugin_folders = (const char *const *)folders};
    code = (int)mst_service_run(&options);
    mst_tool_free_plugin_folders(folders);
    mst_tool_free_list(paths, count);
    return code;
}

static int run_request(const mst_tool_options *options, struct request *request)
{
    int code = complete_settings(request);
    if (code != MST_TOOL_GOOD)
        return code;
    if (request->wants_print) {
        mst_settings_print(&request->settings, stdout);
        return MST_TOOL_GOOD;
    }
    request->rules = mst_tool_only_rules(options, "");
    if (!request->rules)
        return MST_TOOL_USAGE;
    if (strcmp(request->rules, "-") == 0)
        return mst_tool_misused(
            "the service reads its rules again, and cannot from standard input");
    return serve(request);
}

int mst_tool_serve(int argc, char **argv)
{
    struct table table;
    struct request request = {.search = MST_TOOL_SEARCH_INIT};
    int code;
    make_table(&table);
    mst_settings_init(&request.settings);
    request.search.with_tests = true;
    const mst_tool_options options = {table.help, ":hI:", table.names, table.repeated, argc, argv};
    if (mst_tool_read_options(&options, take_option, &request, &code))
        code = run_request(&options, &request);
    mst_settings_free(&request.settings);
    mst_tool_search_free(&request.search);
    free(request.given);
    free(table.help);
    return code;
}
