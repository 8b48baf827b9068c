/* SPDX-License-Identifier: Apache-2.0
 *
 * cmd_fmt.c - `muster fmt`: rule files in their canonical layout, shown, checked or written. */
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "options.h"
#include "output.h"
#include "rules.h"
#include "terminal.h"
#include "tool.h"

static const char help[] =
    "muster fmt --write rules\n"
    "\n"
    "Lays out rule files in the one canonical way and shows them, or writes them\n"
    "back. Comments and single empty lines are kept; what the rules mean never\n"
    "changes.\n"
    "\n"
    "usage: muster fmt FILE... [option...]\n"
    "\n"
    "FILE is a .muster file, a folder (every .muster file below it), or '-' for\n"
    "standard input. Without --check or --write the text goes to standard output.\n"
    "\n"
    "      --check  write nothing; name the files that are laid out otherwise\n"
    "      --write  replace each file that is laid out otherwise\n"
    "  -h, --help   this text\n"
    "\n"
    "Ends with 0: good; 1: a file has errors, or --check has found one that is laid\n"
    "out otherwise; 2: usage; 3: files and the like.\n";

enum {
    OPTION_CHECK = MST_TOOL_OPTION_FIRST,
    OPTION_WRITE,
};

static const struct option names[] = {
    MST_TOOL_OPTION_HELP,
    {"check", no_argument, NULL, OPTION_CHECK},
    {"write", no_argument, NULL, OPTION_WRITE},
    {NULL, 0, NULL, 0},
};

static const int repeated[] = {0};

struct formatting {
    bool wants_check, wants_write;
    size_t file_count, changed_count, error_count;
};

static int take_option(void *context, int letter, const char *value)
{
    struct formatting *formatting = context;
    (void)value;
    if (letter == OPTION_CHECK)
        formatting->wants_check = true;
    else
        formatting->wants_write = true;
    if (formatting->wants_check && formatting->wants_write)
        return mst_tool_misused("--check writes nothing: leave out one of --check and --write");
    return MST_TOOL_GOOD;
}

static int put_formatted(struct formatting *formatting, const char *path, const char *text,
                         size_t len, bool is_changed)
{
    formatting->file_count++;
    formatting->changed_count += is_changed;
    if (!formatting->wants_check && !formatting->wants_write)
        mst_tool_put(text, len);
    else if (is_changed)
        mst_tool_printf("%s\n", path);
    if (is_changed && formatting->wants_write)
        return mst_tool_write_file(path, (const unsigned char *)text, len);
    return is_changed && formatting->wants_check ? MST_TOOL_WANTING : MST_TOOL_GOOD;
}

static int format_text(struct formatting *formatting, const char *path, const char *text,
                       size_t len)
{
    mst_compilation *compilation;
    const char *name = strcmp(path, "-") == 0 ? "<standard input>" : path;
    mst_status status = mst_format(&compilation, name, text, len, NULL);
    int code = MST_TOOL_WANTING;
    if (status == MST_OK) {
        size_t formatted_len;
        const char *formatted = mst_compilation_text(compilation, &formatted_len);
        bool is_changed = formatted_len != len || memcmp(formatted, text, len) != 0;
        code = put_formatted(formatting, name, formatted, formatted_len, is_changed);
    } else if (status == MST_ERR_RULES) {
        formatting->error_count++;
        struct mst_tool_told told = {NULL, 0};
        mst_tool_report_diagnostics(compilation, &told);
        mst_tool_told_free(&told);
    } else {
        code = mst_tool_failed("cannot format '%s': %s", path, mst_status_text(status));
    }
    mst_compilation_free(compilation);
    return code;
}

static int format_file(struct formatting *formatting, const char *path)
{
    unsigned char *text;
    size_t len;
    if (strcmp(path, "-") == 0 && formatting->wants_write)
        return mst_tool_misused("--write needs a file; standard input goes to standard output");
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    if (mst_tool_is_image(text, len))
        code = mst_tool_misused("'%s' is compiled; its source can be formatted", path);
    else
        code = format_text(formatting, path, (const char *)text, len);
    free(text);
    return code;
}

static int format_folder(struct formatting *formatting, const char *folder)
{
    char **paths = NULL;
    size_t count = 0;
    int worst = mst_tool_list_rules(folder, &paths, &count);
    if (worst == MST_TOOL_GOOD && count == 0)
        worst = mst_tool_failed("there is no .muster file below '%s'", folder);
    for (size_t i = 0; i < count; i++) {
        int code = format_file(formatting, paths[i]);
        worst = code > worst ? code : worst;
    }
    mst_tool_free_list(paths, count);
    return worst;
}

static void say_summary(const struct formatting *formatting)
{
    size_t files = formatting->file_count, changed = formatting->changed_count;
    char text[32], changed_text[32];
    mst_tool_count_text(text, files);
    mst_tool_count_text(changed_text, changed);
    if (!formatting->wants_check && !formatting->wants_write)
        return;
    if (changed == 0 && formatting->error_count == 0)
        mst_tool_note("ok: %s file%s", text, &"s"[files == 1]);
    else if (changed > 0 && formatting->wants_check)
        mst_tool_note("%s of %s file%s would change", changed_text, text, &"s"[files == 1]);
    else if (changed > 0)
        mst_tool_note("%s of %s file%s changed", changed_text, text, &"s"[files == 1]);
}

static int format_all(struct formatting *formatting, char **paths, int count)
{
    int worst = MST_TOOL_GOOD;
    for (int i = 0; i < count; i++) {
        int code = mst_tool_is_folder(paths[i]) ? format_folder(formatting, paths[i])
                                                : format_file(formatting, paths[i]);
        worst = code > worst ? code : worst;
    }
    if (worst < MST_TOOL_USAGE && formatting->file_count > 0)
        say_summary(formatting);
    return worst;
}

int mst_tool_fmt(int argc, char **argv)
{
    const mst_tool_options options = {help, ":h", names, repeated, argc, argv};
    struct formatting formatting = {0};
    int code;
    if (!mst_tool_read_options(&options, take_option, &formatting, &code))
        return code;
    if (optind == argc)
        return mst_tool_misused("which file?");
    return format_all(&formatting, argv + optind, argc - optind);
}
