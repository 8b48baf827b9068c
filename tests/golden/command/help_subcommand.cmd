muster help facts | head -n 1
muster help fcats
