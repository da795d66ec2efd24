"""Write moves of accounts as items of a TransactWriteItems.

A request writes about ten of them; pynamodb's expression objects took half of its time for it. No
other module has write expressions for accounts.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pynamodb.constants import NUMBER, STRING

from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.rows.account_items import COUNTERS
from budget_monitor.adapters.dynamodb.rows.accounts import WATCHED
from budget_monitor.adapters.dynamodb.rows.attributes import AccountsAttribute, ExactAttribute
from budget_monitor.domain.accounting.accounts import (
    DEFAULT_TERMS,
    Account,
    AccountKey,
    Move,
    paused_list,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import sortable

_EXACT, _ACCOUNTS = ExactAttribute(), AccountsAttribute()


def update_of(table: str, account: AccountKey, posting: RowPosting) -> dict[str, Any]:
    """The item of a TransactWriteItems that moves this row, on the posting's conditions."""
    update = _Update()
    _add_moves(update, posting)
    _add_lists(update, account, posting)
    _set_facts(update, posting)
    _add_bounds(update, posting)
    _add_facts_as_expected(update, posting)
    return {"TableName": table, "Key": {"pk": {STRING: str(account)}}, **update.parts()}


class _Update:
    """An update expression and its condition, part by part.

    Every name has a placeholder: some of them are DynamoDB's reserved words.
    """

    def __init__(self) -> None:
        self._clauses = dict[str, list[str]]()
        self._conditions = list[str]()
        self._names = dict[str, str]()
        self._values = dict[str, dict[str, str]]()

    def add(self, name: str, change: Decimal | int) -> None:
        """Add to a number."""
        self._clause("ADD", f"{self._name(name)} {self._value(change)}")

    def set(self, name: str, value: str | int) -> None:
        """Set an attribute."""
        self._clause("SET", f"{self._name(name)} = {self._value(value)}")

    def set_once(self, name: str, value: str) -> None:
        """Set an attribute that has no value."""
        place = self._name(name)
        self._clause("SET", f"{place} = if_not_exists ({place}, {self._value(value)})")

    def remove(self, name: str) -> None:
        """Remove an attribute."""
        self._clause("REMOVE", self._name(name))

    def expect(
        self, name: str, comparison: str, value: Decimal | str | int, *, or_none: bool = False
    ) -> None:
        """Write only if the attribute compares so; `or_none`: or if it has no value."""
        place = self._name(name)
        same = f"{place} {comparison} {self._value(value)}"
        none = f"attribute_not_exists ({place}) OR "
        self._conditions.append(f"({none if or_none else ''}{same})")

    def expect_none(self, *names: str, unless: tuple[str, str] | None = None) -> None:
        """Write only if none of them has a value, `unless` this one equals this text."""
        none = " AND ".join(f"attribute_not_exists ({self._name(name)})" for name in names)
        if unless is None:
            self._conditions.append(f"({none})")
        else:
            name, value = unless
            same = f"{self._name(name)} = {self._value(value)}"
            self._conditions.append(f"({same} OR ({none}))")

    def parts(self) -> dict[str, Any]:
        """The expressions, with their names and values."""
        if not self._clauses:
            # A move of zero still opens the account, and an update needs an attribute.
            self.add("entries", 0)
        clauses = (f"{verb} {', '.join(them)}" for verb, them in self._clauses.items())
        found: dict[str, Any] = {
            "UpdateExpression": " ".join(clauses),
            "ExpressionAttributeNames": self._names,
        }
        if self._values:
            found["ExpressionAttributeValues"] = self._values
        if self._conditions:
            found["ConditionExpression"] = " AND ".join(self._conditions)
        return found

    def _clause(self, verb: str, part: str) -> None:
        self._clauses.setdefault(verb, []).append(part)

    def _name(self, name: str) -> str:
        place = f"#{name}"
        self._names[place] = name
        return place

    def _value(self, value: Decimal | str | int) -> str:
        place = f":{len(self._values)}"
        self._values[place] = _wired(value)
        return place


def _wired(value: Decimal | str | int) -> dict[str, str]:
    if isinstance(value, str):
        return {STRING: value}
    if isinstance(value, int):
        return {NUMBER: str(value)}
    return {NUMBER: _EXACT.serialize(value)}


def _add_moves(update: _Update, posting: RowPosting) -> None:
    move = posting.move
    for name in COUNTERS:
        change = getattr(move, name)
        if change:
            update.add(name, change)
    committed = move.committed + posting.shifted
    if committed:
        update.add("committed", committed)


def _add_lists(update: _Update, account: AccountKey, posting: RowPosting) -> None:
    """Put the row on its lists. An index has only rows with all of its keys."""
    listing = account.listing if posting.listed else None
    if posting.new_terms is not None:
        listing = paused_list(account.tenant_id) if posting.new_terms.pause else None
        if listing is None:
            update.remove("listing")
    if listing is not None:
        update.set("listing", listing)
    if not posting.listed:
        return
    if account.system_list is not None:
        update.set("system_list", account.system_list)
    if account.ranking is None:
        return
    update.set("ranking", account.ranking)
    if posting.began_at is not None:
        update.set_once("began_at", sortable(posting.began_at))
    if posting.move != Move() and not posting.move.spent:
        update.add("spent", ZERO)  # a quarantined cost moves nothing, and begins no run


def _set_facts(update: _Update, posting: RowPosting) -> None:
    if posting.lineage is not None:
        update.set("lineage", posting.lineage)
    if posting.name is not None:
        update.set_once("name", posting.name)
    if posting.began_over is not None:
        update.set_once("began_over", _ACCOUNTS.serialize(posting.began_over))
    if posting.new_terms is not None:
        update.set("terms", str(posting.new_terms))
    if posting.policy_version:
        update.set("policy_version", posting.policy_version)
    if posting.watched:
        update.set("watched", WATCHED)
    if posting.level is not None:
        update.set("level", posting.level)


def _add_bounds(update: _Update, posting: RowPosting) -> None:
    least, most = posting.spent_at_least, posting.committed_at_most
    if least is not None:
        update.expect("spent", ">=", least, or_none=least <= 0)
    if most is not None:
        update.expect("committed", "<=", most, or_none=most >= 0)
    if posting.holds_below is not None:
        update.expect("holds", "<", posting.holds_below, or_none=True)


def _add_facts_as_expected(update: _Update, posting: RowPosting) -> None:
    if posting.lineage is not None:
        update.expect("lineage", "=", posting.lineage, or_none=True)
    if posting.asserts_name and posting.name is None:
        update.expect_none("name")
    elif posting.asserts_name and posting.name is not None:
        update.expect("name", "=", posting.name, or_none=True)
    if posting.terms is not None:
        usual = posting.terms == DEFAULT_TERMS
        update.expect("terms", "=", str(posting.terms), or_none=usual)
    if posting.policy_version is not None:
        update.expect("policy_version", "<=", posting.policy_version, or_none=True)
    if posting.found is not None:
        _expect_level(update, posting.found)
    if posting.as_found is not None:
        _expect_as_found(update, posting.as_found)


def _expect_level(update: _Update, found: Found) -> None:
    if found.level is None:
        update.expect_none("level")
    elif found.or_new:
        update.expect_none("level", "committed", unless=("level", found.level))
    else:
        update.expect("level", "=", found.level)


def _expect_as_found(update: _Update, found: Account) -> None:
    """Expect that the counters are the same as when the row was read."""
    counters: Mapping[str, Decimal | int] = {
        name: getattr(found.totals, name) for name in COUNTERS
    } | {"committed": found.committed}
    for name, value in counters.items():
        update.expect(name, "=", value, or_none=not value)
