"""Lists of pages are bounded: the largest lines, and the sum of the others."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey, Move, tenant_key
from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser
from tests.support.dynamodb.bulk import put_accounts
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"


@pytest.mark.unlimited
def test_of_1000_agents_the_10_largest_are_shown_and_the_sum_of_the_others(
    browser: Browser, tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at(NOON):
        put_accounts(
            cloud,
            {
                tenant_key(tenant.id, "2026-11"): Move(spent=Decimal(499_500), entries=1000),
                **{
                    AccountKey(tenant.id, "agent", f"agent-{n:04}", "2026-11"): Move(
                        spent=Decimal(n), entries=1
                    )
                    for n in range(1000)
                },
            },
        )
        page = browser.sign_in(tenant.id)
    _, _, said = page.text.partition("Agents Name")
    said, _, _ = said.partition("Models")
    assert said.count("agent-") == 10
    assert "agent-0999 999.00 1" in said
    assert f"all others {499_500 - sum(range(990, 1000)):,}.00 -" in said
    assert len(page.html) < 100_000
