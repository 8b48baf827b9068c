#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`muster plugin-check`: every way in which a plugin is no good has its own message, a good one
passes, and whatever a plugin does to its process does not reach ours."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from fixture import PROGRAMS, main_at_once

MODULES = pathlib.Path(os.environ["MUSTER_TEST_PLUGINS"])
PLUGINS = pathlib.Path(PROGRAMS.muster).parent / "plugins"
SAYS = {
    "no_symbol": "it exports no symbol 'muster_source': is it a fact source of Muster?",
    "function_symbol": "its symbol 'muster_source' is no data",
    "small_symbol": "its symbol 'muster_source' has 4 bytes: too few to be a table",
    "older_abi": "it was made for version 0.7 of the plugin ABI; this muster has version 1.0",
    "newer_abi": "it was made for version 1.1 of the plugin ABI; this muster has version 1.0",
    "short_table": "it says that its table has 40 bytes; version 1.0 has 112",
    "long_table": "it says that its table has 176 bytes, but the symbol has only 112",
    "foreign_needs": "it needs what this muster does not have (capabilities 0x10000000000)",
    "no_start": "its table has no 'start' (NULL)",
    "bad_name": "its name is not one of a-z, 0-9 and '-', at most 32",
    "no_version": "its table has no 'version' (NULL)",
    "schema_no_json": "the schema of its configuration is not JSON: line 1, column 18: "
                      "string or '}' expected near end of file",
    "schema_keyword": "the schema of its configuration has the keyword 'patternProperties', which "
                      "muster does not check",
    "schema_list": "the schema of its configuration is not of an object",
    "crash_load": "it crashed while it was being loaded: Segmentation fault",
    "crash_create": "it crashed while it was making a source: Segmentation fault",
    "crash_run": "it crashed while it ran: Segmentation fault",
    "exit_load": "it ended the process (status 7) while it was being loaded",
    "hang_load": "it hangs: nothing happened for a long time while it was being loaded",
    "hang_start": "it hangs: nothing happened for a long time while it was being started",
    "refuses": "the secret file cannot be read",
    "fails": "it reports that it failed: no answer",
    "no_json": "line 2 of its first batch is no record: unexpected token near end of file",
    "no_object": "line 1 of its first batch is no record: it is not an object {...}",
    "too_much": "it reports that it failed: the batch was refused",
    "never_stops": "it did not stop within 1 s",
}


# Only where waiting is the point is it short: a busy machine makes the others slow too.
SLOW = {"hang_load", "hang_start", "never_stops"}


def check(*arguments):
    command = [PROGRAMS.muster, "plugin-check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


class Check(unittest.TestCase):

    def test_bad_ones(self):
        # All at once: those that hang are waited for together.
        runs = {way: subprocess.Popen(
            [PROGRAMS.muster, "plugin-check", "--wait=1" if way in SLOW else "--wait=30",
             str(MODULES / f"muster-source-{way}.so")],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for way in SAYS}
        for way, run in runs.items():
            with self.subTest(way):
                error = run.communicate(timeout=60)[1]
                path = MODULES / f"muster-source-{way}.so"
                self.assertEqual(error, f"muster plugin-check: {path}: {SAYS[way]}\n")
                self.assertEqual(run.returncode, 1)

    def test_every_way_is_tried(self):
        built = {path.stem.removeprefix("muster-source-") for path in MODULES.glob("*.so")}
        self.assertEqual(built - {"probe"}, set(SAYS))

    def test_no_plugin_at_all(self):
        with tempfile.TemporaryDirectory() as folder:
            text = pathlib.Path(folder, "text.so")
            text.write_text("no code\n")
            done = check(str(text))
            self.assertEqual(done.returncode, 1)
            self.assertIn("it cannot be loaded: ", done.stderr)
            text.chmod(0o666)
            self.assertIn("everybody can write to", check(str(text)).stderr)
            done = check(str(text) + ".not")
            self.assertEqual((done.returncode, "cannot open" in done.stderr), (3, True))
        done = check("nobody")
        self.assertEqual(done.returncode, 3)
        self.assertIn("there is no plugin muster-source-nobody.so in ", done.stderr)

    def test_good_ones(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "config.json")
            records = pathlib.Path(folder, "records.ndjson")
            records.write_text('{"device":{"id":"D-1"}}\n\n{"device":{"id":"D-2"}}\n')
            config.write_text(json.dumps({"file": str(records)}))
            done = check("example", str(config))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout, """\
source    example 1.0, plugin ABI 1.0
brings    the records of a file, whenever it changes
setting   file         string, needed
ran       its first batch has 2 records and a cursor; it stopped
good
""")
            config.write_text(json.dumps({"argv": ["/bin/sh", "-c", "echo '{}'; exec sleep 60"]}))
            done = check("exec", str(config))
            self.assertIn("\nran       its first batch has 1 record; it stopped\ngood\n",
                          done.stdout)

    def test_configurations(self):
        cases = {
            "nonsense": "it is not JSON: line 1, column 8: '[' or '{' expected near 'nonsense'",
            "[]": "it must be an object {...}",
            "{}": "'argv' is missing",
            '{"argv":[]}': "'argv' has 0 elements; it needs at least 1",
            '{"argv":["a",2]}': "'argv.2' must be a text",
            '{"argv":["a",""]}': "'argv.2' has 0 bytes; it needs at least 1",
            '{"argv":"ls"}': "'argv' must be a list [...]",
            '{"argv":["ls"],"every":5}':
                "there is no setting 'every'; there are argv, directory, every_s, timeout_s",
            '{"argv":["ls"],"every_s":0}': "'every_s' is 0; it is at least 1",
            '{"argv":["ls"],"every_s":1.5}': "'every_s' must be a whole number",
            '{"argv":["ls"],"argv":["ls"]}':
                "it is not JSON: line 1, column 21: duplicate object key near '\"argv\"'",
        }
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "config.json")
            for text, says in cases.items():
                with self.subTest(text):
                    config.write_text(text)
                    done = check("exec", str(config))
                    self.assertEqual(done.stderr, "muster plugin-check: exec: configuration "
                                                  f"'{config}': {says}\n")
                    self.assertEqual(done.returncode, 1)

    def test_trouble(self):
        """What brings nothing but trouble is not good. As PLUGIN:CONFIG, like the service."""
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "config.json")
            config.write_text('{"argv":["no-such-program"]}')
            done = check(f"exec:{config}", "--run", "1")
            self.assertIn("exec: nothing was delivered: cannot run 'no-such-program': No such file",
                          done.stderr)
            self.assertEqual(done.returncode, 1)

    def test_symbols(self):
        """A plugin links nothing of ours and shows one symbol."""
        for path in PLUGINS.glob("*.so"):
            with self.subTest(path.name):
                names = subprocess.run([os.environ["MUSTER_NM"], "-D", str(path)], text=True,
                                       capture_output=True, check=True).stdout.splitlines()
                undefined = [line.split()[-1] for line in names if " U " in line]
                shown = [line.split()[-1] for line in names
                         if line[17:18] in "TDBRV" and " __" not in line]  # of sanitizers
                self.assertEqual([name for name in undefined if name.startswith("mst_")], [])
                self.assertEqual(shown, ["muster_source"])
        self.assertGreaterEqual(len(list(PLUGINS.glob("*.so"))), 2)


if __name__ == "__main__":
    main_at_once()
