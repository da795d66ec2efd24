"""Names of runs: the first name counts, and rows are read only where a budget needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from budget_monitor.domain.accounting.accounts import Account, AccountKey, execution_key
from budget_monitor.domain.rules.matching import ListedNames
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.usecases.accounting import run_names
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.run_names import RunNames, listed
from tests.support.rules.policies import BOOKED, FLOW, LABELS, NOON, PLAIN, RUN, budget, policy

PARENT = execution_key("acme", "e0")
OF_AGENTS = policy(budget("crawl", "agent", "day", scope_id="crawler"))
OF_RUNS = policy(budget("crawl", "agent", scope_id="crawler"))
OF_WORKFLOWS = policy(budget("load", "workflow", "day", scope_id="etl"))


class Rows:
    """Stored names of runs, and which of them were read."""

    def __init__(self, **named: str | None) -> None:
        keys = {"run": RUN, "flow": FLOW, "parent": PARENT}
        self.names = {keys[run]: name for run, name in named.items()}
        self.reads = list[set[AccountKey]]()

    def __call__(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        asked = set(accounts)
        self.reads.append(asked)
        return {one: Account(one, name=self.names[one]) for one in asked if one in self.names}


def plan(rules: Policy, **labels: Any) -> Plan:
    return Plan("acme", replace(LABELS, **labels), BOOKED, rules, NOON)


def test_without_budgets_by_name_nothing_is_read() -> None:
    rows = Rows(run="crawler")
    given = plan(PLAIN, agent=None)
    assert RunNames(rows).completed(given) == given
    assert rows.reads == []


def test_a_request_that_says_its_name_costs_no_read_and_asserts_the_name() -> None:
    rows = Rows(run="writer")
    found = RunNames(rows).completed(plan(OF_AGENTS))
    assert (found.labels.run_agent, rows.reads) == ("crawler", [])


def test_a_request_without_a_name_has_the_stored_one_which_is_remembered() -> None:
    rows = Rows(run="crawler")
    names = RunNames(rows)
    for _ in range(2):
        assert names.completed(plan(OF_AGENTS, agent=None)).labels.run_agent == "crawler"
    assert rows.reads == [{RUN}]


def test_the_first_name_that_was_learnt_counts_over_a_later_one() -> None:
    rows = Rows()
    names = RunNames(rows)
    names.learn({FLOW: Account(FLOW, name="nightly")})
    assert names.completed(plan(OF_WORKFLOWS)).labels.run_workflow == "nightly"
    assert rows.reads == []


def test_strictly_the_row_is_read_also_where_the_request_says_a_name() -> None:
    rows = Rows(run="writer")
    found = RunNames(rows).completed(plan(OF_AGENTS), strictly=True)
    assert (found.labels.run_agent, rows.reads) == ("writer", [{RUN}])
    asserted = plan(OF_AGENTS, run_agent="crawler")
    assert RunNames(rows).completed(asserted, strictly=True).labels.run_agent == "crawler"
    assert rows.reads == [{RUN}]


def test_of_runs_above_the_names_are_read_where_a_budget_is_for_single_runs() -> None:
    rows = Rows(parent="crawler")
    assert RunNames(rows).completed(plan(OF_RUNS, ancestors=("e0",))).run_names == {
        PARENT: "crawler"
    }
    assert rows.reads == [{PARENT}]
    daily = Rows(parent="crawler")
    assert RunNames(daily).completed(plan(OF_AGENTS, ancestors=("e0",))).run_names == {}
    assert daily.reads == []


def test_a_row_that_cannot_be_read_asserts_no_lineage() -> None:
    assert RunNames(Rows()).completed(plan(OF_AGENTS, agent=None)).skip_lineage_check
    assert not RunNames(Rows(run=None)).completed(plan(OF_AGENTS, agent=None)).skip_lineage_check


def test_of_3_runs_the_last_2_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_names, "REMEMBERED", 2)
    rows = Rows(run="crawler")
    names, nameless = RunNames(rows), plan(OF_AGENTS, agent=None)

    def learn(*executions: str) -> None:
        for one in executions:
            key = execution_key("acme", one)
            names.learn({key: Account(key, name="x")})

    names.completed(nameless)
    learn("second")
    names.completed(nameless)
    assert rows.reads == [{RUN}]
    learn("third")
    names.completed(nameless)
    assert rows.reads == [{RUN}, {RUN}]


def test_a_row_without_a_name_teaches_none() -> None:
    rows = Rows(run="crawler")
    names = RunNames(rows)
    names.learn({RUN: Account(RUN)})
    assert names.completed(plan(OF_AGENTS, agent=None)).labels.run_agent == "crawler"
    assert rows.reads == [{RUN}]


def test_the_price_list_is_asked_once_for_the_names_of_a_model() -> None:
    asked = list[tuple[str | None, str | None]]()

    def models(provider: str | None, model: str | None) -> ListedNames:
        asked.append((provider, model))
        return ListedNames("openai", "gpt-4o")

    given = plan(replace(PLAIN, models=models), model="GPT-4o")
    found = listed(listed(given))
    assert (found.labels.provider_resolved, found.labels.model_resolved) == ("openai", "gpt-4o")
    assert listed(plan(replace(PLAIN, models=models))).labels.model_resolved is None
    assert asked == [(None, "GPT-4o")]
