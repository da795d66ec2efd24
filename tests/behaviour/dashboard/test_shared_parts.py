"""Lists of pages are bounded: the largest lines, and the sum of the others."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"


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
