"""Ports: the interfaces that use cases need from adapters."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.values import dataclass
from budget_monitor.ports.store import (
    AccountPage,
    Accounts,
    Document,
    Documents,
    Ledger,
    Listed,
    Origin,
    Page,
    Reads,
    Recent,
    RecentDocuments,
    Reservations,
    Snapshot,
    Span,
    Store,
    Transactions,
)

__all__ = [
    "AccountPage",
    "Accounts",
    "Document",
    "Documents",
    "Ledger",
    "Listed",
    "Origin",
    "Page",
    "Reads",
    "Recent",
    "RecentDocuments",
    "Reservations",
    "Snapshot",
    "Span",
    "Store",
    "Transactions",
]


@dataclass(frozen=True, slots=True)
class RecentPolicy:
    """A policy and its origin."""

    policy: Policy
    origin: Origin


class Clock(Protocol):
    """The server's time, which decides everything but `occurred_at`."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        ...

    def wait(self, duration: timedelta) -> None:
        """Wait for this duration."""
        ...


class Relay(Protocol):
    """Further invocations of the current function."""

    def pass_on(self, event: Mapping[str, Any]) -> None:
        """Start another invocation with this event. It may start twice if an answer is lost."""
        ...


class Ids(Protocol):
    """New ids for operations without an id from the caller."""

    def new(self) -> str:
        """Return a new unique id."""
        ...


class Policies(Protocol):
    """The budgets and settings in force."""

    @property
    def defaults(self) -> Policy:
        """The built-in budgets and settings."""
        ...

    def for_tenant(self, tenant_id: str) -> Policy:
        """Return the tenant's policy, at most 30 s old; never from the cache."""
        ...

    def recent(self, tenant_id: str) -> RecentPolicy:
        """Return the tenant's policy for answers only; it may come from copies up to 10 s old."""
        ...

    def forget(self, tenant_id: str) -> None:
        """Read the tenant's policy from the store at the next use."""
        ...


class TaskTokens(Protocol):
    """State machines that wait with a task token."""

    def resume(self, task_token: str, output: str) -> bool:
        """Resume the task with this output; False if it no longer waits.

        Raises UnavailableError.
        """
        ...

    def fail(self, task_token: str, error: str, cause: str) -> bool:
        """Fail the task with this error and cause; False if it no longer waits.

        Raises UnavailableError.
        """
        ...
