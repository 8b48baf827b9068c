/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_check.c - `muster check`: compile and report, write nothing. Diagnostics are the result
 * here, so they go to standard output; the summary line goes to standard error. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fact_list.h"
#include "files.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "terminal.h"
#include "tool.h"

static const char help[] =
    "muster check stdlib-rules\n"
    "\n"
    "Compiles rules and reports what is wrong with them; writes nothing. Of a folder\n"
    "every module below it is checked, rule tests too.\n"
    "\n"
    "usage: muster check RULES... [option...]\n"
    "\n"
    "RULES is a .muster file, a folder, a module on the search path, or '-' for\n"
    "standard input.\n"
    "\n"
    "      --format FORM  text, or json: an object a line for each diagnostic\n"
    "  -I DIR             look for modules below DIR too (repeat for more)\n"
    "      --param M.P=V  set a param of the rules\n"
    "  -h, --help         this text\n"
    "\n"
    "Ends with 0: no errors (there may be warnings); 1: errors; 2: usage; 3: files\n"
    "and the like.\n";

enum {
    OPTION_FORMAT = MST_TOOL_OPTION_FIRST,
    OPTION_PARAM,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"param", required_argument, NULL, OPTION_PARAM},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {'I', OPTION_PARAM, 0};

struct checking {
    mst_tool_search search;
    bool is_json, has_color;
    size_t error_count, warning_count, file_count;
    char *ok_text; /* what the last good file holds */
    struct mst_tool_told told;
};

/* ---- diagnostics ------------------------------------------------------------------------- */

static void put_json_place(const mst_place *place)
{
    mst_tool_put_json_member("path", place->path);
    mst_tool_printf(",\"line\":%" PRIu32 ",\"column\":%" PRIu32 ",\"end_line\":%" PRIu32
                    ",\"end_column\":%" PRIu32,
                    place->line, place->column, place->end_line, place->end_column);
}

static void put_json_diagnostic(const mst_diagnostic *diagnostic)
{
    bool is_error = diagnostic->severity == MST_SEVERITY_ERROR;
    mst_tool_puts("{");
    put_json_place(&diagnostic->place);
    mst_tool_printf(",\"severity\":\"%s\",", is_error ? "error" : "warning");
    mst_tool_put_json_member("code", diagnostic->code);
    mst_tool_puts(",");
    mst_tool_put_json_member("message", diagnostic->message);
    mst_tool_puts(",");
    mst_tool_put_json_member("help", diagnostic->help);
    mst_tool_puts(",\"other\":");
    if (diagnostic->other_message) {
        mst_tool_puts("{");
        put_json_place(&diagnostic->other);
        mst_tool_puts(",");
        mst_tool_put_json_member("message", diagnostic->other_message);
        mst_tool_puts("}}\n");
    } else {
        mst_tool_puts("null}\n");
    }
}

static void report(struct checking *checking, const mst_compilation *compilation)
{
    size_t count = mst_diagnostic_count(compilation);
    for (size_t i = 0; i < count; i++) {
        mst_diagnostic diagnostic = MST_DIAGNOSTIC_INIT;
        if (!mst_tool_tell_once(&checking->told, compilation, i) ||
            mst_diagnostic_at(compilation, i, &diagnostic) != MST_OK)
            continue;
        if (diagnostic.severity == MST_SEVERITY_ERROR)
            checking->error_count++;
        else
            checking->warning_count++;
        if (checking->is_json) {
            put_json_diagnostic(&diagnostic);
        } else {
            char *text = mst_tool_diagnostic_text(compilation, i, checking->has_color);
            mst_tool_printf("%s%s\n", checking->told.count > 1 ? "\n" : "", text);
            free(text);
        }
    }
    size_t dropped = mst_diagnostics_dropped(compilation);
    checking->error_count += dropped;
    if (dropped > 0 && !checking->is_json)
        mst_tool_printf("and %zu more\n", dropped);
}

/* ---- what a good module holds ------------------------------------------------------------ */

static void add_part(char **text, uint32_t count, const char *one, const char *many)
{
    if (count == 0)
        return;
    char *longer = mst_tool_format("%s%s%" PRIu32 " %s", *text, strchr(*text, '(') ? ", " : " (",
                                   count, count == 1 ? one : many);
    free(*text);
    *text = longer;
}

/* "windows.hotpatch 2026.11 (12 checks, 2 decisions, 31 facts)" */
static char *describe_image(const mst_image *image)
{
    uint32_t policies = 0, checks = 0, decisions = 0;
    for (uint32_t i = 0; i < mst_verdict_count(image); i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        if (mst_verdict_info_at(image, i, &info) != MST_OK || !info.is_root)
            continue;
        policies += info.is_policy;
        decisions += !info.is_policy;
        checks += info.check_count;
    }
    mst_text module = mst_image_module(image), version = mst_image_version(image);
    char *text = mst_tool_format("%.*s%s%.*s", (int)module.len, module.ptr,
                                 version.len > 0 ? " " : "", (int)version.len, version.ptr);
    add_part(&text, policies, "policy", "policies");
    add_part(&text, checks, "check", "checks");
    add_part(&text, decisions, "decision", "decisions");
    add_part(&text, mst_tool_count_facts(image), "fact", "facts");
    char *closed = mst_tool_format("%s%s", text, strchr(text, '(') ? ")" : "");
    free(text);
    return closed;
}

