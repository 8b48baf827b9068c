NO_COLOR=1 CLICOLOR_FORCE=1 muster explain explained.muster --facts explained.ndjson --subject E-1 --at 2026-08-15 | sed 's/\x1b/ESC/g; 4q'
