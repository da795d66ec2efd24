"""Signed links to the page of one request: they live for a while and decide once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from budget_monitor.domain.alerts.alerts import (
    RAISE_ESCALATED,
    RAISE_REQUESTED,
    SECOND_APPROVER_NEEDED,
    Alert,
)
from budget_monitor.domain.periods import parse_instant
from budget_monitor.domain.signed_links import sign, verify

PURPOSE, PATH = "approval", "/approvals"
LIFE = timedelta(days=3)
"""How long a link is valid, and never longer than its request."""
_KINDS = {RAISE_REQUESTED, RAISE_ESCALATED, SECOND_APPROVER_NEEDED}


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link is for. Its nonce is the id of the alert that carries it."""

    tenant_id: str
    request_id: str
    nonce: str


@dataclass(frozen=True, slots=True)
class ApprovalLinks:
    """Signs and reads the links. `keys`: the signing key, and the one before it."""

    keys: Callable[[], tuple[bytes, ...]]
    address: str
    """Public address of the API, such as `https://budgets.example.com`."""

    def of(self, alert: Alert) -> str | None:
        """Return the link of an alert about a request, or None. The same alert has the same one.

        Raises UnavailableError if the key cannot be read.
        """
        if alert.is_manual or alert.kind not in _KINDS:
            return None
        payload = {
            "tenant": alert.tenant_id,
            "request": str(alert.facts["request_id"]),
            "nonce": alert.alert_id,
        }
        ends = min(alert.at + LIFE, parse_instant(alert.facts["expires_at"], "expires_at"))
        return f"{self.address}{PATH}?token={sign(payload, self.keys()[0], ends, PURPOSE)}"


def read_link(token: str, keys: tuple[bytes, ...], now: datetime) -> Link:
    """Return what the link is for.

    Raises ForbiddenError for a token that was not signed here for this, or that has expired.
    """
    payload: Mapping[str, str] = verify(token, keys, now, PURPOSE)
    return Link(payload["tenant"], payload["request"], payload["nonce"])
