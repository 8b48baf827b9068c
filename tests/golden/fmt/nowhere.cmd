muster fmt nowhere.muster
