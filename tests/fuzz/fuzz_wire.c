/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes of a client on a socket, in any pieces, through the streams of the service to an engine
 * and back. The replies must be those that the same bytes get when they arrive at once without a
 * socket; where the connection ends early, the beginning of those. A neighbour who sends a record
 * now and then gets its own replies all the while. At the end nothing is left: no connection, no
 * unread byte, no unfinished record, no subject that cannot be deleted.
 *
 * The first byte of an input says how the bytes are cut, the second what client and service do. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/stream.h"
#include "service_bench.h"

#define NEIGHBOUR_EVERY 16 /* turns */
#define PIECE_MAX 65536u
#define DRAIN_TICKS 8

enum plan {
    PLAN_READS_LATE = 1,    /* nothing before everything is sent */
    PLAN_NEIGHBOUR = 2,     /* the other client is there */
    PLAN_SMALL_UNREAD = 4,  /* few replies may wait */
    PLAN_SMALL_PARTIAL = 8, /* unfinished records have little room */
    PLAN_CLOSES = 16,       /* the client goes away without an end */
    PLAN_SLOW_ENGINE = 32,  /* records have to wait */
    PLAN_DRAINS = 64,       /* the service ends meanwhile */
};

struct client {
    int fd;
    struct mst_grown replies;
    bool is_over;
};

static struct {
    struct service_bench bench;
    struct mst_streams streams;
    struct mst_listener *listeners;
    char address[64];
    char expected[4096]; /* what the neighbour is told */
    size_t expected_len;
    bool is_open;
} wire;

/* ---- without a socket -------------------------------------------------------------------- */

struct direct {
    struct mst_session session; /* first */
    struct mst_grown replies;
};

static void on_direct_reply(struct mst_session *session, const struct mst_entry *entries,
                            uint32_t count, const char *text, size_t len)
{
    struct direct *direct = (struct direct *)(void *)session;
    FUZZ_EXPECT(count > 0 && entries[0].session == session);
    mst_grown_add(&direct->replies, text, len);
}

static void on_direct_resume(struct mst_session *session)
{
    FUZZ_EXPECT(mst_session_feed(session, NULL, 0, true) != MST_FEED_REFUSED);
}

static const struct mst_session_class direct_class = {on_direct_reply, NULL, on_direct_resume};

/* The replies to a stream that arrives in one piece. */
static struct mst_grown reply_at_once(const char *bytes, size_t len)
{
    struct direct direct = {.replies = {NULL, 0, 0}};
    mst_session_init(&direct.session, &wire.bench.intake, &direct_class, true);
    FUZZ_EXPECT(mst_session_feed(&direct.session, bytes, len, true) != MST_FEED_REFUSED);
    for (unsigned turn = 0; direct.session.in_flight > 0 || direct.session.is_waiting; turn++) {
        FUZZ_EXPECT(turn < BENCH_TURNS);
        bench_turn(&wire.bench);
    }
    mst_session_end(&direct.session);
    return direct.replies;
}

/* ---- clients ----------------------------------------------------------------------------- */

static struct client connect_client(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct client client = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)};
    const char *path = wire.address + strlen("unix:");
    memcpy(to.sun_path, path, strlen(path) + 1);
    FUZZ_EXPECT(client.fd >= 0 && connect(client.fd, (struct sockaddr *)&to, sizeof to) == 0);
    return client;
}

/* How many bytes the socket took. */
static size_t send_some(struct client *client, const char *bytes, size_t len)
{
    ssize_t done = send(client->fd, bytes, len, MSG_NOSIGNAL);
    if (done < 0 && errno != EAGAIN)
        client->is_over = true;
    return done < 0 ? 0 : (size_t)done;
}

static void read_some(struct client *client)
{
    static char buffer[PIECE_MAX];
    ssize_t done = recv(client->fd, buffer, sizeof buffer, 0);
    if (done > 0)
        mst_grown_add(&client->replies, buffer, (size_t)done);
    else if (done == 0 || errno != EAGAIN)
        client->is_over = true;
}

static void leave(struct client *client)
{
    FUZZ_EXPECT(close(client->fd) == 0);
    free(client->replies.ptr);
}

/* Each record of the neighbour has been answered, and so has every earlier one. */
static void check_neighbour(const struct client *neighbour, size_t sent)
{
    FUZZ_EXPECT(neighbour->replies.len == sent * wire.expected_len);
    for (size_t i = 0; i < sent; i++)
        FUZZ_EXPECT(memcmp(neighbour->replies.ptr + i * wire.expected_len, wire.expected,
                           wire.expected_len) == 0);
}

