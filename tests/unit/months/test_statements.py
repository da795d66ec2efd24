"""Statements: what a month came to, the same figures always in the same form."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import Move, system_key, tenant_key
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.months.statements import (
    MAX_LINES,
    Figures,
    MonthTerms,
    in_force,
    statement,
    statement_key,
    undone,
)
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.raises import Raise

END = datetime(2026, 11, 30, 15, tzinfo=UTC)
CLOSED = datetime(2026, 12, 3, 15, tzinfo=UTC)
TOTALS = Move(Decimal(12), Decimal(2), Decimal(5), 1, 4, 100, 70, 30)
CRAWLER, OWN_COST = Move(spent=Decimal(7), entries=3), Move(spent=Decimal(5), entries=1)
FIGURES = Figures(TOTALS, Move(spent=Decimal(1), entries=1, tokens=9), {})
NIGHTLY = Budget(
    "nightly",
    "agent",
    Decimal("2.5"),
    "alert",
    "shadow",
    "day",
    "crawler",
    created_at=END,
    source="tenant",
    raises=(
        Raise("r1", Decimal(1), "ana", "x", END, period="2026-12-01"),
        Raise("r2", Decimal(2), "ana", "x", END, until=CLOSED),
        Raise("r3", Decimal(4), "ana", "x", END, period="2026-11-30"),
    ),
)


def line(spent: str, tokens: int = 0, entries: int = 0) -> dict[str, Any]:
    return {"spent_usd": spent, "tokens": tokens, "entries": entries}


def terms(limit: str | None) -> MonthTerms:
    return MonthTerms(END, CLOSED, None if limit is None else Decimal(limit), ({"budget_id": "b"},))


def test_a_statement_says_what_was_spent_of_what_was_allowed() -> None:
    found = statement(tenant_key("acme", "2026-11"), 2, FIGURES, terms("10"), CLOSED)
    assert found == {
        "tenant_id": "acme",
        "scope": "tenant",
        "month": "2026-11",
        "number": 2,
        "closed_at": "2026-12-03T15:00:00Z",
        "ends_at": "2026-11-30T15:00:00Z",
        "takes_costs_until": "2026-12-03T15:00:00Z",
        "limit_usd": "10",
        "overrun_usd": "2",
        "held_usd": "2",
        "spent_usd": "12",
        "agent_cost_usd": "7",
        "workflow_cost_usd": "5",
        "entries": 4,
        "tokens": 100,
        "input_tokens": 70,
        "output_tokens": 30,
        "late": line("1", 9, 1),
        "budgets": [{"budget_id": "b"}],
    }


def test_below_a_limit_or_without_one_nothing_is_overrun() -> None:
    system = system_key("2026-11")
    below = statement(system, 1, FIGURES, terms("12"), CLOSED)
    assert (below["tenant_id"], below["limit_usd"], below["overrun_usd"]) == (None, "12", "0")
    without = statement(system, 1, FIGURES, terms(None), CLOSED)
    assert (without["limit_usd"], without["overrun_usd"]) == (None, "0")


@pytest.mark.parametrize(
    ("change", "adds_up"),
    [({}, True), ({"spent": Decimal(6)}, False), ({"entries": 4}, False), ({"tokens": 1}, False)],
)
def test_a_breakdown_is_the_total_in_money_and_in_counts(
    change: dict[str, Any], *, adds_up: bool
) -> None:
    parts = {"agent": [("crawler", replace(CRAWLER, **change)), (None, OWN_COST)]}
    whole = Move(spent=Decimal(12), entries=4)
    assert Figures(whole, Move(), parts).adds_up is adds_up
    assert not Figures(replace(whole, workflow_spent=Decimal(1)), Move(), parts).adds_up


def test_the_largest_lines_come_first_and_of_equal_ones_the_first_name() -> None:
    one = Move(spent=Decimal(1))
    parts = {"agent": [("b", one), (None, one), ("A", one), ("c", Move(spent=Decimal(2)))]}
    dumped = Figures(TOTALS, Move(), parts).dump()
    assert dumped["by_agent"] == [
        {"name": "c", **line("2")},
        {"name": None, **line("1")},
        {"name": "A", **line("1")},
        {"name": "b", **line("1")},
    ]
    assert dumped["by_agent_others"] is None


def test_all_names_beyond_the_most_are_one_line() -> None:
    many = [(f"a{n:03}", Move(spent=Decimal(1), tokens=1)) for n in range(MAX_LINES + 3)]
    dumped = Figures(TOTALS, Move(), {"model": many}).dump()
    assert len(dumped["by_model"]) == MAX_LINES
    assert dumped["by_model_others"] == {"names": 3, **line("3", 3)}


def test_lines_fill_their_space_to_the_last_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"agent": [("é", Move(spent=Decimal(2))), ("e", Move(spent=Decimal(1)))]}
    lines = [{"name": "é", **line("2")}, {"name": "e", **line("1")}]
    size = sum(len(json.dumps(one, ensure_ascii=False).encode()) for one in lines)
    for space, kept in ((size, 2), (size - 1, 1)):
        monkeypatch.setattr("budget_monitor.domain.months.statements.MAX_BYTES", space)
        dumped = Figures(TOTALS, Move(), parts).dump()
        assert dumped["by_agent"] == lines[:kept]


def test_the_digest_is_that_of_the_figures_with_their_names_in_order() -> None:
    text = json.dumps(FIGURES.dump(), sort_keys=True)
    assert FIGURES.digest == sha256(text.encode()).hexdigest()
    held = replace(FIGURES, totals=replace(TOTALS, held=Decimal(0)))
    assert held.digest == FIGURES.digest


def test_a_statement_has_a_budget_with_its_limit_and_raises_of_that_moment() -> None:
    tokyo = Calendar("Asia/Tokyo")
    assert in_force(NIGHTLY, tokyo, END) == {
        "budget_id": "nightly",
        "scope": "agent",
        "scope_id": "crawler",
        "period": "day",
        "limit_usd": "5.5",
        "action": "alert",
        "enforcement": "shadow",
        "source": "tenant",
        "raises": [
            {"raise_id": "r1", "amount_usd": "1"},
            {"raise_id": "r2", "amount_usd": "2"},
        ],
    }
    assert in_force(NIGHTLY, tokyo, CLOSED)["raises"] == []
    assert in_force(replace(NIGHTLY, limit=None), tokyo, END)["limit_usd"] is None


def test_a_raise_for_every_run_is_shown_with_the_budget_of_runs() -> None:
    for_runs = Raise("r1", Decimal(1), "ana", "x", END, period="run")
    of_runs = replace(NIGHTLY, period="run", raises=(for_runs,))
    assert in_force(of_runs, Calendar(), END)["limit_usd"] == "3.5"


def change(budget_id: str | None, before: Budget | None) -> dict[str, Any]:
    told = None if before is None else {**before.dump(), "source": before.source}
    return {"budget_id": budget_id, "before": told}


def test_changes_are_taken_back_the_latest_first() -> None:
    lower, other = replace(NIGHTLY, limit=Decimal(1)), replace(NIGHTLY, budget_id="other")
    changes = [change(None, None), change("nightly", None), change("nightly", lower)]
    assert undone([NIGHTLY, other], changes[:1], END) == [NIGHTLY, other]
    assert undone([NIGHTLY, other], changes[:2], END) == [other]
    assert undone([NIGHTLY, other], changes, END) == [other, lower]
    assert undone([other], [change("nightly", None)], END) == [other]


def test_raises_of_another_owner_are_kept_where_they_were_there_at_the_moment() -> None:
    (first, second, third) = NIGHTLY.raises
    earlier = replace(first, raise_id="r0", at=END.replace(hour=14))
    now = replace(NIGHTLY, raises=(second, earlier, replace(third, raise_id="r9")))
    then = replace(NIGHTLY, raises=(second,))
    assert undone([now], [change("nightly", then)], END) == [
        replace(NIGHTLY, raises=(second, earlier))
    ]


def test_the_statements_of_a_month_have_a_document() -> None:
    assert statement_key("acme", "2026-11") == DocumentKey("acme", "statement", "2026-11")


MODELS = Figures(
    TOTALS,
    Move(),
    {"model": [("gpt-4o-2024", CRAWLER), ("gpt-4o", OWN_COST)], "agent": [("a", TOTALS)]},
    {"model": [("gpt-4o", Move(spent=Decimal(12))), ("other", Move())]},
    {"gpt-4o": ("gpt-4o", "gpt-4o-2024")},
)


def test_names_of_one_model_are_shown_as_one_line_with_all_their_spellings() -> None:
    dumped = MODELS.dump()
    assert dumped["by_model"] == [
        {"name": "gpt-4o", **line("12"), "spellings": ["gpt-4o", "gpt-4o-2024"]},
        {"name": "other", **line("0"), "spellings": []},
    ]
    assert dumped["by_agent"] == [{"name": "a", **line("12", 100, 4)}]


def test_what_a_models_names_mean_changes_no_digest() -> None:
    assert MODELS.digest == replace(MODELS, shown={}, spellings={}).digest


def test_a_statement_has_a_budgets_limits_in_calls_and_tokens() -> None:
    counted = replace(NIGHTLY, counted={"calls": Decimal(5), "tokens": Decimal(900)})
    found = in_force(counted, Calendar(), END)
    assert (found["limit_calls"], found["limit_tokens"]) == (5, 900)


def test_what_was_carried_into_months_is_kept_when_a_change_is_undone() -> None:
    now = replace(NIGHTLY, carried={"2026-11": Decimal(3)})
    lower = replace(NIGHTLY, limit=Decimal(1))
    (then,) = undone([now], [change("nightly", lower)], END)
    assert (then.limit, then.carried) == (Decimal(1), {"2026-11": Decimal(3)})
    (back,) = undone([], [change("nightly", lower)], END)
    assert back.carried == {}
