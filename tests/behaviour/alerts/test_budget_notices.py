"""Alerts about single budgets: their words, their recipient, and how often a shadow sends one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.alerts.listed import told
from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.rules.governing import (
    GENEROUS,
    cap,
    set_budget,
    set_system,
)
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """A month of 100 USD, and a clock that stands still."""
    memory_cloud.set_limits(**GENEROUS | {"tenant": "100"})
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def test_a_limit_of_the_system_alerts_the_system(tenant: Tenant) -> None:
    tenant.spend("60")
    set_system(tenant.door, "system-month", "50")
    (alert,) = tenant.door.call("system_alerts").body["items"]
    assert (alert["kind"], alert["cause"], alert["owner"]) == ("limit_exceeded", "edit", None)
    assert told(tenant) == []


def test_an_expired_limit_is_sent_in_words(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("60")
    set_budget(tenant, "tenant-month", "50")
    with at("2026-11-22T10:06:00Z", tick=False):
        watch.call("send_due")
    assert watch.post.alerts[-1]["cause"] == "edit"
    subject = watch.post.letters[-1]["subject"]
    assert subject.startswith("the limit of tenant-month is 50 USD now, below the 60 USD that")


def test_a_shadow_tells_once_a_period_what_it_would_have_blocked(tenant: Tenant) -> None:
    cap(tenant, "5", enforcement="shadow")
    for _ in range(3):
        assert tenant.reserve("6", agent="planner").body["allowed"]
    (alert,) = told(tenant)
    facts = [alert[name] for name in ("kind", "budget_id", "asked_usd", "limit_usd", "agent")]
    assert facts == ["would_block", "cap", "6", "5", "planner"]
    assert (alert["severity"], alert["period"]) == ("warning", "2026-11-22")
    with at("2026-11-23T10:05:00Z", tick=False):
        tenant.reserve("6")
        assert len(told(tenant)) == 2


def test_a_shadow_of_single_runs_tells_once_a_month(tenant: Tenant) -> None:
    set_budget(tenant, "execution", "5", enforcement="shadow")
    for _ in range(3):
        assert tenant.reserve("6").body["allowed"]
    (alert,) = told(tenant)
    assert (alert["kind"], alert["period"]) == ("would_block", "2026-11")
