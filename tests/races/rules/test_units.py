"""Many callers on a limit in tokens or calls: exactly what fits, and not one more."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from budget_monitor.parts import parts_of
from tests.support.histories.ledger_audit import account_of, differences, number
from tests.support.histories.many_callers import MANY, new_round, served
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")

ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
TOKENS, FITS = 70, 14  # of 70 tokens in 1000
USER = {"scope": "user", "scope_id": "ana", "period": "day"}


@pytest.fixture
def noon(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets, on one day."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T12:00:00Z"):
        yield memory_cloud


@pytest.fixture(params=["1", "4"], ids=["whole", "striped"])
def stripes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Accounts of one row, and of several."""
    monkeypatch.setenv("TENANT_STRIPES", request.param)
    return str(request.param)


def begin(cloud: MemoryCloud, turn: int, **limits: Any) -> None:
    """Nothing was ever spent, no process remembers another round, and the budget is set."""
    parts_of.cache_clear()
    new_round(cloud, turn)
    made = served("set_budget", tenant_id="acme", budget_id="cap", **{**USER, **limits}, **WHO)
    assert made.error is None, made


def reserve(name: str, **fields: Any) -> bool:
    """Whether a hold of ana's was granted."""
    reply = served(
        "reserve",
        tenant_id="acme",
        reservation_id=name,
        agent_execution_id=f"run-{name}",
        user="ana",
        estimated_cost_usd="1",
        include_gates=False,
        **fields,
    )
    assert reply.error is None, reply
    return bool(reply.body["allowed"])


def tokens(count: int) -> dict[str, Any]:
    return {"estimated_usage": {"input_tokens": count, "output_tokens": 0}}


def committed(cloud: MemoryCloud, unit: str) -> int:
    """What the budget's account in that unit has committed, over all of its rows."""
    rows = cloud.database.rows(cloud.tables["AccountsTable"])
    own = [one for one in rows if account_of(one["pk"]["S"]).endswith(f"#{unit}")]
    return int(sum(number(one, "committed") for one in own))


def test_a_limit_of_1000_tokens_takes_14_holds_of_70_and_then_exactly_20(
    noon: MemoryCloud, callers: Callable[..., list[Any]], stripes: str
) -> None:
    for turn in range(ROUNDS):
        begin(noon, turn, limit_tokens=1000)
        assert sum(callers(lambda n: reserve(f"hold-{n}", **tokens(TOKENS)), MANY)) == FITS
        assert not any(reserve(f"over-{n}", **tokens(21)) for n in range(4))
        assert reserve("exactly", **tokens(20))
        assert not any(reserve(f"full-{n}", **tokens(1)) for n in range(4))
        assert committed(noon, "tokens") == 1000
        assert not differences(noon.rows())


def test_a_limit_of_25_calls_takes_25_of_64_and_settling_gives_none_back(
    noon: MemoryCloud, callers: Callable[..., list[Any]], stripes: str
) -> None:
    def act(number: int) -> bool:
        granted = reserve(f"hold-{number}")
        if granted and number % 2:
            fields = {"tenant_id": "acme", "reservation_id": f"hold-{number}"}
            assert served("settle", cost_usd="0.5", **fields).error is None
        return granted

    for turn in range(ROUNDS):
        begin(noon, turn, limit_calls=25)
        assert sum(callers(act)) == 25
        assert committed(noon, "calls") == 25
        assert not differences(noon.rows())


def test_a_reserve_of_20_percent_is_left_to_those_who_wrap_up(
    noon: MemoryCloud, callers: Callable[..., list[Any]], stripes: str
) -> None:
    for turn in range(ROUNDS):
        begin(noon, turn, limit_calls=25, reserve_percent=20)
        assert sum(callers(lambda n: reserve(f"hold-{n}"), MANY)) == 20
        wraps = callers(lambda n: reserve(f"last-{n}", wrap_up=bool(n % 2)), MANY)
        assert sum(wraps) == 5
        assert not any(wraps[::2])
        assert committed(noon, "calls") == 25
        assert not differences(noon.rows())
