muster check e0705_enum.muster
