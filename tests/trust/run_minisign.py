#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys and signatures of `muster` against the packaged minisign, both ways.

    tests/trust/run_minisign.py [--muster build/muster] [--quick]

--quick leaves out the keys with a password: deriving a key from one takes seconds and a gigabyte.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct horse\n"


class Bench:
    """An empty folder with a file to sign, and what was found there."""

    def __init__(self, folder, muster):
        self.folder = pathlib.Path(folder)
        self.muster = muster
        self.passed = self.failed = 0
        (self.folder / "rules").write_bytes(bytes(range(256)) * 300)

    def run(self, *words, stdin=""):
        """The exit status of a command and all that it said."""
        done = subprocess.run(words, cwd=self.folder, input=stdin, capture_output=True, text=True,
                              timeout=100, check=False)
        return done.returncode, done.stdout + done.stderr

    def expect(self, what, is_good, *words, stdin=""):
        """Runs a command that has to succeed, or to fail."""
        code, said = self.run(*words, stdin=stdin)
        if (code == 0) == is_good:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAIL: {what}\n  {' '.join(map(str, words))} ended with {code}\n  {said.strip()}")

    def make_key(self, maker, name, stdin):
        """A pair of keys NAME and NAME.pub."""
        if maker == "muster":
            words = [self.muster, "keygen", "-o", name]
            words += [] if stdin else ["--no-password"]
            self.expect(f"{name} is made", True, *words, stdin=stdin)
        else:
            words = ["minisign", "-G", "-s", name, "-p", name + ".pub"] + ([] if stdin else ["-W"])
            self.expect(f"{name} is made", True, *words, stdin=stdin * 2)

    def check_signature(self, key, other):
        """Both tools take it, and neither takes another file, key or comment."""
        good = (True, key + ".pub")
        for is_good, public in good, (False, other + ".pub"):
            self.expect(f"minisign: {public}", is_good, "minisign", "-Vm", "rules", "-p", public)
            self.expect(f"muster: {public}", is_good, self.muster, "verify", "rules", "--pub",
                        public)
        self.spoil("rules", lambda data: data[:-1] + b"x", key)
        self.spoil("rules.minisig", lambda data: data.replace(b"trusted comment: ", b"trusted "
                                                              b"comment: x"), key)

    def spoil(self, name, change, key):
        """With one file changed, both tools refuse."""
        path = self.folder / name
        kept = path.read_bytes()
        path.write_bytes(change(kept))
        self.expect(f"minisign: {name} is changed", False, "minisign", "-Vm", "rules", "-p",
                    key + ".pub")
        self.expect(f"muster: {name} is changed", False, self.muster, "verify", "rules", "--pub",
                    key + ".pub")
        path.write_bytes(kept)

    def sign(self, tool, key, stdin, options=()):
        """Signs the rules."""
        (self.folder / "rules.minisig").unlink(missing_ok=True)
        words = ([self.muster, "sign", "rules", "--key", key] if tool == "muster"
                 else ["minisign", "-S", "-s", key, "-m", "rules"])
        self.expect(f"{tool} signs by {key}", True, *words, *options, stdin=stdin)


def check_keys(bench, stdin):
    """Each tool signs by each tool's key, and both verify."""
    kind = "protected" if stdin else "open"
    for maker in "muster", "minisign":
        bench.make_key(maker, f"{kind}-{maker}", stdin)
    for maker, other in ("muster", "minisign"), ("minisign", "muster"):
        for tool in "muster", "minisign":
            bench.sign(tool, f"{kind}-{maker}", stdin)
            bench.check_signature(f"{kind}-{maker}", f"{kind}-{other}")


def check_wrong_password(bench):
    """Another password, or none, opens nothing."""
    for stdin in "wrong\n", "":
        bench.expect("the password is refused", False, bench.muster, "sign", "rules", "--key",
                     "protected-minisign", stdin=stdin)


def main():
    """Open keys, signatures of the older kind, then protected keys."""
    parser = argparse.ArgumentParser(description="muster and minisign, both ways")
    parser.add_argument("--muster", default=str(ROOT / "build" / "muster"))
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    if not shutil.which("minisign"):
        print("minisign is missing: apt-get install minisign")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, str(pathlib.Path(args.muster).resolve()))
        check_keys(bench, "")
        bench.sign("minisign", "open-minisign", "", ["-l"])
        bench.check_signature("open-minisign", "open-muster")
        if not args.quick:
            check_keys(bench, PASSWORD)
            check_wrong_password(bench)
    print(f"{bench.passed} passed, {bench.failed} failed")
    return 1 if bench.failed or not bench.passed else 0


if __name__ == "__main__":
    sys.exit(main())
