muster inspect format_1.musterc && muster facts format_1.musterc