/* ---- one stream -------------------------------------------------------------------------- */

struct flow {
    unsigned plan;
    size_t piece; /* pieces have this many bytes to twice as many */
    struct dice dice;
    const char *bytes;
    size_t len, sent;
    struct client client, neighbour;
    size_t neighbour_sent;
    unsigned turn;
    bool is_at_end;
};

static size_t next_piece(struct flow *flow)
{
    const size_t left = flow->len - flow->sent;
    const size_t piece = flow->piece + dice_below(&flow->dice, (uint32_t)flow->piece);
    return piece < left ? piece : left;
}

static void send_next(struct flow *flow)
{
    struct client *client = &flow->client;
    if (flow->is_at_end || client->is_over)
        return;
    if (flow->sent < flow->len) {
        const size_t done = send_some(client, flow->bytes + flow->sent, next_piece(flow));
        flow->sent += done;
        if (done == 0)
            flow->plan &= ~(unsigned)PLAN_READS_LATE; /* else both would wait for ever */
    } else if (flow->plan & PLAN_CLOSES) {
        client->is_over = flow->is_at_end = true;
    } else {
        flow->is_at_end = true;
        (void)shutdown(client->fd, SHUT_WR);
    }
}

static void visit_neighbour(struct flow *flow)
{
    if (!(flow->plan & PLAN_NEIGHBOUR))
        return;
    if (flow->turn % NEIGHBOUR_EVERY == 0 && !wire.streams.is_draining)
        flow->neighbour_sent +=
            send_some(&flow->neighbour, BENCH_SUBJECT, strlen(BENCH_SUBJECT)) > 0;
    read_some(&flow->neighbour);
}

static void turn_flow(struct flow *flow)
{
    FUZZ_EXPECT(flow->turn < BENCH_TURNS);
    send_next(flow);
    if (!(flow->plan & PLAN_SLOW_ENGINE) || flow->turn % 8 == 7)
        bench_turn(&wire.bench);
    else
        (void)uv_run(&wire.bench.loop, UV_RUN_NOWAIT);
    if (!flow->client.is_over && (flow->is_at_end || !(flow->plan & PLAN_READS_LATE)))
        read_some(&flow->client);
    visit_neighbour(flow);
    if (flow->plan & PLAN_DRAINS && !wire.streams.is_draining && flow->sent > flow->len / 2)
        mst_streams_drain(&wire.streams);
    flow->turn++;
}

/* What the neighbour has sent is answered; then both leave, and all of it is gone. */
static void end_flow(struct flow *flow)
{
    const bool has_neighbour = flow->plan & PLAN_NEIGHBOUR;
    const bool is_draining = wire.streams.is_draining;
    const size_t expected = flow->neighbour_sent * wire.expected_len;
    for (unsigned turn = 0; !is_draining && flow->neighbour.replies.len < expected; turn++) {
        FUZZ_EXPECT(turn < BENCH_TURNS && !flow->neighbour.is_over);
        bench_turn(&wire.bench);
        read_some(&flow->neighbour);
    }
    if (has_neighbour && !is_draining)
        check_neighbour(&flow->neighbour, flow->neighbour_sent);
    (void)shutdown(flow->client.fd, SHUT_RDWR);
    if (has_neighbour)
        (void)shutdown(flow->neighbour.fd, SHUT_RDWR);
    for (unsigned i = 0; is_draining && i < DRAIN_TICKS; i++)
        mst_streams_tick(&wire.streams);
    for (unsigned turn = 0; wire.streams.count > 0; turn++) {
        FUZZ_EXPECT(turn < BENCH_TURNS);
        bench_turn(&wire.bench);
    }
    FUZZ_EXPECT(wire.streams.unread == 0);
    wire.streams.is_draining = false;
    if (has_neighbour)
        leave(&flow->neighbour);
}

/* The stream as the plan wants it; the caller frees the replies. */
static struct mst_grown reply_in_pieces(unsigned plan, unsigned cut, const char *bytes, size_t len)
{
    struct flow flow = {.plan = plan, .bytes = bytes, .len = len};
    flow.piece = (size_t)1 << cut % 16;
    flow.dice.state = cut;
    wire.bench.settings.max_unread = plan & PLAN_SMALL_UNREAD ? 64 : 1u << 20;
    wire.bench.intake.max_partial = plan & PLAN_SMALL_PARTIAL ? 512 : 64u << 20;
    flow.client = connect_client();
    if (plan & PLAN_NEIGHBOUR)
        flow.neighbour = connect_client();
    while (!flow.client.is_over)
        turn_flow(&flow);
    end_flow(&flow);
    wire.bench.intake.max_partial = 64u << 20;
    struct mst_grown replies = flow.client.replies;
    flow.client.replies.ptr = NULL;
    leave(&flow.client);
    return replies;
}

