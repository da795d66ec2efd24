"""Growth: the accounts of a hot tenant, or of the system, open with more rows from now on.

An account keeps the number of rows that it was opened with. So a growth applies to each account
from its next period on, and processes may learn of it at different times.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from budget_monitor.domain.accounting.stripes import MAX_STRIPES
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.values import dataclass

HOT_CONFLICTS = 20
"""Conflicts of one process in one minute that make the minute hot."""
HOT_MINUTES, WITHIN = 5, timedelta(hours=1)
"""So many hot minutes in this time make the accounts grow."""
GROWS_BY = 4


@dataclass(frozen=True, slots=True)
class Growth:
    """What is known of the conflicts of a tenant, or of the system."""

    version: int = 0
    stripes: int = 0
    """Rows of accounts that open from now on; 0: as many as the settings say."""
    hot: tuple[datetime, ...] = ()
    """The hot minutes of the last hour, since it grew."""
    tenants: bool = False
    """Of the system: True if any tenant has grown."""

    def heated(self, minute: datetime, stripes: int) -> "Growth":
        """Return the growth after a hot minute of accounts with so many rows."""
        recent = {one for one in self.hot if minute - one < WITHIN} | {minute}
        if len(recent) < HOT_MINUTES:
            return replace(self, hot=tuple(sorted(recent)))
        return replace(self, stripes=min(stripes * GROWS_BY, MAX_STRIPES), hot=())

    def dump(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "stripes": self.stripes,
            "hot": [render_instant(one) for one in self.hot],
            "tenants": self.tenants,
        }

    @classmethod
    def load(cls, version: int, dumped: Mapping[str, Any]) -> "Growth":
        """Return what `dump` wrote. Raises ValueError for damaged input."""
        try:
            stripes, tenants = dumped["stripes"], dumped["tenants"]
            hot = tuple(parse_instant(one, "hot") for one in dumped["hot"])
        except (KeyError, TypeError, AttributeError, ValidationError) as fault:
            raise ValueError("not a growth of rows") from fault
        if type(stripes) is not int or not 0 <= stripes <= MAX_STRIPES or type(tenants) is not bool:
            raise ValueError("not a growth of rows")
        return cls(version, stripes, hot, tenants)
