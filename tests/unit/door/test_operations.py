"""The tables of operations: what each function answers, by which name and route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from budget_monitor.entrypoints import alerting, checking, expiring, resetting
from budget_monitor.entrypoints.budgeting import operations as budgeting
from budget_monitor.entrypoints.door.operations import DIRECT, READ, Operation
from budget_monitor.entrypoints.reporting import operations as reporting
from budget_monitor.entrypoints.tracking import operations as tracking

FUNCTIONS: dict[str, Sequence[Operation[Any]]] = {
    "alerting": alerting.OPERATIONS,
    "budgeting": budgeting.OPERATIONS,
    "checking": checking.OPERATIONS,
    "expiring": expiring.OPERATIONS,
    "reporting": reporting.OPERATIONS,
    "resetting": resetting.OPERATIONS,
    "tracking": tracking.OPERATIONS,
}


def test_no_two_operations_have_one_name() -> None:
    names = [one.name for operations in FUNCTIONS.values() for one in operations]
    assert len(names) == len(set(names))


def test_no_two_operations_have_one_route() -> None:
    routes = [
        (one.method, one.path)
        for operations in FUNCTIONS.values()
        for one in operations
        if one.method != DIRECT
    ]
    assert len(routes) == len(set(routes))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_operation_says_in_its_docstring_what_the_caller_gets(function: str) -> None:
    assert all((one.run.__doc__ or "").strip() for one in FUNCTIONS[function])


def test_a_read_takes_no_idempotency_key_and_every_other_route_does() -> None:
    reads = [one for one in reporting.OPERATIONS if one.method == READ]
    assert reads
    assert not any(one.keyed for one in reads)
    assert all(one.keyed for one in tracking.OPERATIONS)
    assert {one.name for one in checking.OPERATIONS if not one.keyed} == {
        "check",
        "get_reservation",
    }
