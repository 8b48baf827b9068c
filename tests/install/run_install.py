#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the build into a prefix, moves the prefix, and uses it from outside of the tree.

    tests/install/run_install.py [--build build] [--cc cc] [--cxx c++]

Every consumer sees the moved prefix only, so whatever still names the first place, the build or the
tree fails. By find_package and by pkg-config, static and shared, as C11 and as C++17: a consumer
builds without a warning, opens an image and prints the right verdict. The moved command finds its
rules, and examples/agent-c judges a record and sleeps until its verdict changes.
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIMEOUT_S = 60
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
STANDARDS = {"c": "-std=c11", "c++": "-std=c++17"}
PROGRAMS = {"embed_runtime": "muster", "embed_compiler": "muster-lang"}
RECORD = '{"id":"D-1","os":{"edition":"Enterprise","build":"26100.9106"}}'
SAYS = {
    "embed_runtime": (
        'os.edition 9, stale after 28 days, 2 members, 1 check, '
        'judged.oldest = 9168\n'
        '{"subject":"D-1","verdict":"update","outcome":"lacking","check":"revision",'
        '"valid_until":"2026-09-12T00:00:00Z"}\n'
        'Build 26100.9106 is too old.\n'),
    "embed_compiler": ("no error\n1 verdict\nline 2, other\n"
                       "the rules have errors\nm.muster:2: E0304\n0 blocks left\n"),
}
# A verdict that turns by itself, soon.
SOON = """module soon version 1.0
facts device from "" {{ id: text }}
subject device.id
decision phase {{
  when now < {turn} then before
  otherwise              since
}}
"""


class Wrong(Exception):
    """What a command did that it should not."""


def run(*command, env=None, cwd=None, expect=0):
    """Standard output of a command that must end with `expect`."""
    done = subprocess.run([str(word) for word in command], env=env, cwd=cwd, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=TIMEOUT_S)
    if done.returncode != expect:
        raise Wrong(f"$ {' '.join(map(str, command))}\nended with {done.returncode}\n"
                    f"{done.stdout}{done.stderr}")
    return done.stdout if expect == 0 else done.stderr


def same(what, expected, seen):
    """Both are to be equal."""
    if expected != seen:
        raise Wrong(f"{what}: expected\n{expected}\nbut there is\n{seen}")


class Site:
    """A machine on which Muster is installed: a folder for everything, and how to build there."""

    def __init__(self, folder, args):
        self.folder, self.args = folder, args
        self.prefix = folder / "moved" / "muster"
        self.muster = self.prefix / "bin" / "muster"
        self.image = folder / "judged.musterc"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("MUSTER_", "CMAKE_"))}
        self.libraries = None
        self.env = {**kept, "LC_ALL": "C", "CC": args.cc, "CXX": args.cxx}

    def install(self):
        """Installs, and moves what was installed."""
        first = self.folder / "first"
        run("cmake", "--install", self.args.build, "--prefix", first)
        self.prefix.parent.mkdir()
        first.rename(self.prefix)
        descriptions = next(self.prefix.rglob("muster.pc")).parent
        self.env.update(PKG_CONFIG_PATH=str(descriptions))
        self.libraries = descriptions.parent
        shutil.copytree(HERE / "consumer", self.folder / "consumer")
        shutil.copytree(ROOT / "examples" / "agent-c", self.folder / "agent-c")
        run(self.muster, "build", self.folder / "consumer" / "judged.muster", "-o", self.image,
            cwd=self.folder)

    def configure(self, project):
        """Configures and builds a project of ours; returns its build folder."""
        target = self.folder / f"build-{project}"
        flags = " ".join(WARNINGS)
        run("cmake", "-S", self.folder / project, "-B", target, "-G", "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_C_FLAGS={flags}", env=self.env)
        run("cmake", "--build", target, "-j", "2", env=self.env)
        return target

    def check_program(self, program, path, is_shared, env=None):
        """A consumer links the kind that it asked for, and says what it has to say."""
        needed = run(self.args.objdump, "-p", path).count("libmuster")
        if (needed > 0) != is_shared:
            raise Wrong(f"{path} needs {needed} shared libraries of ours")
        arguments = [self.image, RECORD] if program == "embed_runtime" else []
        same(path, SAYS[program], run(path, *arguments, env=env))


# ---- the cases ---------------------------------------------------------------------------------


def check_prefix(site):
    """Nothing that is installed names the tree, the build or the place it was first put."""
    names = [str(name).encode() for name in (ROOT, site.args.build, site.folder)]
    files = [path for path in site.prefix.rglob("*") if path.is_file()]
    for path in files:
        for name in names:
            if name in path.read_bytes():
                raise Wrong(f"{path.relative_to(site.prefix)} names {name.decode()}")
    for wanted in ("bin/muster", "include/muster/lang.h",
                   "share/muster/rules/windows/releases.csv",
                   "share/bash-completion/completions/muster", "share/man/man1/muster.1",
                   "share/man/man1/muster-eval.1", "include/muster_source.h",
                   "share/muster/collect.ps1"):
        if site.prefix / wanted not in files:
            raise Wrong(f"{wanted} is not installed")
    if not any(path.name == "LICENSE" for path in files):
        raise Wrong("the licence is not installed")


def check_initialisers(site):
    """Consumers set up each struct that has an initial form, so that both languages take it."""
    made = "".join(path.read_text(encoding="utf-8")
                   for path in (site.folder / "consumer").glob("*.c"))
    names = [name for path in sorted((site.prefix / "include" / "muster").glob("*.h"))
             for name in re.findall(r"^#define (MST_\w+_INIT)\b", path.read_text(encoding="utf-8"),
                                    re.MULTILINE)]
    unused = [name for name in names if not re.search(rf"= {name};", made)]
    if unused or not names:
        raise Wrong(f"no consumer of tests/install uses {' '.join(unused) or 'any _INIT macro'}")


