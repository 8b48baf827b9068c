/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_muster.c - Muster over facts in its own form, as mst_facts_save() keeps them. What a host
 * does per device is timed: taking the facts of the next one, evaluating, and asking for causes
 * where something is unknown. */
#include <stdlib.h>

#include "muster_facts.h"

static char *blocks; /* the facts of each device */
static size_t block_bytes, count;

static void prepare(const struct bench_data *data)
{
    muster_engine_open(data);
    mst_vm *vm = muster_engine.vm;
    block_bytes = mst_facts_size(vm);
    count = data->count;
    blocks = malloc(count * block_bytes);
    if (!blocks)
        bench_die("out of memory", NULL);
    for (size_t i = 0; i < count; i++) {
        const struct muster_facts facts = muster_facts_of(&data->facts[i]);
        muster_facts_set(vm, &facts);
        if (mst_facts_save(vm, blocks + i * block_bytes, block_bytes) != MST_OK)
            bench_die("cannot keep", "facts");
    }
}

static void judge(uint8_t *reasons)
{
    mst_vm *vm = muster_engine.vm;
    mst_verdict verdict = MST_VERDICT_INIT;
    const size_t bytes = block_bytes;
    const char *block = blocks;
    for (uint8_t *end = reasons + count; reasons < end; reasons++, block += bytes) {
        if (mst_facts_load(vm, block, bytes) != MST_OK)
            bench_die("cannot load", "facts");
        *reasons = muster_facts_judge(vm, &verdict);
    }
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
