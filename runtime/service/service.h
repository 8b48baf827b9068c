/* SPDX-License-Identifier: Apache-2.0
 *
 * service.h - the service as a whole, for the command: settings, a clock and a way to get rules
 * in; runs until it is told to end. */
#ifndef MST_SERVICE_SERVICE_H
#define MST_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "clock.h"
#include "settings.h"

#define MST_SERVICE_WHY_BYTES 512

/* Where rules come from: compiles, or reads, and gives the bytes of an image in memory of malloc().
 * False with why in words. Called at the start, and again on SIGHUP and when the rules' file has
 * changed, then on another thread, but never twice at once. */
typedef bool mst_service_compile(void *context, unsigned char **bytes, size_t *byte_count,
                                 char why[MST_SERVICE_WHY_BYTES]);

typedef struct mst_service_options {
    const mst_settings *settings;
    struct mst_clock clock;
    mst_service_compile *compile;
    void *context;
    const char *watched;               /* a path that is looked at for changes; NULL: none */
    const char *const *plugin_folders; /* where sources are looked for, ended by NULL; NULL: none */
} mst_service_options;

enum mst_service_end {
    MST_SERVICE_DONE = 0,
    MST_SERVICE_RULES = 1,  /* the rules are no good */
    MST_SERVICE_FAILED = 3, /* an address, a file, a permission */
};

/* Returns after SIGTERM or SIGINT, or where stdio: is listened at after the end of standard input,
 * once everything that came in is answered. What is wrong is logged. */
enum mst_service_end mst_service_run(const mst_service_options *options);

#endif
