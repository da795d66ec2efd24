"""The pages: what they show of a first day, a busy month, an overrun, and of odd names."""

from __future__ import annotations

import pytest

from tests.support.approvals.asking import ask
from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, Page, is_route, must_be_harmless
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, set_budget
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


@pytest.fixture
def tenant(cloud: MemoryCloud) -> Tenant:
    """A tenant that nobody else has."""
    return Tenant(DirectDoor())


def home_of(tenant: Tenant) -> str:
    """The path of the tenant's page."""
    return f"/dashboard/tenants/{tenant.id}"


def test_the_first_day_of_a_stack_says_that_nothing_is_spent(browser: Browser) -> None:
    with at(NOON):
        page = browser.sign_in()
    assert page.status == 200
    assert "All tenants together in 2026-11." in page.text
    assert "0.00 USD of 10,000.00 USD within the limit" in page.text
    assert "No tenant has spent or held anything this month." in page.text
    assert "It takes 3 complete days; there are 0." in page.text


def test_a_tenant_that_never_spent_has_a_page_of_zeros(browser: Browser, tenant: Tenant) -> None:
    with at(NOON):
        browser.sign_in()
        page = browser.open(home_of(tenant))
    assert page.status == 200
    assert "0.00 USD of 1,000.00 USD" in page.text
    assert "Nothing is recorded yet." in page.text


def test_the_page_of_the_system_lists_tenants_by_spend_with_what_they_hold(
    browser: Browser, cloud: MemoryCloud
) -> None:
    small, large = Tenant(DirectDoor()), Tenant(DirectDoor())
    with at(NOON):
        small.spend("1.25")
        large.spend("3", model="gpt-4o")
        large.hold("2.5")
        page = browser.sign_in()
    assert page.text.index(large.id) < page.text.index(small.id)
    assert f"{large.id} 3.00 2.50 1 1 0 {small.id} 1.25 0.00 0 1 0" in page.text
    assert "4.25 USD of 10,000.00 USD" in page.text
    assert "Held by 1 open reservation 2.50 USD" in page.text
    assert home_of(large) in page.links


def test_the_forecast_of_the_system_is_made_of_the_days_of_all_tenants(
    browser: Browser, cloud: MemoryCloud
) -> None:
    for _ in range(2):
        tenant = Tenant(DirectDoor())
        for day in range(15, 22):
            with at(f"2026-11-{day}T10:00:00Z"):
                tenant.spend("5")
    with at(NOON):
        page = browser.sign_in()
    # 70 USD in 7 days is 10 a day: today and 8 more days make 160.
    assert "Forecast for the end of the month 160.00 USD Between 160.00 and 160.00." in page.text


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


@pytest.mark.unlimited
def test_of_1000_agents_the_10_largest_are_shown_and_the_sum_of_the_others(
    browser: Browser, tenant: Tenant
) -> None:
    with at(NOON):
        for start in range(0, 1000, 100):
            costs = [
                {"agent_execution_id": f"run-{n}", "agent": f"agent-{n:04}", "cost_usd": str(n)}
                for n in range(start, start + 100)
            ]
            tenant.call("record_costs", costs=costs)
        page = browser.sign_in(tenant.id)
    _, _, said = page.text.partition("Agents Name")
    said, _, _ = said.partition("Models")
    assert said.count("agent-") == 10
    assert "agent-0999 999.00 1" in said
    assert f"all others {499_500 - sum(range(990, 1000)):,}.00 -" in said
    assert len(page.html) < 100_000


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


def test_a_runs_page_shows_its_gates_costs_holds_and_the_tree_below_it(
    browser: Browser, tenant: Tenant
) -> None:
    flow = {"workflow_execution_id": "flow-1"}
    with at(NOON):
        tenant.spend("1", agent_execution_id="top", agent="chief", **flow)
        tenant.spend("2", agent_execution_id="child", parent_execution_id="top", **flow)
        tenant.spend("3", agent_execution_id="grandchild", parent_execution_id="child", **flow)
        tenant.hold("0.5", agent_execution_id="child", parent_execution_id="top", **flow)
        tenant.spend("9", agent_execution_id="stranger")
        browser.sign_in(tenant.id)
        top = browser.open(f"{home_of(tenant)}/executions/top")
        below = browser.open(f"{home_of(tenant)}/executions/grandchild")
        whole = browser.open(f"{home_of(tenant)}/workflows/flow-1")
    assert "6.00 USD of 10.00 USD" in top.text
    assert "workflow workflow flow-1 6.00 USD of 50.00 USD" in top.text
    tree = "child , 5.00 USD spent, 0.50 held active grandchild , 3.00 USD spent, 0.00 held active"
    assert f"Runs below it {tree} Open" in top.text
    assert f"Runs below it top chief , 6.00 USD spent, 0.50 held active {tree} Open" in whole.text
    assert "Agent execution, started by child" in below.text
    assert "execution execution top 6.00 USD of 10.00 USD" in below.text
    assert "stranger" not in top.text + whole.text


def test_an_unknown_run_is_a_404_page(browser: Browser, tenant: Tenant) -> None:
    browser.sign_in(tenant.id)
    page = browser.open(f"{home_of(tenant)}/executions/nobody")
    assert page.status == 404
    assert "No execution nobody." in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"


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
