/* SPDX-License-Identifier: Apache-2.0
 *
 * service_bench.h - the service without threads, for fuzz targets: an engine whose turns they take
 * themselves, state in memory, a clock that stands still, and the loop's side of it. */
#ifndef MST_TESTS_FUZZ_SERVICE_BENCH_H
#define MST_TESTS_FUZZ_SERVICE_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "format/builtins.h"
#include "muster/lang.h"
#include "random_facts.h"
#include "service/engine.h"
#include "service/session.h"

#define BENCH_NOW 1786752000 /* 2026-08-15T00:00:00Z */
#define BENCH_SUBJECTS 16
#define BENCH_RULES MST_SOURCE_DIR "/tests/fuzz/rules/every_type.muster"
#define BENCH_SUBJECT "{\"device_id\":\"a-neighbour-of-5c1f\"}\n"
#define BENCH_TURNS 100000 /* more than any input can need */

struct service_bench {
    uv_loop_t loop;
    mst_settings settings;
    struct mst_inbox answers;
    mst_engine engine;
    struct mst_intake intake;
    char *rules_text;
    size_t rules_len;
    char digest[65]; /* of the rules to begin with */
};

static inline int64_t bench_now(void *context)
{
    (void)context;
    return BENCH_NOW;
}

static inline void bench_wake(void *context)
{
    (void)context;
}

static inline char *bench_read(const char *path, size_t *len)
{
    static const size_t room = 1u << 16;
    FILE *file = fopen(path, "rb");
    char *text = malloc(room);
    FUZZ_EXPECT(file && text);
    *len = fread(text, 1, room, file);
    FUZZ_EXPECT(*len < room && fclose(file) == 0);
    return text;
}

/* The image of the rules, in memory of malloc(). */
static inline unsigned char *bench_compile(const char *text, size_t len, size_t *byte_count)
{
    mst_compilation *compilation = NULL;
    FUZZ_EXPECT(mst_compile(&compilation, "bench", text, len, NULL) == MST_OK);
    const unsigned char *image = mst_compilation_image(compilation, byte_count);
    unsigned char *bytes = malloc(*byte_count);
    FUZZ_EXPECT(bytes);
    memcpy(bytes, image, *byte_count);
    mst_compilation_free(compilation);
    return bytes;
}

static inline void bench_open_engine(struct service_bench *bench)
{
    char why[MST_RULESET_WHY_BYTES];
    size_t byte_count;
    unsigned char *bytes = bench_compile(bench->rules_text, bench->rules_len, &byte_count);
    mst_ruleset *rules = mst_ruleset_open(bytes, byte_count, why);
    FUZZ_EXPECT(rules);
    const struct mst_clock clock = {bench_now, NULL};
    FUZZ_EXPECT(mst_engine_open(&bench->engine, &bench->settings, clock, rules, &bench->answers));
    memcpy(bench->digest, bench->engine.rules->digest, sizeof bench->digest);
}

static inline void bench_set(struct service_bench *bench, const char *name, const char *value)
{
    char why[MST_SETTING_WHY_BYTES];
    FUZZ_EXPECT(mst_settings_set(&bench->settings, name, value, MST_FROM_OPTION, why));
}

static inline void bench_open(struct service_bench *bench)
{
    mst_settings_init(&bench->settings);
    bench_set(bench, "state", "none");
    bench_set(bench, "history", "1000");
    bench->settings.max_subjects = BENCH_SUBJECTS;
    FUZZ_EXPECT(uv_loop_init(&bench->loop) == 0);
    mst_inbox_init(&bench->answers, bench_wake, NULL);
    bench->rules_text = bench_read(BENCH_RULES, &bench->rules_len);
    bench_open_engine(bench);
    mst_intake_init(&bench->intake, &bench->engine.inbox, bench->settings.max_partial);
}

/* What the loop's thread does with what comes back, as in service.c. */
static inline void bench_take_answers(struct service_bench *bench)
{
    for (struct mst_work *work; (work = mst_inbox_take(&bench->answers, 0));) {
        struct mst_query *query = (struct mst_query *)(void *)work;
        struct mst_rules_work *rules = (struct mst_rules_work *)(void *)work;
        switch (work->kind) {
        case MST_WORK_BATCH:
            mst_intake_return(&bench->intake, (struct mst_batch *)(void *)work);
            break;
        case MST_WORK_QUERY: query->done(query); break;
        case MST_WORK_RULES: rules->done(rules); break;
        case MST_WORK_STOP: break;
        }
    }
}

/* A turn of the loop and one of the engine. */
static inline void bench_turn(struct service_bench *bench)
{
    (void)uv_run(&bench->loop, UV_RUN_NOWAIT);
    bench->intake.submitted_us = 0; /* no input waits for company */
    (void)mst_intake_flush(&bench->intake);
    FUZZ_EXPECT(mst_engine_turn(&bench->engine, 0));
    FUZZ_EXPECT(bench->engine.is_ready); /* no input may make the state fail */
    bench_take_answers(bench);
}

static inline void bench_forget(struct mst_query *query)
{
    FUZZ_EXPECT(query->status == 200);
    mst_query_free(query);
}

/* Every subject is deleted, the way a client does it; where other rules came, all begins anew.
 * Then an input finds what the one before it found. */
static inline void bench_reset(struct service_bench *bench)
{
    mst_engine *engine = &bench->engine;
    FUZZ_EXPECT(mst_intake_is_idle(&bench->intake) && bench->intake.partial_bytes == 0);
    for (uint32_t slot = 0; slot < engine->roster.slot_count; slot++) {
        const char *id = mst_roster_at(&engine->roster, slot)->id;
        if (!id)
            continue;
        struct mst_query *query = mst_query_make(MST_QUERY_DELETE, bench_forget, NULL);
        query->text = mst_grown_copy(id, strlen(id));
        mst_inbox_put(&engine->inbox, &query->work);
        bench_turn(bench);
    }
    FUZZ_EXPECT(engine->roster.count == 0 && engine->wheel.count == 0);
    for (size_t i = 0; i < engine->tally_count; i++)
        FUZZ_EXPECT(engine->tallies[i].count == 0);
    if (strcmp(engine->rules->digest, bench->digest) != 0 || engine->pending) {
        mst_engine_close(engine);
        bench_open_engine(bench);
    }
}

#endif
