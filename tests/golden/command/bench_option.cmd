../../../bench/run --fast
