../../../bench/run --json
