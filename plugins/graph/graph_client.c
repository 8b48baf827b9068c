/* SPDX-License-Identifier: Apache-2.0
 *
 * graph_client.c - the requests to Graph: when each is begun, and what follows from its answer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph_client.h"
#include "graph_transfer.h"

#define TRIES 6            /* of one request that fails in passing */
#define BACKOFF_MAX_S 60.0 /* between two of them */
#define TOKEN_LIFE_MAX_S 86400.0
#define TOKEN_MARGIN_S 300 /* a token is renewed so long before its end, or a tenth of its life */
#define BURST 0.1          /* of the budget that may be spent at once */
#define WHY_BYTES 400
/* Without it Graph refuses to list the members of a group that are of one type. */
#define ADVANCED "ConsistencyLevel: eventual"

struct request {
    struct request *next;
    char *url;
    void *item;
    int64_t not_before_ms;
    unsigned tries;
    uint32_t token; /* that it was sent with */
    uint32_t refused_token;
};

struct graph_client {
    const mst_source_host *host;
    struct graph_settings settings;
    struct graph_transfer *transfer;
    graph_answer_call *call;
    void *context;

    struct request *waiting, **last; /* in order */
    unsigned active;
    bool held, stopped;
    int64_t paused_until_ms; /* Graph asked to wait */
    unsigned throttles;      /* one after the other */
    double credit;           /* requests that may be begun */
    int64_t credit_ms;       /* when it was counted */
    uint64_t random;

    char *token;
    uint32_t token_number; /* of the token, from 1 */
    int64_t token_until_ms, token_not_before_ms;
    unsigned token_tries;
    bool token_asked;
    bool troubled;
};

static void turn(struct graph_client *client);

static void on_queue(void *context, uint32_t timer)
{
    (void)timer;
    turn(context);
}

static int64_t now_ms(const struct graph_client *client)
{
    return client->host->run_ms(client->host);
}

/* From half to the whole of the time that doubles with each try: clients that failed together do
 * not come back together. */
static int64_t backoff_ms(struct graph_client *client, unsigned tries)
{
    double wait = client->settings.backoff_s;
    for (unsigned i = 1; i < tries && wait < BACKOFF_MAX_S; i++)
        wait *= 2;
    if (wait > BACKOFF_MAX_S)
        wait = BACKOFF_MAX_S;
    client->random ^= client->random << 13; /* xorshift */
    client->random ^= client->random >> 7;
    client->random ^= client->random << 17;
    double part = 0.5 + 0.5 * (double)(client->random >> 11) / (double)(UINT64_C(1) << 53);
    return (int64_t)(wait * part * 1000) + 1;
}

static void trouble(struct graph_client *client, const char *why)
{
    client->troubled = true;
    client->host->report(client->host, MST_SOURCE_TROUBLED, why);
}

static void relieve(struct graph_client *client)
{
    if (client->troubled)
        client->host->report(client->host, MST_SOURCE_GOOD, NULL);
    client->troubled = false;
}

/* ---- the budget -------------------------------------------------------------------------- */

/* So that no window ever holds more than `requests`: what flows in within one window, and what may
 * have gathered before it, are that together. */
static int64_t budget_wait_ms(struct graph_client *client, int64_t now)
{
    double most = client->settings.requests * BURST;
    double each_ms = (client->settings.requests - most) / (client->settings.window_s * 1000);
    client->credit += (double)(now - client->credit_ms) * each_ms;
    client->credit_ms = now;
    if (client->credit > most)
        client->credit = most;
    return client->credit >= 1 ? 0 : (int64_t)((1 - client->credit) / each_ms) + 1;
}

/* ---- tokens ------------------------------------------------------------------------------ */

static void drop_token(struct graph_client *client)
{
    if (client->token)
        explicit_bzero(client->token, strlen(client->token));
    free(client->token);
    client->token = NULL;
}

