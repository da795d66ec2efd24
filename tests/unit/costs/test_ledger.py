"""Ledger entries: the source of their price."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.periods import Booking

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOVEMBER = Booking("2026-11", "2026-11-22")
LABELS = Labels(agent_execution_id="e1")


def test_an_entry_says_where_its_price_comes_from() -> None:
    entry = Entry("c1", "acme", COST, LABELS, Decimal(2), NOVEMBER, NOON, NOON, {})
    assert entry.price_source is None
    assert replace(entry, price={"source": "tenant"}).price_source == "tenant"
