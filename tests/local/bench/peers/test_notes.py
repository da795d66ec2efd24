"""The table of other libraries has each of them, and what was left out and why."""

from __future__ import annotations

from local.bench.document import table
from local.bench.peers.adapters import PEERS
from local.bench.peers.notes import ASKS, MISSING, REMARKS, SCOPE, notes_table, peers_table
from tests.support.bench.results import results


def test_every_library_says_what_a_decision_asks_and_how_far_a_budget_reaches() -> None:
    assert set(ASKS) == set(SCOPE) == set(PEERS)


def test_the_table_has_figures_and_failures() -> None:
    text = peers_table(results()["peers"], table)
    assert "| Budget Monitor | 0 | 0 | 4.2 | 1 request to DynamoDB | 6 |" in text
    assert "| agentbudget 0.4.0 | not measured: not installed: a   b |" in text


def test_remarks_are_about_libraries_of_the_table() -> None:
    assert set(REMARKS) <= set(PEERS)
    assert all(f"- **{name}**: {words}" in notes_table(table) for name, words in REMARKS.items())


def test_what_was_not_measured_is_named() -> None:
    text = notes_table(table)
    assert all(f"**{name}** was not measured" in text for name in MISSING)
