/* SPDX-License-Identifier: Apache-2.0
 *
 * stream.c - one connection. Its memory stays until its handles are closed and its last record is
 * back from the engine. */
#include "stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* All streams together may leave as much unread as this many alone. */
#define UNREAD_SHARES 64
#define LINGER_TICKS 4
#define REPLY_PIECES 8 /* of one batch that go out in one call of the system */

struct mst_stream {
    struct mst_session session; /* first: a session is its stream */
    struct mst_streams *streams;
    struct mst_stream *next, *before;
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } in, out; /* out is used by stdio: only */
    uv_stream_t *writes_to;
    uint32_t handles; /* not closed yet */
    uint64_t unread;
    bool is_reading, is_closing, is_broken;
    bool is_at_end;    /* the peer will send no more */
    bool is_ended;     /* nothing more is read, for that reason or because the service ends */
    bool is_lingering; /* all is answered; what the peer still sends is thrown away */
    uint32_t ticks;    /* since then */
    uv_shutdown_t shutdown;
    bool is_file_out; /* standard output is a file: written to at once */
    uv_async_t *ended;
    unsigned reply_count; /* pieces of the batch that is being answered */
    uv_buf_t replies[REPLY_PIECES];
};

struct write {
    uv_write_t request;
    struct mst_stream *stream;
    size_t len;
    char bytes[];
};

static void settle(struct mst_stream *stream);

/* ---- ending ------------------------------------------------------------------------------ */

static void release(struct mst_stream *stream)
{
    struct mst_streams *streams = stream->streams;
    if (stream->handles > 0 || stream->session.in_flight > 0)
        return;
    mst_session_end(&stream->session);
    if (stream->before)
        stream->before->next = stream->next;
    else
        streams->first = stream->next;
    if (stream->next)
        stream->next->before = stream->before;
    streams->count--;
    if (stream->ended)
        uv_async_send(stream->ended);
    free(stream);
}

static void on_close(uv_handle_t *handle)
{
    struct mst_stream *stream = handle->data;
    stream->handles--;
    release(stream);
}

static void close_stream(struct mst_stream *stream)
{
    if (stream->is_closing)
        return;
    stream->is_closing = true;
    uv_close(&stream->in.handle, on_close);
    if (stream->writes_to == &stream->out.stream)
        uv_close(&stream->out.handle, on_close);
}

/* ---- replies ----------------------------------------------------------------------------- */

static void on_written(uv_write_t *request, int status)
{
    struct write *write = (struct write *)(void *)request;
    struct mst_stream *stream = write->stream;
    stream->unread -= write->len;
    stream->streams->unread -= write->len;
    stream->streams->sent_bytes += write->len;
    free(write);
    if (status < 0)
        stream->is_broken = true;
    settle(stream);
}

/* Copies all but the first `done` bytes. */
static void copy_rest(char *to, const uv_buf_t *pieces, unsigned count, size_t done)
{
    for (unsigned i = 0; i < count; i++) {
        size_t skipped = done < pieces[i].len ? done : pieces[i].len;
        memcpy(to, pieces[i].base + skipped, pieces[i].len - skipped);
        to += pieces[i].len - skipped;
        done -= skipped;
    }
}

static void queue_write(struct mst_stream *stream, const uv_buf_t *pieces, unsigned count,
                        size_t done, size_t len)
{
    struct write *write = mst_grown_resize(NULL, sizeof *write + len);
    uv_buf_t buffer = uv_buf_init(write->bytes, (unsigned)len);
    write->stream = stream;
    write->len = len;
    copy_rest(write->bytes, pieces, count, done);
    stream->unread += len;
    stream->streams->unread += len;
    if (uv_write(&write->request, stream->writes_to, &buffer, 1, on_written) == 0)
        return;
    stream->unread -= len;
    stream->streams->unread -= len;
    stream->is_broken = true;
    free(write);
}

static void write_file(struct mst_stream *stream, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t done = write(STDOUT_FILENO, text, len);
        if (done < 0) {
            stream->is_broken = true;
            return;
        }
        text += done;
        len -= (size_t)done;
    }
}

/* Writes what goes at once; the rest is copied and written when there is room. */
static void send_pieces(struct mst_stream *stream, const uv_buf_t *pieces, unsigned count)
{
    size_t len = 0, done = 0;
    for (unsigned i = 0; i < count; i++)
        len += pieces[i].len;
    if (stream->unread == 0) {
        int written = uv_try_write(stream->writes_to, pieces, count);
        done = written > 0 ? (size_t)written : 0;
        stream->streams->sent_bytes += done;
    }
    if (done < len)
        queue_write(stream, pieces, count, done, len - done);
}

