# SPDX-License-Identifier: Apache-2.0
"""Rule files as trees: the items of section 2 of spec/language.md, one method for each."""

from syntax import ExpressionParser, Node


class Parser(ExpressionParser):
    """Reads one file."""

    # ---- items

    def file(self):
        module = self.module()
        module.items = []
        while self.token.kind != "END":
            module.items.append(self.item())
        return module

    def module(self):
        at = self.expect("module").at
        module = Node(
            "module", at, path=self.path(), version=(0, 0, 0, 0), effective=None, doc=None
        )
        if self.accept("version"):
            module.version = self.version_literal()
        while self.token.kind == "TEXT" or self.is_word("effective"):
            if self.accept("effective"):
                self.expect("from")
                module.effective = self.time_literal()
            else:
                module.doc = self.plain_text()
        return module

    def item(self):
        at = self.token.at
        word = self.take() if self.token.kind == "WORD" else None
        method = getattr(self, "item_" + word.text.replace(" ", "_"), None) if word else None
        if method is None:
            self.fail(
                "expected an item, found %r" % self.tokens[self.i - 1 if word else self.i], at
            )
        node = method()
        node.at = at
        return node

    def path(self):
        names = [self.name_()]
        while self.accept("."):
            names.append(self.name_())
        return ".".join(names)

    def item_import(self):
        path = self.path()
        return Node("import", 0, path=path, alias=self.name_() if self.accept("as") else None)

    def item_enum(self):
        node = Node("enum", 0, name=self.name_(), members=[], unknown_spellings=[])
        self.expect("{")
        while True:
            self.member(node)
            if not self.accept(",") or self.token.kind == "}":
                break
        self.expect("}")
        return node

    def member(self, node):
        if self.accept("unknown"):
            self.expect("=")
            node.unknown_spellings += self.spellings()
            return
        name = self.name_()
        node.members.append((name, self.spellings() if self.accept("=") else []))

    def spellings(self):
        found = [self.plain_text()]
        while self.accept("|"):
            found.append(self.plain_text())
        return found

    def item_record(self):
        node = Node("record", 0, name=self.name_(), fields=[])
        self.expect("{")
        while not self.accept("}"):
            at, name = self.token.at, self.entry_name()
            self.expect(":")
            kind = self.type()
            key = self.plain_text() if self.accept("from") else name
            self.optional_text()
            node.fields.append(Node("field", at, name=name, type_=kind, key=key))
        return node

    def item_facts(self):
        node = Node(
            "facts", 0, name=self.name_(), path=None, observed=None, stale_after=None, facts=[]
        )
        while self.token.kind != "{":
            if self.accept("from"):
                node.path = self.plain_text()
            elif self.accept("observed"):
                node.observed = self.name_()
            elif self.accept("stale"):
                self.expect("after")
                node.stale_after = self.expect("DURATION").value
            else:
                self.plain_text()
        self.expect("{")
        while not self.accept("}"):
            node.facts.append(self.fact())
        return node

    def fact(self):
        at, name = self.token.at, self.entry_name()
        self.expect(":")
        fact = Node("fact", at, name=name, type_=self.type(), key=name, default=None)
        while self.token.kind in ("=", "TEXT") or self.is_word("from"):
            if self.accept("from"):
                fact.key = self.plain_text()
            elif self.accept("="):
                fact.default = self.expr()
            else:
                self.plain_text()
        return fact

    def item_subject(self):
        return Node("subject", 0, path=self.path())

    def item_set(self):
        name = self.name_()
        self.expect(":")
        kind = self.type()
        self.expect("=")
        return Node("set", 0, name=name, type_=kind, elements=self.braces())

    def item_param(self):
        name = self.name_()
        self.expect(":")
        kind = self.type()
        self.expect("=")
        node = Node("param", 0, name=name, type_=kind, value=self.expr())
        self.optional_text()
        return node

    def item_table(self):
        node = Node(
            "table",
            0,
            name=self.name_(),
            columns=[],
            ordered_by=None,
            at_most=None,
            csv=None,
            rows=None,
        )
        self.expect("(")
        node.columns = self.separated(self.column, ")")
        while self.token.kind == "{" or self.is_word("ordered", "at", "from"):
            self.table_clause(node)
        if (node.csv is None) == (node.rows is None):
            self.fail("a table has `from` or rows")
        return node

    def table_clause(self, node):
        if self.accept("ordered"):
            self.expect("by")
            node.ordered_by = self.name_()
        elif self.accept("at"):
            self.expect("most")
            node.at_most = int(self.expect("INT").value)
            self.expect("rows")
        elif self.accept("from"):
            node.csv = self.plain_text()
        else:
            node.rows = self.rows()

    def column(self):
        at, is_key = self.token.at, bool(self.accept("key"))
        name = self.entry_name()
        self.expect(":")
        column = Node(
            "column",
            at,
            name=name,
            is_key=is_key,
            type_=self.type(),
            optional=False,
            header=name,
            value=None,
        )
        while self.token.kind == "=" or self.is_word("optional", "from"):
            if self.accept("optional"):
                column.optional = True
            elif self.accept("from"):
                column.header = self.plain_text()
            elif self.accept("="):
                column.value = self.expr()
        return column

    def rows(self):
        self.expect("{")
        rows = []
        while not self.accept("}"):
            self.expect("(")
            rows.append(self.separated(self.cell, ")"))
        return rows

    def cell(self):
        unknown = self.accept("unknown")
        return Node("unknown", unknown.at) if unknown else self.expr()

    def item_let(self):
        node = Node("let", 0, name=self.name_(), type_=None)
        if self.accept(":"):
            node.type_ = self.type()
        self.expect("=")
        node.value = self.expr()
        return node

    def item_def(self):
        name = self.name_()
        self.expect("(")
        params = [] if self.accept(")") else self.separated(self.parameter, ")")
        self.expect(":")
        kind = self.type()
        self.expect("=")
        return Node("def", 0, name=name, params=params, type_=kind, value=self.expr())

    def parameter(self):
        name = self.name_()
        self.expect(":")
        return name, self.type()

    # ---- policies and decisions

    def item_policy(self):
        node = Node("policy", 0, name=self.name_(), outcomes={}, entries=[])
        self.optional_text()
        self.expect("{")
        while self.is_word("pass", "fail", "unknown"):
            kind = self.take().text
            if kind in node.outcomes:
                self.fail("%s stands once" % kind)
            node.outcomes[kind] = (self.name_(), self.optional_label())
        if len(node.outcomes) != 3:
            self.fail("a policy begins with pass, fail and unknown")
        while not self.accept("}"):
            node.entries.append(self.entry())
        return node

    def optional_label(self):
        token = self.accept("TEXT")
        return self.split_holes(token) if token else None

    def entry(self):
        at = self.token.at
        if self.accept("include"):
            node = Node("include", at, path=self.path(), excepted=[])
            if self.accept("except"):
                node.excepted = [self.name_()]
                while self.accept(","):
                    node.excepted.append(self.name_())
            return node
        if not self.is_word("check", "advise"):
            self.fail("expected check, advise or include, found %r" % self.token)
        node = Node(
            self.take().text,
            at,
            name=self.name_(),
            when=None,
            undecided=[],
            require=[],
            reason=None,
            remedy=None,
            cite=None,
        )
        self.optional_text()
        if self.accept("when"):
            node.when = self.expr()
        self.expect("{")
        while not self.accept("}"):
            self.clause(node)
        if not node.require and not node.undecided:
            self.fail("a check has a require or an undecided", at)
        return node

    def clause(self, check):
        if self.accept("undecided"):
            self.expect("when")
            condition = self.expr()
            self.expect("because")
            check.undecided.append((condition, self.message()))
        elif self.accept("require"):
            check.require.append(self.expr())
        elif self.is_word("reason", "remedy", "cite"):
            word = self.take().text
            if getattr(check, word) is not None:
                self.fail("%s stands once" % word)
            setattr(check, word, self.message())
        else:
            self.fail("expected a clause, found %r" % self.token)

    def item_decision(self):
        node = Node("decision", 0, name=self.name_(), cases=[])
        self.optional_text()
        self.expect("{")
        while self.is_word("when"):
            at = self.take().at
            when = self.expr()
            self.expect("then")
            node.cases.append(self.result(at, when))
        at = self.expect("otherwise").at
        node.cases.append(self.result(at, None))
        self.expect("}")
        return node

    def result(self, at, when):
        case = Node("case", at, when=when, outcome=None, label=None, fields=[], because=None)
        if self.accept("unknown"):
            self.expect("because")
            case.because = self.message()
            return case
        case.outcome = self.name_()
        case.label = self.optional_text()
        if self.accept("{"):
            while self.token.kind != "}":
                case.fields.append(self.field())
                if not self.accept(","):
                    break
            self.expect("}")
        if self.accept("because"):
            case.because = self.message()
        return case

    def field(self):
        name = self.entry_name()
        self.expect(":")
        return name, self.expr()

    # ---- tests: read, so that a file with tests is accepted; the oracle does not run them

    def item_fixture(self):
        node = Node("fixture", 0, name=self.name_(), clauses=[])
        self.expect("{")
        while not self.accept("}"):
            node.clauses.append(self.given())
        return node

    def item_test(self):
        node = Node("test", 0, title=self.plain_text(), names=[], rows=[[]], clauses=[])
        if self.accept("for"):
            self.expect("(")
            node.names = self.separated(self.name_, ")")
            self.expect("in")
            node.rows = self.rows()
        self.expect("{")
        while not self.accept("}"):
            node.clauses.append(self.test_clause())
        return node

    def test_clause(self):
        at = self.token.at
        if self.accept("at"):
            return Node("at", at, time=self.test_time())
        if self.accept("given"):
            return self.given()
        self.expect("expect")
        value = self.expr(in_test=True)
        if self.accept("has"):
            return Node("expect_has", at, value=value, name=self.path())
        return Node("expect", at, value=value)

    def test_time(self):
        """A time, or the name of a `for` that a row's cell replaces."""
        return self.name_() if self.token.kind == "NAME" else self.time_literal()

    def given(self):
        at, path = self.token.at, self.path()
        if self.accept("observed"):
            return Node("given_observed", at, path=path, time=self.test_time())
        if not self.accept("="):
            return Node("given_fixture", at, path=path)
        return Node("given", at, path=path, value=self.value())

    def value(self):
        at = self.token.at
        if self.accept("unknown"):
            return Node("unknown", at)
        if self.accept("raw"):
            return Node("raw", at, text=self.plain_text())
        if self.accept("["):
            return Node(
                "list", at, elements=[] if self.accept("]") else self.separated(self.value, "]")
            )
        if self.accept("{"):
            return Node("record_value", at, fields=self.separated(self.value_field, "}"))
        return self.expr()

    def value_field(self):
        name = self.entry_name()
        self.expect(":")
        return name, self.value()
