"""The environment as an object: defaults, limits, and the name of what is missing or malformed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.config import Config
from budget_monitor.domain.accounting.stripes import MAX_STRIPES
from budget_monitor.domain.errors import ConfigurationError
from tests.support.memory.fixture import MemoryCloud

pytestmark = pytest.mark.usefixtures("memory_cloud")


def test_the_defaults_are_those_of_the_design(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("EXECUTION", "WORKFLOW", "TENANT_MONTH", "SYSTEM_MONTH"):
        monkeypatch.delenv(f"{name}_LIMIT_USD")
    for name in ("SYSTEM_STRIPES", "TENANT_STRIPES", "MOST_HOLDS", "MOST_PER_ENTRY_USD"):
        monkeypatch.delenv(name)
    config = Config.from_environment()
    limits = (config.execution_limit, config.workflow_limit, config.tenant_month_limit)
    assert [str(one) for one in (*limits, config.system_month_limit)] == [
        "10",
        "50",
        "1000",
        "10000",
    ]
    assert (config.system_stripes, config.tenant_stripes, config.max_holds) == (16, 1, 1000)
    assert (config.max_per_entry, config.cache_url) == (Decimal(10000), None)


def test_none_means_no_limit_and_empty_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXECUTION_LIMIT_USD", "none")
    monkeypatch.setenv("WORKFLOW_LIMIT_USD", "")
    config = Config.from_environment()
    assert (config.execution_limit, config.workflow_limit) == (None, Decimal(50))


@pytest.mark.parametrize("name", ["ACCOUNTS_TABLE", "LEDGER_TABLE", "ALERTS_TABLE"])
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(ConfigurationError, match=f"{name} is not set"):
        Config.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXECUTION_LIMIT_USD", "ten"),
        ("TENANT_MONTH_LIMIT_USD", "-1"),
        ("SYSTEM_STRIPES", "0"),
        ("SYSTEM_STRIPES", str(MAX_STRIPES + 1)),
        ("TENANT_STRIPES", "1.5"),
        ("MOST_HOLDS", "\u0661"),
        ("CACHE_URL", "http://cache"),
    ],
)
def test_a_malformed_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        Config.from_environment()
