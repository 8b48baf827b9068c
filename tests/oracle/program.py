# SPDX-License-Identifier: Apache-2.0
"""A program: the root module with all it imports, its names, and the order of its declarations."""

import os

import calendar_
from lexer import RuleError, line_of
from parser import Parser
from values import SCALARS, EnumType

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = EnumType("weekday", [(day, []) for day in WEEKDAYS])
BUILTIN_TYPES = dict(SCALARS, weekday=WEEKDAY)

VALUE_ITEMS = {"let", "param", "set", "table", "facts", "policy", "decision"}
TYPE_ITEMS = {"enum", "record"}


class Module:
    """One file: its tree, its own names in three name spaces, and what it imports."""

    def __init__(self, tree, path, text):
        self.tree, self.path, self.text = tree, path, text
        self.name = tree.path
        self.prefix = ""  # what stands before its names in causes
        self.number = 0
        self.imports = []  # modules whose names are visible
        self.aliases = {}  # name -> module
        self.values, self.types, self.functions = {}, {}, {}
        for item in tree.items:
            item.module = self
            self.declare(item)

    def fail(self, node, message):
        raise RuleError("%s:%d: %s" % (self.path, line_of(self.text, node.at), message))

    def declare(self, item):
        space = (
            self.values
            if item.kind in VALUE_ITEMS
            else (
                self.types
                if item.kind in TYPE_ITEMS
                else self.functions if item.kind == "def" else None
            )
        )
        if space is None:
            return
        if any(name.lower() == item.name.lower() for name in space):
            self.fail(item, "%s is declared twice" % item.name)
        space[item.name] = item

    def items(self, kind):
        return [item for item in self.tree.items if item.kind == kind]

    def find(self, space, name, node):
        """The item that a name stands for: one's own first, then those of imports, which must be
        one."""
        if name in getattr(self, space):
            return getattr(self, space)[name]
        found = [
            getattr(module, space)[name]
            for module in self.imports
            if name in getattr(module, space) and not name.startswith("_")
        ]
        if len(found) > 1:
            self.fail(node, "%s comes from two imports" % name)
        return found[0] if found else None


class Program:
    """All modules in declaration order: each imported one before the one that imports it."""

    def __init__(self, path, search=(), params=None):
        self.search, self.params = list(search), dict(params or {})
        self.modules, self.loading = [], []
        self.root = self.load(path)
        for module in self.modules:
            module.prefix = "" if module is self.root else module.name + "."
        self.groups = self.collect_groups()
        self.subject = self.find_subject()

    def load(self, path):
        with open(path, "rb") as file:
            text = file.read().decode("utf-8")
        module = Module(Parser(text, path).file(), path, text)
        self.loading.append(module.name)
        for item in module.items("import"):
            self.link(module, item)
        self.loading.pop()
        module.number = len(self.modules)
        self.modules.append(module)
        return module

    def link(self, module, item):
        if item.path in self.loading:
            module.fail(item, "import cycle through " + item.path)
        imported = next((m for m in self.modules if m.name == item.path), None)
        if imported is None:
            imported = self.load(self.locate(module, item))
        if imported.name != item.path:
            module.fail(item, "%s declares module %s" % (imported.path, imported.name))
        if item.alias:
            module.aliases[item.alias] = imported
        elif imported not in module.imports:
            module.imports.append(imported)

    def locate(self, module, item):
        below = item.path.replace(".", "/") + ".muster"
        for folder in self.search:
            if os.path.exists(os.path.join(folder, below)):
                return os.path.join(folder, below)
        return module.fail(item, "module %s not found" % item.path)

    def collect_groups(self):
        groups = {}
        for module in self.modules:
            for group in module.items("facts"):
                if group.name in groups:
                    module.fail(group, "group %s is declared twice" % group.name)
                groups[group.name] = group
        return groups

    def find_subject(self):
        found = [item for module in self.modules for item in module.items("subject")]
        own = [item for item in found if item.module is self.root]
        if not own and len(found) > 1:
            self.root.fail(found[0], "two imported modules declare a subject")
        return (own or found or [None])[0]

    @property
    def identity(self):
        return "%s@%s" % (self.root.name, calendar_.print_version(self.root.tree.version))
