"""What functions share: one set for an environment, and one that writes no balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from budget_monitor.config import Config
from budget_monitor.parts import parts_of, price_bucket, reading_parts_of
from tests.support.cloud import Cloud

if TYPE_CHECKING:
    import pytest


def test_one_environment_has_one_store_and_another_has_its_own(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config.from_environment()
    assert parts_of(config).store is parts_of(Config.from_environment()).store
    assert price_bucket(config) is price_bucket(config)
    monkeypatch.setenv("TENANT_REQUESTS_PER_SECOND", "5")
    other = parts_of(Config.from_environment())
    assert other.store is not parts_of(config).store
    assert (parts_of(config).rates is None, other.rates is None) == (True, False)


def test_reports_share_the_store_but_not_the_rules_that_write_balances(cloud: Cloud) -> None:
    config = Config.from_environment()
    shared, reading = parts_of(config), reading_parts_of(config)
    assert reading.store is shared.store
    assert reading.policies is not shared.policies
