muster evla
