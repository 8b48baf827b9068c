muster check e0413.muster
