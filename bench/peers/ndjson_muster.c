/* SPDX-License-Identifier: Apache-2.0
 *
 * ndjson_muster.c - Muster from text to brief verdict lines, as `muster eval --brief` does it. */
#include "muster_engine.h"

static size_t write_lines(char *lines)
{
    return muster_engine_write(lines, true);
}

const struct bench_peer bench_peer = {.prepare = muster_engine_open, .write = write_lines};
