/* SPDX-License-Identifier: Apache-2.0
 *
 * http.c - libmicrohttpd's epoll descriptor in our loop, who may ask at all, and requests from
 * begin to end. */
#include "http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "http_request.h"
#include "listen.h"
#include "log.h"

#define BEAT_MS 15000
#define IDLE_S 60u /* a client that sends nothing for so long is given up */
#define CONNECTION_BYTES 32768
#define FILE_MAX_BYTES 1048576

/* ---- the loop ---------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

static void on_connection(void *context, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode code)
{
    struct mst_http *http = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        mst_http_places_come(&http->places, connection, slot);
        return;
    }
    mst_http_places_go(&http->places, slot);
    http->has_room = true;
}

/* While there is no room for another connection, libmicrohttpd does not listen. It begins again at
 * the run after the one in which a connection has gone, and nothing else would wake it for that. */
static void run(struct mst_http *http)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    uint64_t room_ms;
    do {
        http->has_room = false;
        (void)MHD_run(http->daemon);
        room_ms = mst_http_places_make_room(&http->places);
    } while (http->has_room);
    if (MHD_get_timeout(http->daemon, &wait_ms) != MHD_YES || wait_ms > room_ms)
        wait_ms = room_ms;
    if (wait_ms != MST_HTTP_PLACES_NEVER)
        uv_timer_start(&http->timer, on_timer, wait_ms, 0);
    else
        uv_timer_stop(&http->timer);
}

static void on_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

static void look_at_streams(struct mst_http *http, bool is_beat)
{
    for (struct mst_http_request *request = http->first, *next; request; request = next) {
        next = request->next;
        if (request->is_stream)
            mst_http_changes_look(request, is_beat);
    }
}

static void on_beat(uv_timer_t *timer)
{
    look_at_streams(timer->data, true);
}

void mst_http_news(struct mst_http *http)
{
    look_at_streams(http, false);
}

void mst_http_suspend(struct mst_http_request *request)
{
    if (request->is_suspended)
        return;
    request->is_suspended = true;
    MHD_suspend_connection(request->connection);
}

void mst_http_resume(struct mst_http_request *request)
{
    if (!request->is_suspended)
        return;
    request->is_suspended = false;
    MHD_resume_connection(request->connection);
    uv_timer_start(&request->http->timer, on_timer, 0, 0);
}

void mst_http_answered(struct mst_http_request *request)
{
    request->is_busy = false;
    request->is_answered = true;
    if (request->is_over)
        mst_http_let_go(request);
    else
        mst_http_resume(request);
}

/* ---- answers ----------------------------------------------------------------------------- */

const char *mst_http_argument(const struct mst_http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

bool mst_http_has_length(const struct mst_http_request *request, size_t max)
{
    const char *length = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                     MHD_HTTP_HEADER_CONTENT_LENGTH);
    return !length || strtoull(length, NULL, 10) <= max;
}

