/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_client.h - asks Microsoft Graph, by libcurl on the loop of the host: with a token that is
 * renewed before it expires, within a budget of requests, patiently where Graph asks to wait or
 * something fails. All on the loop's thread. It uses the timers GRAPH_TIMER_... of its source. */
#ifndef MST_GRAPH_CLIENT_H
#define MST_GRAPH_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph_settings.h"
#include "muster_source.h"

enum { GRAPH_TIMER_CURL, GRAPH_TIMER_QUEUE, GRAPH_TIMER_FREE };

enum graph_result {
    GRAPH_OK,
    GRAPH_GONE,    /* 404: there is no such thing, or no more */
    GRAPH_REFUSED, /* another 4xx: asking again would not help */
    GRAPH_FAILED,  /* tried several times */
};

struct graph_answer {
    enum graph_result result;
    long status;     /* of HTTP; 0 where there was none */
    json_t *body;    /* an object if GRAPH_OK, else NULL; borrowed */
    int64_t date_s;  /* when Graph says that it answered; 0: it does not say */
    const char *why; /* in words if not GRAPH_OK */
};

/* Called once for each graph_get() but those that graph_stop() breaks off. */
typedef void graph_answer_call(void *context, void *item, const struct graph_answer *answer);

struct graph_client;

/* By what GRAPH_SCHEMA describes. NULL with `why` (MST_SOURCE_WHY_BYTES) in words. */
struct graph_client *graph_make(const mst_source_host *host, const json_t *config,
                                graph_answer_call *call, void *context, char *why);

/* Asks for `url`: a path ("/beta/...") or an address that Graph gave, which must be of its host.
 * False: it is of another one, or there is no memory; `call` will not be called then. */
bool graph_get(struct graph_client *client, const char *url, void *item);

/* While it is held no request is begun; those under way go on. */
void graph_hold(struct graph_client *client, bool held);

/* Breaks everything off. `drop` gets the item of each request that was not answered. */
void graph_stop(struct graph_client *client, void (*drop)(void *context, void *item));
void graph_free(struct graph_client *client);

#endif
