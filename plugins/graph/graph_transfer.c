/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_transfer.c - libcurl on the host's watch_fd and timer_arm. In libcurl's callbacks nothing
 * is done but what they are for: transfers end in finish_all(), outside of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "graph_transfer.h"

/* A page of 999 devices is some 2 MiB. */
#define BODY_MAX_BYTES ((size_t)16 << 20)
#define BODIES_MAX_BYTES ((size_t)64 << 20) /* of all answers under way */
#define RETRY_MAX_S 3600.0                  /* whoever asks for more is asked again after that */

struct one {
    struct one *next, **place; /* in the list of those under way */
    struct graph_transfer *owner;
    CURL *easy;
    void *item;
    char *body;
    size_t len, capacity;
    const char *refused; /* why its body was */
    char error[CURL_ERROR_SIZE];
};

struct graph_transfer {
    const mst_source_host *host;
    CURLM *multi;
    struct one *under_way;
    size_t held; /* bytes of their bodies */
    graph_reply_call *call;
    void *context;
    struct curl_slist *headers;
    char *ca_file;
    double timeout_s;
    uint32_t timer;
};

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct one *one = context;
    size_t more = size * count;
    if (more > BODY_MAX_BYTES - one->len)
        one->refused = "the answer is longer than 16 MiB";
    else if (more > BODIES_MAX_BYTES - one->owner->held)
        one->refused = "the answers under way are longer than 64 MiB together";
    if (one->refused)
        return 0;
    if (one->len + more > one->capacity) {
        size_t capacity = one->capacity ? one->capacity : 4096;
        while (capacity < one->len + more)
            capacity *= 2;
        char *grown = realloc(one->body, capacity);
        if (!grown)
            return 0;
        one->body = grown;
        one->capacity = capacity;
    }
    if (more > 0)
        memcpy(one->body + one->len, data, more);
    one->len += more;
    one->owner->held += more;
    return more;
}

static void free_one(struct one *one)
{
    *one->place = one->next;
    if (one->next)
        one->next->place = one->place;
    one->owner->held -= one->len;
    curl_multi_remove_handle(one->owner->multi, one->easy);
    curl_easy_cleanup(one->easy);
    if (one->body)
        explicit_bzero(one->body, one->len); /* it may be a token */
    free(one->body);
    free(one);
}

double graph_retry_after(const char *text, int64_t now_s)
{
    double wait = 0, tenth = 0.1;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && wait < RETRY_MAX_S; at++)
        wait = wait * 10 + (*at - '0');
    if (wait >= RETRY_MAX_S)
        return RETRY_MAX_S;
    if (at > text && *at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++) {
            wait += (*at - '0') * tenth;
            tenth /= 10;
        }
    if (at > text && *at == '\0')
        return wait;
    time_t date = curl_getdate(text, NULL);
    if (date == -1)
        return -1;
    wait = (double)((int64_t)date - now_s);
    return wait < 0 ? 0 : wait < RETRY_MAX_S ? wait : RETRY_MAX_S;
}

static const char *header_of(CURL *easy, const char *name)
{
    struct curl_header *header;
    bool found = curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK;
    return found ? header->value : NULL;
}

static void finish(struct one *one, CURLcode code)
{
    const struct graph_transfer *transfer = one->owner;
    struct graph_reply reply = {
        .code = code, .body = one->body, .len = one->len, .retry_after_s = -1};
    reply.why = one->refused ? one->refused : one->error[0] ? one->error : curl_easy_strerror(code);
    curl_easy_getinfo(one->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    const char *date = header_of(one->easy, "Date");
    time_t when = date ? curl_getdate(date, NULL) : -1;
    reply.date_s = when > 0 ? (int64_t)when : 0;
    const char *wait = header_of(one->easy, "Retry-After");
    int64_t now = reply.date_s ? reply.date_s : transfer->host->now_s(transfer->host);
    if (wait)
        reply.retry_after_s = graph_retry_after(wait, now);
    transfer->call(transfer->context, one->item, &reply);
    free_one(one);
}

static void finish_all(const struct graph_transfer *transfer)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(transfer->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct one *one = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&one);
        finish(one, code);
    }
}

