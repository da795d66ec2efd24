"""A job for each of many tenants, over as many invocations as it takes.

Nobody's trouble is the others': a tenant at which the job fails is named and left. A job may meet a
tenant twice where an invocation was repeated, so it must be one that can.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from budget_monitor import deadline
from budget_monitor.ports import Relay

MAX_PARALLEL = 20
"""At most so many invocations side by side (more only when their events would be too large)."""
AT_LEAST, AT_MOST = 100, 1500
"""Tenants of an invocation: fewer are not worth one, and more names than 256 KB hold none."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobResult(Generic[T]):
    """What this invocation did: a result for each tenant, and where there is none, why."""

    done: Sequence[T] = ()
    failed: Sequence[str] = ()
    """The tenants at which the job failed; the log says how."""
    passed_on: int = 0
    """How many tenants were left to other invocations."""


@dataclass(frozen=True, slots=True)
class TenantJob:
    """Walks over tenants. `event` asks this function for the same job; it gets `tenants`."""

    relay: Relay
    event: Mapping[str, Any] = field(default_factory=dict)

    def shared(self, tenants: Sequence[str]) -> Sequence[str]:
        """The first part of them; other invocations are asked to do the rest."""
        size = min(max(AT_LEAST, -(-len(tenants) // MAX_PARALLEL)), AT_MOST)
        for start in range(size, len(tenants), size):
            self._pass_on(tenants[start : start + size])
        return tenants[:size]

    def each(
        self,
        tenants: Sequence[str],
        job: Callable[[str], T],
        enough: Callable[[], bool] = deadline.about_to_end,
    ) -> JobResult[T]:
        """The job done for each of them until it is enough; another invocation does the rest."""
        done, failed = list[T](), list[str]()
        for place, tenant_id in enumerate(tenants):
            if place and enough():
                return self._left(tenants[place:], done, failed)
            try:
                done.append(job(tenant_id))
            except Exception:
                logger.exception("the job failed at tenant %s", tenant_id)
                if place and deadline.about_to_end():  # cut off: it begins anew
                    return self._left(tenants[place:], done, failed)
                failed.append(tenant_id)
        return JobResult(done, failed)

    def _left(self, tenants: Sequence[str], done: list[T], failed: list[str]) -> JobResult[T]:
        self._pass_on(tenants)
        return JobResult(done, failed, len(tenants))

    def _pass_on(self, tenants: Sequence[str]) -> None:
        self.relay.pass_on({**self.event, "tenants": list(tenants)})
