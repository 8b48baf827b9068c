/* SPDX-License-Identifier: Apache-2.0
 *
 * listen.c - addresses of streams, and the sockets behind them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"
#include "log.h"
#include "stream.h"

#define BACKLOG 1024

static bool fail(const char *address, const char *reason)
{
    mst_log(MST_LOG_ERROR, "listen_failed", "address=%s reason=%s", address,
            MST_LOG_QUOTED(reason));
    return false;
}

bool mst_listen_split(const char *address, char host[MST_LISTEN_HOST_BYTES], int *port)
{
    const char *colon = strrchr(address, ':');
    if (!colon || colon == address)
        return false;
    const char *begin = address;
    size_t len = (size_t)(colon - address);
    if (address[0] == '[' && colon[-1] == ']') {
        begin++;
        len -= 2;
    }
    char *end;
    unsigned long number = strtoul(colon + 1, &end, 10);
    if (len == 0 || len >= MST_LISTEN_HOST_BYTES || colon[1] < '0' || colon[1] > '9' || *end ||
        number > 65535)
        return false;
    memcpy(host, begin, len);
    host[len] = '\0';
    if (strcmp(host, "localhost") == 0)
        memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    *port = (int)number;
    return true;
}

bool mst_listen_address(const char *host, int port, struct sockaddr_storage *address)
{
    memset(address, 0, sizeof *address);
    return uv_ip4_addr(host, port, (struct sockaddr_in *)(void *)address) == 0 ||
           uv_ip6_addr(host, port, (struct sockaddr_in6 *)(void *)address) == 0;
}

bool mst_listen_is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const void *)address;
        return ntohl(four->sin_addr.s_addr) >> 24 == 127;
    }
    const struct sockaddr_in6 *six = (const void *)address;
    return memcmp(&six->sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0;
}

static void on_connection(uv_stream_t *server, int status)
{
    struct mst_listener *listener = server->data;
    if (status == 0 && !listener->streams->is_draining)
        mst_stream_accept(listener->streams, listener);
}

/* The port that the system has chosen stands in the log, too. */
static void log_listening(struct mst_listener *listener)
{
    struct sockaddr_storage bound;
    int len = sizeof bound;
    char host[MST_LISTEN_HOST_BYTES] = "";
    if (listener->path) {
        mst_log(MST_LOG_INFO, "listening", "address=%s", listener->address);
        return;
    }
    (void)uv_tcp_getsockname(&listener->uv.tcp, (struct sockaddr *)&bound, &len);
    bool is_four = bound.ss_family == AF_INET;
    int port = ntohs(is_four ? ((struct sockaddr_in *)(void *)&bound)->sin_port
                             : ((struct sockaddr_in6 *)(void *)&bound)->sin6_port);
    if (is_four)
        (void)uv_ip4_name((struct sockaddr_in *)(void *)&bound, host, sizeof host);
    else
        (void)uv_ip6_name((struct sockaddr_in6 *)(void *)&bound, host, sizeof host);
    mst_log(MST_LOG_INFO, "listening", is_four ? "address=tcp://%s:%d" : "address=tcp://[%s]:%d",
            host, port);
}

static bool listen_tcp(struct mst_listener *listener, const char *address)
{
    char host[MST_LISTEN_HOST_BYTES];
    struct sockaddr_storage bound;
    int port;
    if (!mst_listen_split(address + strlen("tcp://"), host, &port) ||
        !mst_listen_address(host, port, &bound))
        return fail(address, "write tcp://127.0.0.1:7411");
    if (!mst_listen_is_loopback(&bound))
        return fail(address, "plain TCP is served on loopback only; let others use HTTPS");
    (void)uv_tcp_init(listener->streams->loop, &listener->uv.tcp);
    int status = uv_tcp_bind(&listener->uv.tcp, (struct sockaddr *)&bound, 0);
    if (status == 0)
        status = uv_listen(&listener->uv.stream, BACKLOG, on_connection);
    return status == 0 || fail(address, uv_strerror(status));
}

/* A socket that nobody listens at any more is left by a process that was killed. */
static void remove_stale(const char *path)
{
    struct stat found;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof to.sun_path || stat(path, &found) != 0 || !S_ISSOCK(found.st_mode))
        return;
    memcpy(to.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        (void)unlink(path);
    (void)close(fd);
}

static bool listen_unix(struct mst_listener *listener, const char *address)
{
    const char *mode_text = listener->streams->settings->socket_mode;
    char *end;
    unsigned long mode = strtoul(mode_text, &end, 8);
    const char *path = address + strlen("unix:");
    (void)uv_pipe_init(listener->streams->loop, &listener->uv.pipe, 0);
    if (*end || mode > 0777 || !*mode_text)
        return fail(address, "socket-mode is three octal digits, as 0660");
    if (!*path)
        return fail(address, "write unix:PATH");
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return fail(address, "the path is too long for a Unix socket");
    remove_stale(path);
    mode_t before = umask(0777 & ~(mode_t)mode);
    int status = uv_pipe_bind(&listener->uv.pipe, path);
    umask(before);
    if (status == 0) {
        listener->path = mst_grown_copy(path, strlen(path));
        status = uv_listen(&listener->uv.stream, BACKLOG, on_connection);
    }
    return status == 0 || fail(address, uv_strerror(status));
}

bool mst_streams_listen(struct mst_streams *streams, const char *address,
                        struct mst_listener **listeners, uv_async_t *ended)
{
    if (strcmp(address, "stdio:") == 0)
        return mst_stream_open_stdio(streams, ended);
    bool is_tcp = strncmp(address, "tcp://", 6) == 0;
    if (!is_tcp && strncmp(address, "unix:", 5) != 0)
        return fail(address, "write tcp://127.0.0.1:7411, unix:PATH or stdio:");
    struct mst_listener *listener = mst_grown_zeroed(1, sizeof *listener);
    listener->streams = streams;
    listener->address = mst_grown_copy(address, strlen(address));
    bool is_good = is_tcp ? listen_tcp(listener, address) : listen_unix(listener, address);
    listener->uv.handle.data = listener;
    listener->next = *listeners;
    *listeners = listener;
    if (is_good)
        log_listening(listener);
    return is_good;
}

static void on_closed(uv_handle_t *handle)
{
    struct mst_listener *listener = handle->data;
    free(listener->path);
    free(listener->address);
    free(listener);
}

void mst_listeners_close(struct mst_listener **listeners)
{
    while (*listeners) {
        struct mst_listener *listener = *listeners;
        *listeners = listener->next;
        if (listener->path)
            (void)unlink(listener->path);
        if (listener->uv.handle.type == UV_UNKNOWN_HANDLE)
            on_closed(&listener->uv.handle);
        else
            uv_close(&listener->uv.handle, on_closed);
    }
}
