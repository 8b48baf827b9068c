cd rules/acme
muster eval ready.muster --facts ../../one_record.json --at 2026-08-15 --brief
