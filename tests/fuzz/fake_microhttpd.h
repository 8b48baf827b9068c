/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_microhttpd.h - those functions of libmicrohttpd that the service calls, without sockets: a
 * target links them in place of the library and gives requests to the handler as the library
 * would: first the head alone, then the body piece by piece, then the end; not while a connection
 * is suspended; and an answer while the body still comes is a mistake. Escapes in the address and
 * the arguments are taken out before by the service's function, as there. */
#ifndef MST_TESTS_FUZZ_FAKE_MICROHTTPD_H
#define MST_TESTS_FUZZ_FAKE_MICROHTTPD_H

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "random_facts.h"
#include "service/grown.h"

#define FAKE_PAIRS_MAX 16
#define FAKE_STREAM_MAX (1u << 20) /* an event stream is read no further */

struct MHD_Response {
    unsigned uses;
    char *bytes; /* or: */
    size_t len;
    MHD_ContentReaderCallback read;
    void *read_context;
    char type[64];
};

struct fake_pair {
    char *name, *value;
};

struct MHD_Connection {
    struct MHD_Connection *next;
    char *method, *path, *body;
    size_t body_len, body_at, piece;
    struct fake_pair headers[FAKE_PAIRS_MAX], arguments[FAKE_PAIRS_MAX];
    size_t header_count, argument_count;
    void *slot;                      /* of the handler */
    union MHD_ConnectionInfo socket; /* its context: there are no sockets */
    bool is_there, is_begun, is_suspended, is_at_end, is_over;
    bool goes_away; /* the client, after half of the body or at the first answer */
    struct MHD_Response *response;
    unsigned status;
    struct mst_grown answer; /* what the client has got */
};

typedef size_t fake_unescaper(void *context, struct MHD_Connection *connection, char *text);

struct MHD_Daemon {
    MHD_AccessHandlerCallback handler;
    void *handler_context;
    MHD_RequestCompletedCallback completed;
    void *completed_context;
    MHD_NotifyConnectionCallback notify;
    void *notify_context;
    fake_unescaper *unescape;
    void *unescape_context;
    struct MHD_Connection *first, *last;
    union MHD_DaemonInfo info;
    void (*check)(const struct MHD_Connection *connection); /* a whole answer */
};

/* ---- daemon ------------------------------------------------------------------------------ */

static struct MHD_Daemon *fake_daemon; /* the one that is open */

static void fake_read_options(struct MHD_Daemon *daemon, va_list options)
{
    for (int option; (option = va_arg(options, int)) != MHD_OPTION_END;) {
        switch (option) {
        case MHD_OPTION_SOCK_ADDR:
        case MHD_OPTION_ARRAY: (void)va_arg(options, void *); break;
        case MHD_OPTION_LISTENING_ADDRESS_REUSE:
        case MHD_OPTION_CONNECTION_LIMIT:
        case MHD_OPTION_CONNECTION_TIMEOUT: (void)va_arg(options, unsigned); break;
        case MHD_OPTION_CONNECTION_MEMORY_LIMIT: (void)va_arg(options, size_t); break;
        case MHD_OPTION_NOTIFY_COMPLETED:
            daemon->completed = va_arg(options, MHD_RequestCompletedCallback);
            daemon->completed_context = va_arg(options, void *);
            break;
        case MHD_OPTION_NOTIFY_CONNECTION:
            daemon->notify = va_arg(options, MHD_NotifyConnectionCallback);
            daemon->notify_context = va_arg(options, void *);
            break;
        case MHD_OPTION_UNESCAPE_CALLBACK:
            daemon->unescape = va_arg(options, fake_unescaper *);
            daemon->unescape_context = va_arg(options, void *);
            break;
        default: FUZZ_EXPECT(option == MHD_OPTION_END); /* one that is not known here */
        }
    }
}

struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
                                    void *accept_context, MHD_AccessHandlerCallback handler,
                                    void *context, ...)
{
    va_list options;
    (void)flags;
    (void)port;
    (void)accept_context;
    FUZZ_EXPECT(!accept && !fake_daemon);
    fake_daemon = mst_grown_zeroed(1, sizeof *fake_daemon);
    fake_daemon->handler = handler;
    fake_daemon->handler_context = context;
    fake_daemon->info.epoll_fd = epoll_create1(0);
    va_start(options, context);
    fake_read_options(fake_daemon, options);
    va_end(options);
    FUZZ_EXPECT(fake_daemon->completed && fake_daemon->notify && fake_daemon->unescape);
    return fake_daemon;
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon,
                                                enum MHD_DaemonInfoType type, ...)
{
    static const union MHD_DaemonInfo none;
    return type == MHD_DAEMON_INFO_EPOLL_FD ? &daemon->info : &none;
}

MHD_socket MHD_quiesce_daemon(struct MHD_Daemon *daemon)
{
    (void)daemon;
    return MHD_INVALID_SOCKET;
}

enum MHD_Result MHD_run(struct MHD_Daemon *daemon)
{
    (void)daemon;
    return MHD_YES;
}

