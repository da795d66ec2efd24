"""Alerts: what somebody must know, each once, stored before it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.accounting.labels import key
from budget_monitor.domain.periods import render_instant, sortable

NEARING_LIMIT, LIMIT_EXCEEDED = "nearing_limit", "limit_exceeded"
BLOCKED, WORKFLOW_PAUSED, WORKFLOW_RESUMED = "blocked", "workflow_paused", "workflow_resumed"
FORECAST_EXCEEDED, HOLD_EXPIRED = "forecast_exceeded", "hold_expired_unsettled"
RECONCILE_DIFFERENCE, MONTH_CLOSED, MANUAL = "reconcile_difference", "month_closed", "manual"
PRICE_GUESSED = "fallback_price_used"
WOULD_BLOCK = "would_block"
COST_QUARANTINED, COST_RELABELLED = "cost_quarantined", "cost_relabelled"

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
    PRICE_GUESSED: WARNING,
    WOULD_BLOCK: WARNING,
    COST_QUARANTINED: CRITICAL,
    COST_RELABELLED: WARNING,
    MANUAL: INFO,
}


@dataclass(frozen=True, slots=True)
class Message:
    """An alert in words and in fields, as it is sent."""

    subject: str
    text: str
    body: Mapping[str, Any]
    """The same for machines."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that somebody must know. `once` is what makes it the same thing again."""

    tenant_id: str
    kind: str
    once: tuple[str, ...]
    at: datetime
    scope: str
    scope_id: str
    period: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The numbers and names behind it, as plain JSON."""

    @property
    def by_hand(self) -> bool:
        """Whether a person said it in words of his own, whatever kind he calls it."""
        return "message" in self.facts

    @property
    def alert_id(self) -> str:
        """The same for the same thing, whoever notices it and however often."""
        origin = MANUAL if self.by_hand else self.kind
        return sha256(key(self.tenant_id, origin, *self.once).encode()).hexdigest()[:32]

    @property
    def severity(self) -> str:
        """How much it matters: `info`, `warning` or `critical`."""
        return SEVERITIES.get(self.kind, INFO)

    @property
    def position(self) -> str:
        """Where it stands in a list: by when it was noticed."""
        return f"{sortable(self.at)}#{self.alert_id}"

    def public(self) -> dict[str, Any]:
        """The alert as machines get it."""
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
