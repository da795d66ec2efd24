"""A page of entries ends before its answer is larger than Lambda gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budget_monitor.entrypoints.reporting import page_size
from tests.support.builders import Tenant

if TYPE_CHECKING:
    import pytest


def test_a_page_ends_before_its_answer_is_too_large_and_goes_on(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_size, "MAX_BYTES", 4000)
    ids_of = [tenant.spend("1", agent="x" * 200, agent_execution_id="run") for _ in range(9)]
    found, cursor = list[str](), dict[str, Any]()
    for _ in range(9):
        body = tenant.call("ledger", **cursor).body
        assert 1 <= len(body["items"]) <= 4
        found += [one["entry_id"] for one in body["items"]]
        if body["cursor"] is None:
            break
        cursor = {"cursor": body["cursor"]}
    assert sorted(found) == sorted(ids_of)
    run = tenant.call("execution", agent_execution_id="run").body
    assert len(run["items"]) < 9
    assert run["cursor"]
