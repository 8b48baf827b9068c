/* SPDX-License-Identifier: Apache-2.0
 *
 * http_request.h - one request, shared by http.c (the daemon and the routes) and the files that
 * hold the handlers.
 *
 * libmicrohttpd calls a handler first without data, then with each piece of the body, then once
 * more. A handler that has to wait suspends its connection and is called again. An answer while
 * the body still comes would close the connection, so answers stand at its end, but for refusals
 * at the very begin. */
#ifndef MST_SERVICE_HTTP_REQUEST_H
#define MST_SERVICE_HTTP_REQUEST_H

#include <microhttpd.h>

#include "http.h"
#include "http_places.h"

/* The largest image that PUT and dry-run take. */
#define MST_HTTP_IMAGE_MAX_BYTES ((size_t)64 << 20)
/* With ?verdicts=1 a body may have this much. */
#define MST_HTTP_VERDICTS_MAX_BYTES ((size_t)8 << 20)
#define MST_HTTP_ERRORS_MAX 100

struct mst_http_request;

struct mst_http_route {
    const char *method, *path;
    bool has_rest;         /* the path goes on behind it */
    bool is_open;          /* without a token too */
    bool has_body;         /* else what is sent as one is passed over */
    const char *arguments; /* with a blank between two; NULL: whatever is given is passed over */
    /* Takes the whole of the request, piece by piece. */
    enum MHD_Result (*take)(struct mst_http_request *request, const char *data, size_t *len);
};

struct mst_http_request {
    struct mst_session session; /* first: of POST /v1/facts */
    struct mst_http *http;
    struct MHD_Connection *connection;
    const struct mst_http_route *route;
    struct mst_http_request *next, *before;
    const char *rest; /* of the path */
    struct mst_query *query;
    bool is_begun, is_suspended, is_over; /* over: libmicrohttpd has forgotten it */
    bool is_answered;                     /* what was asked for is there */
    bool is_busy;                         /* someone else will come back to it */

    /* of POST /v1/facts */
    uint64_t accepted, rejected, retried, body_bytes;
    uint32_t error_count;
    bool has_session, is_at_end, is_refused, wants_verdicts;
    struct mst_grown lines;

    /* of image uploads */
    uv_work_t open;
    struct mst_rules_work *rules;
    char *signature;

    /* of event streams */
    struct mst_grown events;
    size_t events_sent;
    uint64_t cursor;
    bool is_stream;
};

struct mst_http {
    uv_loop_t *loop;
    uv_poll_t poll;
    uv_timer_t timer, beat;
    struct MHD_Daemon *daemon;
    const mst_settings *settings;
    mst_engine *engine;
    struct mst_intake *intake;
    const struct mst_streams *streams;
    const struct mst_source_list *sources; /* NULL: none yet */
    struct mst_http_request *first;
    char **tokens;
    size_t token_count;
    mst_trust_public *keys;
    size_t key_count;
    char *tls_key, *tls_cert;
    uint64_t requests, refused, event_streams, active;
    struct mst_http_places places;
    bool is_draining;
    bool has_room; /* a connection has gone */
};

enum MHD_Result mst_http_answer(struct mst_http_request *request, unsigned status,
                                const char *content_type, const char *text, size_t len);
enum MHD_Result mst_http_error(struct mst_http_request *request, unsigned status, const char *error,
                               const char *message);
/* Whether the route has all arguments that are given; else *result is that of an answer. */
bool mst_http_has_arguments(struct mst_http_request *request, enum MHD_Result *result);
/* Whether the Content-Length, if there is one, is at most that. */
bool mst_http_has_length(const struct mst_http_request *request, size_t max);
/* Takes escapes out of a path, or of an argument, once and in place. What is no escape, or would be
 * a zero byte, becomes a byte that no UTF-8 has: it is not another subject's name then. */
size_t mst_http_unescape(void *context, struct MHD_Connection *connection, char *text);
#define MST_HTTP_BAD_ESCAPE '\xff'
/* Value of ?name=, or NULL. */
const char *mst_http_argument(const struct mst_http_request *request, const char *name);

void mst_http_suspend(struct mst_http_request *request);
void mst_http_resume(struct mst_http_request *request);
/* What was asked of another thread has been answered. */
void mst_http_answered(struct mst_http_request *request);
/* Frees a request that is over, once nobody else has it. */
void mst_http_let_go(struct mst_http_request *request);

extern const struct mst_http_route mst_http_routes[];

enum MHD_Result mst_http_take_facts(struct mst_http_request *request, const char *data,
                                    size_t *len);
enum MHD_Result mst_http_take_rules(struct mst_http_request *request, const char *data,
                                    size_t *len);
enum MHD_Result mst_http_take_changes(struct mst_http_request *request, const char *data,
                                      size_t *len);
/* An event stream looks whether there is anything for it. */
void mst_http_changes_look(struct mst_http_request *request, bool is_beat);

#endif
