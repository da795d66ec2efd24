"""A budget in each of its units, the part that any request may use, and what adds to a limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.grants import Balance, Grant, Tally
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.rollovers import Rollover
from budget_monitor.domain.rules.wind_down import Rung
from budget_monitor.domain.units import UNITS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EARLIER = NOON - timedelta(days=1)
GRANT = Grant("g1", Decimal(20), "ana", "paid", NOON)
TEN = Budget("cap", "user", Decimal(10), scope_id="ana", created_at=EARLIER)
COUNTED = replace(
    TEN,
    counted={"tokens": Decimal(500), "calls": Decimal(7)},
    counted_since={"tokens": NOON},
    raises=(Raise("r1", Decimal(5), "ana", "launch", NOON, until=NOON),),
    raised=Decimal(2),
    balance=Balance((GRANT,)),
    rollover=Rollover(Decimal(3), "2026-11"),
    carried={"2026-11": Decimal(1)},
)


def test_a_budget_without_counts_is_seen_as_it_is() -> None:
    assert TEN.by_unit == (TEN,)
    assert TEN.limits == {"usd": Decimal(10)}
    assert TEN.units_taken == ("usd",)
    assert replace(TEN, limit=None).units_taken == UNITS


def test_a_budget_in_tokens_and_calls_has_neither_raises_nor_balance_there() -> None:
    usd, tokens, calls = COUNTED.by_unit
    plain = replace(TEN, unit="tokens", limit=Decimal(500), created_at=NOON)
    plain = replace(plain, counted_since={"tokens": NOON})
    assert usd is COUNTED
    assert tokens == plain
    assert [*tokens.raises, *tokens.carried, *tokens.counted] == []
    assert tokens.raised == 0
    assert (tokens.balance, tokens.rollover) == (Balance(), None)
    assert calls == replace(plain, unit="calls", limit=Decimal(7), created_at=EARLIER)
    assert COUNTED.limits == {"usd": Decimal(10), "tokens": Decimal(500), "calls": Decimal(7)}
    assert replace(COUNTED, limit=None).units_taken == ("tokens", "calls")


def test_without_a_limit_in_usd_only_a_built_in_budget_is_seen_in_usd() -> None:
    unlimited = replace(COUNTED, limit=None)
    assert [one.unit for one in unlimited.by_unit] == ["tokens", "calls"]
    built_in = replace(unlimited, budget_id="tenant-month")
    assert [one.unit for one in built_in.by_unit] == ["usd", "tokens", "calls"]


@pytest.mark.parametrize(
    ("reserve", "ladder", "open_limit"),
    [
        (0, (), "10"),
        (20, (), "8"),
        (0, (Rung("small", None, 70),), "7"),
        (20, (Rung("small", None, 90),), "8"),
    ],
)
def test_any_request_may_use_the_limit_less_reserve_and_ladder(
    reserve: int, ladder: tuple[Rung, ...], open_limit: str
) -> None:
    budget = replace(TEN, reserve_percent=reserve, downgrade=ladder)
    assert budget.winds_down is bool(reserve or ladder)
    assert budget.open_limit == Decimal(open_limit)
    assert replace(budget, limit=None).open_limit is None
    assert budget.percent_for("big", wrap_up=False) == Decimal(open_limit) * 10


@pytest.mark.parametrize(
    ("scope", "scope_id", "each", "named"),
    [
        ("user", None, False, False),
        ("user", "*", True, False),
        ("user", "ana", False, True),
        ("model", "claude-*", False, False),
        ("model", "claude-4", False, True),
        ("user", "ana-*", False, True),
    ],
)
def test_a_budget_is_for_everyone_each_name_a_family_or_one_name(
    scope: str,
    scope_id: str | None,
    each: bool,  # noqa: FBT001 - a column of the table
    named: bool,  # noqa: FBT001 - the same
) -> None:
    budget = Budget("b", scope, Decimal(1), scope_id=scope_id)
    assert (budget.is_each, budget.is_for_a_name) == (each, named)


def test_grants_and_what_was_carried_add_to_the_limit_and_decreases_end_at_zero() -> None:
    carried = replace(TEN, carried={"2026-11": Decimal(4)})
    assert carried.at(NOON, "2026-11").limit == Decimal(14)
    assert carried.at(NOON, "2026-12").limit == Decimal(10)
    granted = replace(TEN, balance=Balance((GRANT,)))
    assert granted.at(NOON, "total").limit == Decimal(30)
    less = replace(TEN, raises=(Raise("r", Decimal(-99), "ana", "cut", NOON, "2026-11"),))
    lowest = less.at(NOON, "2026-11")
    assert (lowest.limit, lowest.raised) == (Decimal(0), Decimal(-10))
    assert lowest.base_limit == Decimal(10)
    assert TEN.at(NOON, "2026-11") is TEN


def test_a_budget_with_grants_or_rollover_keeps_a_balance() -> None:
    assert not TEN.keeps_balance
    assert replace(TEN, balance=Balance((GRANT,))).keeps_balance
    assert replace(TEN, rollover=Rollover(Decimal(1), "2026-11")).keeps_balance


def test_rollover_counts_and_signers_are_kept_as_they_were_set() -> None:
    signed = Raise("r1", Decimal(-5), "ana", "cut", NOON, "2026-11", principal="role/a")
    grant = replace(GRANT, expires_at=NOON, priority=2, principal="role/b")
    budget = replace(
        COUNTED,
        raised=Decimal(0),
        carried={},
        raises=(signed,),
        balance=Balance((grant,), Tally(NOON, Decimal(3), {"g1": Decimal(-1)}, Decimal(-2))),
    )
    dumped = budget.dump()
    assert dumped["limit_tokens"] == 500
    assert dumped["limit_calls"] == 7
    assert dumped["counted_since"] == {"tokens": "2026-11-22T12:00:00Z"}
    assert dumped["rollover"] == {"most_usd": "3", "since": "2026-11"}
    assert dumped["balance"] == {
        "grants": [
            {
                "grant_id": "g1",
                "amount_usd": "20",
                "by": "ana",
                "reason": "paid",
                "at": "2026-11-22T12:00:00Z",
                "expires_at": "2026-11-22T12:00:00Z",
                "priority": 2,
                "principal": "role/b",
            }
        ],
        "tally": {
            "at": "2026-11-22T12:00:00Z",
            "spent_usd": "3",
            "used_usd": {"g1": "-1"},
            "past_usd": "-2",
        },
    }
    assert dumped["raises"][0]["principal"] == "role/a"
    loaded = Budget.load("cap", "default", dumped)
    assert loaded == budget
    assert (loaded.counted, loaded.counted_since) == (budget.counted, budget.counted_since)
    assert (loaded.balance, loaded.rollover) == (budget.balance, budget.rollover)


@pytest.mark.parametrize("name", ["life"])
def test_a_life_that_is_no_text_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=r"^not a text$"):
        Budget.load("cap", "tenant", TEN.dump() | {name: 7})


def test_grants_are_spent_by_expiry_then_priority_then_age_then_id() -> None:
    def grant(name: str, days: int | None = None, priority: int = 0, age: int = 0) -> Grant:
        expires_at = None if days is None else NOON + timedelta(days=days)
        return Grant(name, Decimal(1), "a", "r", NOON - timedelta(age), expires_at, priority)

    order = [
        grant("soon", days=1, priority=9),
        grant("later", days=2),
        grant("old", age=3),
        grant("a"),
        grant("b"),
        grant("last", priority=1),
    ]
    order.reverse()
    ranked = sorted(order, key=lambda one: one.rank)
    assert [one.grant_id for one in ranked] == ["soon", "later", "old", "a", "b", "last"]


def test_what_an_expired_and_removed_grant_got_back_is_spent_before_anything_else() -> None:
    tally = Tally(NOON, Decimal(10), {}, Decimal(13))
    spent = tally.spread([GRANT], Decimal(15), NOON)
    assert spent.used == {"g1": Decimal(2)}
    assert spent.past == Decimal(13)
    balance = Balance((GRANT,), tally)
    assert balance.left(GRANT, Decimal(15), NOON) == Decimal(18)
    assert balance.granted(NOON) == Decimal(33)
