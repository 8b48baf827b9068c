/* SPDX-License-Identifier: Apache-2.0
 *
 * source_trial.h - a source alone, on a loop of its own, for `muster plugin-check`: begun, its
 * first batch looked at, stopped. Nothing is kept, so delivered() is never called and no cursor
 * given. */
#ifndef MST_SERVICE_SOURCE_TRIAL_H
#define MST_SERVICE_SOURCE_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster_source.h"

/* What happens, for a caller in another process; `what` is as in "while it was being started". */
struct mst_source_trial {
    void (*step)(void *context, const char *what);
    void (*log)(void *context, const char *text);
    void *context;
    int64_t run_ms;  /* how long it is waited for a batch */
    int64_t stop_ms; /* and for its end */
    /* what came out */
    bool has_batch, has_cursor;
    uint64_t records;
    mst_source_health health;
    char health_text[MST_SOURCE_WHY_BYTES];
};

/* False with why in words: it makes no source, delivers what is no record or is in trouble before
 * it delivers anything, or does not stop. */
bool mst_source_trial(struct mst_source_trial *trial, const mst_source_plugin *plugin,
                      const char *config, size_t config_len, char why[MST_SOURCE_WHY_BYTES]);

#endif
