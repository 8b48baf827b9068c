/* SPDX-License-Identifier: Apache-2.0
 *
 * intune_round.c - rounds: the list of devices page by page, what follows from each page, and the
 * cursor by which another process goes on at the page where this one was. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "intune.h"

#define RETRY_S 60 /* after what was tried several times; the interval if it is shorter */
#define URL_BYTES 3000
/* A list that has more pages than these, or goes on at an address that no cursor can hold, lies. */
#define PAGES_MAX 100000
#define PAGE_URL_MAX 8000

static void begin_round(struct mst_source *source);
static void ask_page(struct mst_source *source);

static void on_round(void *context, uint32_t timer)
{
    struct mst_source *source = context;
    (void)timer;
    if (source->round.page)
        ask_page(source);
    else
        begin_round(source);
}

static void come_back(struct mst_source *source, double wait_s)
{
    source->host->timer_arm(source->host, INTUNE_TIMER_ROUND, (int64_t)(wait_s * 1000), on_round,
                            source);
}

static void trouble(struct mst_source *source, const char *what, const char *why)
{
    char text[512];
    snprintf(text, sizeof text, "%s: %s", what, why);
    source->host->report(source->host, MST_SOURCE_TROUBLED, text);
    come_back(source, source->interval_s < RETRY_S ? source->interval_s : RETRY_S);
}

bool intune_ask(struct mst_source *source, const char *url, enum intune_what what,
                struct intune_device *device, json_t *listed)
{
    struct intune_job *job = calloc(1, sizeof *job);
    if (job)
        *job = (struct intune_job){.what = what, .device = device, .listed = listed};
    if (!job || !graph_get(source->client, url, job)) {
        json_decref(listed);
        free(job);
        return false;
    }
    source->round.open++;
    return true;
}

/* ---- the cursor -------------------------------------------------------------------------- */

static json_t *make_cursor(const struct mst_source *source)
{
    const struct intune_round *round = &source->round;
    json_t *cursor = json_pack("{s:i, s:I, s:I}", "v", 1, "since", (json_int_t)source->since_s,
                               "full_at", (json_int_t)source->full_at_s);
    if (cursor && round->page)
        json_object_set_new(cursor, "round",
                            json_pack("{s:s, s:b, s:b, s:I}", "page", round->page, "full",
                                      round->full, "incomplete", round->incomplete, "date",
                                      (json_int_t)round->date_s));
    return cursor;
}

static void read_cursor(struct mst_source *source, const char *text, size_t len)
{
    json_t *cursor = text ? json_loadb(text, len, 0, NULL) : NULL;
    const json_t *round = json_object_get(cursor, "round");
    if (json_integer_value(json_object_get(cursor, "v")) == 1) {
        source->since_s = json_integer_value(json_object_get(cursor, "since"));
        source->full_at_s = json_integer_value(json_object_get(cursor, "full_at"));
        const char *page = json_string_value(json_object_get(round, "page"));
        source->round.page = page ? strdup(page) : NULL;
        source->round.full = json_is_true(json_object_get(round, "full"));
        source->round.incomplete = json_is_true(json_object_get(round, "incomplete"));
        source->round.date_s = json_integer_value(json_object_get(round, "date"));
    }
    json_decref(cursor);
}

/* ---- the end of a round ------------------------------------------------------------------ */

static void finish_round(struct mst_source *source)
{
    struct intune_round *round = &source->round;
    char text[200];
    if (!round->incomplete)
        source->since_s = round->date_s - (int64_t)source->overlap_s;
    graph_batch_flush(&source->batch, make_cursor(source));
    snprintf(text, sizeof text,
             "%s round: %zu devices listed, %zu read, %zu gone, %zu failed, %zu without Entra id",
             round->full ? "full" : "short", round->listed, round->read, round->gone, round->failed,
             round->nameless);
    if (round->full || round->read || round->gone || round->failed)
        source->host->log(source->host, round->failed ? MST_SOURCE_WARNING : MST_SOURCE_INFO, text);
    source->host->report(source->host, MST_SOURCE_GOOD, NULL);
    come_back(source, source->interval_s);
}

/* What a full round did not list may be gone, or have moved between two pages: it is asked for. */
static void check_missing(struct mst_source *source)
{
    char url[URL_BYTES];
    for (struct intune_device *device = source->devices.first; device; device = device->next) {
        if (device->round == source->round.number)
            continue;
        device->round = source->round.number;
        snprintf(url, sizeof url, "/%s/deviceManagement/managedDevices/%s?$select=id", source->api,
                 device->id);
        intune_ask(source, url, INTUNE_CHECK, device, NULL);
    }
}

