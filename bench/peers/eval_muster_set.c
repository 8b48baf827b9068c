/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_muster_set.c - Muster over facts that a host sets one by one. Timed per device: forgetting
 * the facts of the one before, setting seven, and what eval_muster.c does. */
#include <stdlib.h>

#include "muster_facts.h"

static struct muster_facts *subjects;
static size_t count;

static void prepare(const struct bench_data *data)
{
    muster_engine_open(data);
    count = data->count;
    subjects = malloc(count * sizeof *subjects);
    if (!subjects)
        bench_die("out of memory", NULL);
    for (size_t i = 0; i < count; i++)
        subjects[i] = muster_facts_of(&data->facts[i]);
}

static void judge(uint8_t *reasons)
{
    mst_vm *vm = muster_engine.vm;
    mst_verdict verdict = MST_VERDICT_INIT;
    for (size_t i = 0; i < count; i++) {
        muster_facts_set(vm, &subjects[i]);
        reasons[i] = muster_facts_judge(vm, &verdict);
    }
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
