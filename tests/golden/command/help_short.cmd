muster -h
