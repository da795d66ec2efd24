"""Matching: aliases, names that are resolved already, and budgets that follow one not met."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.prices.set_prices import Alias
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.matching import ListedNames, Matcher, as_said, with_aliases
from budget_monitor.domain.rules.raises import Raise
from tests.support.rules.policies import NOON, PLAIN, RUN, budget, policy

FAST = Alias("fast", "gpt-x", None, "ana", "short", 1)


def test_an_alias_is_looked_up_with_its_provider() -> None:
    resolve = with_aliases(as_said, lambda model, provider: (f"{model} of {provider}", provider))
    assert resolve("azure", "fast") == ListedNames("azure", "fast of azure")


def test_a_policy_knows_what_its_aliases_mean() -> None:
    ours = replace(PLAIN, aliases={"fast": FAST})
    assert ours.meant("fast", "azure") == ("gpt-x", "azure")
    assert PLAIN.meant("fast", "azure") == ("fast", "azure")
    assert ours.matcher.models("azure", "FAST") == ListedNames("azure", "gpt-x")


def test_budgets_after_one_that_is_not_met_are_met() -> None:
    run, other, tenant, user = (
        budget("run", "agent", "run"),
        budget("other", "user", "day", scope_id="bob"),
        budget("tenant", "tenant", "day"),
        budget("user", "user", "day", scope_id="ann"),
    )
    labels = Labels(agent_execution_id="e1", user="ann")
    met = [one.budget_id for one, _ in Matcher([run, other, tenant, user]).meets(labels)]
    assert met == ["tenant", "user"]
    each = budget("each", "tenant", "day", scope_id="*")
    known = [one.budget_id for one, _ in Matcher([run, each, tenant, user]).meets(None)]
    assert known == ["tenant", "user"]


def test_a_provider_that_is_resolved_is_not_looked_up_again() -> None:
    labels = Labels(provider="Azure", model="x", provider_resolved="azure-eu", model_resolved="y")
    assert Matcher([]).resolved(labels) == ListedNames("azure-eu", "y")
    assert Matcher([]).resolved(Labels(provider="Azure")) == ListedNames("azure", None)


def test_a_named_runs_budget_has_its_raises_of_single_runs() -> None:
    more = Raise("r1", Decimal(5), "ana", "x", NOON, period="run")
    own: Budget = budget("own", "agent", scope_id="crawler", raises=(more,))
    assert policy(own).run_gates(RUN, "crawler", NOON)[0].budget.limit == Decimal(8)
