"""Alerts: one id per cause, and the fields that machines get."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from budget_monitor.domain.alerts.alerts import BLOCKED, MANUAL, Alert

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALERT = Alert("acme", BLOCKED, ("e1", "2"), NOON, "execution", "e1", "run", {"limit_usd": "5"})


def test_the_same_alert_has_the_same_id_and_one_by_hand_whatever_kind_it_is_called() -> None:
    def name(text: str) -> str:
        return sha256(text.encode()).hexdigest()[:32]

    by_hand = replace(ALERT, facts={"message": "look"})
    assert ALERT.alert_id == name("acme#blocked#e1#2")
    assert by_hand.alert_id == replace(by_hand, kind=MANUAL).alert_id == name("acme#manual#e1#2")
    assert (ALERT.is_manual, by_hand.is_manual) == (False, True)


def test_machines_get_all_that_an_alert_knows() -> None:
    assert ALERT.public() == {
        "alert_id": ALERT.alert_id,
        "tenant_id": "acme",
        "kind": "blocked",
        "severity": "critical",
        "scope": "execution",
        "scope_id": "e1",
        "period": "run",
        "at": "2026-11-22T12:00:00Z",
        "limit_usd": "5",
    }
    assert replace(ALERT, tenant_id="*").public()["tenant_id"] is None


def test_an_alert_of_a_kind_of_ones_own_is_for_information() -> None:
    assert ALERT.severity == "critical"
    assert replace(ALERT, kind="invoice_missing").severity == "info"


def test_alerts_are_listed_by_time_then_id() -> None:
    assert ALERT.position == f"2026-11-22T12:00:00.000000Z#{ALERT.alert_id}"
