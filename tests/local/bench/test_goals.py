"""Which goals are met, and by how much the others are missed."""

from __future__ import annotations

from local.bench.goals import Goal, goals
from tests.support.bench.results import load, results

ONE_ROW = "100 callers of one tenant, 10 ms, 1 row (the template's)"
GROWN = "100 callers of one tenant, 10 ms, 16 rows (grown twice)"


def test_a_run_that_meets_all_goals() -> None:
    found = goals(results())
    assert len(found) == 16
    assert [one.name for one in found if not one.met] == []
    assert {one.verdict for one in found} == {"yes"}


def test_goals_are_judged_by_the_numbers_of_the_run() -> None:
    run = results()
    run["hot_path"]["check"]["ratio"] = 1.5
    of_one_row = load(p99_ms=5600, unavailable=7, pairs_per_second=400.0)
    grown = load(tenant_stripes=16, overtaken_p99=350, pairs_per_second=300.0)
    faster = load(lock_ms=5, pairs_per_second=2000.0)
    run["contention"]["loads"] = [of_one_row, grown, faster]
    run["reads"]["200,000"]["ledger"] = 4
    missed = {one.name: one.verdict for one in goals(run) if not one.met}
    assert missed == {
        "CPU of `check`, times a raw call": "no: 20 % above it",
        f"p99 of a request, {ONE_ROW}": "no: 460 % above it",
        f"503s, {ONE_ROW}": "no: 7 instead of 0",
        f"later requests that overtake one (p99), {GROWN}": "no: 250 % above it",
        "pairs a second for the system, 16 rows": "no: 60 % below it",
        "reads with more requests at 200,000 entries than at 1,000": "no: 1 instead of 0",
    }


def test_a_section_that_failed_has_no_goals() -> None:
    run = results() | {"contention": {"failed": "the section ended with status 1"}}
    assert not any("callers of one tenant" in one.name for one in goals(run))


def test_a_number_at_its_goal_meets_it_from_both_sides() -> None:
    assert Goal("most", 20, 20).met
    assert Goal("fewest", 1000, 1000, at_least=True).met
    assert Goal("fewest", 1000, 1000, at_least=True).bound == "at least 1,000"
