../../../bench/run --quick --rounds 0
