"""Limit the requests per second of one tenant in one instance of a function."""

from datetime import datetime, timedelta

from budget_monitor.domain.errors import TooManyRequestsError
from budget_monitor.ports import Clock

ONE = 1_000_000
"""A request, in millionths: an allowance grows by its rate each microsecond."""
MAX_REMEMBERED = 10_000
"""Maximum of remembered tenants; those with a full allowance are forgotten first."""


class TenantRates:
    """An allowance per tenant that refills each second, in the memory of this instance.

    It needs no request to DynamoDB. A tenant that `n` instances answer has `n` times the rate.
    """

    def __init__(self, per_second: int, clock: Clock) -> None:
        self._per_second = per_second
        self._clock = clock
        self._left = dict[str, tuple[int, datetime]]()
        """What each tenant had left, in millionths of a request, and when."""

    def take(self, tenant_id: str) -> None:
        """Count one request. Raises TooManyRequestsError if the tenant has none left."""
        now, whole = self._clock.now(), self._per_second * ONE
        left, seen = self._left.pop(tenant_id, (whole, now))
        gained = max(0, (now - seen) // timedelta(microseconds=1)) * self._per_second
        left = min(whole, left + gained)
        if left < ONE:
            self._left[tenant_id] = left, now
            raise TooManyRequestsError(
                f"{tenant_id} may send {self._per_second} requests per second; send this one again"
            )
        self._left[tenant_id] = left - ONE, now
        if len(self._left) > MAX_REMEMBERED:
            self._forget(now)

    def _forget(self, now: datetime) -> None:
        """Forget tenants with a full allowance; if there are none, the one seen longest ago."""
        whole = [one for one, (_, seen) in self._left.items() if now - seen >= timedelta(seconds=1)]
        for one in whole or [next(iter(self._left))]:
            del self._left[one]