enum MHD_Result MHD_get_timeout(struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *wait_ms)
{
    (void)daemon;
    (void)wait_ms;
    return MHD_NO;
}

/* ---- answers ----------------------------------------------------------------------------- */

struct MHD_Response *MHD_create_response_from_buffer(size_t len, void *bytes,
                                                     enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *response = mst_grown_zeroed(1, sizeof *response);
    FUZZ_EXPECT(mode == MHD_RESPMEM_MUST_COPY);
    response->uses = 1;
    response->bytes = mst_grown_copy(len > 0 ? bytes : "", len);
    response->len = len;
    return response;
}

struct MHD_Response *MHD_create_response_from_callback(uint64_t len, size_t block,
                                                       MHD_ContentReaderCallback read,
                                                       void *context,
                                                       MHD_ContentReaderFreeCallback end)
{
    struct MHD_Response *response = mst_grown_zeroed(1, sizeof *response);
    FUZZ_EXPECT(len == MHD_SIZE_UNKNOWN && block > 0 && !end);
    response->uses = 1;
    response->read = read;
    response->read_context = context;
    return response;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *response, const char *name,
                                        const char *value)
{
    FUZZ_EXPECT(!strpbrk(name, "\r\n") && !strpbrk(value, "\r\n"));
    if (strcmp(name, MHD_HTTP_HEADER_CONTENT_TYPE) == 0)
        snprintf(response->type, sizeof response->type, "%s", value);
    return MHD_YES;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response)
{
    FUZZ_EXPECT(!connection->response && !connection->is_suspended);
    FUZZ_EXPECT(!connection->is_begun || connection->is_at_end);
    connection->response = response;
    connection->status = status;
    response->uses++;
    return MHD_YES;
}

void MHD_destroy_response(struct MHD_Response *response)
{
    if (--response->uses > 0)
        return;
    free(response->bytes);
    free(response);
}

/* ---- connections ------------------------------------------------------------------------- */

void MHD_suspend_connection(struct MHD_Connection *connection)
{
    FUZZ_EXPECT(!connection->is_suspended && !connection->is_over);
    connection->is_suspended = true;
}

void MHD_resume_connection(struct MHD_Connection *connection)
{
    FUZZ_EXPECT(connection->is_suspended && !connection->is_over);
    connection->is_suspended = false;
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    FUZZ_EXPECT(type == MHD_CONNECTION_INFO_SOCKET_CONTEXT && connection->is_there);
    return &connection->socket;
}

const char *MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                        const char *name)
{
    const bool is_header = kind == MHD_HEADER_KIND;
    const struct fake_pair *pairs = is_header ? connection->headers : connection->arguments;
    const size_t count = is_header ? connection->header_count : connection->argument_count;
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                              MHD_KeyValueIterator iterator, void *context)
{
    FUZZ_EXPECT(kind == MHD_GET_ARGUMENT_KIND);
    for (size_t i = 0; i < connection->argument_count; i++) {
        const struct fake_pair *pair = &connection->arguments[i];
        if (iterator(context, kind, pair->name, pair->value) == MHD_NO)
            return (int)i + 1;
    }
    return (int)connection->argument_count;
}

static void fake_complete(struct MHD_Daemon *daemon, struct MHD_Connection *connection,
                          enum MHD_RequestTerminationCode code)
{
    FUZZ_EXPECT(!connection->is_suspended);
    connection->is_over = true;
    daemon->completed(daemon->completed_context, connection, &connection->slot, code);
    if (connection->is_there)
        daemon->notify(daemon->notify_context, connection, &connection->socket.socket_context,
                       MHD_CONNECTION_NOTIFY_CLOSED);
    connection->is_there = false;
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        daemon->check(connection);
    if (connection->response)
        MHD_destroy_response(connection->response);
}

