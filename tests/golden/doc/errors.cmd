muster doc ../fmt/broken.muster -o $T
