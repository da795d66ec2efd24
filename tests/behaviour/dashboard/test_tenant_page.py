"""The page of a tenant: budgets, breakdowns, runs, costs, and what is out of the ordinary."""

from __future__ import annotations

from tests.support.approvals.asking import ask
from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, home_of
from tests.support.rules.governing import WHO, set_budget
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"


def test_a_tenant_that_never_spent_has_a_page_of_zeros(browser: Browser, tenant: Tenant) -> None:
    with at(NOON):
        browser.sign_in()
        page = browser.open(home_of(tenant))
    assert page.status == 200
    assert "0.00 USD of 1,000.00 USD" in page.text
    assert "Nothing is recorded yet." in page.text


def test_a_tenants_page_shows_its_budgets_breakdowns_runs_and_latest_costs(
    browser: Browser, tenant: Tenant
) -> None:
    labels = {"agent": "writer", "model": "gpt-4o", "user": "ann", "tags": ["blue"]}
    with at(NOON):
        set_budget(tenant, "writers", "20", scope="agent", scope_id="writer", period="day")
        tenant.spend("8.5", agent_execution_id="run-1", workflow_execution_id="flow-1", **labels)
        tenant.hold("1.5", agent_execution_id="run-1", workflow_execution_id="flow-1", **labels)
        tenant.call("pause", workflow_execution_id="flow-1", **WHO)
        browser.sign_in()
        page = browser.open(home_of(tenant))
    said = page.text
    assert "writers agent writer , each day 8.50 USD of 20.00 USD" in said
    assert "10.00 USD block 50, 80, 100 %" in said
    for title, name in (("Agents", "writer"), ("Models", "gpt-4o"), ("Users", "ann")):
        assert f"{title} Name Spent, USD Costs {name} 8.50 1" in said
    assert "Tags Name Spent, USD Costs blue 8.50 1" in said
    assert "Paused workflows" in said
    assert "flow-1 - 8.50 1.50 50.00 paused 22 Nov 2026, 12:00" in said
    assert "22 Nov 2026, 12:00 8.50 writer gpt-4o ann run-1" in said
    assert f"{home_of(tenant)}/executions/run-1" in page.links
    assert f"{home_of(tenant)}/workflows/flow-1" in page.links


def test_the_latest_costs_are_the_last_10_the_latest_first(
    browser: Browser, tenant: Tenant
) -> None:
    for number in range(12):
        with at(f"2026-11-{10 + number}T10:00:00Z"):
            tenant.spend("1", agent=f"agent-{number:02}")
    with at(NOON):
        browser.sign_in()
        page = browser.open(home_of(tenant))
    _, _, costs = page.text.partition("Latest costs")
    shown = [word for word in costs.split() if word.startswith("agent-")]
    assert shown == [f"agent-{number:02}" for number in range(11, 4, -1)]


def test_times_are_in_the_tenants_zone_and_the_page_says_so(
    browser: Browser, tenant: Tenant
) -> None:
    with at("2026-11-22T23:30:00Z"):
        tenant.call("set_tenant", time_zone="Asia/Tokyo", **WHO)
        browser.sign_in()
    with at("2026-12-02T23:30:00Z"):  # a zone holds from the next month on
        tenant.spend("1")
        page = browser.sign_in(tenant.id)
    assert "Times are in Asia/Tokyo." in page.text
    assert "3 Dec 2026, 08:30 1.00" in page.text
    assert 'datetime="2026-12-02T23:30:' in page.html


def test_a_tenant_over_its_limit_is_marked_and_the_bar_shows_where_the_limit_was(
    browser: Browser, tenant: Tenant
) -> None:
    with at(NOON):
        set_budget(tenant, "tenant-month", "10")
        tenant.spend("25")
        page = browser.sign_in(tenant.id)
    assert "25.00 USD of 10.00 USD over the limit" in page.text
    assert "left -15.00" in page.text
    assert '<rect class="end" x="40"' in page.html


def test_a_tenant_without_a_limit_shows_its_spend_and_no_bar(
    browser: Browser, tenant: Tenant
) -> None:
    with at(NOON):
        set_budget(tenant, "tenant-month", None)
        tenant.spend("25")
        page = browser.sign_in(tenant.id)
    assert "25.00 USD of no limit" in page.text
    assert "25.00 USD spent, no limit" in page.text


def test_a_suspended_tenants_page_says_who_stopped_it_and_why(
    browser: Browser, tenant: Tenant
) -> None:
    with at(NOON):
        tenant.call("suspend", by="olga", reason="the card was <b>stolen</b>")
        page = browser.sign_in(tenant.id)
    assert "This tenant is suspended By olga at 22 Nov 2026, 12:00" in page.text
    assert "the card was <b>stolen</b>" in page.text


def test_an_open_request_for_more_limit_is_shown_until_it_expires(
    browser: Browser, tenant: Tenant
) -> None:
    with at(NOON):
        set_budget(tenant, "tenant-month", "10")
        tenant.spend("10", agent_execution_id="run-1")
        made = ask(tenant, "7.5", agent_execution_id="run-1", expires_in_seconds=3600)
        assert made.body["state"] == "open"
        assert "Open requests for more limit" in browser.sign_in(tenant.id).text
    with at("2026-11-22T13:30:00Z"):
        assert "Open requests" not in browser.sign_in(tenant.id).text