static void on_fd(void *context, int fd, uint32_t events)
{
    const struct graph_transfer *transfer = context;
    int running, what = 0;
    if (events & MST_SOURCE_READ)
        what |= CURL_CSELECT_IN;
    if (events & MST_SOURCE_WRITE)
        what |= CURL_CSELECT_OUT;
    curl_multi_socket_action(transfer->multi, fd, what, &running);
    finish_all(transfer);
}

static void on_timer(void *context, uint32_t timer)
{
    const struct graph_transfer *transfer = context;
    (void)timer;
    int running;
    curl_multi_socket_action(transfer->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_all(transfer);
}

static int watch(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
    struct graph_transfer *transfer = context;
    (void)easy, (void)of_socket;
    uint32_t events = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= MST_SOURCE_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= MST_SOURCE_WRITE;
    bool watched =
        transfer->host->watch_fd(transfer->host, fd, events, on_fd, transfer) == MST_SOURCE_OK;
    return watched ? 0 : -1;
}

static int arm(CURLM *multi, long delay_ms, void *context)
{
    struct graph_transfer *transfer = context;
    (void)multi;
    transfer->host->timer_arm(transfer->host, transfer->timer, delay_ms, on_timer, transfer);
    return 0;
}

struct graph_transfer *graph_transfer_make(const mst_source_host *host, uint32_t timer,
                                           const char *ca_file, double timeout_s,
                                           const char *header, graph_reply_call *call,
                                           void *context)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    struct graph_transfer *transfer = calloc(1, sizeof *transfer);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, header);
    char *copy = ca_file ? strdup(ca_file) : NULL;
    if (!transfer || !multi || !headers || (ca_file && !copy)) {
        curl_slist_free_all(headers);
        curl_multi_cleanup(multi);
        curl_global_cleanup();
        free(transfer);
        free(copy);
        return NULL;
    }
    *transfer = (struct graph_transfer){.host = host,
                                        .multi = multi,
                                        .call = call,
                                        .context = context,
                                        .headers = headers,
                                        .ca_file = copy,
                                        .timeout_s = timeout_s,
                                        .timer = timer};
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, transfer);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, arm);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, transfer);
    return transfer;
}

/* Whether all that must hold for every request could be set. */
static bool set_up(struct one *one, const char *url)
{
    const struct graph_transfer *transfer = one->owner;
    CURL *easy = one->easy;
    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           (!transfer->ca_file || /* without the second the system's folder is trusted as well */
            (curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->ca_file) == CURLE_OK &&
             curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK)) &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(transfer->timeout_s * 1000)) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "muster") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, one->error) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, one) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, one) == CURLE_OK;
}

bool graph_transfer_begin(struct graph_transfer *transfer, const char *url, const char *bearer,
                          const char *form, void *item)
{
    struct one *one = calloc(1, sizeof *one);
    if (!one)
        return false;
    one->owner = transfer;
    one->item = item;
    one->easy = curl_easy_init();
    one->place = &transfer->under_way;
    one->next = transfer->under_way;
    if (one->next)
        one->next->place = &one->next;
    transfer->under_way = one;
    bool good = one->easy && set_up(one, url);
    if (good && bearer)
        good = curl_easy_setopt(one->easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
               curl_easy_setopt(one->easy, CURLOPT_XOAUTH2_BEARER, bearer) == CURLE_OK &&
               curl_easy_setopt(one->easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER) == CURLE_OK;
    else if (good)
        good = curl_easy_setopt(one->easy, CURLOPT_POSTFIELDS, form) == CURLE_OK;
    if (good)
        good = curl_multi_add_handle(transfer->multi, one->easy) == CURLM_OK;
    if (!good)
        free_one(one);
    return good;
}

void graph_transfer_stop(struct graph_transfer *transfer, void (*drop)(void *context, void *item),
                         void *context)
{
    for (struct one *one = transfer->under_way, *next; one; one = next) {
        void *item = one->item;
        next = one->next;
        free_one(one);
        drop(context, item);
    }
    curl_multi_cleanup(transfer->multi);
    transfer->multi = NULL;
    transfer->host->timer_arm(transfer->host, transfer->timer, -1, on_timer, transfer);
}

void graph_transfer_free(struct graph_transfer *transfer)
{
    if (transfer->multi)
        curl_multi_cleanup(transfer->multi);
    curl_global_cleanup();
    curl_slist_free_all(transfer->headers);
    free(transfer->ca_file);
    free(transfer);
}
