/* SPDX-License-Identifier: Apache-2.0
 *
 * jobs.h - how many threads work at something: the option --jobs. */
#ifndef MST_TOOL_JOBS_H
#define MST_TOOL_JOBS_H

#include <stddef.h>

/* Reads the value of --jobs. An exit code, reported. */
int mst_tool_read_jobs(const char *text, size_t *jobs);
/* Where nobody has said how many: one per processor that this process may use, but not many. */
size_t mst_tool_usual_jobs(void);

#endif
