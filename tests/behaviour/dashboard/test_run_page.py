"""The page of a run: gates, costs, holds, and the tree below it."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, home_of
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"


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
