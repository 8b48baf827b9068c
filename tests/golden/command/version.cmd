muster --version
