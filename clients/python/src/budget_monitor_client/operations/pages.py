"""Pages for people: links that open them. The pages themselves are HTML.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from typing import Generic

from budget_monitor_client.calling import Calling, R


class Pages(Calling[R], Generic[R]):
    """Pages for people: links that open them. The pages themselves are HTML."""

    def dashboard_link(
        self, tenant_id: str, *, by: str, reason: str, valid_minutes: int | None = None
    ) -> R:
        """Make a read-only link to a tenant's pages, which the platform may hand to the tenant.

        ``POST /tenants/{tenant_id}/dashboard-link``

        Args:
            tenant_id: The tenant.
            by: Who decides this.
            reason: Why.
            valid_minutes: How long the pages can be seen; 60 unless given.
        """
        return self._call("dashboard_link", locals())

    def system_dashboard_link(self, *, by: str, reason: str, valid_minutes: int | None = None) -> R:
        """Make a read-only link to the pages of the system and of all tenants.

        ``POST /system/dashboard-link``

        Args:
            by: Who decides this.
            reason: Why.
            valid_minutes: How long the pages can be seen; 60 unless given.
        """
        return self._call("system_dashboard_link", locals())