/* ---- what has to come out ---------------------------------------------------------------- */

static void check_lines(const struct mst_grown *replies)
{
    FUZZ_EXPECT(replies->len == 0 || replies->ptr[replies->len - 1] == '\n');
    FUZZ_EXPECT(replies->len == 0 || mst_utf8_valid(replies->ptr, replies->len));
    for (size_t i = 0; i < replies->len; i++)
        FUZZ_EXPECT(replies->ptr[i] == '\n' || (unsigned char)replies->ptr[i] >= 0x20);
}

/* Without the last word of a connection that had no room for what it had begun. */
static size_t before_overload(const struct mst_grown *replies)
{
    static const char mark[] = "{\"error\":\"overloaded\"";
    size_t line = replies->len > 0 ? replies->len - 1 : 0;
    while (line > 0 && replies->ptr[line - 1] != '\n')
        line--;
    const bool is_one = replies->len - line >= sizeof mark &&
                        memcmp(replies->ptr + line, mark, sizeof mark - 1) == 0;
    return is_one ? line : replies->len;
}

static void compare(unsigned plan, const struct mst_grown *pieces, const struct mst_grown *whole)
{
    const unsigned may_end_early = PLAN_CLOSES | PLAN_DRAINS | PLAN_SMALL_PARTIAL;
    const size_t len = before_overload(pieces);
    FUZZ_EXPECT(len <= whole->len);
    FUZZ_EXPECT(len == 0 || memcmp(pieces->ptr, whole->ptr, len) == 0);
    FUZZ_EXPECT(len == whole->len || plan & may_end_early);
}

static void open_wire(void)
{
    char folder[] = "/tmp/fuzz_wire_XXXXXX";
    struct mst_grown expected;
    (void)signal(SIGPIPE, SIG_IGN); /* as the service does */
    bench_open(&wire.bench);
    mst_streams_init(&wire.streams, &wire.bench.loop, &wire.bench.intake, &wire.bench.settings);
    FUZZ_EXPECT(mkdtemp(folder));
    snprintf(wire.address, sizeof wire.address, "unix:%s/socket", folder);
    FUZZ_EXPECT(mst_streams_listen(&wire.streams, wire.address, &wire.listeners, NULL));
    expected = reply_at_once(BENCH_SUBJECT, strlen(BENCH_SUBJECT));
    FUZZ_EXPECT(expected.len > 0 && expected.len < sizeof wire.expected);
    memcpy(wire.expected, expected.ptr, expected.len);
    wire.expected_len = expected.len;
    free(expected.ptr);
    bench_reset(&wire.bench);
    wire.is_open = true;
}

static void close_wire(void)
{
    char *slash = strrchr(wire.address, '/');
    mst_listeners_close(&wire.listeners);
    (void)uv_run(&wire.bench.loop, UV_RUN_NOWAIT);
    *slash = '\0';
    (void)rmdir(wire.address + strlen("unix:"));
}

/* The neighbour is known before, so that it takes no other's place. */
static void greet(void)
{
    struct mst_grown greeting = reply_at_once(BENCH_SUBJECT, strlen(BENCH_SUBJECT));
    FUZZ_EXPECT(greeting.len == wire.expected_len);
    free(greeting.ptr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (!wire.is_open) {
        open_wire();
        (void)atexit(close_wire);
    }
    const unsigned plan = data[1];
    char *bytes = malloc(size - 2 > 0 ? size - 2 : 1); /* exactly as many, for the sanitizer */
    FUZZ_EXPECT(bytes);
    memcpy(bytes, data + 2, size - 2);
    greet();
    struct mst_grown pieces = reply_in_pieces(plan, data[0], bytes, size - 2);
    bench_reset(&wire.bench);
    greet();
    struct mst_grown whole = reply_at_once(bytes, size - 2);
    bench_reset(&wire.bench);
    check_lines(&whole);
    compare(plan, &pieces, &whole);
    free(pieces.ptr);
    free(whole.ptr);
    free(bytes);
    return 0;
}
