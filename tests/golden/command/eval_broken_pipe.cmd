# the reader goes away: no message, as with cat
yes '{"device_id":"D-1"}' | muster eval rules/acme/ready.muster --at 2026-08-15 --brief | head -n 1
