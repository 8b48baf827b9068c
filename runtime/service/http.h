/* SPDX-License-Identifier: Apache-2.0
 *
 * http.h - HTTP for the service, by libmicrohttpd inside of our loop. */
#ifndef MST_SERVICE_HTTP_H
#define MST_SERVICE_HTTP_H

#include <stdbool.h>
#include <uv.h>

#include "engine.h"
#include "session.h"
#include "source_list.h"
#include "stream.h"

struct mst_http;

/* Listens at settings->http; NULL after a line of the log. */
struct mst_http *mst_http_open(uv_loop_t *loop, const mst_settings *settings, mst_engine *engine,
                               struct mst_intake *intake, const struct mst_streams *streams);
/* What /metrics and the status page tell of them, too. */
void mst_http_show_sources(struct mst_http *http, const struct mst_source_list *sources);
/* Takes no more connections, ends event streams; what is being answered goes on. */
void mst_http_drain(struct mst_http *http);
/* Whether no request is being answered; with has_waited, those that a client has begun and does not
 * end do not count. (libmicrohttpd notices late that such a client is gone.) */
bool mst_http_is_idle(const struct mst_http *http, bool has_waited);
/* There may be changes that event streams have not sent. */
void mst_http_news(struct mst_http *http);
/* Once the engine has stopped and its answers are taken; then the loop runs its handles out, and
 * then it is freed. NULL is nothing to close. */
void mst_http_close(struct mst_http *http);
void mst_http_free(struct mst_http *http);

#endif
