"""Links to pages: who may make which, for how long, and what is known of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, link
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.doors.doors import DirectDoor, HttpDoor

WHO: dict[str, Any] = {"by": "maria", "reason": "acme asked"}


@pytest.mark.parametrize("door", [HttpDoor, DirectDoor], ids=["http", "direct"], indirect=True)
def test_a_link_over_http_names_the_address_and_a_direct_one_only_if_it_is_set(
    door_tenant: Tenant, secret: MemorySecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = door_tenant.call("dashboard_link", **WHO)
    assert made.has_status(201)
    assert made.body["tenant_id"] == door_tenant.id
    assert made.body["path"].startswith("/dashboard/sign-in?token=")
    by_http = isinstance(door_tenant.door, HttpDoor)
    known = f"https://api.example.com{made.body['path']}"
    assert made.body["url"] == (known if by_http else None)
    monkeypatch.setenv("DASHBOARD_URL", "https://budgets.example.com/")
    made = door_tenant.call("dashboard_link", **WHO)
    assert made.body["url"] == f"https://budgets.example.com{made.body['path']}"
    assert door_tenant.door.call("system_dashboard_link", **WHO).body["tenant_id"] is None


@pytest.mark.parametrize("door", [HttpDoor, DirectDoor], ids=["http", "direct"], indirect=True)
@pytest.mark.parametrize(
    ("field", "value"),
    [("by", ""), ("reason", None), ("valid_minutes", 0), ("valid_minutes", 10_081), ("life", 1)],
)
def test_a_bad_field_of_a_link_is_named(
    door_tenant: Tenant, secret: MemorySecret, field: str, value: Any
) -> None:
    answer = door_tenant.call("dashboard_link", **WHO | {field: value})
    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert secret.reads == 0


def test_the_log_says_who_made_a_link_and_never_the_link(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    made = link("acme")
    browser.get(made["path"])
    (line,) = [vars(one) for one in caplog.records if "link" in one.message]
    assert (line["by"], line["reason"]) == ("maria", "a look at the month")
    assert line["tenant_id"] == "acme"
    token = made["path"].partition("token=")[2]
    assert token not in "".join(str(vars(one)) for one in caplog.records)
