/* SPDX-License-Identifier: Apache-2.0
 *
 * service_load.c - sends records to `muster serve` at a given rate, whatever comes back (open
 * loop), and says how long each took from the instant at which it should have been sent.
 *
 *     service_load PORT SUBJECTS RATE SECONDS CONNECTIONS VERDICTS OTHER [first]
 *
 * Records have about 1,000 bytes and are made before the clock starts; subjects are uniformly
 * random, but with `first` each is sent once, in order, as fast as it goes. VERDICTS is how many
 * lines come back for each record. OTHER of a thousand records, chosen at random, bring random
 * facts, the rest those that their subject always has. One line of JSON on standard output. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TEMPLATES 1024
#define RECORD_BYTES 1100
#define QUEUE 65536 /* records of a connection that are on their way */
#define CONNECTIONS_MAX 64
#define ID_AT 18 /* where the digits of the subject's id begin */
#define ID_DIGITS 9

struct connection {
    int fd;
    uint64_t sent, answered, lines;
    size_t rest; /* of the record that is being sent: bytes that are left */
    char record[RECORD_BYTES];
    size_t len;
    int64_t due_us[QUEUE];
};

static char templates[TEMPLATES][RECORD_BYTES];
static size_t template_len[TEMPLATES];
static struct connection connections[CONNECTIONS_MAX];
static uint32_t *latencies_us;
static uint64_t latency_count, latency_capacity, sent_bytes;
static uint64_t random_state = 88172645463325252u;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

static void make_templates(void)
{
    static const char *const builds[] = {"26100.4946", "26100.3000", "26200.6584", "22631.1"};
    static const char *const states[] = {"running", "off", "running", "running"};
    for (unsigned i = 0; i < TEMPLATES; i++) {
        int len =
            snprintf(templates[i], RECORD_BYTES,
                     "{\"device\":{\"id\":\"D%09u\"},\"os\":{\"build\":\"%s\",\"edition\":"
                     "\"Enterprise\",\"language\":\"en-US\",\"installed\":\"2025-11-%02uT08:00"
                     ":00Z\"},\"vbs\":{\"status\":\"%s\",\"services\":[1,2,5]},\"licence\":{"
                     "\"assigned\":{\"plan\":\"E%u\"}},\"inventory\":{\"note\":\"",
                     0u, builds[i % 4], i % 28 + 1, states[i / 4 % 4], i % 2 * 2 + 3);
        memset(templates[i] + len, 'n', (size_t)(990 - len));
        len = 990;
        memcpy(templates[i] + len, "\"}}\n", 4);
        template_len[i] = (size_t)len + 4;
    }
}

static void next_record(struct connection *connection, uint64_t subject, uint64_t other)
{
    bool is_other = next_random() % 1000 < other;
    uint64_t own = (subject + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
    unsigned i = (unsigned)((is_other ? next_random() : own) % TEMPLATES);
    memcpy(connection->record, templates[i], template_len[i]);
    for (int digit = ID_DIGITS; digit-- > 0; subject /= 10)
        connection->record[ID_AT + digit] = (char)('0' + subject % 10);
    connection->len = connection->rest = template_len[i];
}

static void connect_to(struct connection *connection, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("connect");
        exit(1);
    }
    (void)fcntl(connection->fd, F_SETFL, O_NONBLOCK);
}

/* Several records at once: a system call for each would measure the generator. */
static bool send_some(struct connection *connection, const char *bytes, size_t len, size_t *done)
{
    ssize_t count = send(connection->fd, bytes, len, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) {
        perror("send");
        exit(1);
    }
    *done = count > 0 ? (size_t)count : 0;
    sent_bytes += *done;
    return *done == len;
}

static void note_latency(int64_t us)
{
    if (latency_count < latency_capacity)
        latencies_us[latency_count++] = (uint32_t)us;
}

static void receive(struct connection *connection, uint64_t verdicts)
{
    static char buffer[1 << 20];
    ssize_t count = recv(connection->fd, buffer, sizeof buffer, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN)) {
        fprintf(stderr, "the service has closed the connection\n");
        exit(1);
    }
    int64_t now = now_us();
    for (const char *at = buffer;
         count > 0 && (at = memchr(at, '\n', (size_t)(buffer + count - at))); at++) {
        if (++connection->lines % verdicts == 0) {
            note_latency(now - connection->due_us[connection->answered % QUEUE]);
            connection->answered++;
        }
    }
}

