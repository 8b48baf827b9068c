/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h - command lines in one style: long options as getopt_long reads them, every mistake
 * met with one line that says what is wrong and one that says where to look. */
#ifndef MST_TOOL_OPTIONS_H
#define MST_TOOL_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

/* Long options without a letter have a number from here on. */
#define MST_TOOL_OPTION_FIRST 256
#define MST_TOOL_OPTION_END 320

#define MST_TOOL_OPTION_HELP                                                                       \
    {                                                                                              \
        "help", no_argument, NULL, 'h'                                                             \
    }

typedef struct mst_tool_options {
    const char *help;
    const char *letters;        /* as getopt has them, beginning with ":h" */
    const struct option *names; /* ended by an empty one */
    const int *repeated;        /* letters that may be given more than once, ended by 0 */
    int argc;
    char **argv;
} mst_tool_options;

/* Takes one option: its letter or number, and its value if it has one. Returns an exit code. */
typedef int mst_tool_take(void *context, int letter, const char *value);

/* Reads all options; what is no option stands at argv[optind] and after, then. False where the
 * command ends here, with *code: after --help, or after a mistake, which has been reported. */
bool mst_tool_read_options(const mst_tool_options *options, mst_tool_take *take, void *context,
                           int *code);

/* The one RULES behind the options, NULL (reported) where there is none or more than one. `hint`
 * is added where there are more, and may be empty. */
const char *mst_tool_only_rules(const mst_tool_options *options, const char *hint);

/* Of `count` names, the one that `wrong` most likely was meant to be, or NULL. `stride` is the
 * distance of two names (char pointers) in bytes, so that a column of a table will do. */
const char *mst_tool_nearest(const char *wrong, const char *const *names, size_t count,
                             size_t stride);

#endif
