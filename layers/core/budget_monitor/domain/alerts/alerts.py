"""Alerts: stored once per cause, before they are sent."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from hashlib import sha256
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.accounting.labels import key
from budget_monitor.domain.periods import render_instant, sortable
from budget_monitor.domain.values import dataclass

NEARING_LIMIT, LIMIT_EXCEEDED = "nearing_limit", "limit_exceeded"
BLOCKED, WORKFLOW_PAUSED, WORKFLOW_RESUMED = "blocked", "workflow_paused", "workflow_resumed"
FORECAST_EXCEEDED, HOLD_EXPIRED = "forecast_exceeded", "hold_expired_unsettled"
RECONCILE_DIFFERENCE, MONTH_CLOSED, MANUAL = "reconcile_difference", "month_closed", "manual"
FALLBACK_PRICE_USED = "fallback_price_used"
PRICE_DIFFERS, PRICES_OLD = "price_differs", "prices_old"
WOULD_BLOCK = "would_block"
RAISE_REQUESTED, RAISE_ESCALATED = "raise_requested", "raise_escalated"
SECOND_APPROVER_NEEDED = "second_approver_needed"
COST_QUARANTINED, COST_RELABELLED = "cost_quarantined", "cost_relabelled"
STRIPES_GROWN = "stripes_grown"

INFO, WARNING, CRITICAL = "info", "warning", "critical"
SEVERITIES = {
    NEARING_LIMIT: WARNING,
    LIMIT_EXCEEDED: CRITICAL,
    BLOCKED: CRITICAL,
    WORKFLOW_PAUSED: WARNING,
    WORKFLOW_RESUMED: INFO,
    FORECAST_EXCEEDED: WARNING,
    HOLD_EXPIRED: WARNING,
    RECONCILE_DIFFERENCE: CRITICAL,
    MONTH_CLOSED: INFO,
    FALLBACK_PRICE_USED: WARNING,
    PRICE_DIFFERS: WARNING,
    PRICES_OLD: WARNING,
    WOULD_BLOCK: WARNING,
    RAISE_REQUESTED: WARNING,
    RAISE_ESCALATED: WARNING,
    SECOND_APPROVER_NEEDED: WARNING,
    COST_QUARANTINED: CRITICAL,
    COST_RELABELLED: WARNING,
    STRIPES_GROWN: INFO,
    MANUAL: INFO,
}


@dataclass(frozen=True, slots=True)
class Message:
    """An alert as it is sent: subject and text for people, fields for machines."""

    subject: str
    text: str
    body: Mapping[str, Any]
    """The alert's fields for machines, as plain JSON."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `once` identifies its cause within the tenant and kind."""

    tenant_id: str
    kind: str
    once: tuple[str, ...]
    at: datetime
    scope: str
    scope_id: str
    period: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Numbers and names for the message, as plain JSON."""

    @property
    def is_manual(self) -> bool:
        """True for alerts sent by `send_alert`."""
        return "message" in self.facts

    @property
    def alert_id(self) -> str:
        """Deterministic id: the same cause stores one alert."""
        origin = MANUAL if self.is_manual else self.kind
        return sha256(key(self.tenant_id, origin, *self.once).encode()).hexdigest()[:32]

    @property
    def severity(self) -> str:
        """Return `info`, `warning` or `critical`."""
        return SEVERITIES.get(self.kind, INFO)

    @property
    def position(self) -> str:
        """Return the sort key in lists: time of detection, then the id."""
        return f"{sortable(self.at)}#{self.alert_id}"

    def public(self) -> dict[str, Any]:
        """Return the alert's fields as machines and API callers get them."""
        return {
            "alert_id": self.alert_id,
            "tenant_id": None if self.tenant_id == SYSTEM else self.tenant_id,
            "kind": self.kind,
            "severity": self.severity,
            "scope": self.scope,
            "scope_id": self.scope_id,
            "period": self.period,
            "at": render_instant(self.at),
            **self.facts,
        }
