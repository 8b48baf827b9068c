/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_page.h - what the engine tells machines and people about itself. The loop's part is in
 * the query's body before, or added behind. */
#ifndef MST_SERVICE_ENGINE_PAGE_H
#define MST_SERVICE_ENGINE_PAGE_H

#include "engine.h"

/* Prometheus text, behind what the body holds. */
void mst_engine_metrics(mst_engine *engine, struct mst_query *query);
/* A page of HTML that needs nothing from elsewhere; what the loop knows stands in query->text as
 * rows of a table. */
void mst_engine_status_page(mst_engine *engine, struct mst_query *query);

#endif
