"""What a browser sends beside path and query: its cookies and the address that it asked."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.entrypoints.dashboard.visit import visit_of


def event(path: str = "/dashboard", **more: Any) -> dict[str, Any]:
    """An event of API Gateway."""
    http = {"method": "GET", "path": path}
    return {"rawPath": path, "requestContext": {"domainName": "b.example", "http": http}, **more}


def test_cookies_are_read_from_the_list_or_else_from_the_header() -> None:
    assert visit_of(event(cookies=["a=1", "b=2"])).cookies == {"a": "1", "b": "2"}
    assert visit_of(event(headers={"cookie": "a=1; b=2"})).cookies == {"a": "1", "b": "2"}


@pytest.mark.parametrize("odd", [["\x00"], [""], ["=;="], "text", [7], None])
def test_cookies_of_others_that_cannot_be_read_are_no_error(odd: Any) -> None:
    assert visit_of(event(cookies=odd)).cookies == {}


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/dashboard", "https://b.example"),
        ("/tenants/acme/dashboard-link", "https://b.example"),
        ("/system/dashboard-link", "https://b.example"),
        ("/budgets/tenants/acme/dashboard-link", "https://b.example/budgets"),
        ("/prod/dashboard/tenants/acme", "https://b.example/prod"),
    ],
)
def test_the_address_has_what_stands_before_the_route(path: str, address: str) -> None:
    assert visit_of(event(path)).address == address


def test_a_direct_invocation_has_neither() -> None:
    for one in ({"operation": "dashboard_link"}, None, "text"):
        assert (visit_of(one).cookies, visit_of(one).address) == ({}, None)