struct plan {
    uint64_t subjects, rate, total, verdicts, other;
    unsigned connections;
    bool is_first;
    int64_t begin_us;
};

/* Sends what is due by now on one connection; each has every n-th record. */
static void send_due(struct connection *connection, unsigned number, const struct plan *plan)
{
    static char buffer[64 * RECORD_BYTES];
    size_t len = 0, done = 0;
    while (connection->rest == 0 && len + RECORD_BYTES <= sizeof buffer) {
        uint64_t index = connection->sent * plan->connections + number;
        int64_t due = plan->begin_us + (int64_t)(index * 1000000 / plan->rate);
        if (index >= plan->total || due > now_us() ||
            connection->sent - connection->answered >= QUEUE)
            break;
        next_record(connection, plan->is_first ? index : next_random() % plan->subjects,
                    plan->other);
        memcpy(buffer + len, connection->record, connection->len);
        len += connection->len;
        connection->rest = 0;
        connection->due_us[connection->sent++ % QUEUE] = due;
    }
    for (size_t at = 0; at < len; at += done) {
        if (send_some(connection, buffer + at, len - at, &done))
            break;
        if (done == 0) {
            struct pollfd wait = {connection->fd, POLLOUT | POLLIN, 0};
            (void)poll(&wait, 1, 100);
            if (wait.revents & POLLIN)
                receive(connection, plan->verdicts);
        }
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static void report(const struct plan *plan, int64_t us)
{
    qsort(latencies_us, latency_count, sizeof *latencies_us, compare);
    printf("{\"records\":%" PRIu64 ",\"seconds\":%.3f,\"rate\":%.0f,\"bytes\":%" PRIu64
           ",\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
           plan->total, (double)us / 1e6, (double)plan->total * 1e6 / (double)us, sent_bytes,
           latencies_us[latency_count / 2] / 1e3, latencies_us[latency_count * 99 / 100] / 1e3,
           latencies_us[latency_count - 1] / 1e3);
}

static void run(struct plan *plan)
{
    struct pollfd fds[CONNECTIONS_MAX];
    uint64_t answered = 0;
    plan->begin_us = now_us();
    while (answered < plan->total) {
        for (unsigned i = 0; i < plan->connections; i++) {
            send_due(&connections[i], i, plan);
            fds[i] = (struct pollfd){connections[i].fd, POLLIN, 0};
        }
        (void)poll(fds, plan->connections, 1);
        answered = 0;
        for (unsigned i = 0; i < plan->connections; i++) {
            if (fds[i].revents)
                receive(&connections[i], plan->verdicts);
            answered += connections[i].answered;
        }
    }
    report(plan, now_us() - plan->begin_us);
}

int main(int argc, char **argv)
{
    if (argc < 8) {
        fprintf(stderr,
                "service_load PORT SUBJECTS RATE SECONDS CONNECTIONS VERDICTS OTHER [first]\n");
        return 2;
    }
    struct plan plan = {.subjects = strtoull(argv[2], NULL, 10),
                        .rate = strtoull(argv[3], NULL, 10),
                        .connections = (unsigned)strtoul(argv[5], NULL, 10),
                        .verdicts = strtoull(argv[6], NULL, 10),
                        .other = strtoull(argv[7], NULL, 10),
                        .is_first = argc > 8};
    plan.total = plan.is_first ? plan.subjects : plan.rate * strtoull(argv[4], NULL, 10);
    if (plan.connections == 0 || plan.connections > CONNECTIONS_MAX || plan.verdicts == 0)
        return 2;
    latency_capacity = plan.total;
    latencies_us = malloc(latency_capacity * sizeof *latencies_us + 1);
    make_templates();
    for (unsigned i = 0; i < plan.connections; i++)
        connect_to(&connections[i], (uint16_t)strtoul(argv[1], NULL, 10));
    run(&plan);
    for (unsigned i = 0; i < plan.connections; i++)
        (void)close(connections[i].fd);
    free(latencies_us);
    return 0;
}
