/* SPDX-License-Identifier: Apache-2.0
 *
 * http_rules.c - PUT /v1/rules and POST /v1/rules/dry-run: an image comes in, is verified and
 * tested on another thread, and goes to the engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_request.h"
#include "log.h"

/* A signature file has four lines; in the header they are joined by tabs, as paste -s joins them.
 * Tabs within the third line, the trusted comment, stay. */
static char *split_lines(const char *header)
{
    static const char mark[] = "\ttrusted comment:";
    char *text = mst_grown_copy(header, strlen(header));
    char *third = strstr(text, mark), *fourth = strrchr(text, '\t');
    if (!third || !fourth || third == fourth)
        return text;
    *third = '\n';
    *fourth = '\n';
    for (char *at = third; at > text; at--) {
        if (*at == '\t') {
            *at = '\n';
            break;
        }
    }
    return text;
}

static bool is_trusted(const struct mst_http_request *request, char why[MST_RULESET_WHY_BYTES])
{
    const struct mst_http *http = request->http;
    mst_trust_signature signature;
    bool must_be = strcmp(request->route->method, "PUT") == 0 && !http->settings->allow_unsigned;
    if (!request->signature || http->key_count == 0) {
        snprintf(why, MST_RULESET_WHY_BYTES, "the image is not signed (Muster-Signature)");
        return !must_be;
    }
    mst_trust_status status =
        mst_trust_read_signature(request->signature, strlen(request->signature), &signature);
    if (status == MST_TRUST_OK)
        status = mst_trust_verify(&signature, request->lines.ptr, request->lines.len, http->keys,
                                  http->key_count);
    snprintf(why, MST_RULESET_WHY_BYTES, "the signature is no good: %s",
             mst_trust_status_text(status));
    return status == MST_TRUST_OK;
}

static void on_open(uv_work_t *work)
{
    struct mst_http_request *request = work->data;
    struct mst_rules_work *rules = request->rules;
    struct mst_grown *body = &request->lines;
    if (!is_trusted(request, rules->why))
        return;
    rules->ruleset = mst_ruleset_open((unsigned char *)body->ptr, body->len, rules->why);
    *body = (struct mst_grown){NULL, 0, 0};
    if (!rules->ruleset || mst_ruleset_test(rules->ruleset, rules->why))
        return;
    mst_ruleset_free(rules->ruleset);
    rules->ruleset = NULL;
}

static void on_opened(uv_work_t *work, int status)
{
    struct mst_http_request *request = work->data;
    (void)status;
    mst_inbox_put(&request->http->engine->inbox, &request->rules->work);
}

/* What the sender is told, for whoever looks after the service. */
static void on_taken(struct mst_rules_work *rules)
{
    if (rules->status != 200 && !rules->is_trial)
        mst_log(MST_LOG_ERROR, "rules_refused", "cause=PUT reason=%s", MST_LOG_QUOTED(rules->why));
    mst_http_answered(rules->context);
}

static void open_image(struct mst_http_request *request)
{
    const char *force = mst_http_argument(request, "force");
    request->rules = mst_rules_work_make(on_taken, request);
    request->rules->is_trial = strcmp(request->route->method, "POST") == 0;
    request->rules->is_forced = force && strcmp(force, "1") == 0;
    request->open.data = request;
    request->is_busy = true;
    (void)uv_queue_work(request->http->loop, &request->open, on_open, on_opened);
    mst_http_suspend(request);
}

static bool may_put(const struct mst_http_request *request)
{
    const struct mst_http *http = request->http;
    return strcmp(request->route->method, "PUT") != 0 || http->settings->allow_unsigned ||
           http->key_count > 0;
}

enum MHD_Result mst_http_take_rules(struct mst_http_request *request, const char *data, size_t *len)
{
    if (!request->is_begun && !may_put(request))
        return mst_http_error(request, MHD_HTTP_FORBIDDEN, "off",
                              "new rules are not taken over HTTP (trust-key, allow-unsigned)");
    if (!request->is_begun && !mst_http_has_length(request, MST_HTTP_IMAGE_MAX_BYTES))
        return mst_http_error(request, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                              "an image that is sent may have 64 MiB");
    if (!request->is_begun) {
        const char *header =
            MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Muster-Signature");
        request->signature = header ? split_lines(header) : NULL;
        return MHD_YES;
    }
    if (*len > 0) {
        if (request->lines.len + *len > MST_HTTP_IMAGE_MAX_BYTES)
            return MHD_NO;
        mst_grown_add(&request->lines, data, *len);
        *len = 0;
        return MHD_YES;
    }
    if (request->is_answered)
        return mst_http_answer(request, (unsigned)request->rules->status, "application/json",
                               request->rules->body.ptr, request->rules->body.len);
    if (request->lines.len == 0)
        return mst_http_error(request, MHD_HTTP_BAD_REQUEST, "empty",
                              "send a compiled image (muster build)");
    open_image(request);
    return MHD_YES;
}
