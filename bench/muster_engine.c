/* SPDX-License-Identifier: Apache-2.0
 *
 * muster_engine.c - opens an image by the public C API and runs a stream of records through it. */
#include "muster_engine.h"

#include <stdlib.h>

struct muster_engine muster_engine;

static struct bench_text records;
static size_t line_max;

static void *allocate(size_t bytes)
{
    void *block = malloc(bytes);
    if (!block)
        bench_die("out of memory", NULL);
    return block;
}

void muster_engine_open(const struct bench_data *data)
{
    struct muster_engine *engine = &muster_engine;
    const struct bench_text rules = bench_load(data->folder, "rules.musterc");
    mst_fault why = MST_FAULT_INIT;
    if (mst_image_open(&engine->image, rules.ptr, rules.len, NULL, &why) != MST_OK)
        bench_die("rules.musterc", why.text);
    const size_t vm_bytes = mst_vm_size(&engine->image);
    const size_t reader_bytes = mst_reader_size(&engine->image);
    if (mst_vm_init(&engine->vm, allocate(vm_bytes), vm_bytes, &engine->image) != MST_OK ||
        mst_reader_init(&engine->reader, allocate(reader_bytes), reader_bytes, &engine->image) !=
            MST_OK)
        bench_die("no vm for rules.musterc", NULL);
    engine->slots = (struct muster_slots){
        .edition = mst_fact_find(&engine->image, "d.edition"),
        .build = mst_fact_find(&engine->image, "d.os_build"),
        .vbs = mst_fact_find(&engine->image, "d.vbs_running"),
        .entra = mst_fact_find(&engine->image, "d.entra_joined"),
        .hybrid = mst_fact_find(&engine->image, "d.hybrid_joined"),
        .mdm = mst_fact_find(&engine->image, "d.mdm"),
        .policy = mst_fact_find(&engine->image, "d.hotpatch_policy"),
    };
    engine->policy = mst_verdict_find(&engine->image, "readiness");
    line_max = mst_verdict_json_max(&engine->image);
    records = data->records;
}

static size_t write_verdict(char *line, bool is_brief)
{
    struct muster_engine *engine = &muster_engine;
    mst_verdict verdict = MST_VERDICT_INIT;
    size_t len;
    if (mst_eval(engine->vm, engine->policy, BENCH_NOW, &verdict) != MST_OK)
        bench_die("cannot evaluate", NULL);
    if (mst_verdict_json(engine->vm, &engine->image, &verdict, is_brief, line, line_max, &len) !=
        MST_OK)
        bench_die("cannot write a verdict", NULL);
    line[len] = '\n';
    return len + 1;
}

size_t muster_engine_write(char *lines, bool is_brief)
{
    struct muster_engine *engine = &muster_engine;
    char *to = lines;
    const char *at = records.ptr;
    size_t left = records.len;
    mst_framer framer;
    mst_framer_init(&framer, false);
    for (;;) {
        mst_frame frame = MST_FRAME_INIT;
        const mst_status status =
            mst_framer_read(&framer, engine->reader, engine->vm, at, left, true, BENCH_NOW, &frame);
        if (status == MST_ERR_NOT_FOUND)
            return (size_t)(to - lines);
        if (status != MST_OK)
            bench_die("no record", frame.error.message);
        at += frame.used;
        left -= frame.used;
        to += write_verdict(to, is_brief);
    }
}
