/* SPDX-License-Identifier: Apache-2.0
 *
 * source_run.h - one fact source: a plugin with its configuration, created, started, stopped and
 * created anew after a failure, on a loop. What it delivers goes to a sink, one batch at a time.
 * source_host.c is what the plugin calls, source_run.c what calls the plugin. */
#ifndef MST_SERVICE_SOURCE_RUN_H
#define MST_SERVICE_SOURCE_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "clock.h"
#include "muster_source.h"

struct mst_source_run;

struct mst_source_watch {
    uv_poll_t poll;
    struct mst_source_run *run;
    struct mst_source_watch *next;
    int fd;
    uint32_t events;
    mst_source_fd_call *call;
    void *context;
};

struct mst_source_timer {
    uv_timer_t timer;
    struct mst_source_run *run;
    mst_source_timer_call *call;
    void *context;
};

/* A batch that was taken, until it is kept. */
struct mst_source_pending {
    bool is_there, has_cursor;
    char *text, *cursor;
    size_t len, cursor_len;
    int64_t observed_s;
    uint64_t number;
};

enum mst_source_phase {
    MST_SOURCE_DOWN, /* there is no instance */
    MST_SOURCE_UP,
    MST_SOURCE_STOPPING, /* stop() was called */
    MST_SOURCE_STUCK,    /* and never answered: not called any more */
};

struct mst_source_counts {
    uint64_t accepted, rejected, batches, failures;
    int64_t last_delivery_s; /* 0: none yet */
};

struct mst_source_run {
    mst_source_host host; /* first: what the plugin has */
    uv_loop_t *loop;
    struct mst_clock clock;
    /* Takes run->pending, and calls mst_source_settle() later: never from within. */
    void (*take)(struct mst_source_run *run);
    void *context;

    const mst_source_plugin *plugin;
    mst_source *source;
    char *id;     /* "exec/inventory" */
    char *event;  /* of its own lines in the log: "source:exec/inventory" */
    char *config; /* JSON */
    size_t config_len;
    char *cursor; /* as it was kept last */
    size_t cursor_len;
    bool has_cursor;

    enum mst_source_phase phase;
    bool is_final;  /* it will not be created again */
    bool is_ending; /* the service ends: what cannot be kept now is dropped */
    bool is_begun, wants_stop, has_stopped, wants_resume, wants_empty;
    mst_source_health health;
    char health_text[MST_SOURCE_WHY_BYTES];
    int64_t backoff_ms, begun_us, stop_ms;
    struct mst_source_counts counts;
    struct mst_source_pending pending;

    uv_async_t turn; /* what may not be done from within a call of the plugin's */
    _Atomic bool is_woken, can_wake;
    uv_timer_t life;  /* stop() takes too long, or the next instance is due */
    uv_timer_t retry; /* the batch could not be kept */
    struct mst_source_timer timers[MST_SOURCE_TIMER_COUNT];
    struct mst_source_watch *watches;
};

/* Sets up a source that is down; id and config are the run's from here on. */
void mst_source_open(struct mst_source_run *run, uv_loop_t *loop, struct mst_clock clock,
                     const mst_source_plugin *plugin, char *id, char *config, size_t config_len);
/* Makes the instance; false with why in words. */
bool mst_source_create(struct mst_source_run *run, char why[MST_SOURCE_WHY_BYTES]);
void mst_source_begin(struct mst_source_run *run);
/* Stops it for good; over once mst_source_is_over(). */
void mst_source_end(struct mst_source_run *run);
bool mst_source_is_over(const struct mst_source_run *run);

/* What became of run->pending. Kept: the outcome, whose number and size are filled in here. Not
 * kept (NULL): it is given to the sink again after a while, or dropped at the end. */
void mst_source_settle(struct mst_source_run *run, mst_source_outcome *outcome);

/* "good", "troubled", "failed", "finished". */
const char *mst_source_health_text(mst_source_health health);

/* Closes what it has on the loop; once that has run, it may be freed. */
void mst_source_close(struct mst_source_run *run);
void mst_source_free(struct mst_source_run *run);

/* ---- between the two files --------------------------------------------------------------- */

void mst_source_host_init(mst_source_host *host);
void mst_source_drop_watches(struct mst_source_run *run);

#endif
