"""Which accounts are spread over how many rows."""

from dataclasses import dataclass

from budget_monitor.domain.accounts import (
    AGENT,
    BUDGET,
    MODEL,
    SYSTEM,
    SYSTEM_SCOPE,
    TENANT,
    AccountKey,
)

SHARED = {SYSTEM_SCOPE, TENANT, AGENT, MODEL, BUDGET}
"""The scopes whose accounts many runs move at once: these can be striped."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Over how many rows an account is spread that is opened now. A run's is always one row."""

    system: int = 1
    tenant: int = 1

    def count(self, account: AccountKey) -> int:
        """The number of stripes that the settings say."""
        if account.tenant_id == SYSTEM:
            return self.system
        return self.tenant if account.scope in SHARED else 1
