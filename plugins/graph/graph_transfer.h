/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_transfer.h - HTTPS requests by libcurl's multi interface on the loop of the host: each
 * ends in one call with what came. Knows nothing of Graph. */
#ifndef MST_GRAPH_TRANSFER_H
#define MST_GRAPH_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster_source.h"

struct graph_transfer;

struct graph_reply {
    CURLcode code; /* CURLE_OK: the whole of an answer came */
    long status;
    const char *body; /* borrowed */
    size_t len;
    double retry_after_s; /* negative: the answer does not say */
    int64_t date_s;       /* 0: it does not say */
    const char *why;      /* of a code that is not CURLE_OK */
};

typedef void graph_reply_call(void *context, void *item, const struct graph_reply *reply);

/* Uses the host's timer `timer`. Each GET has the line `header`. NULL: out of memory. */
struct graph_transfer *graph_transfer_make(const mst_source_host *host, uint32_t timer,
                                           const char *ca_file, double timeout_s,
                                           const char *header, graph_reply_call *call,
                                           void *context);

/* Begins a request: with `bearer` a GET that carries this token, else a POST of `form`, which must
 * stay until the end. False: out of memory. */
bool graph_transfer_begin(struct graph_transfer *transfer, const char *url, const char *bearer,
                          const char *form, void *item);

/* Breaks all requests off; `drop` gets the item of each. */
void graph_transfer_stop(struct graph_transfer *transfer, void (*drop)(void *context, void *item),
                         void *context);
void graph_transfer_free(struct graph_transfer *transfer);

/* Seconds that "Retry-After" asks for: a number, whole or fractional, or a date, seen from `now_s`.
 * Negative: it is neither. */
double graph_retry_after(const char *text, int64_t now_s);

#endif
