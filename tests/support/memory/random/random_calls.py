"""Random requests: the shapes that the product sends, and nasty ones beside them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.support.memory.random.shapes import (
    BAD_NUMBERS,
    BROKEN,
    BYTES,
    CONDITIONS,
    EDGES,
    KINDS,
    NUMBERS,
    TEXTS,
    UPDATES,
)

Request = dict[str, Any]
Call = tuple[str, Request]

ROWS, SORTED = "rows", "sorted"


class RandomCalls:
    """Calls without end, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed, self.alone = seed, True
        self.chance = random.Random(seed)  # noqa: S311 - a test's

    def next(self) -> Call:
        """One more."""
        operation = self.chance.choices(
            ("TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "Query", "GetItem",
             "BatchGetItem", "TransactGetItems"),
            (50, 12, 6, 4, 14, 4, 5, 5),
        )[0]  # fmt: skip
        makers = {
            "TransactWriteItems": self._transaction,
            "UpdateItem": lambda: self._returning(self._update(), "ALL_NEW", "UPDATED_OLD"),
            "PutItem": lambda: self._returning(self._put(), "ALL_OLD"),
            "DeleteItem": lambda: self._returning(self._delete(), "ALL_OLD"),
            "Query": self._query,
            "GetItem": lambda: {"TableName": ROWS, "Key": self.key()},
            "BatchGetItem": lambda: {"RequestItems": {ROWS: {"Keys": self._keys()}}},
            "TransactGetItems": self._reading,
        }
        return operation, makers[operation]()

    def one(self, *choices: Any) -> Any:
        """One of them."""
        return self.chance.choice(choices)

    def rarely(self, share: float = 0.05) -> bool:
        """Seldom true."""
        return self.chance.random() < share

    def number(self) -> Request:
        """A number, now and then one that is none."""
        return {"N": self.chance.choice(BAD_NUMBERS if self.rarely(0.01) else NUMBERS)}

    def text(self) -> Request:
        """A string."""
        return {"S": self.chance.choice(TEXTS)}

    def group(self) -> Request:
        """A set."""
        if self.rarely(0.5):
            return {"SS": self.chance.sample(("a", "b", "c", "d"), self.chance.randint(1, 3))}
        return {"NS": self.chance.sample(("1", "2.5", "3"), self.chance.randint(1, 3))}

    def value(self, depth: int = 0) -> Request:
        """Any value."""
        simple: list[Callable[[], Request]] = [self.number, self.number, self.text, self.group]
        if self.rarely(0.7) or depth > 1:
            return self.chance.choice(simple)()
        found: Request = self.one(
            {"BOOL": self.rarely(0.5)},
            {"NULL": True},
            {"B": self.chance.choice(BYTES)},
            {"L": [self.value(depth + 1) for _ in range(self.chance.randint(0, 3))]},
            {"M": {name: self.value(depth + 1) for name in ("x", "y")}},
        )
        return found

    def key(self, table: str = ROWS) -> Request:
        """A key of few, now and then a wrong one."""
        key = {"pk": {"S": f"k{self.chance.randint(0, 5)}"}}
        if self.alone and self.rarely(0.02):
            key["pk"] = self.one({"N": "1"}, {"S": ""})
        if table == SORTED:
            key["sk"] = {"N": str(self.chance.randint(0, 9))}
        return key

    def _keys(self) -> list[Request]:
        return [self.key() for _ in range(self.chance.randint(1, 3))]

    def _reading(self) -> Request:
        self.alone = False  # ministack finds nothing under a wrong key: see the laxer cases
        gets = [{"Get": {"TableName": ROWS, "Key": key}} for key in self._keys()]
        self.alone = True
        return {"TransactItems": gets}

    def _expressed(self, update: str | None, condition: str | None) -> Request:
        """The request's part that holds expressions, with what they need defined."""
        one, other = self.chance.sample(("s", "g", "v"), 2)
        names = {"#a": one, "#b": other, "#e": "edge", "#i": "n", "#j": "m", "#q": "pos"}
        names |= {"#l": "l", "#d": "d", "#x": "x", "#c": "c", "#pk": "pk"}
        makers: dict[str, Callable[[], Request]] = {
                  "v": self.value, "w": self.value, "n": self.number, "m": self.number,
                  "s": self.text, "g": self.group, "e": lambda: {"L": [self.value(2)]},
                  "k": lambda: {"N": self.one("0", "1", "3")},
                  "t": lambda: {"S": self.chance.choice(KINDS)}}  # fmt: skip
        refs = {name: f":{name}" for name in makers} | {one: f"#{one}" for one in "abij"}
        request: Request = {}
        if update is not None:
            request["UpdateExpression"] = update.format(**refs)
        if condition is not None:
            request["ConditionExpression"] = condition.format(**refs)
        words = " ".join(str(text) for text in request.values())
        used = {name: value for name, value in names.items() if name in words}
        values = {f":{name}": make() for name, make in makers.items() if f":{name}" in words}
        if self.rarely(0.01):
            values[":unused"] = {"S": "nothing"}
        if used:
            request["ExpressionAttributeNames"] = used
        if values:
            request["ExpressionAttributeValues"] = values
        if condition is not None and self.rarely(0.3):
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return request

    def _condition(self, share: float = 0.6) -> str | None:
        return self.chance.choice(CONDITIONS) if self.rarely(share) else None

    def _update(self) -> Request:
        update = self.chance.choice(BROKEN if self.rarely(0.03) else UPDATES)
        table = self.one(ROWS, ROWS, SORTED)
        expressed = self._expressed(update, self._condition())
        return {"TableName": table, "Key": self.key(table), **expressed}

    def _put(self) -> Request:
        table = self.one(ROWS, ROWS, SORTED)
        item = {"n": self.number(), "s": self.text(), "v": self.value(), "l": {"L": []}}
        item |= {"list": {"S": self.one("x", "y")}, "pos": {"S": f"p{self.chance.randint(0, 9)}"}}
        if self.rarely(0.3):
            item["edge"] = {"N": self.chance.choice(EDGES)}
        if self.rarely(0.3):
            item["d"] = {"M": {"x": self.value()}}
        if self.rarely(0.3):
            del item["pos"]
        item |= self.key(table)
        if self.alone and table == ROWS and "S" in item["pk"] and self.rarely(0.04):
            item["pos"] = self.one({"N": "1"}, {"S": ""})
        return {"TableName": table, "Item": item, **self._expressed(None, self._condition())}

    def _delete(self) -> Request:
        table = self.one(ROWS, SORTED)
        expressed = self._expressed(None, self._condition())
        return {"TableName": table, "Key": self.key(table), **expressed}

    def _check(self) -> Request:
        table = self.one(ROWS, SORTED)
        expressed = self._expressed(None, self.chance.choice(CONDITIONS))
        return {"TableName": table, "Key": self.key(table), **expressed}

    def _transaction(self) -> Request:
        makers = {"Put": self._put, "Update": self._update, "Delete": self._delete,
                  "ConditionCheck": self._check}  # fmt: skip
        kinds = self.chance.choices(tuple(makers), (3, 8, 1, 1), k=self.chance.randint(1, 3))
        self.alone = len(kinds) == 1  # two faults in one request are told in an order of AWS's own
        request: Request = {"TransactItems": [{kind: makers[kind]()} for kind in kinds]}
        self.alone = True
        if self.rarely(0.1):
            request["ClientRequestToken"] = f"token-{self.seed}-{self.chance.randint(0, 5)}"
        return request

    def _returning(self, request: Request, *choices: str) -> Request:
        wanted = self.one("NONE", *choices)
        return request if wanted == "NONE" else {**request, "ReturnValues": wanted}

    def _query(self) -> Request:
        condition = self.one(
            "{h} = :h", "{h} = :h AND {r} BETWEEN :a AND :b", "{h} = :h AND {r} > :a"
        )
        index = self.one("by_list", "whole", None)
        numbers = [{"N": str(n)} for n in sorted(self.chance.sample(range(10), 2))]
        texts = [{"S": f"p{one['N']}"} for one in numbers]
        bounds = texts if index else numbers
        values = {":h": {"S": self.one("x", "y") if index else f"k{self.chance.randint(0, 5)}"}}
        values |= {name: bounds[n] for n, name in enumerate((":a", ":b")) if name in condition}
        names = {"h": "#h", "r": "#r"}
        request: Request = {
            "TableName": ROWS if index else SORTED,
            "KeyConditionExpression": condition.format(**names),
            "ExpressionAttributeNames": {"#h": "list" if index else "pk"},
            "ExpressionAttributeValues": values,
            "ScanIndexForward": self.rarely(0.5),
        }
        if "#r" in request["KeyConditionExpression"]:
            request["ExpressionAttributeNames"]["#r"] = "pos" if index else "sk"
        if index:
            request["IndexName"] = index
        if self.rarely(0.3):
            request["Limit"] = self.chance.randint(1, 3)
        return request