static void ask_token(struct graph_client *client)
{
    client->token_asked = graph_transfer_begin(client->transfer, client->settings.token_url, NULL,
                                               client->settings.form, NULL);
    if (!client->token_asked)
        client->token_not_before_ms = now_ms(client) + backoff_ms(client, 1);
}

/* Entra explains itself in "error_description", whose first line is for people. */
static void refuse_token(struct graph_client *client, const struct graph_reply *reply,
                         const json_t *body)
{
    const char *code = json_string_value(json_object_get(body, "error"));
    const char *text = json_string_value(json_object_get(body, "error_description"));
    char why[WHY_BYTES];
    if (reply->code != CURLE_OK)
        snprintf(why, sizeof why, "no token: %s", reply->why);
    else if (text)
        snprintf(why, sizeof why, "no token: %.*s", (int)strcspn(text, "\r\n"), text);
    else if (reply->status == 200)
        snprintf(why, sizeof why, "no token: the answer has none that is good for a second");
    else
        snprintf(why, sizeof why, "no token: HTTP %ld %s", reply->status, code ? code : "");
    int64_t wait = backoff_ms(client, ++client->token_tries);
    if (reply->retry_after_s * 1000 > (double)wait)
        wait = (int64_t)(reply->retry_after_s * 1000);
    client->token_not_before_ms = now_ms(client) + wait;
    trouble(client, why);
}

static void take_token(struct graph_client *client, const struct graph_reply *reply)
{
    json_t *body = reply->len > 0 ? json_loadb(reply->body, reply->len, 0, NULL) : NULL;
    const char *token = json_string_value(json_object_get(body, "access_token"));
    double life = json_number_value(json_object_get(body, "expires_in"));
    client->token_asked = false;
    drop_token(client);
    if (reply->code == CURLE_OK && reply->status == 200 && token && life >= 1)
        client->token = strdup(token);
    if (client->token) {
        life = life < TOKEN_LIFE_MAX_S ? life : TOKEN_LIFE_MAX_S;
        double margin = life / 10 < TOKEN_MARGIN_S ? life / 10 : TOKEN_MARGIN_S;
        client->token_until_ms = now_ms(client) + (int64_t)((life - margin) * 1000);
        client->token_not_before_ms = now_ms(client) + backoff_ms(client, 1); /* if it is refused */
        client->token_number++;
        client->token_tries = 0;
    } else {
        refuse_token(client, reply, body);
    }
    json_decref(body);
}

/* ---- requests ---------------------------------------------------------------------------- */

static void free_request(struct request *request)
{
    free(request->url);
    free(request);
}

static void answer(struct graph_client *client, struct request *request,
                   const struct graph_answer *what)
{
    if (what->result == GRAPH_OK || what->result == GRAPH_GONE)
        relieve(client);
    client->call(client->context, request->item, what);
    free_request(request);
}

static void put_back(struct graph_client *client, struct request *request, int64_t wait_ms)
{
    request->not_before_ms = now_ms(client) + wait_ms;
    request->next = client->waiting;
    if (!client->waiting)
        client->last = &request->next;
    client->waiting = request;
}

/* What Graph says in "error", or that the answer is none. */
static void describe(char why[WHY_BYTES], const struct graph_reply *reply, const json_t *body)
{
    const json_t *error = json_object_get(body, "error");
    const char *code = json_string_value(json_object_get(error, "code"));
    const char *text = json_string_value(json_object_get(error, "message"));
    if (reply->code != CURLE_OK)
        snprintf(why, WHY_BYTES, "%s", reply->why);
    else if (reply->status == 200)
        snprintf(why, WHY_BYTES, "the answer is no JSON object");
    else
        snprintf(why, WHY_BYTES, "HTTP %ld %s %.200s", reply->status, code ? code : "",
                 text ? text : "");
}

/* Asked to wait: all requests do, not only this one. Those that were under way together are told
 * so one by one, which counts once. */
