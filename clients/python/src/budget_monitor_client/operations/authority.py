"""Who may approve requests for more limit.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount, Fields


class Authority(Calling[R], Generic[R]):
    """Who may approve requests for more limit."""

    def get_authority(self, tenant_id: str) -> R:
        """Return who may approve a tenant's requests, and who set these rules.

        ``GET /tenants/{tenant_id}/authority``

        Args:
            tenant_id: The tenant.
        """
        return self._call("get_authority", locals())

    def set_authority(
        self,
        tenant_id: str,
        *,
        by: str,
        reason: str,
        approvers: Sequence[Fields] | None = None,
        four_eyes_above_usd: Amount | None = None,
        escalation: Fields | None = None,
        time_out: Fields | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Set who may approve a tenant's requests, four eyes, escalation and time-out.

        ``PUT /tenants/{tenant_id}/authority``

        Args:
            tenant_id: The tenant.
            approvers: Who may answer requests; unless given, everyone who may call
                `approve`.
            four_eyes_above_usd: Approvals of more need two different approvers; the second
                completes them.
            escalation: When an open request is sent to further people.
            time_out: What is decided when nobody answers.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_authority", locals())

    def get_system_authority(self) -> R:
        """Return who may approve the requests of tenants that have no rules of their own.

        ``GET /system/authority``
        """
        return self._call("get_system_authority", locals())

    def set_system_authority(
        self,
        *,
        by: str,
        reason: str,
        approvers: Sequence[Fields] | None = None,
        four_eyes_above_usd: Amount | None = None,
        escalation: Fields | None = None,
        time_out: Fields | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Set who may approve the requests of all tenants that have no rules of their own.

        ``PUT /system/authority``

        Args:
            approvers: Who may answer requests; unless given, everyone who may call
                `approve`.
            four_eyes_above_usd: Approvals of more need two different approvers; the second
                completes them.
            escalation: When an open request is sent to further people.
            time_out: What is decided when nobody answers.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_system_authority", locals())
