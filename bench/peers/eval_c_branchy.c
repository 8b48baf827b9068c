/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_c_branchy.c - hotpatch5_branchy() of hotpatch5.c, called once per device. */
#include <stdlib.h>

#include "harness.h"

static struct device *devices;
static size_t count;

static void prepare(const struct bench_data *data)
{
    count = data->count;
    devices = calloc(count, sizeof *devices);
    for (size_t i = 0; devices && i < count; i++)
        devices[i] = data->facts[i].device;
}

static void judge(uint8_t *reasons)
{
    for (size_t i = 0; i < count; i++)
        reasons[i] = (uint8_t)hotpatch5_branchy(&devices[i]);
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