/* All devices of the page are done. */
static void finish_page(struct mst_source *source)
{
    struct intune_round *round = &source->round;
    if (round->page) {
        graph_batch_flush(&source->batch, make_cursor(source));
        ask_page(source);
        return;
    }
    if ((round->full || source->no_filter) && !round->checked)
        check_missing(source);
    round->checked = true;
    if (round->open == 0)
        finish_round(source);
}

/* ---- pages ------------------------------------------------------------------------------- */

/* The round begins anew. */
static void lose_page(struct mst_source *source, const char *why)
{
    free(source->round.page);
    source->round.page = NULL;
    if (source->round.full)
        source->full_at_s = 0;
    trouble(source, "the list of devices", why);
}

static void ask_page(struct mst_source *source)
{
    if (!intune_ask(source, source->round.page, INTUNE_PAGE, NULL, NULL))
        lose_page(source, "its next page is not on Graph's own host");
}

static void begin_round(struct mst_source *source)
{
    struct intune_round *round = &source->round;
    int64_t now = source->host->now_s(source->host);
    char url[URL_BYTES], since[64] = "";
    struct tm when;
    bool full = source->since_s == 0 || now - source->full_at_s >= (int64_t)source->full_s ||
                now < source->full_at_s;
    *round = (struct intune_round){.number = round->number + 1, .full = full, .first = true};
    if (full)
        source->full_at_s = now;
    else if (!source->no_filter && gmtime_r(&(time_t){source->since_s}, &when))
        strftime(since, sizeof since, "%%20and%%20lastSyncDateTime%%20ge%%20%Y-%m-%dT%H:%M:%SZ",
                 &when);
    snprintf(url, sizeof url,
             "/%s/deviceManagement/managedDevices?$select=%s"
             "&$filter=operatingSystem%%20eq%%20%%27Windows%%27%s",
             source->api, source->select, since);
    round->page = strdup(url);
    if (round->page)
        ask_page(source);
    else
        trouble(source, "the list of devices", "out of memory");
}

/* The place in the list is lost, or the question was wrong. */
static void refuse_page(struct mst_source *source, const struct graph_answer *answer)
{
    bool first = source->round.first, filtered = !source->round.full && !source->no_filter;
    if (first && filtered && answer->status == 400) {
        free(source->round.page);
        source->round.page = NULL;
        source->no_filter = true;
        source->host->log(source->host, MST_SOURCE_WARNING,
                          "Graph refuses to filter by lastSyncDateTime: every round lists all");
        begin_round(source);
        return;
    }
    lose_page(source, answer->why);
}

/* Why the list cannot go on there; NULL: it can, or is at its end. */
static const char *find_fault(struct intune_round *round, const char *next)
{
    if (next && strcmp(next, round->page) == 0)
        return "its next page is the same page";
    if (next && strlen(next) > PAGE_URL_MAX)
        return "the address of its next page is too long";
    return ++round->pages > PAGES_MAX ? "it has no end" : NULL;
}

static void take_page(struct mst_source *source, const struct graph_answer *answer)
{
    struct intune_round *round = &source->round;
    const char *next = json_string_value(json_object_get(answer->body, "@odata.nextLink"));
    json_t *devices = json_object_get(answer->body, "value"), *device;
    size_t i;
    const bool is_list = answer->result != GRAPH_OK || json_is_array(devices);
    if (answer->result == GRAPH_FAILED || !is_list) {
        trouble(source, "the list of devices", is_list ? answer->why : "the answer has no 'value'");
        return;
    }
    if (answer->result != GRAPH_OK) {
        refuse_page(source, answer);
        return;
    }
    const char *fault = find_fault(round, next);
    if (fault) {
        lose_page(source, fault);
        return;
    }
    if (round->first)
        round->date_s = answer->date_s ? answer->date_s : source->host->now_s(source->host);
    round->first = false;
    free(round->page);
    round->page = next ? strdup(next) : NULL;
    json_array_foreach(devices, i, device) intune_take_listed(source, device);
    if (round->open == 0)
        finish_page(source);
}

void intune_round_drop(void *context, void *item)
{
    struct intune_job *job = item;
    (void)context;
    json_decref(job->listed);
    free(job);
}

void intune_round_answer(void *context, void *item, const struct graph_answer *answer)
{
    struct mst_source *source = context;
    struct intune_job *job = item;
    source->round.open--;
    if (job->what == INTUNE_PAGE) {
        take_page(source, answer);
    } else {
        if (job->what == INTUNE_DEVICE)
            intune_take_device(source, job, answer);
        else
            intune_take_check(source, job, answer);
        if (source->round.open == 0)
            finish_page(source);
    }
    intune_round_drop(source, job);
}

void intune_round_start(struct mst_source *source, const char *cursor, size_t len)
{
    read_cursor(source, cursor, len);
    source->round.number = 1;
    come_back(source, 0);
}
