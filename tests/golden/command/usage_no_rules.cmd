muster eval
