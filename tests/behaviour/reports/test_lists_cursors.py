"""Cursors that were made by hand: each is a 400, and none shows anything of another tenant."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.entrypoints.door.cursors import write_cursor
from tests.support.builders import Tenant

RUNS = ("runs", "{}", "execution", "{order}", None, None, "None")


def by_hand(tenant: Tenant, order: str, position: str) -> Any:
    """The answer to a cursor with the mark of the query and another position."""
    query = [one and one.format(tenant.id, order=order) for one in RUNS]
    cursor = write_cursor(position, *query)
    return tenant.call("list_executions", order=order, cursor=cursor)


@pytest.mark.parametrize(
    ("order", "position"),
    [
        ("spend", "1#theirs%23execution%23run-1%23run"),
        ("spend", "1#{tenant}%23user%23ana%232026-11"),
        ("spend", "1#nothing"),
        ("spend", "1e9#{tenant}%23execution%23run-1%23run"),
        ("spend", ""),
        ("recent", "2026-11-22T10:00:00.000000Z#theirs%23execution%23run-1%23run"),
        ("recent", "tomorrow#{tenant}%23execution%23run-1%23run"),
    ],
)
def test_a_position_that_is_not_of_the_list_is_refused(
    tenant: Tenant, order: str, position: str
) -> None:
    tenant.spend("1", agent_execution_id="run-1", user="ana")

    answer = by_hand(tenant, order, position.replace("{tenant}", tenant.id))

    assert (answer.error, answer.field) == ("VALIDATION_ERROR", "cursor")


def test_a_position_of_the_list_goes_on_behind_it(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="run-1")
    tenant.spend("3", agent_execution_id="run-2")

    page = by_hand(tenant, "spend", f"2#{tenant.id}%23execution%23run-3%23run").body

    assert [one["agent_execution_id"] for one in page["items"]] == ["run-1"]
