../../../bench/run --only nonsense
