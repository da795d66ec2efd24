"""Jobs that keep accounts right: expiry and reconciliation.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from budget_monitor_client.calling import Calling, R


class Accounting(Calling[R], Generic[R]):
    """Jobs that keep accounts right: expiry and reconciliation."""

    def reconcile(
        self,
        *,
        tenant_id: str | None = None,
        month: str | None = None,
        tenants: Sequence[str] | None = None,
        rebuild: bool | None = None,
        by: str | None = None,
        reason: str | None = None,
    ) -> R:
        """Compare accounts with the sums of their ledger entries, and rebuild them on request.

        Direct invocation only.

        Args:
            tenant_id: The tenant; all tenants and the system unless given.
            month: A month such as `2026-11`; the present one unless given.
            tenants: Only these tenants. The function names them itself to share work.
            rebuild: True: set accounts to what their ledger says.
            by: Who rebuilds. Required with `rebuild`.
            reason: Why. Required with `rebuild`.
        """
        return self._call("reconcile", locals())

    def expire(self) -> R:
        """Expire overdue reservations.

        Direct invocation only.
        """
        return self._call("expire", locals())

    def release_stopped(self, *, state_machine_execution_arn: str, status: str | None = None) -> R:
        """Release the reservations of a Step Functions execution that stopped.

        Direct invocation only.

        Args:
            state_machine_execution_arn: The execution that stopped.
            status: Its status; holds of `RUNNING` and `SUCCEEDED` are kept.
        """
        return self._call("release_stopped", locals())
