"""A page of entries ends before its answer is larger than Lambda gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budget_monitor.entrypoints.door import page_size
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.rules.governing import cap

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


def pages_of(tenant: Tenant, operation: str, **fields: Any) -> list[list[dict[str, Any]]]:
    """The items of every page."""
    pages, cursor = list[list[dict[str, Any]]](), dict[str, Any]()
    while True:
        body = tenant.call(operation, **fields, **cursor).body
        pages.append(body["items"])
        if body["cursor"] is None:
            return pages
        cursor = {"cursor": body["cursor"]}


def test_each_long_list_ends_its_pages_by_bytes_and_goes_on(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"agent": "x" * 200, "user": "y" * 200}
    for number in range(6):
        cap(tenant, str(5 + number), reason="z" * 500)
        tenant.hold("0.1", reservation_id=f"hold-{number}", agent_execution_id="run", **names)
        text: dict[str, Any] = {"kind": "note", "message": "m" * 900}
        DirectDoor().call("send_alert", tenant_id=tenant.id, **text).body  # noqa: B018

    expected = {
        name: [one for page in pages_of(tenant, name) for one in page]
        for name in ("tenant_history", "list_reservations", "alerts")
    }
    monkeypatch.setattr(page_size, "MAX_BYTES", 4000)
    for name, items in expected.items():
        pages = pages_of(tenant, name)
        assert len(items) >= 6, name
        assert len(pages) > 1, name
        assert [one for page in pages for one in page] == items
        assert all(pages)