static void send_replies(struct mst_stream *stream)
{
    unsigned count = stream->reply_count;
    stream->reply_count = 0;
    if (!stream->is_closing && !stream->is_broken && count > 0)
        send_pieces(stream, stream->replies, count);
}

static void send_text(struct mst_stream *stream, const char *text, size_t len)
{
    const uv_buf_t piece = uv_buf_init((char *)(uintptr_t)text, (unsigned)len);
    if (stream->is_closing || stream->is_broken || len == 0)
        return;
    if (stream->is_file_out)
        write_file(stream, text, len);
    else
        send_pieces(stream, &piece, 1);
}

/* The records of several streams alternate in a batch: the replies to each are gathered. */
static void on_reply(struct mst_session *session, const struct mst_entry *entries, uint32_t count,
                     const char *text, size_t len)
{
    struct mst_stream *stream = (struct mst_stream *)(void *)session;
    (void)entries;
    (void)count;
    if (stream->is_file_out) {
        send_text(stream, text, len);
        return;
    }
    if (stream->reply_count == REPLY_PIECES)
        send_replies(stream);
    if (len > 0)
        stream->replies[stream->reply_count++] =
            uv_buf_init((char *)(uintptr_t)text, (unsigned)len);
}

static void on_replied(struct mst_session *session)
{
    struct mst_stream *stream = (struct mst_stream *)(void *)session;
    send_replies(stream);
    settle(stream);
}

/* ---- reading ----------------------------------------------------------------------------- */

static bool has_too_much_unread(const struct mst_stream *stream)
{
    const struct mst_streams *streams = stream->streams;
    uint64_t limit = streams->settings->max_unread;
    return stream->unread > limit ||
           (stream->unread > 0 && streams->unread > UNREAD_SHARES * limit);
}

static void stop_reading(struct mst_stream *stream)
{
    if (!stream->is_reading)
        return;
    stream->is_reading = false;
    stream->streams->reads_stopped++;
    (void)uv_read_stop(&stream->in.stream);
}

static void refuse_partial(struct mst_stream *stream)
{
    static const char line[] =
        "{\"error\":\"overloaded\",\"message\":\"too many unfinished records "
        "are being sent (max-partial)\"}\n";
    stream->streams->overloaded++;
    send_text(stream, line, sizeof line - 1);
    stream->is_broken = true;
}

static void feed(struct mst_stream *stream, const char *bytes, size_t len)
{
    if (mst_session_feed(&stream->session, bytes, len, stream->is_at_end) == MST_FEED_REFUSED)
        refuse_partial(stream);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct mst_stream *stream = handle->data;
    (void)size;
    *buffer = uv_buf_init(stream->streams->buffer, sizeof stream->streams->buffer);
}

static void on_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer)
{
    struct mst_stream *stream = handle->data;
    if (stream->is_lingering && count < 0)
        close_stream(stream);
    if (stream->is_lingering || count == 0)
        return;
    if (count < 0) {
        stream->is_at_end = stream->is_ended = true;
        stream->is_reading = false;
        (void)uv_read_stop(handle);
        if (count != UV_EOF)
            stream->is_broken = true;
        else
            feed(stream, NULL, 0);
    } else {
        stream->streams->read_bytes += (uint64_t)count;
        feed(stream, buffer->base, (size_t)count);
    }
    settle(stream);
}

/* A socket that is closed while there is something to be read in it makes the peer lose what it has
 * not read of our replies. So the peer is told that no more comes, and has a while to leave. */
static void linger(struct mst_stream *stream)
{
    stream->is_lingering = true;
    if (uv_shutdown(&stream->shutdown, stream->writes_to, NULL) != 0 ||
        uv_read_start(&stream->in.stream, on_alloc, on_read) != 0)
        close_stream(stream);
}

/* After anything happened: reads on, stops reading, or ends. */
static void settle(struct mst_stream *stream)
{
    if (stream->is_closing) {
        release(stream);
        return;
    }
    if (stream->is_lingering)
        return;
    bool is_done = stream->is_ended && stream->session.in_flight == 0 &&
                   !stream->session.is_waiting && stream->unread == 0;
    if (is_done && !stream->is_at_end && !stream->is_broken) {
        linger(stream);
        return;
    }
    if (stream->is_broken || is_done) {
        close_stream(stream);
        return;
    }
    if (stream->is_ended)
        return;
    if (stream->session.is_waiting || has_too_much_unread(stream)) {
        stop_reading(stream);
    } else if (!stream->is_reading) {
        stream->is_reading = uv_read_start(&stream->in.stream, on_alloc, on_read) == 0;
        stream->is_broken = !stream->is_reading;
    }
}