def check_command(site):
    """The moved command finds its rules and plugins, from a folder without any."""
    empty = site.folder / "empty"
    empty.mkdir()
    inspect = ["inspect", "windows.hotpatch"]
    said = run(site.muster, *inspect, cwd=empty, env=site.env)
    if not said.startswith("windows.hotpatch "):
        raise Wrong(said)
    link = site.folder / "muster-by-link"
    link.symlink_to(site.muster)
    same("the command by a link", said, run(link, *inspect, cwd=empty, env=site.env))
    said = run(link, "plugin-check", "exec", cwd=empty, env=site.env)
    if not said.startswith("source    exec "):
        raise Wrong(said)


def check_find_package(site):
    """Consumers by find_package."""
    target = site.configure("consumer")
    for kind in ("static", "shared"):
        for language in ("c", "cpp"):
            for program in PROGRAMS:
                site.check_program(program, target / "bin" / f"{program}_{kind}_{language}",
                                   kind == "shared")


def check_pkg_config(site, kind, language, program):
    """One consumer by pkg-config, in one command."""
    compiler = site.args.cc if language == "c" else site.args.cxx
    static = ["--static"] if kind == "static" else []
    flags = run("pkg-config", *static, "--cflags", "--libs", PROGRAMS[program], env=site.env)
    path = site.folder / f"{program}-{kind}-{language}"
    run(compiler, STANDARDS[language], *WARNINGS, "-x", language,
        site.folder / "consumer" / f"{program}.c", "-x", "none", "-o", path,
        *(["-static"] if static else []), *flags.split(), env=site.env)
    site.check_program(program, path, kind == "shared",
                       {**site.env, "LD_LIBRARY_PATH": str(site.libraries)})


def check_agent(site):
    """examples/agent-c judges as the command does, and says what is wrong."""
    target = site.configure("agent-c")
    agent, image = target / "agent", target / "hotpatch.musterc"
    record = site.folder / "record.json"
    with open(ROOT / "stdlib-rules" / "samples" / "fleet.ndjson", encoding="utf-8") as fleet:
        record.write_text(fleet.readline(), encoding="utf-8")
    verdict = json.loads(run(agent, image, record, "readiness", "1"))
    line = run(site.muster, "eval", image, "--facts", record, "--verdict", "readiness", "--at",
               verdict["at"], "--format", "ndjson")
    same("the agent's verdict", json.loads(line), verdict)
    large = site.folder / "large"
    large.write_bytes(b" " * (5 << 20))
    for words, code, why in (
            ([large, record, "readiness"], 1, "the file is too large"),
            ([image, large, "readiness"], 1, "the file is too large"),
            ([record, record, "readiness"], 1, "no Muster image"),
            ([image, image, "readiness"], 1, "a record is an object"),
            ([image, record, "nonsense"], 1, "no verdict of that name"),
            ([image, target / "nothing", "readiness"], 3, "No such file"),
            ([image, record, "readiness", "0"], 2, "usage")):
        said = run(agent, *words, expect=code)
        if why not in said:
            raise Wrong(f"the agent says {said}")
    check_sleep(site, agent)


def check_sleep(site, agent):
    """The agent prints a second verdict when the first one ends, and not before."""
    for seconds in (2, 6, 20, 45):  # on a busy machine the agent may start too late to sleep at all
        if sleeps_until_turn(site, agent, seconds):
            return
    raise Wrong("the agent took more than 45 s to judge a record")


def sleeps_until_turn(site, agent, seconds):
    """Whether the agent began before a turn `seconds` from now, and then did what it should."""
    turn = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    turn = (turn + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    rules, image = site.folder / "soon.muster", site.folder / "soon.musterc"
    rules.write_text(SOON.format(turn=turn), encoding="utf-8")
    run(site.muster, "build", rules, "-o", image)
    record = site.folder / "soon.json"
    record.write_text('{"id":"D-1"}', encoding="utf-8")
    with subprocess.Popen([agent, image, record, "phase", "2"], stdout=subprocess.PIPE,
                          text=True) as process:
        watchdog = threading.Timer(seconds + TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            first = json.loads(process.stdout.readline())
            if first["at"] >= turn:
                same("outcome", "since", first["outcome"])
                return False
            same("outcome and end", ("before", turn), (first["outcome"], first["valid_until"]))
            second = json.loads(process.stdout.read())
            same("exit status", 0, process.wait())
        finally:
            watchdog.cancel()
            process.kill()
    same("outcome", "since", second["outcome"])
    if second["at"] < turn or datetime.datetime.now(datetime.timezone.utc).strftime(
            "%Y-%m-%dT%H:%M:%SZ") < turn:
        raise Wrong("the agent did not wait")
    return True


def main():
    """Each case is one test."""
    parser = argparse.ArgumentParser(description="Uses an installed Muster")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("--objdump", default="objdump")
    args = parser.parse_args()
    args.build = args.build.resolve()
    cases = [(check_agent,), (check_find_package,), (check_prefix,), (check_initialisers,),
             (check_command,)]
    cases += [(check_pkg_config, kind, language, program) for kind in ("static", "shared")
              for language in STANDARDS for program in PROGRAMS]
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        site = Site(pathlib.Path(temporary).resolve(), args)
        site.install()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            tasks = [(case, pool.submit(case[0], site, *case[1:])) for case in cases]
        for case, task in tasks:
            try:
                task.result()
            except (Wrong, OSError, ValueError, subprocess.TimeoutExpired) as wrong:
                failed += 1
                print(f"FAIL: {case[0].__name__} {' '.join(case[1:])}\n{wrong}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
