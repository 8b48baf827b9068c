/* SPDX-License-Identifier: Apache-2.0
 *
 * clock.c - the clocks of the machine. */
#include "clock.h"

#include <stddef.h>
#include <time.h>

static int64_t read_machine(void *context)
{
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

const struct mst_clock mst_clock_machine = {read_machine, NULL};

int64_t mst_clock_run_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
