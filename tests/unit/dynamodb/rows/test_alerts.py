"""Rows of alerts: the whole alert, the lists that it is in, and keys that are never too long."""

from datetime import UTC, datetime

from budget_monitor.adapters.dynamodb.rows.alerts import (
    UNSENT,
    AlertRow,
    WatermarkRow,
    alert_name,
    waiting,
)
from budget_monitor.domain.accounting.accounts import AccountKey, tenant_key
from budget_monitor.domain.alerts.alerts import BLOCKED, Alert
from budget_monitor.ports.alerts import StoredAlert, Waiting

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALERT = Alert("a#b", BLOCKED, ("1", "2"), NOON, "agent", "crawler", "2026-11", {"limit_usd": "5"})


def test_a_row_keeps_the_whole_alert_and_that_it_is_not_sent() -> None:
    row = AlertRow.of(ALERT)
    assert row.to_domain() == StoredAlert(ALERT, None, None, 0)
    assert (row.alert_list, row.unsent_list) == ("a%23b#2026-11", UNSENT)
    assert alert_name(row.pk) == ("a#b", ALERT.alert_id)


def test_an_index_row_says_which_alert_waits_and_since_when() -> None:
    assert waiting(AlertRow.of(ALERT)) == Waiting("a#b", ALERT.alert_id, NOON)


def test_a_watermark_of_a_long_name_has_a_key_below_2048_bytes() -> None:
    short = WatermarkRow.key_of(tenant_key("acme", "2026-11"))
    assert short == "acme#watermark#acme%23tenant%23acme%232026-11"
    long = [AccountKey("acme", "budget", f"{n}{'#' * 600}", "2026-11") for n in range(2)]
    keys = {WatermarkRow.key_of(one) for one in long}
    assert len(keys) == 2
    assert max(len(one.encode()) for one in keys) <= 2048
