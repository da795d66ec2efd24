"""A policy of a tenant in Tokyo, and requests for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.policy import Policy

NOON = datetime(2026, 11, 22, 20, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)
BOOKED = Booking("2026-11", "2026-11-23", moment=NOON)
RUN, FLOW = execution_key("acme", "e1"), workflow_key("acme", "w1")
ACME, SYSTEM = tenant_key("acme", "2026-11"), system_key("2026-11")
TOKYO = Calendar("Asia/Tokyo")
PLAIN = replace(
    default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000)), calendar=TOKYO
)
LABELS = Labels(
    agent_execution_id="e1", workflow_execution_id="w1", agent="crawler", workflow="etl"
)


def budget(budget_id: str, scope: str, period: str = "run", **other: Any) -> Budget:
    return Budget(budget_id, scope, Decimal(3), period=period, source="tenant", **other)


def policy(*custom: Budget) -> Policy:
    return replace(PLAIN, custom=custom)


def names(gates: Any) -> list[tuple[str, str]]:
    return [(one.budget.budget_id, one.account.scope) for one in gates]
