/* SPDX-License-Identifier: Apache-2.0
 *
 * http_changes.c - GET /v1/changes: server-sent events that go on from where a client was. A
 * client that reads slowly asks seldom; nothing is kept for it but what it asked for last. */
#include <stdlib.h>
#include <string.h>

#include "http_request.h"

#define CHANGES_AT_A_TIME 200

static void on_changes(struct mst_query *query)
{
    struct mst_http_request *request = query->context;
    request->is_busy = false;
    request->cursor = query->number;
    if (request->is_over) {
        mst_http_let_go(request); /* frees the query, too */
        return;
    }
    if (query->body.len > 0) {
        mst_grown_add(&request->events, query->body.ptr, query->body.len);
        mst_http_resume(request);
    }
    request->query = NULL;
    mst_query_free(query);
}

static void ask(struct mst_http_request *request)
{
    request->query = mst_query_make(MST_QUERY_CHANGES, on_changes, request);
    request->query->number = request->cursor;
    request->query->limit = CHANGES_AT_A_TIME;
    request->is_busy = true;
    mst_inbox_put(&request->http->engine->inbox, &request->query->work);
}

void mst_http_changes_look(struct mst_http_request *request, bool is_beat)
{
    if (!request->is_suspended || request->is_busy)
        return;
    if (request->http->is_draining) {
        mst_http_resume(request);
    } else if (request->http->engine->committed_changes != request->cursor) {
        ask(request);
    } else if (is_beat) {
        /* A comment: keeps what stands between awake, and finds peers that are gone. */
        mst_grown_puts(&request->events, ":\n\n");
        mst_http_resume(request);
    }
}

static ssize_t on_read(void *context, uint64_t at, char *buffer, size_t room)
{
    struct mst_http_request *request = context;
    size_t len = request->events.len - request->events_sent;
    (void)at;
    if (len > 0) {
        len = len < room ? len : room;
        memcpy(buffer, request->events.ptr + request->events_sent, len);
        request->events_sent += len;
        return (ssize_t)len;
    }
    request->events.len = request->events_sent = 0;
    if (request->http->is_draining)
        return MHD_CONTENT_READER_END_OF_STREAM;
    mst_http_suspend(request);
    mst_http_changes_look(request, false);
    return 0;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

enum MHD_Result mst_http_take_changes(struct mst_http_request *request, const char *data,
                                      size_t *len)
{
    (void)data;
    if (!request->is_begun)
        return MHD_YES;
    *len = 0;
    const char *after =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Last-Event-ID");
    if (!after)
        after = mst_http_argument(request, "after");
    request->cursor = request->http->engine->committed_changes;
    if (after && !read_number(after, &request->cursor))
        return mst_http_error(request, MHD_HTTP_BAD_REQUEST, "argument",
                              "after is the id of the last event that was seen");
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, on_read, request, NULL);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    mst_grown_puts(&request->events, "retry: 2000\n\n");
    request->is_stream = true;
    request->http->event_streams++;
    enum MHD_Result result = MHD_queue_response(request->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}
