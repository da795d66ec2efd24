"""Compile update expressions. All values are computed from the item before the update."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.memory.errors import ItemError
from tests.support.memory.expressions.reader import Operand, Placeholders, Reader, Values, shown
from tests.support.memory.values.documents import Path, at_path, with_value, without
from tests.support.memory.values.exact import added, subtracted
from tests.support.memory.values.values import SETS, Item, Value

Change = Callable[[Item, Values], Value | None]
"""The new value of an attribute; None removes it."""

_SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")
_MISMATCH = "An operand in the update expression has an incorrect data type"
_ABSENT = "The provided expression refers to an attribute that does not exist in the item"


class UpdateReader(Reader):
    """Parses SET, REMOVE, ADD and DELETE into a list of changes by path."""

    slot = "UpdateExpression"

    def __init__(self, text: str, placeholders: Placeholders) -> None:
        super().__init__(text, placeholders)
        self.changes: list[tuple[Path, Change]] = []

    def read(self) -> Update:
        """Parse the whole expression."""
        sections: dict[str, Callable[[], None]] = {
            "SET": self._set,
            "REMOVE": self._remove,
            "ADD": self._add,
            "DELETE": self._delete,
        }
        seen: set[str] = set()
        while (name := self.word(*_SECTIONS)) is not None:
            if name in seen:
                reason = f'The "{name}" section can only be used once in an update expression;'
                raise self.wrong(reason)
            seen.add(name)
            sections[name]()
            while self.sign(","):
                sections[name]()
        self.end()
        if not seen:
            raise self.unexpected()
        self._check_apart()
        return Update(self.changes)

    def _check_apart(self) -> None:
        paths = [path for path, _ in self.changes]
        for position, one in enumerate(paths):
            for other in paths[:position]:
                self._check_pair(other, one)

    def _check_pair(self, one: Path, other: Path) -> None:
        named = f"path one: {shown(one)}, path two: {shown(other)}"
        for left, right in zip(one, other, strict=False):
            if type(left) is not type(right):
                raise self.wrong(f"Two document paths conflict with each other; {named}")
            if left != right:
                return
        raise self.wrong(
            "Two document paths overlap with each other; "
            f"must remove or rewrite one of these paths; {named}"
        )

    def _set(self) -> None:
        path = self.path()
        self.expect("=")
        self.changes.append((path, _required(self._value())))

    def _value(self) -> Operand:
        left = self._operand()
        sign = self.sign("+", "-")
        if sign is None:
            return left
        right = self._operand()
        for one in (left, right):
            if one.kind not in (None, "N"):
                raise self.wrong_kind(sign, str(one.kind))
        return Operand(_arithmetic(sign, left, right), "arithmetic", "N")

    def _operand(self) -> Operand:
        if self.sign("("):
            inner = self._value()
            self.expect(")")
            return inner
        name = self.function()
        if name is None:
            return self.value_or_path()
        if name not in ("if_not_exists", "list_append"):
            raise self.wrong(f"Invalid function name; function: {name}")
        self.take("name")
        self.expect("(")
        first = self._operand()
        self.expect(",")
        second = self._operand()
        self.expect(")")
        return self._called(name, first, second)

    def _called(self, name: str, first: Operand, second: Operand) -> Operand:
        if name == "if_not_exists":
            if first.path is None:
                reason = "Operator or function requires a document path"
                raise self.wrong(f"{reason}; operator or function: {name}")
            return Operand(_first_of(first, second), name)
        for one in (first, second):
            if one.kind not in (None, "L"):
                raise self.wrong_kind(name, str(one.kind))
        return Operand(_joined(first, second), name, "L")

    def _remove(self) -> None:
        self.changes.append((self.path(), lambda _, __: None))

    def _add(self) -> None:
        path = self.path()
        self.changes.append((path, _adding(path, self._amount("ADD", "N", *SETS))))

    def _delete(self) -> None:
        path = self.path()
        self.changes.append((path, _deleting(path, self._amount("DELETE", *SETS))))

    def _amount(self, operator: str, *kinds: str) -> Operand:
        amount = self.value()
        if amount.kind not in kinds:
            raise self.wrong(
                "Incorrect operand type for operator or function; operator: "
                f"{operator}, operand type: {amount.kind}, typeSet: ALLOWED_FOR_ADD_OPERAND"
            )
        return amount


class Update:
    """The changes of one update expression."""

    def __init__(self, changes: list[tuple[Path, Change]]) -> None:
        self.paths = [path for path, _ in changes]
        self.touched = frozenset(str(path[0]) for path in self.paths)
        self._simple = [(str(path[0]), change) for path, change in changes if len(path) == 1]
        self._deep = [(path, change) for path, change in changes if len(path) > 1]

    def applied(self, item: Item, values: Values) -> Item:
        """Return the changed item; the given one is not modified. Raises ItemError."""
        after = dict(item)
        for name, change in self._simple:
            value = change(item, values)
            if value is None:
                after.pop(name, None)
            else:
                after[name] = value
        return self._deeply(item, after, values) if self._deep else after

    def _deeply(self, item: Item, after: Item, values: Values) -> Item:
        done = [(path, change(item, values)) for path, change in self._deep]
        for path, value in sorted(done, key=lambda pair: _position(pair[0])):
            if value is not None:
                after = with_value(after, path, value)
        for path, value in sorted(done, key=lambda pair: _position(pair[0]), reverse=True):
            if value is None:
                after = without(after, path)
        return after


def _position(path: Path) -> list[tuple[bool, int, str]]:
    """Return a sort key: lists are filled from the front and emptied from the end."""
    return [(isinstance(one, int), one if isinstance(one, int) else 0, str(one)) for one in path]


def _required(operand: Operand) -> Change:
    if operand.kind is not None and operand.path is None:
        return operand.get

    def change(item: Item, values: Values) -> Value:
        found = operand.get(item, values)
        if found is None:
            raise ItemError(_ABSENT)
        return found

    return change


def _arithmetic(sign: str, left: Operand, right: Operand) -> Change:
    work = added if sign == "+" else subtracted
    one, other = _required(left), _required(right)

    def result(item: Item, values: Values) -> Value:
        first, second = one(item, values), other(item, values)
        if first is None or second is None or "N" not in first or "N" not in second:
            raise ItemError(_MISMATCH)
        return {"N": work(first["N"], second["N"])}

    return result


def _first_of(path: Operand, otherwise: Operand) -> Change:
    def result(item: Item, values: Values) -> Value | None:
        found = path.get(item, values)
        return otherwise.get(item, values) if found is None else found

    return result


def _joined(left: Operand, right: Operand) -> Change:
    one, other = _required(left), _required(right)

    def result(item: Item, values: Values) -> Value:
        first, second = one(item, values), other(item, values)
        if first is None or second is None or "L" not in first or "L" not in second:
            raise ItemError(_MISMATCH)
        return {"L": first["L"] + second["L"]}

    return result


def _adding(path: Path, amount: Operand) -> Change:
    kind = str(amount.kind)

    def result(item: Item, values: Values) -> Value | None:
        before, given = at_path(item, path), amount.get(item, values)
        if before is None or given is None:
            return given
        if kind not in before:
            raise ItemError(_MISMATCH)
        if kind == "N":
            return {"N": added(before["N"], given["N"])}
        return {kind: sorted({*before[kind], *given[kind]})}

    return result


def _deleting(path: Path, amount: Operand) -> Change:
    kind = str(amount.kind)

    def result(item: Item, values: Values) -> Value | None:
        before, given = at_path(item, path), amount.get(item, values)
        if before is None or given is None:
            return None
        if kind not in before:
            raise ItemError(_MISMATCH)
        left = [one for one in before[kind] if one not in given[kind]]
        return {kind: left} if left else None

    return result
