/* SPDX-License-Identifier: Apache-2.0
 *
 * http_facts.c - POST /v1/facts: records streamed in, one answer once all of them are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_request.h"

static bool is_all_back(const struct mst_http_request *request)
{
    return request->is_at_end && request->session.in_flight == 0 && !request->session.is_waiting;
}

static void collect(struct mst_http_request *request, const struct mst_entry *entry,
                    const char *reply)
{
    bool is_error = entry->result == MST_ENTRY_REJECTED;
    if (request->wants_verdicts) {
        mst_grown_add(&request->lines, reply, entry->reply_len);
    } else if (is_error && request->error_count < MST_HTTP_ERRORS_MAX) {
        mst_grown_puts(&request->lines, request->error_count > 0 ? "," : "");
        mst_grown_add(&request->lines, reply, entry->reply_len - 1);
        request->error_count++;
    }
}

static void on_reply(struct mst_session *session, const struct mst_entry *entries, uint32_t count,
                     const char *text, size_t len)
{
    struct mst_http_request *request = (struct mst_http_request *)(void *)session;
    (void)len;
    for (uint32_t i = 0; i < count; i++) {
        const struct mst_entry *entry = &entries[i];
        request->accepted += entry->result == MST_ENTRY_ACCEPTED;
        request->rejected += entry->result == MST_ENTRY_REJECTED;
        request->retried += entry->result == MST_ENTRY_RETRY;
        if (!request->is_over)
            collect(request, entry, text + (entry->reply - entries[0].reply));
    }
    if (request->is_over)
        mst_http_let_go(request);
    else if (is_all_back(request))
        mst_http_resume(request);
}

static void feed(struct mst_http_request *request, const char *data, size_t len)
{
    switch (mst_session_feed(&request->session, data, len, request->is_at_end)) {
    case MST_FEED_MORE: break;
    case MST_FEED_WAIT: break;
    case MST_FEED_REFUSED: request->is_refused = true; break;
    }
}

static void on_resume(struct mst_session *session)
{
    struct mst_http_request *request = (struct mst_http_request *)(void *)session;
    if (request->is_over)
        return;
    feed(request, NULL, 0);
    if (!session->is_waiting && (!request->is_at_end || is_all_back(request)))
        mst_http_resume(request);
}

static const struct mst_session_class session_class = {on_reply, NULL, on_resume};

static enum MHD_Result answer_lines(struct mst_http_request *request, unsigned status)
{
    mst_grown_printf(&request->lines, "{\"accepted\":%llu,\"rejected\":%llu,\"retry\":%llu}\n",
                     (unsigned long long)request->accepted, (unsigned long long)request->rejected,
                     (unsigned long long)request->retried);
    return mst_http_answer(request, status, "application/x-ndjson", request->lines.ptr,
                           request->lines.len);
}

static enum MHD_Result answer(struct mst_http_request *request)
{
    unsigned status = request->retried > 0 ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK;
    struct mst_grown text = {NULL, 0, 0};
    if (request->wants_verdicts)
        return answer_lines(request, status);
    mst_grown_printf(&text, "{\"accepted\":%llu,\"rejected\":%llu,\"retry\":%llu,\"errors\":[",
                     (unsigned long long)request->accepted, (unsigned long long)request->rejected,
                     (unsigned long long)request->retried);
    mst_grown_add(&text, request->lines.ptr, request->lines.len);
    mst_grown_puts(&text, "]}\n");
    enum MHD_Result result =
        mst_http_answer(request, status, "application/json", text.ptr, text.len);
    free(text.ptr);
    return result;
}

static enum MHD_Result begin(struct mst_http_request *request)
{
    const char *verdicts = mst_http_argument(request, "verdicts");
    request->wants_verdicts = verdicts && strcmp(verdicts, "1") == 0;
    if (request->wants_verdicts && !mst_http_has_length(request, MST_HTTP_VERDICTS_MAX_BYTES))
        return mst_http_error(request, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                              "with verdicts=1 a body may have 8 MiB: send it in parts, or use the "
                              "socket");
    mst_session_init(&request->session, request->http->intake, &session_class,
                     request->wants_verdicts);
    request->has_session = true;
    return MHD_YES;
}

enum MHD_Result mst_http_take_facts(struct mst_http_request *request, const char *data, size_t *len)
{
    if (!request->has_session)
        return begin(request);
    if (request->is_refused)
        return MHD_NO; /* the connection ends: its body cannot be kept anywhere */
    if (*len > 0) {
        request->body_bytes += *len;
        if (request->wants_verdicts && request->body_bytes > MST_HTTP_VERDICTS_MAX_BYTES)
            return MHD_NO;
        if (request->session.is_waiting) {
            mst_http_suspend(request);
            return MHD_YES;
        }
        feed(request, data, *len);
        *len = 0;
    } else if (!request->is_at_end) {
        request->is_at_end = true;
        feed(request, NULL, 0);
    }
    if (is_all_back(request))
        return answer(request);
    if (request->is_at_end || request->session.is_waiting)
        mst_http_suspend(request);
    return MHD_YES;
}
