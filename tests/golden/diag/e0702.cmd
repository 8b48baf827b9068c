muster check e0702.muster