static void throttle(struct graph_client *client, struct request *request, double retry_after_s)
{
    int64_t now = now_ms(client);
    if (now >= client->paused_until_ms)
        client->throttles++;
    int64_t wait = backoff_ms(client, client->throttles);
    if (retry_after_s >= 0)
        wait = (int64_t)(retry_after_s * 1000) + backoff_ms(client, 1) / 10 + 1;
    int64_t until = now + wait;
    if (until > client->paused_until_ms)
        client->paused_until_ms = until;
    put_back(client, request, 0);
}

/* A token that was refused is not used again; a request that two tokens did not open is. */
static bool renew(struct graph_client *client, struct request *request)
{
    if (request->refused_token != 0 && request->refused_token != request->token)
        return false;
    request->refused_token = request->token;
    if (request->token == client->token_number)
        drop_token(client);
    put_back(client, request, 0);
    return true;
}

static bool passes(const struct graph_reply *reply, const json_t *body)
{
    return reply->code != CURLE_OK || reply->status >= 500 || reply->status == 408 ||
           (reply->status == 200 && !json_is_object(body));
}

static void take_answer(struct graph_client *client, struct request *request,
                        const struct graph_reply *reply)
{
    json_t *body = NULL;
    char why[WHY_BYTES];
    if (reply->code == CURLE_OK && reply->len > 0)
        body = json_loadb(reply->body, reply->len, JSON_ALLOW_NUL, NULL);
    describe(why, reply, body);
    struct graph_answer what = {.status = reply->status, .date_s = reply->date_s, .why = why};
    if (reply->code == CURLE_OK &&
        (reply->status == 429 || (reply->status == 503 && reply->retry_after_s >= 0))) {
        throttle(client, request, reply->retry_after_s);
    } else if (passes(reply, body) && ++request->tries < TRIES) {
        put_back(client, request, backoff_ms(client, request->tries));
    } else if (reply->status == 401 && reply->code == CURLE_OK && renew(client, request)) {
        client->throttles = 0;
    } else {
        client->throttles = 0;
        what.result = passes(reply, body)    ? GRAPH_FAILED
                      : reply->status == 200 ? GRAPH_OK
                      : reply->status == 404 ? GRAPH_GONE
                                             : GRAPH_REFUSED;
        what.body = what.result == GRAPH_OK ? body : NULL;
        answer(client, request, &what);
    }
    json_decref(body);
}

static void take_reply(void *context, void *item, const struct graph_reply *reply)
{
    struct graph_client *client = context;
    if (item) {
        client->active--;
        take_answer(client, item, reply);
    } else {
        take_token(client, reply);
    }
    turn(client);
}

static bool begin(struct graph_client *client, struct request *request)
{
    request->token = client->token_number;
    client->credit -= 1;
    client->active++;
    if (graph_transfer_begin(client->transfer, request->url, client->token, NULL, request))
        return true;
    client->active--;
    put_back(client, request, backoff_ms(client, 1));
    return false;
}

/* The first request whose time has come, taken out; else NULL, and `wait_ms` until one's has. */
static struct request *next_request(struct graph_client *client, int64_t now, int64_t *wait_ms)
{
    *wait_ms = INT64_MAX;
    for (struct request **place = &client->waiting; *place; place = &(*place)->next) {
        struct request *request = *place;
        if (request->not_before_ms <= now) {
            *place = request->next;
            if (!request->next)
                client->last = place;
            return request;
        }
        if (request->not_before_ms - now < *wait_ms)
            *wait_ms = request->not_before_ms - now;
    }
    return NULL;
}

/* How long nothing can be begun, whatever waits. Asks for a token where there is none. */
static int64_t blocked_ms(struct graph_client *client, int64_t now)
{
    if (client->paused_until_ms > now)
        return client->paused_until_ms - now;
    if (client->token && client->token_until_ms > now)
        return budget_wait_ms(client, now);
    if (client->token_asked)
        return INT64_MAX;
    if (client->token_not_before_ms > now)
        return client->token_not_before_ms - now;
    ask_token(client);
    return client->token_asked ? INT64_MAX : client->token_not_before_ms - now;
}

