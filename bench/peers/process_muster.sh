#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The command, from rules as text and a file of records to lines; one thread, as all contestants.
exec "$BENCH_MUSTER" eval "$BENCH_PEERS/../hotpatch5.muster" --brief --jobs 1 --facts "$1/devices.ndjson"
