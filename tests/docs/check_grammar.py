#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is the grammar in spec/language.md the grammar that `muster` accepts?

    check_grammar.py --muster PATH [--count N] [--seed S]

Reads the EBNF of section 2 and makes random modules of it, every alternative among them: none may
have a syntax error. Then it changes each a little (a word deleted, doubled, swapped or replaced)
and lets an Earley parser over the EBNF and `muster check` judge: what one accepts the other
accepts. Only syntax is compared; what words mean is of no interest here.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Mistakes of syntax. A clause that stands twice is one by the text above the EBNF, not by the EBNF.
TWICE = "E0209"
# Told by the parser where the grammar has no such thing, and by the checker where types differ:
# a value beside `and`, `within` without a version, `unknown` for a value.
EITHER = {"E0409", "E0415", "E0416"}
UNJUDGED = (TWICE, *EITHER)
SYNTAX = {"E0201", "E0202", "E0203", "E0204", "E0206", "E0207", "E0208", "E0210", "E0211", "E0214",
          TWICE}
SAMPLES = {
    "NAME": ("alpha", "beta", "gamma_1", "Delta"),
    "INT": ("0", "7", "500"),
    "VERSION": ("1.2", "26100.4929"),
    "DATE": ("2026-08-11",),
    "MONTH": ("2026-08",),
    "TIME": ("2026-08-11T00:00:00Z",),
    "CLOCK": ("10:00",),
    "DURATION": ("7 days", "1 hour"),
    "TEXT": ('"some text"', '""'),
}
# Which literal stands where, and which types take a size, is found when types are checked.
LITERALS = {"INT", "VERSION", "DATE", "MONTH", "TIME", "CLOCK", "DURATION"}
KIND = {sample: kind for kind, samples in SAMPLES.items() for sample in samples}
DEEPEST = 9  # then the shortest way out is taken


# ---- reading the EBNF --------------------------------------------------------------------------


