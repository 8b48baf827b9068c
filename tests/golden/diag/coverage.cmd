# says something only where a code has no case, no caller or no help
python3 coverage.py > $T/said || cat $T/said
