"""Matching: which budgets a request meets, by which of its names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.matching import ListedNames, Matcher, as_said

LABELS = Labels(
    agent_execution_id="e1",
    agent="crawler",
    workflow="etl",
    model="GPT-4o-2024-08-06",
    provider="Azure",
    user="ann",
    tags=("blue", "red"),
)


def listed(provider: str | None, model: str | None) -> ListedNames:
    """A price list that knows one model by two names."""
    names = as_said(provider, model)
    known = {"gpt-4o-2024-08-06": "gpt-4o"}
    return ListedNames(names.provider, names.model and known.get(names.model, names.model))


def budget(scope: str, scope_id: str | None = None, period: str = "day", **fields: Any) -> Budget:
    budget_id = fields.pop("budget_id", f"{scope}-{scope_id}")
    return Budget(budget_id, scope, Decimal(5), period=period, scope_id=scope_id, **fields)


def met(labels: Labels | None, *budgets: Budget) -> list[tuple[str, str | None]]:
    return [(one.budget_id, name) for one, name in Matcher(budgets, listed).meets(labels)]


@pytest.mark.parametrize(
    ("scope", "scope_id", "meets"),
    [
        ("tenant", None, True),
        ("user", "ann", True),
        ("user", "bob", False),
        ("tag", "red", True),
        ("tag", "green", False),
        ("agent", "crawler", True),
        ("workflow", "other", False),
        ("model", "gpt-4o", True),
        ("model", "gpt-4o-mini", False),
        ("model", "gpt-4o-2024-08-06", True),
        ("model", "gpt-*", True),
        ("model", "gpt-4o-2024*", True),
        ("model", "claude-*", False),
        ("provider", "AZURE", True),
        ("provider", "openai", False),
    ],
)
def test_a_budget_is_met_by_its_name(scope: str, scope_id: str | None, *, meets: bool) -> None:
    assert bool(met(LABELS, budget(scope, scope_id))) is meets


def test_a_budget_for_each_tag_counts_both_tags() -> None:
    assert met(LABELS, budget("tag", "*")) == [("tag-*", "blue"), ("tag-*", "red")]


def test_a_budget_for_one_name_takes_the_place_of_the_one_for_each() -> None:
    each, own = budget("tag", "*"), budget("tag", "red")
    assert met(LABELS, each, own) == [("tag-*", "blue"), ("tag-red", None)]
    assert Matcher([each, own]).replaced_by(own) == [each]
    hourly, shadow = budget("tag", "red", "hour"), budget("tag", "red", enforcement="shadow")
    for other in (hourly, shadow):
        assert (("tag-*", "red") in met(LABELS, each, other)) is True
        assert Matcher([each, other]).replaced_by(other) == []


def test_a_request_without_the_label_meets_no_budget_of_that_scope() -> None:
    bare = Labels(agent_execution_id="e1")
    assert met(bare, budget("user"), budget("tag", "*"), budget("model", "gpt-*")) == []


def test_without_labels_all_budgets_are_met_but_those_for_each_name() -> None:
    some = (budget("user", "ann"), budget("tag", "*"), budget("tenant"))
    assert met(None, *some) == [("user-ann", None), ("tenant-None", None)]


def test_budgets_for_single_runs_are_found_by_the_name_of_the_run() -> None:
    own, each, any_run = (budget("agent", name, "run") for name in ("crawler", "*", None))
    found = Matcher([own, each, any_run, budget("agent", "crawler")]).of_run
    assert found({"agent"}, "crawler") == [own, any_run]
    assert found({"agent"}, "writer") == [each, any_run]
    assert found({"agent"}, None) == [any_run]
    assert found({"workflow"}, "crawler") == []
    assert met(LABELS, own, each, any_run) == []


def test_the_first_name_of_a_run_counts_and_not_a_later_one() -> None:
    labels = Labels(agent_execution_id="e1", agent="writer", run_agent="crawler")
    assert met(labels, budget("agent", "crawler"), budget("agent", "writer")) == [
        ("agent-crawler", None)
    ]


def test_resolved_names_are_not_looked_up_again() -> None:
    labels = Labels(agent_execution_id="e1", model="x", model_resolved="gpt-4o")
    assert Matcher([], listed).resolved(labels) == ListedNames(None, "gpt-4o")
    assert Matcher([], listed).resolved(Labels()) == ListedNames(None, None)
