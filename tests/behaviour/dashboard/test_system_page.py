"""The page of the system: the month, tenants by spend, and the forecast of all together."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser, home_of
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

NOON = "2026-11-22T12:00:00Z"


def test_the_first_day_of_a_stack_says_that_nothing_is_spent(browser: Browser) -> None:
    with at(NOON):
        page = browser.sign_in()
    assert page.status == 200
    assert "All tenants together in 2026-11." in page.text
    assert "0.00 USD of 10,000.00 USD within the limit" in page.text
    assert "No tenant has spent or held anything this month." in page.text
    assert "It takes 3 complete days; there are 0." in page.text


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