def ebnf():
    """{name: tree} of section 2. A tree is ("or", ...), ("seq", ...), ("opt", x), ("many", x),
    ("word", text) or ("name", text)."""
    text = (ROOT / "spec/language.md").read_text(encoding="utf-8")
    block = re.search(r"^## 2\. .*?^```ebnf\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    tokens = re.findall(r'"[^"]*"|\w+|[\[\]{}()|=;]', block)
    rules = {}
    while tokens:
        name = tokens.pop(0)
        expect(tokens, "=")
        rules[name] = alternatives(tokens)
        expect(tokens, ";")
    return rules


def expect(tokens, token):
    """Takes a token that must be there."""
    found = tokens.pop(0)
    if found != token:
        sys.exit(f"spec/language.md: expected {token} before {found} {' '.join(tokens[:5])}")


def alternatives(tokens):
    """a | b | c"""
    found = [sequence(tokens)]
    while tokens[0] == "|":
        tokens.pop(0)
        found.append(sequence(tokens))
    return found[0] if len(found) == 1 else ("or", *found)


def sequence(tokens):
    """Parts up to what ends the sequence."""
    parts = []
    while tokens[0] not in ("|", ";", ")", "]", "}"):
        parts.append(part(tokens))
    return parts[0] if len(parts) == 1 else ("seq", *parts)


def part(tokens):
    """A word, a name, or something in brackets."""
    token = tokens.pop(0)
    for opening, closing, kind in (("(", ")", None), ("[", "]", "opt"), ("{", "}", "many")):
        if token == opening:
            inner = alternatives(tokens)
            expect(tokens, closing)
            return (kind, inner) if kind else inner
    return ("word", token[1:-1]) if token.startswith('"') else ("name", token)


# ---- random modules ----------------------------------------------------------------------------


class Maker:
    """Random sentences; alternatives that were taken least go first."""

    def __init__(self, rules, seed):
        self.rules, self.random, self.taken = rules, random.Random(seed), {}
        self.least = self.shortest()

    def shortest(self):
        """{name: length of its shortest sentence}"""
        least = {name: 1 for name in SAMPLES}
        for _ in range(len(self.rules)):
            for name, tree in self.rules.items():
                length = self.length(tree, least)
                if length is not None:
                    least[name] = min(length, least.get(name, length))
        return least

    def length(self, tree, least):
        """Of the shortest sentence of a tree, as far as it is known yet."""
        kind, *parts = tree
        if kind == "word":
            return 1
        if kind == "name":
            return least.get(parts[0])
        if kind in ("opt", "many"):
            return 0
        lengths = [self.length(inner, least) for inner in parts]
        if kind == "or":
            return min((n for n in lengths if n is not None), default=None)
        return None if None in lengths else sum(lengths)

    def choose(self, tree, depth):
        """An alternative of an `or`."""
        ways = list(tree[1:])
        if depth > DEEPEST:
            return min(ways, key=lambda way: self.length(way, self.least))
        way = min(ways, key=lambda w: (self.taken.get(id(w), 0) + self.random.random() * 40))
        self.taken[id(way)] = self.taken.get(id(way), 0) + 1
        return way

    def make(self, tree, depth=0):
        """The words of a sentence."""
        kind, *parts = tree
        if kind == "word":
            return [parts[0]]
        if kind == "name":
            if parts[0] in SAMPLES:
                return [self.random.choice(SAMPLES[parts[0]])]
            return self.make(self.rules[parts[0]], depth + 1)
        if kind == "or":
            return self.make(self.choose(tree, depth), depth)
        if kind == "seq":
            return [word for inner in parts for word in self.make(inner, depth)]
        if kind == "opt":
            return self.make(parts[0], depth) if self.random.random() < self.odds(depth) else []
        return self.make_many(parts[0], depth)

    def odds(self, depth):
        """How likely what may be left out is there."""
        return 0.5 if depth < 5 else 0.15 if depth < DEEPEST else 0.0

    def make_many(self, inner, depth):
        """Repeated; of a clause with alternatives each at most once, as the text above the EBNF
        demands of heads (elsewhere it does no harm)."""
        words, ways = [], list(inner[1:]) if inner[0] == "or" and depth > 0 else [inner]
        self.random.shuffle(ways)
        for way in ways:
            if self.random.random() < self.odds(depth):
                words += self.make(way, depth + 1)
        return words

    def module(self):
        """A module of one or a few items."""
        words = self.make(self.rules["module"])
        for _ in range(self.random.randint(1, 2)):
            words += self.make(self.rules["item"])
        return words

    def change(self, words):
        """The same with one small mistake."""
        words, i = list(words), self.random.randrange(2, len(words))
        way = self.random.randrange(4)
        if way == 0:
            del words[i]
        elif way == 1:
            words.insert(i, words[i])
        elif way == 2 and i + 1 < len(words):
            words[i], words[i + 1] = words[i + 1], words[i]
        else:
            words[i] = self.random.choice(words + ["(", "}", ",", "=", "==", "not", "7", "when"])
        return words


# ---- an Earley parser --------------------------------------------------------------------------


class Earley:
    """Does the EBNF derive the words?"""

    def __init__(self, rules):
        self.rules, self.fresh, self.is_lenient = {}, 0, False
        for name, tree in rules.items():
            self.rules[name] = self.productions(tree)
        self.nullable = self.find_nullable()

    def productions(self, tree):
        """Right sides, each a tuple of ("t", word or kind) and ("n", name)."""
        ways = tree[1:] if tree[0] == "or" else (tree,)
        return [tuple(self.symbols(way)) for way in ways]

    def symbols(self, tree):
        """What one alternative consists of."""
        kind, *parts = tree
        if kind == "word":
            return [("t", parts[0])]
        if kind == "name":
            return [("t" if parts[0] in SAMPLES else "n", parts[0])]
        if kind == "seq":
            return [symbol for inner in parts for symbol in self.symbols(inner)]
        self.fresh += 1
        name = f"#{self.fresh}"
        if kind == "or":
            self.rules[name] = self.productions(tree)
        else:
            inner = self.productions(parts[0])
            again = (("n", name),) if kind == "many" else ()
            self.rules[name] = [()] + [way + again for way in inner]
        return [("n", name)]

    def find_nullable(self):
        """Names that derive nothing at all."""
        empty, grown = set(), True
        while grown:
            grown = False
            for name, ways in self.rules.items():
                if name not in empty and any(
                        all(k == "n" and s in empty for k, s in way) for way in ways):
                    empty.add(name)
                    grown = True
        return empty

    def fits(self, symbol, word):
        """Is the word what a terminal asks for?"""
        kind = KIND.get(word)
        if symbol in (word, kind):
            return True
        if word in ("list", "text"):  # not reserved
            return symbol == "NAME"
        return self.is_lenient and (symbol in LITERALS and kind in LITERALS or
                                    symbol in ("list", "text") and kind == "NAME")

    def accepts(self, words, is_lenient=False):
        """An item is (name, way, dot, origin)."""
        self.is_lenient = is_lenient
        sets = [set() for _ in range(len(words) + 1)]
        self.predict(sets, 0, "file")
        for i in range(len(words) + 1):
            work = list(sets[i])
            while work:
                work += self.advance(sets, i, work.pop(), words)
        return any(name == "file" and dot == len(way) and origin == 0
                   for name, way, dot, origin in sets[-1])

    def predict(self, sets, i, name):
        """Adds what a name may begin with; returns what is new."""
        new = {(name, way, 0, i) for way in self.rules[name]} - sets[i]
        sets[i] |= new
        return new

    def advance(self, sets, i, item, words):
        """One step of an item; returns new items of the same set."""
        name, way, dot, origin = item
        if dot == len(way):
            waiting = [(n, w, d + 1, o) for n, w, d, o in sets[origin]
                       if d < len(w) and w[d] == ("n", name)]
            new = set(waiting) - sets[i]
            sets[i] |= new
            return new
        kind, symbol = way[dot]
        if kind == "t":
            if i < len(words) and self.fits(symbol, words[i]):
                sets[i + 1].add((name, way, dot + 1, origin))
            return ()
        new = self.predict(sets, i, symbol)
        if symbol in self.nullable:
            skipped = (name, way, dot + 1, origin)
            if skipped not in sets[i]:
                sets[i].add(skipped)
                new = new | {skipped}
        return new


# ---- the comparison ----------------------------------------------------------------------------


def is_ambiguous(words):
    """Would the scanner read these words as others? `not in` and `is not` are one token; a
    reserved word is a name behind a dot and before a colon; a number takes a unit to itself."""
    for before, after in zip(words, words[1:]):
        if (before, after) in (("not", "in"), ("is", "not")):
            return True
        if before == "." and KIND.get(after) != "NAME" or before == "..":
            return True
        if after == ":" and KIND.get(before) not in ("NAME", "TEXT"):
            return True
        if before in ("at", "version") and after in ("(", "<"):
            return True
        if before in (":", "<", ",") and after == "version":
            return True
    return False


def errors_of(muster, texts):
    """[codes of the syntax errors] of each text."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"m{i}.muster") for i in range(len(texts))]
        for path, text in zip(paths, texts):
            path.write_text(text, encoding="utf-8")
        run = subprocess.run([muster, "check", "--format", "json", *map(str, paths)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        found = {str(path): [] for path in paths}
        for line in (run.stdout + run.stderr).decode("utf-8", "replace").splitlines():
            if line.startswith("{"):
                diagnostic = json.loads(line)
                if diagnostic["code"] in SYNTAX | EITHER or diagnostic["code"] < "E0200":
                    found[diagnostic["path"]].append(
                        f"{diagnostic['code']} {diagnostic['message']}")
        if run.returncode not in (0, 1):
            sys.exit(f"muster check ended with {run.returncode}: {run.stderr.decode()}")
        return [found[str(path)] for path in paths]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--muster", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rules = ebnf()
    maker, earley = Maker(rules, args.seed), Earley(rules)
    good = [maker.module() for _ in range(args.count)]
    changed = [maker.change(words) for words in good for _ in range(2)]
    changed = [words for words in changed if not is_ambiguous(words)]
    failed = agreed = refused = 0
    for words, errors in zip(good, errors_of(args.muster, [" ".join(words) for words in good])):
        if any(not error.startswith(UNJUDGED) for error in errors):
            print(f"derived, not accepted: {' '.join(words)}\n    {errors[0]}")
            failed += 1
    for words, errors in zip(changed, errors_of(args.muster, [" ".join(w) for w in changed])):
        if any(error.startswith(UNJUDGED) for error in errors):
            continue
        derived = earley.accepts(words, is_lenient=not errors)
        if derived != (not errors):
            what = "derived, not accepted" if derived else "accepted, not derived"
            print(f"{what}: {' '.join(words)}" + (f"\n    {errors[0]}" if errors else ""))
            failed += 1
        agreed, refused = agreed + derived, refused + (not derived)
    print(f"{len(good)} modules of the grammar, {agreed} changed ones that it derives too, "
          f"{refused} that it does not: {failed} differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
