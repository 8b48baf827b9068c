/* SPDX-License-Identifier: Apache-2.0
 *
 * main.c - the command `muster`: which subcommand, help, version. A new subcommand is one file,
 * its line in tool.h and its row in the table here. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "output.h"
#include "tool.h"

#ifndef MST_PROJECT_VERSION
#define MST_PROJECT_VERSION "unknown"
#endif

#if !MST_SERVICE
int mst_tool_serve(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return mst_tool_failed("this muster was built without the service (MST_SERVICE)");
}

int mst_tool_plugin_check(int argc, char **argv)
{
    return mst_tool_serve(argc, argv);
}
#endif

static const struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} subcommands[] = {
    {"eval", mst_tool_eval, "facts in, verdicts out"},
    {"check", mst_tool_check, "find what is wrong with rules"},
    {"build", mst_tool_build, "compile rules into one image"},
    {"inspect", mst_tool_inspect, "show what rules or an image hold, need and cost"},
    {"test", mst_tool_test, "run the tests of rules"},
    {"diff", mst_tool_diff, "what has changed between two versions, and for whom"},
    {"baselines", mst_tool_baselines, "new rows for the table of releases, and for whom"},
    {"doc", mst_tool_doc, "write rules as pages for people"},
    {"explain", mst_tool_explain, "tell why a device got its verdict, and what would change it"},
    {"fmt", mst_tool_fmt, "lay out rule files in the one canonical way"},
    {"facts", mst_tool_facts, "show the facts that rules read, or their JSON schema"},
    {"serve", mst_tool_serve, "keep verdicts about a fleet current: facts in, changes out"},
    {"plugin-check", mst_tool_plugin_check, "try a fact source in a process of its own"},
    {"keygen", mst_tool_keygen, "make a pair of keys to sign rules with"},
    {"sign", mst_tool_sign, "sign a file"},
    {"verify", mst_tool_verify, "check that a trusted key signed a file"},
    {"state", mst_tool_state, "check, export or back up what a service keeps"},
};

#define SUBCOMMAND_COUNT (sizeof subcommands / sizeof subcommands[0])

static int show_help(void)
{
    mst_tool_puts("muster eval windows.hotpatch --facts fleet.ndjson\n"
                  "\n"
                  "Muster evaluates policy rules over facts about devices.\n"
                  "\n"
                  "usage: muster SUBCOMMAND [argument...]\n"
                  "\n");
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        mst_tool_printf("  %-12s  %s\n", subcommands[i].name, subcommands[i].what);
    mst_tool_puts("\n"
                  "  -V, --version    the version of this program\n"
                  "  -h, --help       this text; 'muster eval --help' has that of a subcommand\n"
                  "\n"
                  "Ends with 0: good; 1: found wanting; 2: usage; 3: files and the like.\n");
    return MST_TOOL_GOOD;
}

static int show_version(void)
{
    mst_tool_puts("muster " MST_PROJECT_VERSION "\n");
    return MST_TOOL_GOOD;
}

static int report_unknown(const char *name)
{
    static const char *const options[] = {"--help", "--version"};
    bool is_option = name[0] == '-';
    const char *kind = is_option ? "option" : "subcommand";
    const char *meant = is_option ? mst_tool_nearest(name, options, 2, sizeof options[0])
                                  : mst_tool_nearest(name, &subcommands[0].name, SUBCOMMAND_COUNT,
                                                     sizeof subcommands[0]);
    if (meant)
        return mst_tool_misused("there is no %s '%s'; did you mean '%s'?", kind, name, meant);
    return mst_tool_misused("there is no %s '%s'", kind, name);
}

static const struct subcommand *find_subcommand(const char *name)
{
    for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
        if (strcmp(name, subcommands[i].name) == 0)
            return &subcommands[i];
    return NULL;
}

static int run_subcommand(const struct subcommand *subcommand, int argc, char **argv)
{
    mst_tool_set_name(subcommand->name);
    return subcommand->run(argc, argv);
}

/* `muster help eval` is `muster eval --help`. */
static int show_subcommand_help(char *name)
{
    char option[] = "--help";
    char *arguments[] = {name, option, NULL};
    const struct subcommand *subcommand = find_subcommand(name);
    return subcommand ? run_subcommand(subcommand, 2, arguments) : report_unknown(name);
}

static int run_arguments(int argc, char **argv)
{
    char *name = argv[1];
    const struct subcommand *subcommand = find_subcommand(name);
    if (subcommand)
        return run_subcommand(subcommand, argc - 1, argv + 1);
    if (strcmp(name, "help") == 0 && argc > 2)
        return show_subcommand_help(argv[2]);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return show_help();
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return show_version();
    return report_unknown(name);
}

/* A standard file that the caller has closed would be the first one opened: rules would pass for
 * records, or messages go into a result. Opened the wrong way round it still fails when used. */
static void hold_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    hold_standard_files();
    int code = argc > 1 ? run_arguments(argc, argv) : mst_tool_misused("which subcommand?");
    mst_tool_flush();
    return code;
}
