muster fmt - | od -c | cut -c9-
