/* SPDX-License-Identifier: Apache-2.0
 *
 * http_places.h - who has one of the places for connections to HTTP. Where more come than there
 * are, answers end their connections, and the one that has been without a request longest is closed
 * for the newest. */
#ifndef MST_SERVICE_HTTP_PLACES_H
#define MST_SERVICE_HTTP_PLACES_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

/* Beyond `max`: who comes has to be let in before another one can be closed for it. */
#define MST_HTTP_PLACES_SPARE 1u

struct mst_http_place;

struct mst_http_places {
    struct mst_http_place *oldest, *newest; /* those without a request, by how long they are */
    unsigned count, max;                    /* count: but for those that were closed here */
    uint64_t closed;
};

/* As libmicrohttpd tells: a connection has come; *slot is its socket context. */
void mst_http_places_come(struct mst_http_places *places, struct MHD_Connection *connection,
                          void **slot);
void mst_http_places_go(struct mst_http_places *places, void **slot);
/* It has a request from here on, and no longer. */
void mst_http_places_begin(struct mst_http_places *places, struct MHD_Connection *connection);
void mst_http_places_end(struct mst_http_places *places, struct MHD_Connection *connection);
/* Who gets an answer now shall leave with it. */
bool mst_http_places_are_short(const struct mst_http_places *places);
/* After each run of libmicrohttpd, and again after so many milliseconds. */
uint64_t mst_http_places_make_room(struct mst_http_places *places);
#define MST_HTTP_PLACES_NEVER UINT64_MAX

#endif
