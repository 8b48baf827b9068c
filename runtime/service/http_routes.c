/* SPDX-License-Identifier: Apache-2.0
 *
 * http_routes.c - the addresses, and the handlers of all that is one question to the engine. */
#include <stdlib.h>
#include <string.h>

#include "http_page.h"
#include "http_request.h"

#define PAGE_LIMIT 100
#define PAGE_LIMIT_MAX 1000

static void on_answer(struct mst_query *query)
{
    mst_http_answered(query->context);
}

static struct mst_query *make_query(struct mst_http_request *request, enum mst_query_kind kind)
{
    request->query = mst_query_make(kind, on_answer, request);
    return request->query;
}

static enum MHD_Result ask(struct mst_http_request *request)
{
    request->is_busy = true;
    mst_inbox_put(&request->http->engine->inbox, &request->query->work);
    mst_http_suspend(request);
    return MHD_YES;
}

static enum MHD_Result give(struct mst_http_request *request, const char *content_type)
{
    const struct mst_query *query = request->query;
    return mst_http_answer(request, (unsigned)query->status, content_type, query->body.ptr,
                           query->body.len);
}

/* ---- arguments --------------------------------------------------------------------------- */

struct arguments {
    const char *known, *wrong; /* wrong: NULL, or the first that is not as it should be */
    bool has_no_value;
};

/* A name that is misspelt, or without a value, would be as good as none: a filter that lets
 * everything pass. */
static enum MHD_Result look_at_argument(void *context, enum MHD_ValueKind kind, const char *key,
                                        const char *value)
{
    struct arguments *arguments = context;
    const size_t len = strlen(key);
    bool is_known = false;
    (void)kind;
    for (const char *at = arguments->known; *at; at += strcspn(at, " "), at += *at == ' ')
        is_known = is_known || (strcspn(at, " ") == len && memcmp(at, key, len) == 0);
    if (is_known && value)
        return MHD_YES;
    arguments->wrong = key;
    arguments->has_no_value = is_known;
    return MHD_NO;
}

bool mst_http_has_arguments(struct mst_http_request *request, enum MHD_Result *result)
{
    struct arguments arguments = {.known = request->route->arguments};
    struct mst_grown message = {NULL, 0, 0};
    if (!arguments.known)
        return true;
    (void)MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, look_at_argument,
                                    &arguments);
    if (!arguments.wrong)
        return true;
    if (arguments.has_no_value)
        mst_grown_printf(&message, "the argument '%.100s' has no value", arguments.wrong);
    else
        mst_grown_printf(&message, "there is no argument '%.100s' here", arguments.wrong);
    if (!arguments.has_no_value && *arguments.known)
        mst_grown_printf(&message, "; there are: %s", arguments.known);
    *result = mst_http_error(request, MHD_HTTP_BAD_REQUEST, "argument", message.ptr);
    free(message.ptr);
    return false;
}

/* ---- health ------------------------------------------------------------------------------ */

static enum MHD_Result take_health(struct mst_http_request *request, const char *data, size_t *len)
{
    (void)data;
    *len = 0;
    return request->is_begun ? mst_http_answer(request, 200, "text/plain", "alive\n", 6) : MHD_YES;
}

static enum MHD_Result take_ready(struct mst_http_request *request, const char *data, size_t *len)
{
    const struct mst_http *http = request->http;
    (void)data;
    *len = 0;
    if (!request->is_begun)
        return MHD_YES;
    if (http->is_draining)
        return mst_http_answer(request, 503, "text/plain", "ending\n", 7);
    if (!http->engine->is_ready)
        return mst_http_answer(request, 503, "text/plain", "the state cannot be written to\n", 31);
    return mst_http_answer(request, 200, "text/plain", "ready\n", 6);
}