/* Begins what can be begun now, and comes back when more can. */
static void turn(struct graph_client *client)
{
    int64_t wait = INT64_MAX;
    while (!client->stopped && !client->held && client->waiting &&
           client->active < client->settings.connections) {
        int64_t now = now_ms(client);
        wait = blocked_ms(client, now);
        if (wait > 0)
            break;
        struct request *request = next_request(client, now, &wait);
        if (!request)
            break;
        if (!begin(client, request)) {
            wait = 1000;
            break;
        }
    }
    client->host->timer_arm(client->host, GRAPH_TIMER_QUEUE, wait < INT64_MAX ? wait : -1, on_queue,
                            client);
}

struct graph_client *graph_make(const mst_source_host *host, const json_t *config,
                                graph_answer_call *call, void *context, char *why)
{
    struct graph_client *client = calloc(1, sizeof *client);
    if (!client) {
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory");
        return NULL;
    }
    if (!graph_settings_read(&client->settings, config, why)) {
        free(client);
        return NULL;
    }
    client->host = host;
    client->call = call;
    client->context = context;
    client->last = &client->waiting;
    client->credit = client->settings.requests * BURST;
    client->credit_ms = host->run_ms(host);
    client->random = ((uint64_t)host->now_s(host) << 20 ^ (uint64_t)client->credit_ms) | 1;
    client->transfer =
        graph_transfer_make(host, GRAPH_TIMER_CURL, client->settings.ca_file,
                            client->settings.timeout_s, ADVANCED, take_reply, client);
    if (!client->transfer) {
        snprintf(why, MST_SOURCE_WHY_BYTES, "out of memory, or libcurl cannot be used");
        graph_settings_free(&client->settings);
        free(client);
        return NULL;
    }
    return client;
}

/* A token is for Graph's own host: no address of another one is ever asked. */
static char *full_url(const struct graph_client *client, const char *url)
{
    size_t len = strlen(client->settings.graph), size = len + strlen(url) + 1;
    if (url[0] != '/')
        return strncmp(url, client->settings.graph, len) == 0 && url[len] == '/' ? strdup(url)
                                                                                 : NULL;
    char *full = malloc(size);
    if (full)
        snprintf(full, size, "%s%s", client->settings.graph, url);
    return full;
}

bool graph_get(struct graph_client *client, const char *url, void *item)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return false;
    request->url = full_url(client, url);
    request->item = item;
    if (!request->url) {
        free(request);
        return false;
    }
    *client->last = request;
    client->last = &request->next;
    client->host->timer_arm(client->host, GRAPH_TIMER_QUEUE, 0, on_queue, client);
    return true;
}

void graph_hold(struct graph_client *client, bool held)
{
    client->held = held;
    if (!held)
        client->host->timer_arm(client->host, GRAPH_TIMER_QUEUE, 0, on_queue, client);
}

struct dropping {
    struct graph_client *client;
    void (*drop)(void *context, void *item);
};

static void drop_one(void *context, void *item)
{
    const struct dropping *dropping = context;
    struct request *request = item;
    if (!request)
        return;
    dropping->drop(dropping->client->context, request->item);
    free_request(request);
}

void graph_stop(struct graph_client *client, void (*drop)(void *context, void *item))
{
    struct dropping dropping = {client, drop};
    client->stopped = true;
    graph_transfer_stop(client->transfer, drop_one, &dropping);
    while (client->waiting) {
        struct request *request = client->waiting;
        client->waiting = request->next;
        drop_one(&dropping, request);
    }
    client->host->timer_arm(client->host, GRAPH_TIMER_QUEUE, -1, on_queue, client);
}

void graph_free(struct graph_client *client)
{
    graph_transfer_free(client->transfer);
    drop_token(client);
    graph_settings_free(&client->settings);
    free(client);
}
