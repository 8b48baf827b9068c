muster check e0708_folder.muster
