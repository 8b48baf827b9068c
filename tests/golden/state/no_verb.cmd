muster state
