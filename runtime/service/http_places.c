/* SPDX-License-Identifier: Apache-2.0
 *
 * http_places.c - libmicrohttpd closes no connection for us; but one whose socket was shut down
 * has come to its end, as if the client had left, and is closed for that. */
#include "http_places.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "clock.h"
#include "grown.h"

#define CHOICE 16
#define SPARED_US 1000000

struct mst_http_place {
    struct MHD_Connection *connection;
    struct mst_http_place *older, *newer;
    int64_t idle_us; /* when that began */
    bool is_idle, is_closed;
};

static struct mst_http_place *place_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info->socket_context;
}

static void set_idle(struct mst_http_places *places, struct mst_http_place *place)
{
    place->is_idle = true;
    place->idle_us = mst_clock_run_us();
    place->newer = NULL;
    place->older = places->newest;
    if (place->older)
        place->older->newer = place;
    else
        places->oldest = place;
    places->newest = place;
}

static void unset_idle(struct mst_http_places *places, struct mst_http_place *place)
{
    if (!place->is_idle)
        return;
    place->is_idle = false;
    if (place->older)
        place->older->newer = place->newer;
    else
        places->oldest = place->newer;
    if (place->newer)
        place->newer->older = place->older;
    else
        places->newest = place->older;
}

static int socket_of(const struct mst_http_place *place)
{
    return MHD_get_connection_info(place->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
        ->connect_fd;
}

/* One of the oldest, but none that has sent what is still to be read: the next look finds it with a
 * request. Who came or had an answer just now may be sending one, and would lose it. */
static struct mst_http_place *choose(const struct mst_http_places *places, int64_t now_us)
{
    struct mst_http_place *place = places->oldest;
    char next;
    for (unsigned i = 0; i < CHOICE && place && now_us - place->idle_us >= SPARED_US; i++) {
        if (recv(socket_of(place), &next, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
            return place;
        place = place->newer;
    }
    return NULL;
}

static uint64_t until_next(const struct mst_http_places *places, int64_t now_us)
{
    if (!places->oldest)
        return MST_HTTP_PLACES_NEVER;
    int64_t left_us = places->oldest->idle_us + SPARED_US - now_us;
    return (uint64_t)(left_us > 0 ? left_us : SPARED_US) / 1000 + 1;
}

uint64_t mst_http_places_make_room(struct mst_http_places *places)
{
    while (mst_http_places_are_short(places)) {
        int64_t now_us = mst_clock_run_us();
        struct mst_http_place *place = choose(places, now_us);
        if (!place)
            return until_next(places, now_us);
        (void)shutdown(socket_of(place), SHUT_RDWR);
        unset_idle(places, place);
        place->is_closed = true;
        places->count--;
        places->closed++;
    }
    return MST_HTTP_PLACES_NEVER;
}

bool mst_http_places_are_short(const struct mst_http_places *places)
{
    return places->count > places->max;
}

void mst_http_places_come(struct mst_http_places *places, struct MHD_Connection *connection,
                          void **slot)
{
    struct mst_http_place *place = mst_grown_zeroed(1, sizeof *place);
    place->connection = connection;
    *slot = place;
    places->count++;
    set_idle(places, place);
}

void mst_http_places_go(struct mst_http_places *places, void **slot)
{
    struct mst_http_place *place = *slot;
    unset_idle(places, place);
    places->count -= !place->is_closed;
    free(place);
    *slot = NULL;
}

void mst_http_places_begin(struct mst_http_places *places, struct MHD_Connection *connection)
{
    unset_idle(places, place_of(connection));
}

void mst_http_places_end(struct mst_http_places *places, struct MHD_Connection *connection)
{
    struct mst_http_place *place = place_of(connection);
    if (!place->is_closed)
        set_idle(places, place);
}
