"""Every page: links lead to pages, and odd names come out harmless."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, Page, home_of, is_route, must_be_harmless
from tests.support.rules.governing import WHO
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"
ODD_NAMES = [
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "{{ 7 * 7 }}",
    "שלום עולם",
    "=cmd|' /C calc'!A0",
    "x" * 256,
]


def test_every_link_of_every_page_leads_to_a_page(browser: Browser, tenant: Tenant) -> None:
    with at(NOON):
        odd = {"agent_execution_id": "a:b.c-d", "workflow_execution_id": "f:1"}
        tenant.spend("1", agent="writer", **odd)
        tenant.hold("1", **odd)
        waiting, seen = [browser.sign_in().path], dict[str, Page]()
        while waiting:
            path = waiting.pop()
            if path not in seen:
                assert is_route(path), path
                seen[path] = browser.open(path)
                assert seen[path].status == 200, path
                waiting += seen[path].links
    assert len(seen) == 4


def test_odd_names_come_out_as_text_isolated_and_harmless(browser: Browser, tenant: Tenant) -> None:
    with at(NOON):
        for number, name in enumerate(ODD_NAMES):
            labels = {"agent": name, "model": name, "user": name, "tags": [name]}
            tenant.spend("1", agent_execution_id=f"run-{number}", provider="p", **labels)
        tenant.call("set_tenant", owner="<script>alert(2)</script>", **WHO)
        browser.sign_in()
        for path in ("/dashboard", home_of(tenant), f"{home_of(tenant)}/executions/run-0"):
            page = browser.open(path)
            assert page.status == 200
            with must_be_harmless(page):
                assert "<img" not in page.html
                assert "<script" not in page.html
        page = browser.open(home_of(tenant))
    for name in ODD_NAMES:
        assert name in page.text
    assert "<bdi>שלום עולם</bdi>" in page.html
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt;</bdi>" in page.html
