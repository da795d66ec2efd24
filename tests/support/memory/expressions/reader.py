"""Reading expressions: words, document paths, placeholders. One reader an expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.memory.errors import DynamoError, invalid
from tests.support.memory.expressions.reserved import RESERVED
from tests.support.memory.values.documents import Path, at_path
from tests.support.memory.values.values import Item, Value

Values = Mapping[str, Value]
Getter = Callable[[Item, Values], Value | None]

LONGEST = 4096
_TOKEN = re.compile(
    r"\s*(?:(?P<sign><>|<=|>=|[=<>(),.\[\]+-])|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<alias>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)|(?P<index>[0-9]+)|(?P<bad>\S))"
)


@dataclass
class Placeholders:
    """The names and the kinds of the values that a request defines, and which were used."""

    names: Mapping[str, str]
    kinds: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    def check_all_used(self) -> None:
        """Raise for a definition that no expression uses."""
        for what, defined in (("Names", self.names), ("Values", self.kinds)):
            unused = [name for name in defined if name not in self.used]
            if unused:
                keys = "{" + ", ".join(unused) + "}"
                title = f"Value provided in ExpressionAttribute{what}"
                raise invalid(f"{title} unused in expressions: keys: {keys}")


@dataclass(frozen=True)
class Operand:
    """One side of a comparison: how to get it, its kind where that is known, how it reads."""

    get: Getter
    shown: str
    kind: str | None = None
    path: Path | None = None


class Reader:
    """The tokens of one expression."""

    slot = "ConditionExpression"

    def __init__(self, text: str, placeholders: Placeholders) -> None:
        if not text.strip():
            raise self.wrong("The expression can not be empty;")
        if len(text.encode()) > LONGEST:
            raise self.wrong("Expression size has exceeded the maximum allowed size;")
        self.placeholders = placeholders
        self.tokens = [(str(one.lastgroup), one[one.lastgroup or 0]) for one in _matches(text)]
        self.at = 0
        self.checks: list[Callable[[Values], None]] = []

    def wrong(self, message: str) -> DynamoError:
        """The error that says what is wrong in this expression."""
        return invalid(f"Invalid {self.slot}: {message}")

    def unexpected(self) -> DynamoError:
        """The error at the present token."""
        near = " ".join(text for _, text in self.tokens[max(self.at - 1, 0) : self.at + 2])
        return self.wrong(f'Syntax error; token: "{self.peek()[1]}", near: "{near}"')

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        """The token that comes next, or the end."""
        position = self.at + ahead
        return self.tokens[position] if position < len(self.tokens) else ("end", "<EOF>")

    def take(self, *kinds: str) -> str:
        """The text of the next token, which must be of these kinds."""
        kind, text = self.peek()
        if kind not in kinds:
            raise self.unexpected()
        self.at += 1
        return text

    def sign(self, *texts: str) -> str | None:
        """Take one of these signs if it comes next."""
        kind, text = self.peek()
        if kind != "sign" or text not in texts:
            return None
        self.at += 1
        return text

    def expect(self, text: str) -> None:
        """Take that sign."""
        if not self.sign(text):
            raise self.unexpected()

    def word(self, *texts: str) -> str | None:
        """Take one of these keywords if it comes next, in any case."""
        kind, text = self.peek()
        if kind != "name" or text.upper() not in texts:
            return None
        self.at += 1
        return text.upper()

    def function(self) -> str | None:
        """The name of a function call if one comes next; it is not taken."""
        called = self.peek()[0] == "name" and self.peek(1) == ("sign", "(")
        return self.peek()[1] if called else None

    def end(self) -> None:
        """Nothing may follow."""
        if self.at < len(self.tokens):
            raise self.unexpected()

    def path(self) -> Path:
        """A document path, its aliases resolved."""
        parts: list[str | int] = [self._name()]
        while sign := self.sign(".", "["):
            if sign == ".":
                parts.append(self._name())
            else:
                parts.append(int(self.take("index")))
                self.expect("]")
        return tuple(parts)

    def _name(self) -> str:
        kind, text = self.peek()
        self.take("name", "alias")
        if kind == "alias":
            return self._resolved(text)
        if text.upper() in RESERVED:
            reason = "Attribute name is a reserved keyword; reserved keyword"
            raise self.wrong(f"{reason}: {text}")
        return text

    def _resolved(self, alias: str) -> str:
        if alias not in self.placeholders.names:
            reason = "An expression attribute name used in the document path is not defined"
            raise self.wrong(f"{reason}; attribute name: {alias}")
        self.placeholders.used.add(alias)
        return self.placeholders.names[alias]

    def value(self) -> Operand:
        """A placeholder of a value."""
        name = self.take("value")
        if name not in self.placeholders.kinds:
            reason = "An expression attribute value used in expression is not defined"
            raise self.wrong(f"{reason}; attribute value: {name}")
        self.placeholders.used.add(name)
        return Operand(lambda _, values: values[name], name, self.placeholders.kinds[name])

    def value_or_path(self) -> Operand:
        """A value's placeholder or a document path."""
        if self.peek()[0] == "value":
            return self.value()
        path = self.path()
        return Operand(getter(path), shown(path), path=path)

    def wrong_kind(self, operator: str, kind: str) -> DynamoError:
        """The error about a value that this operator cannot take."""
        reason = "Incorrect operand type for operator or function"
        return self.wrong(f"{reason}; operator or function: {operator}, operand type: {kind}")


def _matches(text: str) -> list[re.Match[str]]:
    return [one for one in _TOKEN.finditer(text) if one.lastgroup]


def shown(path: Path) -> str:
    """A path as error messages show it."""
    return "[" + ", ".join(f"[{one}]" if isinstance(one, int) else one for one in path) + "]"


def getter(path: Path) -> Getter:
    """Return a function that reads the path of an item."""
    if len(path) == 1:
        name = str(path[0])
        return lambda item, _: item.get(name)
    return lambda item, _: at_path(item, path)
