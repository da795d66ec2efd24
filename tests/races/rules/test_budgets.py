"""Many callers while people lower and raise: never over the limit in force at the grant."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.parts import parts_of
from tests.support.histories.ledger_audit import account_of, differences, number
from tests.support.histories.many_callers import MANY, assert_exact, new_round, reserve, served
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO
from tests.support.thorough import first
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")


ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
MAX_ROUNDS = ROUNDS + 9
"""Rounds that may be needed until somebody is granted something under each of two limits."""
PRICE = "0.07"
LIMITS = ("1", "0.5", "2", "0.14", "1.000000000001", "3")
WATCHED = {
    "tenant-month": ("acme", "acme#tenant#acme#2026-11"),
    "cap": ("acme", "acme#budget#cap%23tenant%23#2026-11-22"),
    "system-month": ("*", "*#system#system#2026-11"),
}


class Witness:
    """Looks at each granted hold in the moment of its write: the limit then, the sum then."""

    def __init__(self, cloud: MemoryCloud, budget_id: str, patch: pytest.MonkeyPatch) -> None:
        self.cloud, self.grants, self.broken = cloud, 0, list[str]()
        self.budget_id, (self.owner, self.account) = budget_id, WATCHED[budget_id]
        self.limits = set[Decimal]()
        operations = cloud.database._operations  # noqa: SLF001 - in the moment of the write
        write = operations["TransactWriteItems"]

        def witnessed(request: dict[str, Any]) -> Any:
            answer = write(request)
            if any(self._opens(one) for one in request["TransactItems"]):
                self._look()
            return answer

        patch.setitem(operations, "TransactWriteItems", witnessed)

    def _opens(self, item: dict[str, Any]) -> bool:
        put = item.get("Put", {})
        return put.get("TableName") == self.cloud.tables["ReservationsTable"] and bool(
            put["Item"].get("state")
        )

    def _look(self) -> None:
        limit, held = self._limit(), self._committed()
        self.grants += 1
        self.limits.add(limit)
        if held > limit:
            self.broken.append(f"{held} committed where {limit} was the limit")

    def _limit(self) -> Decimal:
        for row in self.cloud.database.rows(self.cloud.tables["BudgetsTable"]):
            if row["pk"]["S"] == f"{self.owner}#rules#":
                budget = json.loads(row["body"]["S"])["budgets"][self.budget_id]
                raised = [Decimal(one["amount_usd"]) for one in budget["raises"]]
                return Decimal(budget["limit_usd"]) + sum(raised, Decimal())
        raise AssertionError("nobody set a limit")

    def _committed(self) -> Decimal:
        rows = self.cloud.database.rows(self.cloud.tables["AccountsTable"])
        own = [
            number(one, "committed") for one in rows if account_of(one["pk"]["S"]) == self.account
        ]
        return sum(own, Decimal())


def begin(cloud: MemoryCloud, turn: int) -> None:
    """Nothing was ever spent or decided, and no process remembers another round."""
    parts_of.cache_clear()
    new_round(cloud, turn)


def decide(budget_id: str, limit: str) -> str | None:
    """The limit set; the error, if there is one."""
    whose = {} if budget_id == "system-month" else {"tenant_id": "acme"}
    place = {"scope": "tenant", "period": "day"} if budget_id == "cap" else {}
    operation = "set_budget" if whose else "set_system_budget"
    fields = {"budget_id": budget_id, "limit_usd": limit, **whose, **place, **WHO}
    return served(operation, **fields).error


@pytest.fixture
def noon(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets, on one day."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T12:00:00Z"):
        yield memory_cloud


@pytest.mark.parametrize("stripes", first(1, ["4", "1"]), ids=["striped", "whole"])
@pytest.mark.parametrize("budget_id", first(1, WATCHED))
def test_no_hold_is_granted_over_the_limit_of_its_moment(
    noon: MemoryCloud,
    callers: Callable[..., list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    budget_id: str,
    stripes: str,
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", stripes)
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    witness = Witness(noon, budget_id, monkeypatch)

    def act(caller: int) -> Any:
        if caller % 11 == 0:
            return decide(budget_id, LIMITS[caller // 11])
        name = f"hold-{caller}"
        allowed = reserve("acme", PRICE, name)
        if allowed and caller % 3 == 0:
            fields = {"tenant_id": "acme", "reservation_id": name}
            assert served("settle", cost_usd="0.02", **fields).error is None
        return allowed

    for turn in range(MAX_ROUNDS):
        if turn >= ROUNDS and len(witness.limits) > 1:
            break  # somebody was granted something under each of two limits, so it was a race
        begin(noon, turn)
        assert decide(budget_id, "1.5") is None
        answers = Counter(map(str, callers(act)))
        assert answers["None"] == len(LIMITS), answers
        assert not differences(noon.rows())
    assert not witness.broken
    assert witness.grants > 10
    assert len(witness.limits) > 1


def test_after_the_race_the_last_limit_is_exact(
    noon: MemoryCloud, callers: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "4")
    for turn in range(ROUNDS):
        begin(noon, turn)
        assert decide("system-month", "1") is None

        def act(caller: int) -> Any:
            if caller % 11 == 0:
                return decide("system-month", LIMITS[caller // 11])
            return reserve(f"tenant-{caller % 5}", PRICE, f"hold-{caller}")

        callers(act)
        assert decide("system-month", "7") is None
        held = Decimal(served("system_usage").body["held_usd"])
        assert_exact(Decimal(7) - held)
        assert not differences(noon.rows())


def test_raises_and_grants_at_once_lose_nothing(
    noon: MemoryCloud, callers: Callable[..., list[Any]]
) -> None:
    def act(caller: int) -> Any:
        if caller % 8:
            return reserve("acme", PRICE, f"hold-{caller}")
        fields = {"budget_id": "cap", "amount_usd": PRICE, "tenant_id": "acme"}
        return served("raise_limit", raise_id=f"raise-{caller % 16}", **fields, **WHO).error

    for turn in range(ROUNDS):
        begin(noon, turn)
        assert decide("cap", "0.07") is None
        answers = callers(act, MANY)
        assert [answers[n] for n in range(0, MANY, 8)] == [None] * (MANY // 8)
        granted = sum(answers[n] is True for n in range(MANY) if n % 8)
        assert 1 <= granted <= 3
        while reserve("acme", PRICE, f"more-{granted}"):
            granted += 1
        assert granted == 3
        assert not differences(noon.rows())


def test_a_suspension_in_the_midst_of_a_race_stops_it(
    noon: MemoryCloud, callers: Callable[..., list[Any]]
) -> None:
    for turn in range(ROUNDS):
        begin(noon, turn)

        def act(caller: int) -> Any:
            if caller == 20:
                assert served("suspend", tenant_id="acme", **WHO).error is None
                return reserve("acme", PRICE, "after-it")
            return reserve("acme", PRICE, f"hold-{caller}")

        assert callers(act, MANY)[20] is False
        assert not any(callers(lambda n: reserve("acme", PRICE, f"later-{n}"), 16))
        assert not differences(noon.rows())
