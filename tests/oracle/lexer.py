# SPDX-License-Identifier: Apache-2.0
"""Tokens of a rule file, after section 1 of spec/language.md.

Here is only what turns text into tokens; what a token means is the parser's business.
"""

import re


class RuleError(Exception):
    """A rule file that is not valid; the message begins with file and line."""


RESERVED = frozenset("""
    advise after all and any as at because by check cite count decision def effective else enum
    except expect facts fail first fixture for from given has if import in include is key last let
    like max min module most not now observed optional or ordered otherwise param pass policy raw
    reason record remedy require rows set stale subject sum table test then true undecided unknown
    version when where within false
    """.split())

NEVER_PLAIN_BEFORE_COLON = frozenset(("true", "false", "now", "unknown"))

WHITE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RUN = re.compile(r"[0-9](?:[0-9A-Za-z_]|[.:\-](?=[0-9A-Za-z_]))*")
TEXT = re.compile(r'"((?:[^"\n]|"")*)"')
UNIT = re.compile(r"[ \t]+(second|minute|hour|day|week)s?(?![A-Za-z0-9_])")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
TIME_HEAD = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\Z")
PLUS_OFFSET = re.compile(r"\+\d\d:\d\d(?![0-9A-Za-z_])")
SYMBOL = re.compile(r"==|!=|<=|>=|\?\?|[{}()\[\]<>.,:|=+\-*/%]")
BAD_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f]")

RUN_KINDS = (
    ("INT", re.compile(r"[0-9]+")),
    ("VERSION", re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){1,3}")),
    ("DATE", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("MONTH", re.compile(r"[0-9]{4}-[0-9]{2}")),
    ("TIME", TIME),
    ("CLOCK", re.compile(r"[0-9]{2}:[0-9]{2}")),
)

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


class Token:
    """One token: `kind` is NAME, WORD (reserved), a literal's kind, TEXT, the symbol itself, or
    END."""

    __slots__ = ("kind", "text", "value", "at")

    def __init__(self, kind, text, at, value=None):
        self.kind, self.text, self.at, self.value = kind, text, at, value

    def __repr__(self):
        return self.text or "end of file"


def line_of(text, at):
    """Line number of an offset, worked out only when a message needs it."""
    return text.count("\n", 0, at) + 1


def fail(name, text, at, message):
    """Raise the error of a rule file at an offset."""
    raise RuleError("%s:%d: %s" % (name, line_of(text, at), message))


def tokens_of(text, name):
    """All tokens of a file, ending with END; reserved words are settled as WORD or NAME."""
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    bad = BAD_CHARACTER.search(text)
    if bad:
        fail(name, text, bad.start(), "character U+%04X is not allowed" % ord(bad.group()))
    tokens, at = [], 0
    while True:
        at = WHITE.match(text, at).end()
        if at == len(text):
            break
        token, at = next_token(text, at, name)
        tokens.append(token)
    tokens.append(Token("END", "", len(text)))
    return settle_words(tokens)


def next_token(text, at, name):
    """The token at an offset, and the offset after it."""
    word = WORD.match(text, at)
    if word:
        return word_token(word, at, name, text), word.end()
    if text[at].isdigit() and text[at] < "\u0080":
        return run_token(text, at, name)
    quoted = TEXT.match(text, at)
    if quoted:
        inner = quoted.group(1).replace('""', '"')
        if len(inner.encode("utf-8")) > 4096:
            fail(name, text, at, "a text has at most 4096 bytes")
        return Token("TEXT", quoted.group(), at, inner), quoted.end()
    symbol = SYMBOL.match(text, at)
    if not symbol:
        fail(name, text, at, "unexpected character %r" % text[at])
    return Token(symbol.group(), symbol.group(), at), symbol.end()


def word_token(word, at, name, text):
    """A name or a reserved word; which of them is settled later."""
    if len(word.group()) > 64:
        fail(name, text, at, "a name has at most 64 bytes")
    kind = "WORD" if word.group() in RESERVED else "NAME"
    return Token(kind, word.group(), at, word.group())


def run_token(text, at, name):
    """A run that begins with a digit: one literal or one error."""
    run = RUN.match(text, at)
    end, found = run.end(), run.group()
    if TIME_HEAD.match(found):
        offset = PLUS_OFFSET.match(text, end)
        if offset:
            end, found = offset.end(), found + offset.group()
    for kind, pattern in RUN_KINDS:
        if pattern.fullmatch(found):
            break
    else:
        fail(name, text, at, "%r is no literal" % found)
    if kind == "INT":
        unit = UNIT.match(text, end)
        if unit:
            return duration_token(text, at, unit, found, name)
        if int(found) > 2**63 - 1:
            fail(name, text, at, "number too large")
    return Token(kind, found, at, found), end


def duration_token(text, at, unit, digits, name):
    """`7 days`, one token."""
    seconds = int(digits) * SECONDS[unit.group(1)]
    if seconds > 2**63 - 1:
        fail(name, text, at, "duration too long")
    return Token("DURATION", text[at : unit.end()], at, seconds), unit.end()


def settle_words(tokens):
    """Apply the three exceptions for reserved words, and join `not in` and `is not`."""
    result = []
    for i, token in enumerate(tokens):
        if token.kind == "WORD" and is_plain(tokens, i):
            token.kind = "NAME"
        if token.kind == "WORD" and result and result[-1].kind == "WORD":
            pair = (result[-1].text, token.text)
            if pair in (("not", "in"), ("is", "not")):
                result[-1] = Token("WORD", " ".join(pair), result[-1].at, " ".join(pair))
                continue
        result.append(token)
    return result


def is_plain(tokens, i):
    """Is this reserved word a plain name at its place?"""
    text, after = tokens[i].text, tokens[i + 1].kind
    if i and tokens[i - 1].kind == ".":
        return True
    if after == ":" and text not in NEVER_PLAIN_BEFORE_COLON:
        return True
    return text in ("at", "version") and after == "("
