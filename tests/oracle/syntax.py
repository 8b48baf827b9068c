# SPDX-License-Identifier: Apache-2.0
"""Trees of expressions, types and messages, after section 2 of spec/language.md.

One method for each rule of the grammar; `parser.py` adds the items. Nodes are plain objects with a
`kind`; names are not looked up and types not known here.
"""

import calendar_
from lexer import RuleError, Token, fail, tokens_of


class Node:
    """A piece of a rule file: `kind`, `at` (offset in its file), and what the kind needs."""

    def __init__(self, kind, at, **parts):
        self.kind, self.at = kind, at
        self.__dict__.update(parts)

    def __repr__(self):
        return "<%s at %d>" % (self.kind, self.at)


class ExpressionParser:
    """Reads the tokens of one file from left to right, with one token of look-ahead."""

    def __init__(self, text, name):
        self.text, self.name = text, name
        self.tokens, self.i = tokens_of(text, name), 0

    # ---- tokens

    @property
    def token(self):
        return self.tokens[self.i]

    def fail(self, message, at=None):
        fail(self.name, self.text, self.token.at if at is None else at, message)

    def is_word(self, *words):
        return self.token.kind == "WORD" and self.token.text in words

    def take(self):
        token = self.token
        self.i += 1
        return token

    def accept(self, kind):
        """Take the token if it is this symbol or reserved word."""
        if self.token.kind == kind or self.is_word(kind):
            return self.take()
        return None

    def expect(self, kind):
        token = self.accept(kind)
        if token is None:
            self.fail("expected %s, found %r" % (kind, self.token))
        return token

    def name_(self):
        return self.expect("NAME").text

    def entry_name(self):
        """The name before a colon; there the words for values are names as well."""
        if self.is_word("true", "false", "now", "unknown") and self.tokens[self.i + 1].kind == ":":
            return self.take().text
        return self.name_()

    def separated(self, method, end):
        found = [method()]
        while self.accept(",") and self.token.kind != end:
            found.append(method())
        self.expect(end)
        return found

    def optional_text(self):
        token = self.accept("TEXT")
        return self.plain(token) if token else None

    def plain_text(self):
        return self.plain(self.expect("TEXT"))

    def plain(self, token):
        """The text of a token that may hold no hole."""
        parts = self.split_holes(token)
        if any(not isinstance(part, str) for part in parts):
            self.fail("{...} stands in messages only", token.at)
        return "".join(parts)

    # ---- types

    def type(self):
        at = self.token.at
        if self.accept("version"):
            return Node("type", at, path="version", size=None, element=None)
        node = Node("type", at, path=self.path(), size=None, element=None)
        if node.path == "list":
            self.expect("<")
            node.element = self.type()
            self.expect(",")
            node.size = int(self.expect("INT").value)
            self.expect(">")
        elif node.path == "text" and self.accept("<"):
            node.size = int(self.expect("INT").value)
            self.expect(">")
        return node

    # ---- expressions, loosest first

    def expr(self, in_test=False):
        at = self.token.at
        if self.accept("if"):
            condition = self.expr()
            self.expect("then")
            yes = self.expr()
            self.expect("else")
            return Node("if", at, condition=condition, yes=yes, no=self.expr())
        return self.or_(in_test)

    def chain(self, below, words):
        left = below()
        while self.token.kind in words or self.is_word(*words):
            operator = self.take()
            left = Node("binary", operator.at, op=operator.text, left=left, right=below())
        return left

    def or_(self, in_test):
        return self.chain(lambda: self.and_(in_test), ("or",))

    def and_(self, in_test):
        return self.chain(lambda: self.not_(in_test), ("and",))

    def not_(self, in_test):
        at = self.token.at
        if self.accept("not"):
            return Node("not", at, value=self.not_(in_test))
        return self.compare(in_test)

    def compare(self, in_test):
        left = self.coalesce()
        at = self.token.at
        if self.token.kind in ("==", "!=", "<", "<=", ">", ">="):
            left = self.comparison(left, in_test)
        elif self.is_word("in", "not in"):
            word = self.take().text
            node = Node("in", at, value=left, elements=None, source=None)
            if self.token.kind == "{":
                node.elements = self.braces()
            else:
                node.source = self.postfix()
            left = node if word == "in" else Node("not", at, value=node)
        elif self.accept("like"):
            left = Node("like", at, value=left, pattern=self.plain_text())
        elif self.accept("within"):
            left = Node("within", at, value=left, parts=self.within_parts())
        elif self.is_word("is", "is not"):
            word = self.take().text
            self.expect("unknown")
            node = Node("is_unknown", at, value=left)
            left = node if word == "is" else Node("not", at, value=node)
        else:
            return left
        if self.token.kind in ("==", "!=", "<", "<=", ">", ">=") or self.is_word(
            "in", "not in", "like", "within", "is", "is not"
        ):
            self.fail("comparisons do not chain")
        return left

    def comparison(self, left, in_test):
        operator = self.take()
        if self.is_word("unknown"):
            if not in_test:
                self.fail("write `x is unknown`")
            return Node(
                "binary",
                operator.at,
                op=operator.text,
                left=left,
                right=Node("unknown", self.take().at),
            )
        return Node("binary", operator.at, op=operator.text, left=left, right=self.coalesce())

    def within_parts(self):
        if self.token.kind not in ("VERSION", "INT"):
            self.fail("the right side of `within` is a version literal")
        parts = [int(part) for part in self.take().text.split(".")]
        if max(parts) > 65535:
            self.fail("parts of a version are 0 to 65535")
        return parts

    def coalesce(self):
        return self.chain(self.sum, ("??",))

    def sum(self):
        return self.chain(self.product, ("+", "-"))

    def product(self):
        return self.chain(self.unary, ("*", "/", "%"))

    def unary(self):
        at = self.token.at
        if self.accept("-"):
            return Node("negate", at, value=self.unary())
        return self.postfix()

    def postfix(self):
        node = self.primary()
        while self.token.kind in (".", "["):
            at = self.take().at
            if self.tokens[self.i - 1].kind == ".":
                node = Node("member", at, value=node, name=self.name_())
            else:
                node = Node("lookup", at, value=node, key=self.expr())
                self.expect("]")
            if self.token.kind == "(":
                node = self.call(node)
        return node

    def primary(self):
        token = self.token
        if token.kind in LITERALS:
            return self.literal()
        if token.kind == "NAME":
            node = Node("name", self.take().at, name=token.text)
            return self.call(node) if self.token.kind == "(" else node
        if token.kind == "(":
            self.take()
            node = self.expr()
            self.expect(")")
            return node
        if self.is_word("true", "false"):
            return Node("literal", self.take().at, type_name="bool", value=token.text == "true")
        if self.is_word("now"):
            return Node("now", self.take().at)
        if self.is_word("any", "all", "count", "first", "last", "min", "max", "sum"):
            return self.quantifier()
        return self.fail("expected an expression, found %r" % token)

    def call(self, target):
        at = self.expect("(").at
        arguments = [] if self.accept(")") else self.separated(self.argument, ")")
        return Node("call", at, target=target, arguments=arguments)

    def argument(self):
        if self.token.kind == "CLOCK":
            token = self.take()
            hour, minute = int(token.text[:2]), int(token.text[3:])
            if hour > 23 or minute > 59:
                self.fail("no such time of day", token.at)
            return Node("clock", token.at, seconds=hour * 3600 + minute * 60)
        return self.expr()

    def quantifier(self):
        word = self.take()
        self.expect("(")
        node = Node(
            "quantifier", word.at, op=word.text, name=self.name_(), condition=None, value=None
        )
        self.expect("in")
        node.source = self.postfix()
        if node.op in ("any", "all", "count"):
            self.expect(":")
            node.condition = self.expr()
        elif node.op in ("first", "last"):
            self.expect("where")
            node.condition = self.expr()
        else:
            if self.accept("where"):
                node.condition = self.expr()
            self.expect(":")
            node.value = self.expr()
        self.expect(")")
        return node

    def braces(self):
        self.expect("{")
        found = [self.expr()]
        while self.accept(",") and self.token.kind != "}":
            found.append(self.expr())
        self.expect("}")
        return found

    # ---- literals

    def literal(self):
        token = self.take()
        try:
            value = LITERALS[token.kind](token)
        except (ValueError, OverflowError):
            value = None
        if value is None:
            self.fail("%s is no %s" % (token.text, token.kind.lower()), token.at)
        return Node("literal", token.at, type_name=token.kind.lower(), value=value)

    def version_literal(self):
        if self.token.kind not in ("VERSION", "INT"):
            self.fail("expected a version")
        token = self.take()
        version = calendar_.version_of(token.text)
        if version is None:
            self.fail("%s is no version" % token.text, token.at)
        return version

    def time_literal(self):
        node = self.literal()
        if node.type_name != "time":
            self.fail("expected a time", node.at)
        return node.value

    # ---- messages

    def message(self):
        return self.split_holes(self.expect("TEXT"))

    def split_holes(self, token):
        """A text as a list of plain strings and hole expressions."""
        parts, text, i = [""], token.value, 0
        while i < len(text):
            pair = text[i : i + 2]
            if pair in ("{{", "}}"):
                parts[-1] += text[i]
                i += 2
            elif text[i] == "{":
                end = text.find("}", i)
                if end < 0:
                    self.fail("a { without }", token.at)
                parts += [self.hole(text[i + 1 : end], token), ""]
                i = end + 1
            elif text[i] == "}":
                self.fail("a single } in a text; write }}", token.at)
            else:
                parts[-1] += text[i]
                i += 1
        return [part for part in parts if part != ""]

    def hole(self, text, token):
        """What stands between the braces of a message: a name, a path, a lookup or a call."""
        if '"' in text or "{" in text:
            self.fail("a hole holds no text and no braces", token.at)
        inner = ExpressionParser.__new__(ExpressionParser)
        inner.text, inner.name, inner.i = text, self.name, 0
        try:
            inner.tokens = tokens_of(text, self.name)
            if len(inner.tokens) == 2 and inner.tokens[0].kind == "WORD":
                inner.tokens[0] = Token("NAME", inner.tokens[0].text, 0, inner.tokens[0].text)
            if inner.token.kind != "NAME":
                inner.fail("expected a name, a path or a call")
            node = inner.postfix()
            inner.expect("END")
        except RuleError as error:
            self.fail("in {%s}: %s" % (text, error), token.at)
        return node


LITERALS = {
    "INT": lambda token: int(token.text),
    "VERSION": lambda token: calendar_.version_of(token.text),
    "DATE": lambda token: calendar_.date_of(token.text),
    "MONTH": lambda token: calendar_.month_of(token.text),
    "TIME": lambda token: None if token.text[17:19] == "60" else calendar_.time_of(token.text),
    "DURATION": lambda token: token.value,
    "TEXT": lambda token: plain_literal(token),
}


def plain_literal(token):
    """The value of a text literal in an expression: braces doubled, no holes."""
    bare = token.value.replace("{{", "").replace("}}", "")
    if "{" in bare or "}" in bare:
        raise ValueError("hole in a text that is no message")
    return token.value.replace("{{", "{").replace("}}", "}")
