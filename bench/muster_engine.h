/* SPDX-License-Identifier: Apache-2.0
 *
 * muster_engine.h - Muster with the rules of the benchmark opened, for its contestants. */
#ifndef MST_BENCH_MUSTER_ENGINE_H
#define MST_BENCH_MUSTER_ENGINE_H

#include <muster/facts.h>

#include "harness.h"

struct muster_slots {
    mst_slot edition, build, vbs, entra, hybrid, mdm, policy;
};

struct muster_engine {
    mst_image image;
    mst_vm *vm;
    mst_reader *reader;
    uint32_t policy;
    struct muster_slots slots;
};

extern struct muster_engine muster_engine;

/* Opens FOLDER/rules.musterc. */
void muster_engine_open(const struct bench_data *data);
/* What `muster eval` does with each record of a stream: frame, read, evaluate, write. */
size_t muster_engine_write(char *lines, bool is_brief);

#endif
