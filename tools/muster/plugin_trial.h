/* SPDX-License-Identifier: Apache-2.0
 *
 * plugin_trial.h - what the child of `muster plugin-check` does, and how it tells its parent: lines
 * on a pipe, each with a letter before it. */
#ifndef MST_TOOL_PLUGIN_TRIAL_H
#define MST_TOOL_PLUGIN_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#define MST_TOOL_TRIAL_STEP 's' /* what it does now, behind "while ..." */
#define MST_TOOL_TRIAL_LINE 'o' /* for people */
#define MST_TOOL_TRIAL_BAD 'b'  /* why the plugin is no good: the last line */
#define MST_TOOL_TRIAL_GOOD 'g' /* the last line */

/* The steps that take as long as --run says. */
#define MST_TOOL_TRIAL_RUNS "it ran"
#define MST_TOOL_TRIAL_STOPS "it was being stopped"

typedef struct mst_tool_trial {
    char *path;                       /* of the plugin */
    const char *config, *config_path; /* NULL: none was given */
    size_t config_len;
    int64_t run_ms, stop_ms;
} mst_tool_trial;

void mst_tool_trial_run(const mst_tool_trial *trial, int fd);

#endif
