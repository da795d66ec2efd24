"""Run a job for each of many tenants, over as many invocations as it takes.

A tenant whose job raises is logged, listed in `failed` and skipped. Events are delivered at least
once, so jobs must be idempotent.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from budget_monitor import deadline
from budget_monitor.ports import Relay

MAX_PARALLEL = 20
"""Maximum of parallel invocations; more only if an event would be too large."""
MIN_TENANTS, MAX_TENANTS = 100, 1500
"""Tenants per invocation: fewer are not worth one, more may exceed 256 KB in an event."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobResult(Generic[T]):
    """Results of this invocation, one per tenant, and the tenants without a result."""

    done: Sequence[T] = ()
    failed: Sequence[str] = ()
    """Tenants whose job failed; the log has the error."""
    passed_on: int = 0
    """Number of tenants passed on to other invocations."""


@dataclass(frozen=True, slots=True)
class TenantJob:
    """Runs a job over tenants. `event` invokes the same job; `tenants` is added to it."""

    relay: Relay
    event: Mapping[str, Any] = field(default_factory=dict)

    def shared(self, tenants: Sequence[str]) -> Sequence[str]:
        """Return the first part of the tenants; pass the other parts on to other invocations."""
        size = min(max(MIN_TENANTS, -(-len(tenants) // MAX_PARALLEL)), MAX_TENANTS)
        for start in range(size, len(tenants), size):
            self._pass_on(tenants[start : start + size])
        return tenants[:size]

    def each(
        self,
        tenants: Sequence[str],
        job: Callable[[str], T],
        enough: Callable[[], bool] = deadline.about_to_end,
    ) -> JobResult[T]:
        """Run the job for each tenant until `enough`; another invocation does the rest."""
        done, failed = list[T](), list[str]()
        for place, tenant_id in enumerate(tenants):
            if place and enough():
                return self._left(tenants[place:], done, failed)
            try:
                done.append(job(tenant_id))
            except Exception:
                logger.exception("the job failed for tenant %s", tenant_id)
                if place and deadline.about_to_end():  # out of time: the next invocation retries it
                    return self._left(tenants[place:], done, failed)
                failed.append(tenant_id)
        return JobResult(done, failed)

    def _left(self, tenants: Sequence[str], done: list[T], failed: list[str]) -> JobResult[T]:
        self._pass_on(tenants)
        return JobResult(done, failed, len(tenants))

    def _pass_on(self, tenants: Sequence[str]) -> None:
        self.relay.pass_on({**self.event, "tenants": list(tenants)})