/* Above the loader's limits is an error of the rules that only the image shows. */
static int describe_module(struct checking *checking, const char *path,
                           const mst_compilation *compilation)
{
    mst_image image;
    size_t byte_count;
    const unsigned char *bytes = mst_compilation_image(compilation, &byte_count);
    int code = mst_tool_open_image(&image, path, bytes, byte_count, true);
    if (code == MST_TOOL_WANTING)
        checking->error_count++;
    if (code != MST_TOOL_GOOD)
        return code;
    free(checking->ok_text);
    checking->ok_text = describe_image(&image);
    return MST_TOOL_GOOD;
}

/* ---- files ------------------------------------------------------------------------------- */

static int check_file(struct checking *checking, const char *path)
{
    unsigned char *text;
    size_t len;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    checking->file_count++;
    if (mst_tool_is_image(text, len)) {
        free(text);
        return mst_tool_misused("'%s' is compiled: there is no text to check; 'muster inspect' "
                                "looks into it",
                                path);
    }
    mst_compilation *compilation = NULL;
    code = mst_tool_compile(path, (const char *)text, len, &checking->search, &compilation);
    if (compilation)
        report(checking, compilation);
    if (code == MST_TOOL_GOOD)
        code = describe_module(checking, path, compilation);
    mst_compilation_free(compilation);
    free(text);
    return code;
}

static int check_rules(struct checking *checking, const char *name)
{
    char **paths;
    size_t count;
    int worst = mst_tool_rules_find(name, &checking->search, true, &paths, &count);
    if (count > 1 && checking->search.param_count > 0)
        worst = mst_tool_misused("--param needs one module, and '%s' holds %zu", name, count);
    for (size_t i = 0; i < count && worst < MST_TOOL_USAGE; i++) {
        int code = check_file(checking, paths[i]);
        if (code > worst)
            worst = code;
    }
    mst_tool_free_list(paths, count);
    return worst;
}

/* "2 errors, 1 warning in 3 files"; what there is none of is not said. */
static void say_found(const struct checking *checking)
{
    char errors[32], warnings[32], files[32];
    size_t e = checking->error_count, w = checking->warning_count, f = checking->file_count;
    char *error_text = mst_tool_format("%s error%s", mst_tool_count_text(errors, e), &"s"[e == 1]);
    char *warning_text =
        mst_tool_format("%s warning%s", mst_tool_count_text(warnings, w), &"s"[w == 1]);
    mst_tool_note("%s%s%s in %s file%s", e > 0 ? error_text : "", e > 0 && w > 0 ? ", " : "",
                  w > 0 ? warning_text : "", mst_tool_count_text(files, f), &"s"[f == 1]);
    free(error_text);
    free(warning_text);
}

static void say_summary(const struct checking *checking)
{
    char files[32];
    if (checking->error_count + checking->warning_count > 0)
        say_found(checking);
    else if (checking->file_count == 1 && checking->ok_text)
        mst_tool_note("ok: %s", checking->ok_text);
    else
        mst_tool_note("ok: %s files", mst_tool_count_text(files, checking->file_count));
}

static int check_all(struct checking *checking, char **rules, int count)
{
    int worst = MST_TOOL_GOOD;
    for (int i = 0; i < count; i++) {
        int code = check_rules(checking, rules[i]);
        if (code > worst)
            worst = code;
    }
    if (worst < MST_TOOL_USAGE)
        say_summary(checking);
    mst_tool_told_free(&checking->told);
    free(checking->ok_text);
    return worst;
}

static int take_option(void *context, int letter, const char *value)
{
    struct checking *checking = context;
    switch (letter) {
    case 'I': return mst_tool_search_add(&checking->search, value);
    case OPTION_FORMAT:
        checking->is_json = strcmp(value, "json") == 0;
        if (checking->is_json || strcmp(value, "text") == 0)
            return MST_TOOL_GOOD;
        return mst_tool_misused("--format is 'text' or 'json', not '%s'", value);
    default: return mst_tool_search_param(&checking->search, value);
    }
}

int mst_tool_check(int argc, char **argv)
{
    const mst_tool_options options = {help, ":hI:", names, repeated, argc, argv};
    struct checking checking = {.search = MST_TOOL_SEARCH_INIT,
                                .has_color = mst_tool_wants_color(STDOUT_FILENO)};
    int code;
    if (mst_tool_read_options(&options, take_option, &checking, &code))
        code = optind < argc ? check_all(&checking, argv + optind, argc - optind)
                             : mst_tool_misused("which rules?");
    mst_tool_search_free(&checking.search);
    return code;
}
