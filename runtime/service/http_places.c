/* SPDX-License-Identifier: Apache-2.0
 *
 * http_places.c - libmicrohttpd closes no connection for us; but one whose socket was shut down
 * has come to its end, as if the client had left, and is closed for that. */
#include "http_places.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "grown.h"

#define CHOICE 16

struct mst_http_place {
    struct MHD_Connection *connection;
    struct mst_http_place *older, *newer;
    bool is_idle, is_closed, had_request;
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
 * request. The newest, if it had none yet, may be the only one without: it came to be answered. */
static struct mst_http_place *choose(const struct mst_http_places *places)
{
    struct mst_http_place *place = places->oldest;
    char next;
    for (unsigned i = 0; i < CHOICE && place; i++, place = place->newer) {
        if (place == places->newest && !place->had_request)
            break;
        if (recv(socket_of(place), &next, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
            return place;
    }
    return NULL;
}

void mst_http_places_make_room(struct mst_http_places *places)
{
    while (places->count > places->max) {
        struct mst_http_place *place = choose(places);
        if (!place)
            return;
        (void)shutdown(socket_of(place), SHUT_RDWR);
        unset_idle(places, place);
        place->is_closed = true;
        places->count--;
        places->closed++;
    }
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
    struct mst_http_place *place = place_of(connection);
    unset_idle(places, place);
    place->had_request = true;
}

void mst_http_places_end(struct mst_http_places *places, struct MHD_Connection *connection)
{
    struct mst_http_place *place = place_of(connection);
    if (!place->is_closed)
        set_idle(places, place);
}
