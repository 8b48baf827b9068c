# SPDX-License-Identifier: Apache-2.0
"""Random well-typed rule files with fact records, for the differential test.

A seed makes one Case: files (name -> text), records (JSON lines) and instants. Everything is
chosen by one random generator in a fixed order, so a seed is a reproduction. `core1` keeps to the
first part of the language.

    generate.py --seed 7 [--features core1|all] [--out DIR]
"""

import argparse
import os

from generate_items import ItemGenerator
from generate_pools import (
    DATES,
    DURATIONS,
    INSTANTS,
    INTS,
    INVALID,
    merge,
    MONTHS,
    quote_json,
    RARE_DATES,
    RARE_INSTANTS,
    RARE_INTS,
    RARE_MONTHS,
    RARE_TIMES,
    TIMES,
    VERSIONS,
    WORDS,
)


class Case:
    """One program with its records and instants."""

    def __init__(self):
        self.files, self.records, self.instants = {}, [], []
        self.root, self.main = "", ""

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        for name, text in self.files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        with open(os.path.join(folder, "facts.ndjson"), "w", encoding="utf-8", newline="") as file:
            file.write("".join(record + "\n" for record in self.records))


class Generator(ItemGenerator):
    """Builds one case: rules, records and instants."""

    # ---- records

    def value(self, fact):
        """The JSON text of a value for a fact; None for absent."""
        if fact.kind == "subject":
            return None
        roll = self.random.random()
        if roll < 0.10:
            return None
        if roll < 0.15:
            return "null"
        if roll < 0.22:
            return self.pick(INVALID)
        if fact.kind == "list":
            elements = [
                self.scalar(fact.extra[0]) for _ in range(self.random.randint(0, fact.extra[1] + 1))
            ]
            return (
                elements[0]
                if len(elements) == 1 and self.chance(0.4)
                else "[%s]" % ",".join(elements)
            )
        if fact.kind == "record":
            return self.record_value(fact.extra)
        return self.scalar(fact.kind)

    def record_value(self, name):
        pairs = []
        written = next(
            item.text for item in self.items if item.text.startswith("record %s " % name)
        )
        for field, kind in self.records[name].items():
            if self.chance(0.8):
                key = field + "Key" if '"%sKey"' % field in written else field
                pairs.append('"%s":%s' % (key, self.scalar(kind)))
        return "{%s}" % ",".join(pairs)

    def scalar(self, kind):
        rare = self.chance(0.05)
        if self.chance(0.04):
            return self.pick(["null"] + INVALID)
        if kind in self.records:
            return self.record_value(kind)
        if kind in self.enums:
            return self.enum_value(kind)
        if kind == "bool":
            return self.pick(
                ["true", "false", "true", "false", '"yes"', '"No"', "1", "0", '"TRUE"', '"0"']
            )
        if kind == "int":
            digits = self.pick(
                RARE_INTS + ["-9223372036854775808"] if rare else INTS + ["-1", "-3"]
            )
            return self.pick([digits, digits, '"%s"' % digits, digits + ".0", digits + "e0"])
        if kind == "text":
            return self.pick(
                [quote_json(self.pick(WORDS)), quote_json(self.pick(WORDS)), "42", "1.50", "true"]
            )
        pools = {
            "version": VERSIONS + ["26100", "26100.4929.0"],
            "date": RARE_DATES if rare else DATES,
            "month": RARE_MONTHS if rare else MONTHS,
            "duration": (
                ["P50000000000000D", "P3000000D"]
                if rare
                else DURATIONS + ["P7D", "PT36H", "P1DT2H3M4S", "P0D", "P28D"]
            ),
            "time": (
                RARE_TIMES
                if rare
                else TIMES + ["2026-08-15T02:00:00+02:00", "2026-08-14t23:59:60.5z"]
            ),
        }
        return '"%s"' % self.pick(pools[kind])

    def enum_value(self, kind):
        texts = list(self.enums[kind])
        written = next(item.text for item in self.items if item.text.startswith("enum %s " % kind))
        texts += [part for part in written.split('"')[1::2]]
        if self.chance(0.15):
            return quote_json(self.pick(["SomethingNew", "w" * 64, "w" * 65, "77"]))
        text = self.pick(texts)
        if text.isdigit() and self.chance(0.5):
            return text
        return quote_json(text.upper() if self.chance(0.2) else text)

    def record(self, number):
        """One record as a JSON line: nested and dotted keys, keys in any order, unread keys."""
        pairs = []
        for fact in self.facts:
            value = '"D-%d"' % number if fact.kind == "subject" else self.value(fact)
            if value is not None:
                pairs.append((fact.path, value))
                if self.chance(0.02) and fact.kind != "subject":
                    pairs.append((fact.path, self.value(fact) or "null"))
        if self.chance(0.3):
            self.random.shuffle(pairs)
        members = [self.member(path, value) for path, value in merge(pairs, self.chance(0.5))]
        if self.groups and self.chance(0.6):
            observed = [
                '"%s":%s'
                % (
                    g,
                    self.pick(
                        ['"%s"' % self.pick(TIMES), '"%s"' % self.pick(TIMES), "null", '"soon"']
                    ),
                )
                for g in self.groups
                if self.chance(0.7)
            ]
            members.append('"observed":{%s}' % ",".join(observed))
        if self.chance(0.3):
            members.insert(0, '"unread":{"deep":[1,{"x":null}],"t":"\\u00e4\\n"}')
        return "{%s}" % ",".join(members)

    def member(self, path, value):
        if "." in path and self.chance(0.7):
            head, tail = path.split(".", 1)
            return '"%s":{%s}' % (head, self.member(tail, value))
        return '"%s":%s' % (path, value)

    # ---- the whole

    def case(self, record_count=20):
        """Build everything in an order in which each item only uses what is there already."""
        library = "lib" if self.all and self.chance(0.35) else "main"
        self.make_enums(library)
        self.make_records(library)
        self.make_sets(library)
        self.make_params(library)
        for _ in range(self.random.randint(0, 2)):
            self.make_table(library)
        for number in range(self.random.randint(1, 3)):
            self.make_group(library, number == 0)
        for _ in range(self.random.randint(0, 2)):
            self.make_def(library)
        for _ in range(self.random.randint(0, 2)):
            self.make_let(library)
        if library == "lib" and self.chance(0.5):
            self.make_policy("lib")
            if self.chance(0.5):
                self.make_decision("lib")
        for _ in range(self.random.randint(0, 3)):
            self.pick([self.make_let, self.make_let, self.make_def])("main")
        for _ in range(self.random.randint(1, 2)):
            self.make_policy()
        if self.chance(0.4):
            self.make_let("main")
        for _ in range(self.random.randint(0 if len(self.policies) > 1 else 1, 2)):
            self.make_decision()
        if self.all and self.chance(0.25):
            self.make_policy()
        return self.assemble(library, record_count)

    def assemble(self, library, record_count):
        case = Case()
        case.main = "trial.main"
        case.root = "main.muster"
        parts = [item.text for item in self.items if item.module == "main"]
        if self.chance(0.3):
            self.random.shuffle(parts)
        head = "module trial.main version %s\n" % self.pick(["1.0", "2026.11", "3"])
        if library == "lib":
            head += "import parts.lib\n"
            case.files["parts/lib.muster"] = (
                "module parts.lib version 1.0\n\n"
                + "\n\n".join(item.text for item in self.items if item.module == "lib")
                + "\n"
            )
        case.files["main.muster"] = head + "\n" + "\n\n".join(parts) + "\n"
        for name, (module, text) in self.csv.items():
            case.files[name if module == "main" else "parts/" + name] = text
        case.instants = self.random.sample(sorted(set(INSTANTS)), 2)
        if self.chance(0.3):
            case.instants[1] = self.pick(RARE_INSTANTS)
        case.records = [self.record(number) for number in range(record_count)]
        return case


def generate(seed, features="all", record_count=20):
    return Generator(seed, features).case(record_count)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--features", choices=["core1", "all"], default="all")
    parser.add_argument("--out")
    options = parser.parse_args()
    case = generate(options.seed, options.features)
    if options.out:
        case.write(options.out)
        return
    for name, text in case.files.items():
        print("# ---- %s\n%s" % (name, text))
    print("# ---- instants: %s" % " ".join(case.instants))
    print("\n".join(case.records))


if __name__ == "__main__":
    main()