static void fake_deliver(struct MHD_Daemon *daemon, struct MHD_Connection *connection)
{
    const struct MHD_Response *response = connection->response;
    char buffer[4096];
    if (!response->read) {
        mst_grown_add(&connection->answer, response->bytes, response->len);
        fake_complete(daemon, connection, MHD_REQUEST_TERMINATED_COMPLETED_OK);
        return;
    }
    const ssize_t len =
        response->read(response->read_context, connection->answer.len, buffer, sizeof buffer);
    FUZZ_EXPECT(len == MHD_CONTENT_READER_END_OF_STREAM || (len >= 0 && (size_t)len <= 4096));
    if (len == MHD_CONTENT_READER_END_OF_STREAM)
        fake_complete(daemon, connection, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    else if (len > 0)
        mst_grown_add(&connection->answer, buffer, (size_t)len);
    if (connection->answer.len > FAKE_STREAM_MAX)
        connection->goes_away = true;
}

static void fake_call(struct MHD_Daemon *daemon, struct MHD_Connection *connection)
{
    const size_t left = connection->body_len - connection->body_at;
    const size_t piece = !connection->is_begun      ? 0
                         : left > connection->piece ? connection->piece
                                                    : left;
    size_t rest = piece;
    if (!connection->is_there)
        daemon->notify(daemon->notify_context, connection, &connection->socket.socket_context,
                       MHD_CONNECTION_NOTIFY_STARTED);
    connection->is_there = true;
    connection->is_at_end = connection->is_begun && left == 0;
    const enum MHD_Result result = daemon->handler(
        daemon->handler_context, connection, connection->path, connection->method, "HTTP/1.1",
        piece > 0 ? connection->body + connection->body_at : NULL, &rest, &connection->slot);
    FUZZ_EXPECT(rest <= piece);
    FUZZ_EXPECT(!connection->is_at_end || connection->response || connection->is_suspended ||
                result == MHD_NO);
    connection->body_at += piece - rest;
    connection->is_begun = true;
    if (result == MHD_NO)
        fake_complete(daemon, connection, MHD_REQUEST_TERMINATED_WITH_ERROR);
}

/* What comes next of a connection; false where that is nothing. */
static bool fake_step(struct MHD_Daemon *daemon, struct MHD_Connection *connection)
{
    if (connection->is_over || connection->is_suspended)
        return false;
    if (connection->goes_away && connection->is_begun &&
        (connection->body_at * 2 >= connection->body_len || connection->response))
        fake_complete(daemon, connection, MHD_REQUEST_TERMINATED_CLIENT_ABORT);
    else if (connection->response)
        fake_deliver(daemon, connection);
    else
        fake_call(daemon, connection);
    return true;
}

static void fake_free(struct MHD_Connection *connection)
{
    for (size_t i = 0; i < connection->header_count; i++)
        free(connection->headers[i].name);
    for (size_t i = 0; i < connection->argument_count; i++)
        free(connection->arguments[i].name);
    free(connection->method);
    free(connection->path);
    free(connection->body);
    free(connection->answer.ptr);
    free(connection);
}

void MHD_stop_daemon(struct MHD_Daemon *daemon)
{
    for (struct MHD_Connection *connection = daemon->first, *next; connection; connection = next) {
        next = connection->next;
        if (!connection->is_over)
            fake_complete(daemon, connection, MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN);
        fake_free(connection);
    }
    (void)close(daemon->info.epoll_fd);
    free(daemon);
    fake_daemon = NULL;
}

/* ---- requests as text -------------------------------------------------------------------- */

/* Any byte that an escape may stand for comes out of it, but for one that would end the text. */
static void fake_unescape(char *text)
{
    const size_t before = strlen(text);
    const size_t len = fake_daemon->unescape(fake_daemon->unescape_context, NULL, text);
    FUZZ_EXPECT(len <= before && strlen(text) == len);
}

/* "name=value" as a pair; both lie in one text, which the name begins. */
static void fake_add_pair(struct fake_pair *pairs, size_t *count, const char *text, size_t len,
                          char between, bool is_escaped)
{
    if (*count == FAKE_PAIRS_MAX || len == 0)
        return;
    struct fake_pair *pair = &pairs[(*count)++];
    pair->name = mst_grown_copy(text, len);
    char *mark = strchr(pair->name, between);
    pair->value = mark ? mark + 1 : pair->name + strlen(pair->name);
    if (mark)
        *mark = '\0';
    pair->value += between == ':' ? strspn(pair->value, " \t") : 0;
    if (is_escaped) {
        fake_unescape(pair->name);
        fake_unescape(pair->value);
    }
}

static void fake_add_arguments(struct MHD_Connection *connection, char *query)
{
    for (char *next; query; query = next) {
        next = strchr(query, '&');
        if (next)
            *next++ = '\0';
        fake_add_pair(connection->arguments, &connection->argument_count, query, strlen(query), '=',
                      true);
    }
}

static size_t fake_line(const char *text, size_t len)
{
    const char *end = len > 0 ? memchr(text, '\n', len) : NULL;
    return end ? (size_t)(end - text) : len;
}

/* "GET /path?name=value", headers, an empty line, the body. */
static struct MHD_Connection *fake_connect(struct MHD_Daemon *daemon, const char *text, size_t len)
{
    struct MHD_Connection *connection = mst_grown_zeroed(1, sizeof *connection);
    size_t line = fake_line(text, len), at = line < len ? line + 1 : len;
    connection->method = mst_grown_copy(text, line);
    char *space = strchr(connection->method, ' ');
    connection->path = mst_grown_copy(space ? space + 1 : "/", space ? strlen(space + 1) : 1);
    if (space)
        *space = '\0';
    char *query = strchr(connection->path, '?');
    if (query)
        *query++ = '\0';
    fake_add_arguments(connection, query);
    fake_unescape(connection->path);
    while (at < len && (line = fake_line(text + at, len - at)) > 0) {
        fake_add_pair(connection->headers, &connection->header_count, text + at, line, ':', false);
        at += line < len - at ? line + 1 : line;
    }
    at += at < len;
    connection->body = mst_grown_copy(text + at, len - at);
    connection->body_len = len - at;
    connection->piece = SIZE_MAX;
    if (daemon->last)
        daemon->last->next = connection;
    else
        daemon->first = connection;
    daemon->last = connection;
    return connection;
}

#endif
