"""Alerts in their table: stored once, listed by month, marked when accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import system_key
from budget_monitor.domain.alerts.alerts import BLOCKED, Alert
from budget_monitor.domain.transactions import Transaction
from tests.support.memory.fixture import MemoryCloud

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
ALERT = Alert("acme", BLOCKED, ("1",), NOON, "tenant", "acme")


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


def test_three_alerts_of_a_month_are_two_pages_latest_first(store: DynamoStore) -> None:
    alerts = [replace(ALERT, once=(str(n),), at=NOON + timedelta(seconds=n)) for n in range(3)]
    for alert in [*alerts, replace(ALERT, tenant_id="globex")]:
        assert store.commit(Transaction(alerts=(alert,)))
    first = store.alerts.of_month("acme", "2026-11", 2, None)
    rest = store.alerts.of_month("acme", "2026-11", 2, first.resume_at)
    found = [*first.entry_ids, *rest.entry_ids]
    assert found == [one.alert_id for one in reversed(alerts)]
    assert rest.resume_at is None


def test_an_alert_waits_for_people_then_for_machines_then_no_longer(store: DynamoStore) -> None:
    assert store.commit(Transaction(alerts=(ALERT,)))

    def waiting() -> tuple[int, int]:
        found = store.alerts.unsent(LATER, 10), store.alerts.unpublished(LATER, 10)
        return len(found[0]), len(found[1])

    assert waiting() == (1, 0)
    store.alerts.tried(ALERT, None, None)
    assert waiting() == (1, 0)
    store.alerts.tried(ALERT, LATER, None)
    assert waiting() == (0, 1)
    store.alerts.tried(ALERT, LATER, LATER)
    assert waiting() == (0, 0)
    (stored,) = store.alerts.read([("acme", ALERT.alert_id), ("acme", "unknown")])
    assert (stored.alert, stored.attempts) == (ALERT, 3)
    assert (stored.sent_at, stored.put_at) == (LATER, LATER)


def test_a_watermark_is_moved_only_by_the_judge_who_read_it_last(store: DynamoStore) -> None:
    account, alerts = system_key("2026-11"), store.alerts
    assert alerts.watermark(account) is None
    alerts.move_watermark(account, None, Decimal(5))
    alerts.move_watermark(account, None, Decimal(7))
    assert alerts.watermark(account) == Decimal(5)
    alerts.move_watermark(account, Decimal(5), Decimal(9))
    assert alerts.watermark(account) == Decimal(9)
