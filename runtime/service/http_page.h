/* SPDX-License-Identifier: Apache-2.0
 *
 * http_page.h - the loop's part of /metrics and of the status page. */
#ifndef MST_SERVICE_HTTP_PAGE_H
#define MST_SERVICE_HTTP_PAGE_H

#include "http_request.h"

void mst_http_metrics(const struct mst_http *http, struct mst_grown *out);
/* Rows of a table of two columns, to be freed. */
char *mst_http_status_rows(const struct mst_http *http);

#endif
