# A file of version 1 is left alone by those who only look, and brought up to date by the service.
python3 ../state/make_state.py --version 1 $T/muster.db && cp $T/muster.db $T/first.db
muster state export $T/muster.db
true | muster serve ../../../stdlib-rules/windows/hotpatch.muster --state $T/muster.db --listen stdio: --http none 2>/dev/null
muster state check $T/muster.db | grep -v -e verdicts -e changes
muster state export $T/muster.db | cut -d, -f1
python3 -c "import sqlite3, sys; print(list(sqlite3.connect(sys.argv[1]).execute('PRAGMA user_version')))" $T/muster.db.v1.backup
ls $T
