"""Rollover rules as kept, their damage, and an execution's own limit that equals its budget's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import WorkflowTerms, execution_key
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.set_prices import PriceListEdition
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.rollovers import Rollover, month_after
from budget_monitor.domain.rules.rulebook import Rules, policy_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULE = Rollover(Decimal("30.5"), "2026-11")


def test_a_rollover_is_kept_as_it_was_set() -> None:
    assert RULE.dump() == {"most_usd": "30.5", "since": "2026-11"}
    assert Rollover.load(RULE.dump()) == RULE
    assert Rollover.load({}) is None


@pytest.mark.parametrize(("field", "value"), [("most_usd", "x"), ("since", "2026-13")])
def test_a_damaged_field_of_a_rollover_is_named(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Rollover.load(RULE.dump() | {field: value})
    assert refused.value.field == field


def test_the_year_0999_ends_in_four_digits() -> None:
    assert month_after("0998-12") == "0999-01"
    assert month_after("2026-09") == "2026-10"


def test_editions_of_the_price_list_are_kept_with_the_systems_rules() -> None:
    edition = PriceListEdition("k", "v", "s", date(2026, 11, 20), NOON, "ana", "newer", 4)
    rules = Rules("*", 4, price_lists=(edition,))
    assert rules.dump()["price_lists"] == [edition.dump()]
    assert Rules.load("*", 4, rules.dump()) == rules
    defaults = default_policy(None, None, None, None)
    assert policy_of(defaults, rules, Rules("acme")).price_lists == (edition,)


def test_an_executions_own_limit_of_5_usd_leaves_its_budgets_gate_of_5_usd_as_it_is() -> None:
    gate = Gate(Budget("execution", "execution", Decimal(5)), execution_key("acme", "e1"))
    assert gate.under(WorkflowTerms(limit=Decimal(5))) is gate
    assert gate.under(WorkflowTerms(limit=Decimal("5.01"))) == replace(
        gate, budget=replace(gate.budget, limit=Decimal("5.01")), of_run=True
    )
