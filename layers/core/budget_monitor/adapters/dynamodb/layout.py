"""How many rows an account opens with: by the settings, and by the growth of its tenant."""

from dataclasses import field

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    BUDGET,
    LABELLED,
    MODEL,
    PROVIDER,
    SYSTEM,
    SYSTEM_SCOPE,
    TENANT,
    AccountKey,
)
from budget_monitor.domain.accounting.growth import Growth
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.values import dataclass

SHARED = {SYSTEM_SCOPE, TENANT, AGENT, MODEL, PROVIDER, LABELLED, BUDGET}
"""Scopes of accounts that many runs move at the same time; only these can be striped."""
_MAX_LABELLED = 8
"""Stripes of an account of labels: 8 of these and a month are read in one transaction."""


@dataclass(slots=True)
class Layout:
    """Number of stripes of accounts that are opened now. A run's account always has one row."""

    system: int = 1
    tenant: int = 1
    grown: dict[str, int] = field(default_factory=dict)
    """Number of stripes by tenant, where they have grown."""
    tenants_differ: bool = False
    """True if some tenant's accounts may have more rows than the settings say."""

    def count(self, account: AccountKey) -> int:
        """The number of stripes that the settings and the growth say."""
        if account.period == RUN:
            return 1
        grown = self.grown.get(account.tenant_id, 1)
        if account.tenant_id == SYSTEM:
            return max(self.system, grown)
        if account.scope not in SHARED:
            return 1
        stripes = max(self.tenant, grown)
        return min(stripes, _MAX_LABELLED) if account.scope == LABELLED else stripes

    def grow(self, tenant_id: str, growth: Growth) -> None:
        """Open the tenant's accounts with this number of rows from now on; it never shrinks."""
        if growth.stripes > self.grown.get(tenant_id, 1):
            self.grown[tenant_id] = growth.stripes
        self.tenants_differ |= growth.tenants
