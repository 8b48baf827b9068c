# SPDX-License-Identifier: Apache-2.0
"""Random items: enums, facts, tables, lets, defs, policies, decisions."""

from generate_expressions import ExpressionGenerator
from generate_pools import csv_cell, join, ORDERED, quote, SCALARS, unquote


class Fact:
    """A declared fact: where it is in the record, and its type."""

    def __init__(self, path, kind, extra=None):
        self.path, self.kind, self.extra = path, kind, extra


class Item:
    """An item of a module, and what other items it is made of (kept together when shrinking)."""

    def __init__(self, text, module="main"):
        self.text, self.module = text, module


class ItemGenerator(ExpressionGenerator):
    """Adds items, each using only what is there already."""

    # ---- items

    def add(self, text, module="main"):
        self.items.append(Item(text, module))

    def make_enums(self, module):
        for _ in range(self.random.randint(1, 2)):
            name = self.name("E")
            members = [self.name("m") for _ in range(self.random.randint(2, 4))]
            texts = []
            for i, member in enumerate(members):
                spellings = [quote("%s %d" % (name, i)), quote(str(self.names * 10 + i))][
                    : self.random.randint(0, 2)
                ]
                texts.append(member + (" = " + " | ".join(spellings) if spellings else ""))
            if self.chance(0.4):
                texts.append('unknown = "" | "n/a"')
            self.enums[name] = members
            self.add("enum %s { %s }" % (name, ", ".join(texts)), module)

    def make_records(self, module):
        if self.all and self.chance(0.5):
            name = self.name("R")
            fields = {
                self.name("f"): self.pick(SCALARS + list(self.enums))
                for _ in range(self.random.randint(2, 3))
            }
            keys = [
                "%s: %s%s" % (f, k, ' from "%sKey"' % f if self.chance(0.3) else "")
                for f, k in fields.items()
            ]
            self.records[name] = fields
            self.add("record %s { %s }" % (name, "  ".join(keys)), module)

    def make_group(self, module, first):
        group = self.name("g")
        base = group
        text = "facts %s" % group
        if first and self.chance(0.5):
            base, text = "", text + ' from ""'
        elif self.chance(0.3):
            base = self.pick(["a.b", "raw"]) + str(self.names)
            text += " from " + quote(base)
        body, observed = self.fact_lines(group, base, first)
        if self.all and self.chance(0.4):
            if observed and self.chance(0.5):
                text += " observed " + observed
            text += " stale after " + self.pick(["1 day", "7 days", "28 days", "1 second"])
            self.groups.append(group)
        self.add("%s {\n  %s\n}" % (text, "\n  ".join(body)), module)
        if first:
            self.add("subject %s.id" % group, module)

    def fact_lines(self, group, base, first):
        lines, observed = [], None
        if first:
            lines.append("id: text")
            self.facts.append(Fact(join(base, "id"), "subject"))
        for _ in range(self.random.randint(3, 6)):
            name = self.name("x")
            kind = self.pick(SCALARS + ["bool", "time", "version"] + list(self.enums) * 2)
            written, extra = kind, None
            if self.all and self.chance(0.22):
                element = self.pick(list(self.records) * 4 + SCALARS + list(self.enums))
                size = self.random.randint(1, 4)
                if element in self.records and self.chance(0.4):
                    written, kind, extra = element, "record", element
                else:
                    written, kind, extra = "list<%s, %d>" % (element, size), "list", (element, size)
            elif kind == "text" and self.all and self.chance(0.3):
                written = "text<20>"
            key = name if self.chance(0.7) else self.pick(["Key%s", "in.%s"]) % name
            default = ""
            if kind not in ("list", "record") and self.chance(0.2):
                default = " = " + self.expr(kind, 2)
            lines.append(
                "%s: %s%s%s"
                % (name, written, "" if key == name else " from " + quote(key), default)
            )
            self.facts.append(Fact(join(base, key), kind, extra))
            self.declare_fact("%s.%s" % (group, name), kind, extra)
            if kind == "time" and not default:
                observed = name
        return lines, observed

    def declare_fact(self, path, kind, extra):
        if kind == "list":
            self.lists.append({"path": path, "element": extra[0]})
        elif kind == "record":
            for field, of in self.records[extra].items():
                self.add_atom(of, "%s.%s" % (path, field))
        else:
            self.add_atom(kind, path)
            if kind not in ("list", "record"):
                self.printable.append(path)

    def make_sets(self, module):
        for _ in range(self.random.randint(0, 2)):
            name, kind = self.name("s"), self.pick(
                list(self.enums) * 3 + ["int", "text", "version"]
            )
            elements = [self.constant(kind) for _ in range(self.random.randint(1, 3))]
            same = [n for n, k in self.sets.items() if k == kind]
            if same and self.chance(0.3):
                elements.append(self.pick(same))
            if kind in self.enums and self.chance(0.1):
                elements.append("other")
            self.sets[name] = kind
            self.add("set %s: %s = {%s}" % (name, kind, ", ".join(elements)), module)

    def make_params(self, module):
        for _ in range(self.random.randint(0, 2) if self.all else 0):
            name, kind = self.name("p"), self.pick(SCALARS + list(self.enums))
            self.add("param %s: %s = %s" % (name, kind, self.constant(kind)), module)
            self.add_atom(kind, name)

    def make_table(self, module):
        name = self.name("t")
        columns = {
            self.name("c"): self.pick(
                ["int", "version", "date", "text", "time", "bool"] + list(self.enums)
            )
            for _ in range(self.random.randint(2, 4))
        }
        names = list(columns)
        key = self.pick(names) if self.chance(0.6) else None
        if key and columns[key] == "bool":
            key = None
        sortable = [c for c in names if columns[c] in ORDERED]
        ordered = self.pick(sortable) if sortable and self.chance(0.7) else None
        optional = {c for c in names if c not in (key, ordered) and self.chance(0.3)}
        computed = self.computed_columns(columns, module) if self.all else []
        rows = self.table_rows(columns, key, optional)
        parts = []
        for c in names:
            header = ' from "H %s"' % c if self.chance(0.3) else ""
            parts.append(
                ("key " if c == key else "")
                + "%s: %s%s%s" % (c, columns[c], " optional" if c in optional else "", header)
            )
        text = "table %s (%s)" % (name, ", ".join(parts + [part for _, _, part in computed]))
        text += " ordered by " + ordered if ordered else ""
        text += " at most 9 rows" if self.chance(0.3) else ""
        if self.chance(0.4):
            self.add("%s from %s" % (text, quote(name + ".csv")), module)
            self.csv[name + ".csv"] = (module, self.csv_text(parts, names, rows))
        else:
            self.add(
                "%s {\n%s}"
                % (
                    text,
                    "".join(
                        "  (%s)\n" % ", ".join("unknown" if cell is None else cell for cell in row)
                        for row in rows
                    ),
                ),
                module,
            )
        columns = dict(columns, **{c: k for c, k, _ in computed})
        self.tables.append({"name": name, "columns": columns, "key": key, "ordered": ordered})

    def computed_columns(self, columns, module):
        """Columns made of earlier ones, with operators and built-ins that need no fact."""
        found = []
        for column, kind in columns.items():
            if self.chance(0.25):
                forms = {
                    "int": ("int", "%s * 2 - 1"),
                    "date": ("time", "at(%s, 10:00, us_pacific)"),
                    "version": ("int", "part(%s, 2)"),
                    "text": ("int", "int(%s)"),
                    "time": ("date", "date(%s, europe_berlin)"),
                }
                if kind in forms:
                    of, form = forms[kind]
                    name = self.name("c")
                    found.append((name, of, "%s: %s = %s" % (name, of, form % column)))
        return found

    def table_rows(self, columns, key, optional):
        rows, keys = [], set()
        for _ in range(self.random.randint(1, 5)):
            row = []
            for column, kind in columns.items():
                row.append(None if column in optional and self.chance(0.4) else self.constant(kind))
                if column == key:
                    canonical = row[-1]
                    if kind == "version":  # 26100.0 and 26100 are one key
                        canonical = row[-1].rstrip("0").rstrip(".")
                    if canonical in keys:
                        row = None
                        break
                    keys.add(canonical)
            if row:
                rows.append(row)
        return rows

    def csv_text(self, parts, names, rows):
        """CSV as people write it: quotes where needed and sometimes where not, CRLF at times,
        extra columns."""
        end = self.pick(["\n", "\r\n"])
        header = [
            part.split('from "')[1].rstrip('"') if "from" in part else name
            for part, name in zip(parts, names)
        ]
        extra = self.chance(0.4)
        lines = [header + (["note"] if extra else [])]
        for row in rows:
            cells = ["" if cell is None else unquote(cell) for cell in row]
            lines.append(cells + (["see, below"] if extra else []))
        text = (
            end.join(",".join(csv_cell(cell, self.chance(0.1)) for cell in line) for line in lines)
            + end
        )
        return ("\ufeff" if self.chance(0.1) else "") + text

    def make_let(self, module):
        name = self.name("l")
        if self.all and self.chance(0.15):
            kind, slope = self.pick(["time", "duration"]), self.pick([1, -1])
            self.add("let %s = %s" % (name, self.ramp(kind, slope, 2)[0]), module)
            self.ramps.setdefault((kind, slope), []).append(name)
            return
        if self.all and self.tables and self.chance(0.25):
            ordered = [t for t in self.tables if t["ordered"]]
            if ordered:
                table = self.pick(ordered)
                row, condition = self.over_table(table, 2)
                self.add(
                    "let %s = %s(%s in %s where %s)"
                    % (name, self.pick(["first", "last"]), row, table["name"], condition),
                    module,
                )
                for column, kind in table["columns"].items():
                    self.add_atom(kind, "%s.%s" % (name, column))
                    self.printable.append("%s.%s" % (name, column))
                return
        kind = self.pick(["bool"] * 3 + SCALARS + list(self.enums))
        typed = ": " + kind if self.chance(0.4) else ""
        self.add("let %s%s = %s" % (name, typed, self.expr(kind, 3)), module)
        self.add_atom(kind, name)
        self.printable.append(name)

    def make_def(self, module):
        name = self.name("d")
        if self.all and self.chance(0.4):
            form = self.pick(["date(a)", "date(a, us_pacific)", "date(a, europe_london)"])
            operator = self.pick(["<", "<=", ">", ">=", "==", "!="])
            sides = (form, operator, "b") if self.chance(0.7) else ("b", operator, form)
            self.add("def %s(a: time, b: date): bool = %s" % (name, "%s %s %s" % sides), module)
            self.defs.append((name, ["time", "date"], "ramp"))
            return
        params = [
            (self.name("a"), self.pick(SCALARS + list(self.enums)))
            for _ in range(self.random.randint(1, 2))
        ]
        kind = self.pick(["bool", "bool", "int", "text"])
        before, self.locals = self.locals, [(k, n) for n, k in params]
        body = self.expr(kind, 2)
        self.locals = before
        self.add(
            "def %s(%s): %s = %s" % (name, ", ".join("%s: %s" % p for p in params), kind, body),
            module,
        )
        self.defs.append((name, [k for _, k in params], kind))

    def hole(self):
        choices = list(self.printable)
        if self.policies and self.chance(0.3):
            policy = self.pick(self.policies)[0]
            choices = [policy, policy + ".check"]
        versions = self.atoms.get("version")
        if versions and self.chance(0.2):
            choices = ["part(%s, 2)" % self.pick(versions)]
        if self.all and self.chance(0.2):
            choices = ["days(now - %s)" % t for t in self.atoms.get("time", [])] or choices
        return "{%s}" % self.pick(choices) if choices else ""

    def message(self):
        words = ["Because", "of", "C:\\x", "{{braces}}", '""quoted""', "\u00e4"]
        parts = self.random.sample(words, 2) + [
            self.hole() for _ in range(self.random.randint(0, 2))
        ]
        self.random.shuffle(parts)
        return '"%s"' % " ".join(parts)

    def make_policy(self, module="main"):
        name = self.name("policy")
        outcomes = [self.name("o") for _ in range(3)]
        lines = []
        for word, outcome, label in zip(
            ["pass", "fail", "unknown"], outcomes, ["Good", "Bad ({check})", "{check}: open"]
        ):
            lines.append("%s %s%s" % (word, outcome, ' "%s"' % label if self.chance(0.6) else ""))
        checks = []
        for _ in range(self.random.randint(1, 4)):
            check = self.name("k")
            word = "advise" if self.all and self.chance(0.2) else "check"
            lines.append(self.check_text(word, check))
            if word == "check":
                checks.append(check)
        if self.all and self.policies and self.chance(0.4):
            other, _, inner = self.pick(self.policies)
            dropped = self.random.sample(inner, 1) if len(inner) > 1 and self.chance(0.6) else []
            path = (
                "parts.lib." + other if self.homes[other] != module and self.chance(0.5) else other
            )
            lines.append(
                "include %s%s" % (path, " except " + ", ".join(dropped) if dropped else "")
            )
            checks += [check for check in inner if check not in dropped]
        self.add('policy %s "Title" {\n  %s\n}' % (name, "\n  ".join(lines)), module)
        self.policies.append((name, outcomes[:2], checks))
        self.homes[name] = module

    def check_text(self, word, name):
        clauses = []
        if self.chance(0.25):
            clauses.append("undecided when %s because %s" % (self.expr("bool", 2), self.message()))
        for _ in range(self.random.randint(0 if clauses else 1, 2)):
            clauses.append("require " + self.expr("bool", 3))
        for key, likely in (("reason", 0.8), ("remedy", 0.4), ("cite", 0.3)):
            if self.chance(likely):
                clauses.append("%s %s" % (key, self.message()))
        when = " when " + self.expr("bool", 2) if self.chance(0.35) else ""
        title = ' "The %s"' % name if self.chance(0.3) else ""
        return "%s %s%s%s {\n    %s\n  }" % (word, name, title, when, "\n    ".join(clauses))

    def make_decision(self, module="main"):
        name = self.name("decision")
        outcomes = [self.name("o") for _ in range(self.random.randint(1, 3))]
        labels = {o: ' "Label %s"' % o for o in outcomes if self.chance(0.4)}
        fields = {
            self.name("f"): self.pick(
                ["bool", "int", "text", "version", "date", "time", "duration", "month"]
                + list(self.enums)
            )
            for _ in range(self.random.randint(0, 3))
        }
        lines, written, used = [], set(), []
        for i in range(self.random.randint(1, 4)):
            lines.append(
                "when %s then %s"
                % (self.expr("bool", 3), self.result_text(outcomes, labels, fields, written, used))
            )
        lines.append("otherwise %s" % self.result_text(outcomes, labels, fields, written, used))
        self.add("decision %s {\n  %s\n}" % (name, "\n  ".join(lines)), module)
        taken = [o for o in outcomes if o in used]
        if taken:
            self.decisions.append((name, taken, fields))
        for field, kind in fields.items():
            if field in written:
                self.add_atom(kind, "%s.%s" % (name, field))

    def result_text(self, outcomes, labels, fields, written, used):
        if self.chance(0.12):
            return "unknown because " + self.message()
        outcome = self.pick(outcomes)
        used.append(outcome)
        label = labels.get(outcome, "")
        if label and self.chance(0.3):
            label = ""
        if label == "" and outcome in labels:
            labels.pop(outcome)  # written at no case so far: then at none
        chosen = [f for f in fields if self.chance(0.7)]
        self.random.shuffle(chosen)
        written.update(chosen)
        body = (
            " { %s }" % ", ".join("%s: %s" % (f, self.expr(fields[f], 2)) for f in chosen)
            if chosen
            else ""
        )
        because = " because " + self.message() if self.chance(0.5) else ""
        return outcome + label + body + because
