"""A limit that falls below the spend sends one alert, after an edit or after time alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.alerts.listed import below, told
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, handler_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    GENEROUS,
    WHO,
    cap,
    delete_budget,
    lift,
    patch,
    set_budget,
)
from tests.support.times import at

NOON, AFTER_NOON = "2026-11-22T12:00:00Z", "2026-11-22T12:00:30Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """A month of 100 USD, and a clock that stands still."""
    memory_cloud.set_limits(**GENEROUS | {"tenant": "100"})
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def a_minute_passes() -> dict[str, Any]:
    answer: dict[str, Any] = handler_of("budgeting")({"operation": "wake"}, Context())
    return answer


@pytest.mark.parametrize("kind", [{}, {"action": "alert"}, {"enforcement": "shadow"}])
def test_an_edit_from_100_to_50_at_60_spent_alerts_at_once_and_once(
    tenant: Tenant, kind: dict[str, str]
) -> None:
    tenant.spend("60")
    assert set_budget(tenant, "tenant-month", "50", **kind).error is None
    assert below(tenant) == [("tenant-month", "50", "edit")]
    (alert,) = told(tenant)
    assert (alert["spent_usd"], alert["severity"]) == ("60", "critical")
    set_budget(tenant, "tenant-month", "50", **kind)
    set_budget(tenant, "tenant-month", "40", **kind)
    assert len(below(tenant)) == 1


@pytest.mark.parametrize(
    ("limits", "lower", "told_of"),
    [
        ({"limit_calls": 10}, {"limit_calls": 3}, ("calls", 3, 5)),
        ({"limit_tokens": 100}, {"limit_tokens": 40}, ("tokens", 40, 50)),
        ({"limit": "9", "limit_calls": 10}, {"limit_usd": "4"}, ("usd", "4", "5")),
    ],
)
def test_an_edit_of_a_limit_in_any_unit_alerts(
    tenant: Tenant, limits: dict[str, Any], lower: dict[str, Any], told_of: tuple[Any, ...]
) -> None:
    cap(tenant, **{"limit": None, **limits})
    for _ in range(5):
        tenant.spend("1", tokens=10)
    patch(tenant, **lower)
    patch(tenant, **lower)
    (alert,) = [one for one in told(tenant) if one.get("cause") == "edit"]
    unit = told_of[0]
    assert (alert["unit"], alert[f"limit_{unit}"], alert[f"spent_{unit}"]) == told_of


def test_a_patch_a_decrease_and_a_deleted_override_are_edits(tenant: Tenant) -> None:
    set_budget(tenant, "tenant-month", "500")
    tenant.spend("110")
    lift(tenant, "tenant-month", "-400", until=NOON)
    assert below(tenant) == [("tenant-month", "100", "edit")]
    delete_budget(tenant, "tenant-month")
    assert len(below(tenant)) == 1
    tenant.call("update_budget", budget_id="tenant-month", limit_usd="200", **WHO).body  # noqa: B018
    tenant.call("update_budget", budget_id="tenant-month", limit_usd="105", **WHO).body  # noqa: B018
    assert len(below(tenant)) == 2


def test_a_raise_that_is_removed_alerts(tenant: Tenant) -> None:
    lift(tenant, "tenant-month", "50", raise_id="r-1")
    tenant.spend("120")
    ended = {"budget_id": "tenant-month", "raise_id": "r-1", **WHO}
    assert tenant.call("delete_raise", **ended).body["limit_usd"] == "100"
    assert below(tenant) == [("tenant-month", "100", "edit")]


def test_a_replayed_edit_does_not_alert_again(tenant: Tenant) -> None:
    set_budget(tenant, "tenant-month", "50", idempotency_key="k")
    tenant.spend("60")
    set_budget(tenant, "tenant-month", "50", idempotency_key="k")
    assert below(tenant) == []


@pytest.mark.parametrize("limit", ["60", "61", None])
def test_a_limit_that_is_not_below_the_spend_of_60_does_not_alert(
    tenant: Tenant, limit: str | None
) -> None:
    tenant.spend("60")
    set_budget(tenant, "tenant-month", limit)
    assert below(tenant) == []


def test_a_budget_without_thresholds_sends_no_alert(tenant: Tenant) -> None:
    tenant.spend("60")
    set_budget(tenant, "tenant-month", "50", thresholds=[])
    assert below(tenant) == []


def test_an_expired_raise_alerts_within_a_minute_and_once(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    lift(tenant, "tenant-month", "50", until=NOON)
    tenant.spend("120")
    assert a_minute_passes() == {"woken": 0, "alerts": 0, "expired": 0}
    assert below(tenant) == []
    with at(AFTER_NOON, tick=False):
        assert a_minute_passes() == {"woken": 0, "alerts": 1, "expired": 0}
        assert below(tenant) == [("tenant-month", "100", "expiry")]
        assert a_minute_passes() == {"woken": 0, "alerts": 0, "expired": 0}
        assert len(below(tenant)) == 1
    assert not [row for row in cloud.rows()["BudgetsTable"] if "due_list" in row]


def test_an_expired_raise_that_was_not_needed_does_not_alert(tenant: Tenant) -> None:
    lift(tenant, "tenant-month", "50", until=NOON)
    tenant.spend("90")
    with at(AFTER_NOON, tick=False):
        assert a_minute_passes() == {"woken": 0, "alerts": 0, "expired": 0}
        assert below(tenant) == []


def test_a_raise_of_a_deleted_budget_ends_without_a_word(tenant: Tenant) -> None:
    cap(tenant, "5")
    lift(tenant, "cap", "50", until=NOON)
    tenant.spend("20")
    delete_budget(tenant, "cap")
    with at(AFTER_NOON, tick=False):
        assert a_minute_passes() == {"woken": 0, "alerts": 0, "expired": 0}
