"""Which goals are met, and by how much the others are missed."""

from __future__ import annotations

from local.bench.goals import Goal, goals
from tests.support.bench.results import load, results


def test_a_run_that_meets_all_goals() -> None:
    found = goals(results())
    assert len(found) == 13
    assert [one.name for one in found if not one.met] == []
    assert {one.verdict for one in found} == {"yes"}


def test_goals_are_judged_by_the_numbers_of_the_run() -> None:
    run = results()
    run["hot_path"]["check"]["ratio"] = 1.5
    run["contention"]["loads"] = [load(p99_ms=5600, unavailable=7, pairs_per_second=400.0)]
    run["reads"]["200,000"]["ledger"] = 4
    missed = {one.name: one.verdict for one in goals(run) if not one.met}
    assert missed == {
        "CPU of `check`, times a raw call": "no: 20 % above it",
        "p99 of a request, 100 callers of one tenant, 10 ms": "no: 460 % above it",
        "503s, 100 callers of one tenant, 10 ms": "no: 7 instead of 0",
        "pairs a second for the system": "no: 60 % below it",
        "reads with more requests at 200,000 entries than at 1,000": "no: 1 instead of 0",
    }


def test_a_section_that_failed_has_no_goals() -> None:
    run = results() | {"contention": {"failed": "the section ended with status 1"}}
    assert not any("callers of one tenant" in one.name for one in goals(run))


def test_a_number_at_its_goal_meets_it_from_both_sides() -> None:
    assert Goal("most", 20, 20).met
    assert Goal("fewest", 1000, 1000, at_least=True).met
    assert Goal("fewest", 1000, 1000, at_least=True).bound == "at least 1,000"
