muster diff old.muster ../fmt/broken.muster
