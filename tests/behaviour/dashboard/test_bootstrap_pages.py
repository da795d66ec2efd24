"""The parts of the dashboard function are made once for each environment."""

from __future__ import annotations

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from budget_monitor.bootstrap_pages import dashboard
from budget_monitor.entrypoints.dashboard.visit import Visit
from tests.support.dashboard.browser import Browser
from tests.support.dashboard.memory_secret import MemorySecret


def test_the_key_is_read_once_for_many_requests(browser: Browser, secret: MemorySecret) -> None:
    browser.sign_in("acme")
    read = secret.reads
    browser.sign_in("acme")
    browser.sign_in()
    assert secret.reads == read <= 2


def test_another_environment_has_other_parts(
    secret: MemorySecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again = dashboard(Visit()).services, dashboard(Visit({"a": "b"})).services
    assert first.access is again.access
    assert first.reports is again.reports
    assert again.visit.cookies == {"a": "b"}
    monkeypatch.setenv("DASHBOARD_URL", "https://b.example")
    assert dashboard(Visit()).services.access.address == "https://b.example"
