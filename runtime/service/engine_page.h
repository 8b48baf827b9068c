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

/* ---- parts of the page ------------------------------------------------------------------- */

void mst_page_time(struct mst_grown *out, int64_t time, bool is_day);
/* "in 3 days", for people. */
void mst_page_wait(struct mst_grown *out, int64_t seconds);
/* What a decision (its number among the verdicts of the rules) says of every subject, and the dates
 * ahead. False, and nothing is added: it is none of that kind. Takes the facts of the vm away. */
bool mst_page_calendar(mst_engine *engine, uint32_t number, struct mst_grown *out);

#endif
