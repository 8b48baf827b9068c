/* SPDX-License-Identifier: Apache-2.0
 *
 * jobs.c - how many threads work at something. */
#define _GNU_SOURCE /* sched_getaffinity() */

#include "jobs.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "tool.h"

#define USUAL_JOBS 8 /* more than these wait for the one that hands out the work */
#define MOST_JOBS 64

int mst_tool_read_jobs(const char *text, size_t *jobs)
{
    char *end;
    *jobs = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || *jobs < 1 || *jobs > MOST_JOBS)
        return mst_tool_misused("--jobs needs a number from 1 to %d, not '%s'", MOST_JOBS, text);
    return MST_TOOL_GOOD;
}

static size_t count_processors(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (size_t)CPU_COUNT(&set);
#endif
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (size_t)count : 1;
}

size_t mst_tool_usual_jobs(void)
{
    size_t processors = count_processors();
    return processors < USUAL_JOBS ? processors : USUAL_JOBS;
}
