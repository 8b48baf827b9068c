/* SPDX-License-Identifier: Apache-2.0
 *
 * http_page.c - what connections do, as metrics and as rows of the status page. */
#include "http_page.h"

#include <string.h>

#include "log.h"

typedef unsigned long long count;

static void add_metric(struct mst_grown *out, const char *name, const char *type, const char *help,
                       uint64_t value)
{
    mst_grown_printf(out, "# HELP muster_%s %s\n# TYPE muster_%s %s\nmuster_%s %llu\n", name, help,
                     name, type, name, (count)value);
}

void mst_http_metrics(const struct mst_http *http, struct mst_grown *out)
{
    const struct mst_streams *streams = http->streams;
    add_metric(out, "connections", "gauge", "Connections that send records.", streams->count);
    add_metric(out, "connections_total", "counter", "Connections that were made.", streams->opened);
    add_metric(out, "connections_refused_total", "counter", "Connections beyond max-connections.",
               streams->refused);
    add_metric(out, "received_bytes_total", "counter", "Bytes read from connections.",
               streams->read_bytes);
    add_metric(out, "sent_bytes_total", "counter", "Bytes written to connections.",
               streams->sent_bytes);
    add_metric(out, "reads_stopped_total", "counter",
               "How often a connection was read no further for a while.", streams->reads_stopped);
    add_metric(out, "unread_bytes", "gauge", "Replies that peers have not read.", streams->unread);
    add_metric(out, "partial_bytes", "gauge", "Memory of unfinished records.",
               http->intake->partial_bytes);
    add_metric(out, "overloaded_total", "counter", "Connections ended for max-partial.",
               streams->overloaded);
    add_metric(out, "stalls_total", "counter", "How often input had to wait for the engine.",
               http->intake->stalls);
    add_metric(out, "http_requests_total", "counter", "HTTP requests.", http->requests);
    add_metric(out, "http_active", "gauge", "HTTP requests that are being answered.", http->active);
    add_metric(out, "http_refused_total", "counter", "HTTP requests that were refused.",
               http->refused);
    add_metric(out, "http_connections", "gauge", "Connections to HTTP.", http->places.count);
    add_metric(out, "http_idle_closed_total", "counter",
               "Connections without a request that were closed for others.", http->places.closed);
    add_metric(out, "event_streams", "gauge", "Readers of /v1/changes.", http->event_streams);
    add_metric(out, "log_suppressed_total", "counter", "Lines of the log held back.",
               mst_log_suppressed());
    if (http->sources)
        mst_source_list_metrics(http->sources, out);
}

char *mst_http_status_rows(const struct mst_http *http)
{
    const struct mst_streams *streams = http->streams;
    struct mst_grown rows = {NULL, 0, 0};
    mst_grown_puts(&rows, "<tr><th>Sources</th><td>POST /v1/facts");
    for (size_t i = 0; i < http->settings->listen.count; i++) {
        const char *address = http->settings->listen.items[i];
        if (strcmp(address, "none") == 0)
            continue;
        mst_grown_puts(&rows, "<br>");
        mst_grown_html(&rows, address, strlen(address));
    }
    mst_grown_puts(&rows, "</td></tr>\n");
    mst_grown_printf(&rows,
                     "<tr><th>Connections</th><td>%u now, %llu so far</td></tr>\n"
                     "<tr><th>HTTP requests</th><td>%llu, %llu refused</td></tr>\n"
                     "<tr><th>Readers of changes</th><td>%llu</td></tr>\n"
                     "<tr><th>Received</th><td>%llu KiB on sockets</td></tr>\n",
                     streams->count, (count)streams->opened, (count)http->requests,
                     (count)http->refused, (count)http->event_streams,
                     (count)(streams->read_bytes >> 10));
    if (http->sources)
        mst_source_list_status_rows(http->sources, &rows);
    return rows.ptr;
}
