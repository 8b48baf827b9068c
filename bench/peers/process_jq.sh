#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# jq as a program, from a file to lines.
exec jq -c -f "$BENCH_PEERS/hotpatch5.jq" "$1/devices.ndjson"
