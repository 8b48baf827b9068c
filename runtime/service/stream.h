/* SPDX-License-Identifier: Apache-2.0
 *
 * stream.h - connections that send records and get verdicts: TCP, Unix sockets, standard input
 * and output. Replies go out in the order of the records; a peer that does not read its replies
 * is read no further, and nobody else notices. */
#ifndef MST_SERVICE_STREAM_H
#define MST_SERVICE_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "session.h"
#include "settings.h"

struct mst_stream;

/* What all streams share. */
struct mst_streams {
    uv_loop_t *loop;
    struct mst_intake *intake;
    const mst_settings *settings;
    struct mst_stream *first;
    uint32_t count;
    uint64_t unread; /* bytes of replies that peers have not read */
    uint64_t opened, refused, reads_stopped, read_bytes, sent_bytes, overloaded;
    bool is_draining;
    char buffer[65536]; /* every read comes here first */
};

/* A listener of `address`: "tcp://127.0.0.1:7411", "unix:PATH". */
struct mst_listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    struct mst_streams *streams;
    struct mst_listener *next;
    char *path; /* of a Unix socket, removed at the end */
    char *address;
};

void mst_streams_init(struct mst_streams *streams, uv_loop_t *loop, struct mst_intake *intake,
                      const mst_settings *settings);

/* Listens; NULL after a line of the log. stdio: becomes a stream at once, for which `ended` is
 * called when standard input is at its end and every reply was written. */
bool mst_streams_listen(struct mst_streams *streams, const char *address,
                        struct mst_listener **listeners, uv_async_t *ended);

void mst_listeners_close(struct mst_listener **listeners);

/* Reads no more; streams end once their replies are written. */
void mst_streams_drain(struct mst_streams *streams);
/* Every half second of draining: ends streams whose peers do not leave. */
void mst_streams_tick(struct mst_streams *streams);
/* Ends what is left at once, but for streams with records in flight. */
void mst_streams_abort(struct mst_streams *streams);

/* For listeners: takes a connection that waits. */
void mst_stream_accept(struct mst_streams *streams, struct mst_listener *listener);
bool mst_stream_open_stdio(struct mst_streams *streams, uv_async_t *ended);

#endif