static void on_resume(struct mst_session *session)
{
    struct mst_stream *stream = (struct mst_stream *)(void *)session;
    if (!stream->is_closing)
        feed(stream, NULL, 0);
    settle(stream);
}

static const struct mst_session_class session_class = {on_reply, on_replied, on_resume};

/* ---- beginning --------------------------------------------------------------------------- */

static struct mst_stream *make_stream(struct mst_streams *streams)
{
    struct mst_stream *stream = mst_grown_zeroed(1, sizeof *stream);
    mst_session_init(&stream->session, streams->intake, &session_class, true);
    stream->streams = streams;
    stream->writes_to = &stream->in.stream;
    stream->in.handle.data = stream->out.handle.data = stream;
    stream->next = streams->first;
    if (stream->next)
        stream->next->before = stream;
    streams->first = stream;
    streams->count++;
    streams->opened++;
    return stream;
}

void mst_stream_accept(struct mst_streams *streams, struct mst_listener *listener)
{
    struct mst_stream *stream = make_stream(streams);
    int status = listener->path ? uv_pipe_init(streams->loop, &stream->in.pipe, 0)
                                : uv_tcp_init(streams->loop, &stream->in.tcp);
    assert(status == 0);
    stream->handles = 1;
    status = uv_accept(&listener->uv.stream, &stream->in.stream);
    if (status < 0 || streams->count > streams->settings->max_connections) {
        streams->refused++;
        mst_log(MST_LOG_WARNING, "connection_refused", "connections=%u setting=max-connections",
                streams->count - 1);
        close_stream(stream);
        return;
    }
    if (!listener->path)
        (void)uv_tcp_nodelay(&stream->in.tcp, 1);
    settle(stream);
}

static bool open_pipe(struct mst_stream *stream, uv_pipe_t *pipe, int fd)
{
    if (uv_pipe_init(stream->streams->loop, pipe, 0) != 0)
        return false;
    stream->handles++;
    return uv_pipe_open(pipe, fd) == 0;
}

/* A file, /dev/null too, is always ready, so the loop cannot wait for it: libuv would abort. */
static bool can_wait_for(int fd)
{
    const uv_handle_type type = uv_guess_handle(fd);
    return type != UV_FILE && type != UV_UNKNOWN_HANDLE;
}

bool mst_stream_open_stdio(struct mst_streams *streams, uv_async_t *ended)
{
    if (!can_wait_for(STDIN_FILENO)) {
        mst_log(MST_LOG_ERROR, "listen_failed",
                "address=stdio: reason=\"standard input must be a pipe, not a file or /dev/null\"");
        return false;
    }
    struct mst_stream *stream = make_stream(streams);
    stream->is_file_out = uv_guess_handle(STDOUT_FILENO) == UV_FILE;
    bool is_good = open_pipe(stream, &stream->in.pipe, STDIN_FILENO);
    if (is_good && !stream->is_file_out) {
        stream->writes_to = &stream->out.stream;
        is_good = open_pipe(stream, &stream->out.pipe, STDOUT_FILENO);
    }
    if (!is_good) {
        mst_log(MST_LOG_ERROR, "listen_failed",
                "address=stdio: reason=\"standard input and output must be pipes\"");
        close_stream(stream);
        return false;
    }
    stream->ended = ended;
    settle(stream);
    return true;
}

void mst_streams_init(struct mst_streams *streams, uv_loop_t *loop, struct mst_intake *intake,
                      const mst_settings *settings)
{
    memset(streams, 0, sizeof *streams);
    streams->loop = loop;
    streams->intake = intake;
    streams->settings = settings;
}

void mst_streams_drain(struct mst_streams *streams)
{
    streams->is_draining = true;
    for (struct mst_stream *stream = streams->first, *next; stream; stream = next) {
        next = stream->next;
        stream->is_ended = true;
        if (stream->is_reading)
            (void)uv_read_stop(&stream->in.stream);
        stream->is_reading = false;
        settle(stream);
    }
}

void mst_streams_tick(struct mst_streams *streams)
{
    for (struct mst_stream *stream = streams->first, *next; stream; stream = next) {
        next = stream->next;
        if (stream->is_lingering && ++stream->ticks > LINGER_TICKS)
            close_stream(stream);
    }
}

void mst_streams_abort(struct mst_streams *streams)
{
    for (struct mst_stream *stream = streams->first, *next; stream; stream = next) {
        next = stream->next;
        close_stream(stream);
    }
}
