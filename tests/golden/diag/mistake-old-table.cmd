echo '{"os":{"ubr":9106}}' > $T/facts.json
muster eval mistake-old-table.muster --at 2026-11-10 --facts $T/facts.json --brief