/* ---- subjects ---------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t mst_http_unescape(void *context, struct MHD_Connection *connection, char *text)
{
    char *to = text;
    (void)context;
    (void)connection;
    for (const char *at = text; *at; at++) {
        const int high = *at == '%' ? hex_digit(at[1]) : -1;
        const int low = high >= 0 ? hex_digit(at[2]) : -1;
        const bool is_bad = *at == '%' && (low < 0 || high + low == 0);
        *to++ = is_bad ? MST_HTTP_BAD_ESCAPE : low >= 0 ? (char)(high * 16 + low) : *at;
        at += low >= 0 ? 2 : 0;
    }
    *to = '\0';
    return (size_t)(to - text);
}

static enum MHD_Result take_subject(struct mst_http_request *request, const char *data, size_t *len)
{
    (void)data;
    *len = 0;
    if (!request->is_begun) {
        /* The path belongs to libmicrohttpd only during this call. */
        bool is_delete = strcmp(request->route->method, "DELETE") == 0;
        make_query(request, is_delete ? MST_QUERY_DELETE : MST_QUERY_SUBJECT)->text =
            mst_grown_copy(request->rest, strlen(request->rest));
        if (strchr(request->rest, MST_HTTP_BAD_ESCAPE))
            return mst_http_error(request, MHD_HTTP_BAD_REQUEST, "subject",
                                  "behind a % two hexadecimal digits are needed, not 00 or FF");
        return MHD_YES;
    }
    return request->is_answered ? give(request, "application/json") : ask(request);
}

/* ---- lists ------------------------------------------------------------------------------- */

static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
    char *end;
    if (!text)
        return true;
    *number = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *number <= max;
}

static char *copy_argument(struct mst_http_request *request, const char *name)
{
    const char *value = mst_http_argument(request, name);
    return value ? mst_grown_copy(value, strlen(value)) : NULL;
}

static enum MHD_Result take_verdicts(struct mst_http_request *request, const char *data,
                                     size_t *len)
{
    uint64_t limit = PAGE_LIMIT;
    (void)data;
    *len = 0;
    if (!request->is_begun)
        return MHD_YES;
    if (request->is_answered)
        return give(request, "application/json");
    struct mst_query *query = make_query(request, MST_QUERY_VERDICTS);
    if (!read_number(mst_http_argument(request, "after"), UINT32_MAX, &query->number) ||
        !read_number(mst_http_argument(request, "limit"), PAGE_LIMIT_MAX, &limit) || limit == 0)
        return mst_http_error(request, MHD_HTTP_BAD_REQUEST, "argument",
                              "limit is 1 to 1000, after is the 'next' of the page before");
    query->limit = (uint32_t)limit;
    query->outcome = copy_argument(request, "outcome");
    query->verdict = copy_argument(request, "verdict");
    query->check = copy_argument(request, "check");
    return ask(request);
}

static enum MHD_Result take_question(struct mst_http_request *request, size_t *len,
                                     enum mst_query_kind kind, const char *content_type)
{
    *len = 0;
    if (!request->is_begun)
        return MHD_YES;
    if (request->is_answered)
        return give(request, content_type);
    struct mst_query *query = make_query(request, kind);
    if (kind == MST_QUERY_METRICS)
        mst_http_metrics(request->http, &query->body);
    else if (kind == MST_QUERY_STATUS)
        query->text = mst_http_status_rows(request->http);
    return ask(request);
}

static enum MHD_Result take_get_rules(struct mst_http_request *request, const char *data,
                                      size_t *len)
{
    (void)data;
    return take_question(request, len, MST_QUERY_RULES, "application/json");
}

static enum MHD_Result take_metrics(struct mst_http_request *request, const char *data, size_t *len)
{
    (void)data;
    return take_question(request, len, MST_QUERY_METRICS, "text/plain; version=0.0.4");
}

static enum MHD_Result take_page(struct mst_http_request *request, const char *data, size_t *len)
{
    (void)data;
    return take_question(request, len, MST_QUERY_STATUS, "text/html; charset=utf-8");
}

const struct mst_http_route mst_http_routes[] = {
    {"POST", "/v1/facts", false, false, true, "verdicts", mst_http_take_facts},
    {"GET", "/v1/subjects/", true, false, false, "", take_subject},
    {"DELETE", "/v1/subjects/", true, false, false, "", take_subject},
    {"GET", "/v1/verdicts", false, false, false, "outcome verdict check limit after",
     take_verdicts},
    {"GET", "/v1/changes", false, false, false, "after", mst_http_take_changes},
    {"GET", "/v1/rules", false, false, false, "", take_get_rules},
    {"PUT", "/v1/rules", false, false, true, "force", mst_http_take_rules},
    {"POST", "/v1/rules/dry-run", false, false, true, "", mst_http_take_rules},
    {"GET", "/healthz", false, true, false, NULL, take_health},
    {"GET", "/readyz", false, true, false, NULL, take_ready},
    {"GET", "/metrics", false, false, false, NULL, take_metrics},
    {"GET", "/", false, false, false, NULL, take_page},
    {NULL, NULL, false, false, false, NULL, NULL},
};
