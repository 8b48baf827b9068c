muster state backup $T/muster.db
