/* SPDX-License-Identifier: Apache-2.0
 *
 * intune.h - what the files of the plugin share: a source, and the round that it is in. */
#ifndef MST_INTUNE_H
#define MST_INTUNE_H

#include "graph_batch.h"
#include "graph_client.h"
#include "intune_devices.h"

#define INTUNE_TIMER_ROUND GRAPH_TIMER_FREE

enum intune_what { INTUNE_PAGE, INTUNE_DEVICE, INTUNE_CHECK };

/* A request, and what for. */
struct intune_job {
    enum intune_what what;
    struct intune_device *device;
    json_t *listed; /* INTUNE_DEVICE: what the list says of it */
};

/* One reading of the list, page by page; the next page is asked for when all devices of one have
 * been given. What a cursor holds is marked. */
struct intune_round {
    uint32_t number;
    bool full;       /* cursor: all devices, not only those that synced */
    bool incomplete; /* cursor: a device could not be read: the next round begins where this did */
    bool first;      /* no page has come yet */
    bool checked;    /* what a list of all devices lacks was asked for */
    int64_t date_s;  /* cursor: when it began, by Graph's clock */
    char *page;      /* cursor: the address asked for, or to be asked for next */
    uint32_t pages;  /* that came */
    size_t open;     /* jobs of the page */
    size_t listed, read, gone, failed, nameless;
};

struct mst_source {
    const mst_source_host *host;
    struct graph_client *client;
    struct graph_batch batch;
    struct intune_devices devices;
    struct intune_round round;
    int64_t since_s;   /* the next round asks for what synced from then on; 0: for all */
    int64_t full_at_s; /* when the last full round began, by the host's clock; 0: never */
    char *select;      /* properties, with commas */
    const char *api;
    bool hardware;
    bool no_filter; /* Graph refuses to filter by lastSyncDateTime */
    double interval_s, full_s, overlap_s;
};

/* Goes on where the cursor says, or begins. */
void intune_round_start(struct mst_source *source, const char *cursor, size_t len);
void intune_round_answer(void *context, void *item, const struct graph_answer *answer);
void intune_round_drop(void *context, void *item);

/* Of a device: what a list says of it, and the answer to a request of its own. */
void intune_take_listed(struct mst_source *source, json_t *listed);
void intune_take_device(struct mst_source *source, const struct intune_job *job,
                        const struct graph_answer *answer);
void intune_take_check(struct mst_source *source, const struct intune_job *job,
                       const struct graph_answer *answer);

/* Asks for `url` as part of the page. Takes `listed` over. False: it was not asked for. */
bool intune_ask(struct mst_source *source, const char *url, enum intune_what what,
                struct intune_device *device, json_t *listed);

#endif