enum MHD_Result mst_http_answer(struct mst_http_request *request, unsigned status,
                                const char *content_type, const char *text, size_t len)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(len, (char *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (strncmp(content_type, "text/html", 9) == 0)
        (void)MHD_add_response_header(response, "Content-Security-Policy",
                                      "default-src 'none'; style-src 'unsafe-inline'");
    if (status == MHD_HTTP_UNAUTHORIZED)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    if (mst_http_places_are_short(&request->http->places))
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result mst_http_error(struct mst_http_request *request, unsigned status, const char *error,
                               const char *message)
{
    struct mst_grown text = {NULL, 0, 0};
    mst_grown_printf(&text, "{\"error\":\"%s\",\"message\":", error);
    mst_grown_json(&text, message, strlen(message));
    mst_grown_puts(&text, "}\n");
    request->http->refused++;
    enum MHD_Result result =
        mst_http_answer(request, status, "application/json", text.ptr, text.len);
    free(text.ptr);
    return result;
}

/* ---- who may ask ------------------------------------------------------------------------- */

static bool is_same_name(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

/* "localhost:7412" and the like: whether we answer under this name. A page of another site that
 * has a name resolve to this machine is refused here. */
static bool is_our_host(const struct mst_http *http, const char *host)
{
    static const char *const loopback[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *bracket = strchr(host, ']');
    size_t len = bracket ? (size_t)(bracket - host) + 1 : strcspn(host, ":");
    for (size_t i = 0; i < 3; i++)
        if (is_same_name(loopback[i], host, len))
            return true;
    for (size_t i = 0; i < http->settings->http_host.count; i++)
        if (is_same_name(http->settings->http_host.items[i], host, len))
            return true;
    return false;
}

static bool is_our_origin(const struct mst_http *http, const char *origin)
{
    const char *host = strstr(origin, "://");
    return host && is_our_host(http, host + 3);
}

/* Takes as long whatever the two have in common. */
static bool is_same_token(const char *token, const char *given, size_t len)
{
    size_t token_len = strlen(token);
    volatile unsigned char differ = token_len != len;
    for (size_t i = 0; i < len; i++)
        differ = differ | (unsigned char)(given[i] ^ token[i < token_len ? i : 0]);
    return differ == 0;
}

static bool has_token(const struct mst_http_request *request)
{
    static const char scheme[] = "Bearer ";
    const struct mst_http *http = request->http;
    const char *given = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                    MHD_HTTP_HEADER_AUTHORIZATION);
    bool is_good = http->token_count == 0;
    if (!given || strncasecmp(given, scheme, sizeof scheme - 1) != 0)
        return is_good;
    given += sizeof scheme - 1;
    for (size_t i = 0; i < http->token_count; i++)
        is_good = is_same_token(http->tokens[i], given, strlen(given)) || is_good;
    return is_good;
}

/* MHD_YES where nothing was refused. */
static bool is_refused(struct mst_http_request *request, enum MHD_Result *result)
{
    const struct mst_http *http = request->http;
    const char *host =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    const char *origin =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ORIGIN);
    if (!host || !is_our_host(http, host))
        *result = mst_http_error(request, MHD_HTTP_MISDIRECTED_REQUEST, "host",
                                 "this service does not answer under that name (http-host)");
    else if (origin && !is_our_origin(http, origin))
        *result = mst_http_error(request, MHD_HTTP_FORBIDDEN, "origin",
                                 "pages of other sites are not answered (http-host)");
    else if (!request->route->is_open && !has_token(request))
        *result =
            mst_http_error(request, MHD_HTTP_UNAUTHORIZED, "token", "a bearer token is needed");
    else
        return false;
    return true;
}

/* ---- requests ---------------------------------------------------------------------------- */

static const struct mst_http_route *find_route(const char *method, const char *path,
                                               const char **rest, bool *is_known)
{
    *is_known = false;
    for (const struct mst_http_route *route = mst_http_routes; route->path; route++) {
        size_t len = strlen(route->path);
        bool is_path = route->has_rest ? strncmp(path, route->path, len) == 0 && path[len] != '\0'
                                       : strcmp(path, route->path) == 0;
        *is_known = *is_known || is_path;
        if (is_path && (strcmp(method, route->method) == 0 ||
                        (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0))) {
            *rest = path + len;
            return route;
        }
    }
    return NULL;
}

static struct mst_http_request *make_request(struct mst_http *http,
                                             struct MHD_Connection *connection)
{
    struct mst_http_request *request = mst_grown_zeroed(1, sizeof *request);
    request->http = http;
    request->connection = connection;
    request->next = http->first;
    if (request->next)
        request->next->before = request;
    http->first = request;
    http->requests++;
    http->active++;
    return request;
}

static bool is_encoded(const struct mst_http_request *request)
{
    const char *encoding = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
                                                       MHD_HTTP_HEADER_CONTENT_ENCODING);
    return encoding && strcasecmp(encoding, "identity") != 0;
}

static enum MHD_Result begin(struct mst_http_request *request, const char *url, const char *method)
{
    bool is_known;
    enum MHD_Result result = MHD_YES;
    request->route = find_route(method, url, &request->rest, &is_known);
    if (!request->route && is_known)
        return mst_http_error(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method",
                              "this address has no such method");
    if (!request->route)
        return mst_http_error(request, MHD_HTTP_NOT_FOUND, "not_found",
                              "there is nothing at this address");
    if (is_refused(request, &result) || !mst_http_has_arguments(request, &result))
        return result;
    if (request->route->has_body && is_encoded(request))
        return mst_http_error(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "encoding",
                              "a body is taken as it is: send it without Content-Encoding");
    size_t none = 0;
    return request->route->take(request, NULL, &none);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **slot)
{
    struct mst_http_request *request = *slot;
    (void)version;
    if (!request) {
        mst_http_places_begin(&((struct mst_http *)context)->places, connection);
        request = make_request(context, connection);
        *slot = request;
        return begin(request, url, method);
    }
    request->is_begun = true;
    if (*len > 0 && !request->route->has_body) {
        *len = 0;
        return MHD_YES;
    }
    return request->route->take(request, data, len);
}

void mst_http_let_go(struct mst_http_request *request)
{
    struct mst_http *http = request->http;
    if (!request->is_over || request->is_busy || request->session.in_flight > 0)
        return;
    if (request->has_session)
        mst_session_end(&request->session);
    if (request->before)
        request->before->next = request->next;
    else
        http->first = request->next;
    if (request->next)
        request->next->before = request->before;
    if (request->query)
        mst_query_free(request->query);
    if (request->rules)
        mst_rules_work_free(request->rules);
    http->event_streams -= request->is_stream;
    http->active--;
    free(request->signature);
    free(request->lines.ptr);
    free(request->events.ptr);
    free(request);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode code)
{
    struct mst_http *http = context;
    struct mst_http_request *request = *slot;
    if (!request)
        return;
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        mst_http_places_end(&http->places, connection);
    *slot = NULL;
    request->is_over = true;
    request->is_suspended = false;
    mst_http_let_go(request);
}

/* ---- beginning and ending ---------------------------------------------------------------- */

static bool fail(const mst_settings *settings, const char *reason)
{
    mst_log(MST_LOG_ERROR, "http_failed", "address=%s reason=%s", settings->http,
            MST_LOG_QUOTED(reason));
    return false;
}

/* A small file as text, spaces around it taken off. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    if (file) {
        text = mst_grown_resize(NULL, FILE_MAX_BYTES);
        size_t len = fread(text, 1, FILE_MAX_BYTES - 1, file);
        while (len > 0 && strchr(" \t\r\n", text[len - 1]))
            len--;
        text[len] = '\0';
        fclose(file);
    }
    if (!file || !*text) {
        mst_log(MST_LOG_ERROR, "file_unreadable", "path=%s reason=%s", MST_LOG_QUOTED(path),
                MST_LOG_QUOTED(file ? "it is empty" : strerror(errno)));
        free(text);
        return NULL;
    }
    return mst_grown_resize(text, strlen(text) + 1);
}

static bool read_keys(struct mst_http *http)
{
    const struct mst_setting_list *files = &http->settings->trust_key;
    http->keys = mst_grown_zeroed(files->count, sizeof *http->keys);
    if (files->count > 0 && mst_trust_begin() != MST_TRUST_OK)
        return fail(http->settings, "libsodium cannot be used");
    for (size_t i = 0; i < files->count; i++) {
        char *text = read_file(files->items[i]);
        if (!text)
            return false;
        mst_trust_status status = mst_trust_read_public(text, strlen(text), &http->keys[i]);
        free(text);
        if (status != MST_TRUST_OK) {
            mst_log(MST_LOG_ERROR, "file_unreadable", "path=%s reason=%s",
                    MST_LOG_QUOTED(files->items[i]), MST_LOG_QUOTED(mst_trust_status_text(status)));
            return false;
        }
        http->key_count++;
    }
    return true;
}

static bool read_secrets(struct mst_http *http)
{
    const mst_settings *settings = http->settings;
    http->tokens = mst_grown_zeroed(settings->token_file.count, sizeof *http->tokens);
    for (size_t i = 0; i < settings->token_file.count; i++) {
        http->tokens[i] = read_file(settings->token_file.items[i]);
        if (!http->tokens[i])
            return false;
        http->token_count++;
        if (strlen(http->tokens[i]) < 16)
            return fail(settings, "a token has at least 16 characters");
    }
    if (!read_keys(http))
        return false;
    if (!*settings->tls_cert != !*settings->tls_key)
        return fail(settings, "tls-cert and tls-key belong together");
    if (!*settings->tls_cert)
        return true;
    http->tls_cert = read_file(settings->tls_cert);
    http->tls_key = http->tls_cert ? read_file(settings->tls_key) : NULL;
    return http->tls_key != NULL;
}

static bool start_daemon(struct mst_http *http, struct sockaddr_storage *address)
{
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, http->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, http->tls_key},
        {MHD_OPTION_END, 0, NULL},
    };
    if (http->tls_cert)
        flags |= MHD_USE_TLS;
    else
        tls[0].option = MHD_OPTION_END;
    if (address->ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http, MHD_OPTION_SOCK_ADDR, address,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_CONNECTION_LIMIT,
        http->places.max + MST_HTTP_PLACES_SPARE, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
        MHD_OPTION_UNESCAPE_CALLBACK, mst_http_unescape, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, http, MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    return http->daemon != NULL;
}

static bool open_daemon(struct mst_http *http)
{
    const mst_settings *settings = http->settings;
    char host[MST_LISTEN_HOST_BYTES];
    struct sockaddr_storage address;
    int port;
    if (!mst_listen_split(settings->http, host, &port) || !mst_listen_address(host, port, &address))
        return fail(settings, "write 127.0.0.1:7412, or none");
    if (!read_secrets(http))
        return false;
    if (!mst_listen_is_loopback(&address) && !settings->allow_public &&
        (!http->tls_cert || http->token_count == 0))
        return fail(settings, "a public address needs tls-cert, tls-key and token-file, or "
                              "allow-public");
    if (start_daemon(http, &address))
        return true;
    return fail(settings, errno != 0 ? strerror(errno) : "libmicrohttpd could not start");
}

struct mst_http *mst_http_open(uv_loop_t *loop, const mst_settings *settings, mst_engine *engine,
                               struct mst_intake *intake, const struct mst_streams *streams)
{
    struct mst_http *http = mst_grown_zeroed(1, sizeof *http);
    http->loop = loop;
    http->settings = settings;
    http->places.max = (unsigned)settings->max_connections;
    http->engine = engine;
    http->intake = intake;
    http->streams = streams;
    errno = 0;
    if (!open_daemon(http)) {
        mst_http_free(http);
        return NULL;
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    (void)uv_poll_init(loop, &http->poll, info->epoll_fd);
    (void)uv_timer_init(loop, &http->timer);
    (void)uv_timer_init(loop, &http->beat);
    http->poll.data = http->timer.data = http->beat.data = http;
    (void)uv_poll_start(&http->poll, UV_READABLE, on_poll);
    (void)uv_timer_start(&http->beat, on_beat, BEAT_MS, BEAT_MS);
    info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    mst_log(MST_LOG_INFO, "listening", "address=%s://%.*s:%u", http->tls_cert ? "https" : "http",
            (int)(strrchr(settings->http, ':') - settings->http), settings->http, info->port);
    return http;
}

void mst_http_show_sources(struct mst_http *http, const struct mst_source_list *sources)
{
    http->sources = sources;
}

void mst_http_drain(struct mst_http *http)
{
    http->is_draining = true;
    MHD_socket listener = MHD_quiesce_daemon(http->daemon);
    if (listener != MHD_INVALID_SOCKET)
        (void)close(listener);
    look_at_streams(http, true);
}

bool mst_http_is_idle(const struct mst_http *http, bool has_waited)
{
    const struct mst_http_request *request = http->first;
    while (has_waited && request && !request->is_busy && !request->is_at_end &&
           request->session.in_flight == 0)
        request = request->next;
    return request == NULL;
}

void mst_http_close(struct mst_http *http)
{
    if (!http || !http->daemon)
        return;
    for (struct mst_http_request *request = http->first; request; request = request->next)
        mst_http_resume(request);
    (void)uv_poll_stop(&http->poll);
    MHD_stop_daemon(http->daemon);
    uv_close((uv_handle_t *)&http->poll, NULL);
    uv_close((uv_handle_t *)&http->timer, NULL);
    uv_close((uv_handle_t *)&http->beat, NULL);
}

void mst_http_free(struct mst_http *http)
{
    if (!http)
        return;
    for (size_t i = 0; i < http->token_count; i++)
        free(http->tokens[i]);
    free(http->tokens);
    free(http->keys);
    free(http->tls_cert);
    free(http->tls_key);
    free(http);
}
