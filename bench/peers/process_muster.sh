#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The command, from rules as text and a file of records to lines.
exec "$BENCH_MUSTER" eval "$BENCH_PEERS/../hotpatch5.muster" --brief --facts "$1/devices.ndjson"
