muster check e0304_text.muster
