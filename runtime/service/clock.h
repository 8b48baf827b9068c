/* SPDX-License-Identifier: Apache-2.0
 *
 * clock.h - what time it is: of the machine, or of a test that brings its own. */
#ifndef MST_SERVICE_CLOCK_H
#define MST_SERVICE_CLOCK_H

#include <stdint.h>

/* Called from any thread. */
struct mst_clock {
    int64_t (*now)(void *context); /* seconds since 1970; may jump, as clocks of machines do */
    void *context;
};

extern const struct mst_clock mst_clock_machine;

/* Microseconds of a clock that only runs forward: for lags and slices, never for verdicts. */
int64_t mst_clock_run_us(void);

#endif
