../../../bench/run --rounds five
