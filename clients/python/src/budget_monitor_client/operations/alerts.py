"""Alerts: listing them, and sending them.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Fields


class Alerts(Calling[R], Generic[R]):
    """Alerts: listing them, and sending them."""

    def alerts(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List a tenant's alerts of a month, the latest first, and whether they were sent.

        ``GET /tenants/{tenant_id}/alerts``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("alerts", locals())

    def system_alerts(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """List the system's alerts of a month, the latest first.

        ``GET /system/alerts``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_alerts", locals())

    def send_alert(
        self,
        tenant_id: str,
        *,
        message: str,
        kind: str | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Send an alert that a person wrote.

        Direct invocation only.

        Args:
            tenant_id: The tenant.
            kind: The kind of alert; `manual` unless given.
            message: The message.
            idempotency_key: Names the whole request, so that a retry changes nothing. The
                header `Idempotency-Key` and the field `idempotency_key` mean the same.
        """
        return self._call("send_alert", locals())

    def send_due(self) -> R:
        """Send the alerts that wait. The metric `UnsentAlertAge` is that of the oldest failed one.

        Direct invocation only.
        """
        return self._call("send_due", locals())

    def notice(self, *, records: Sequence[Fields]) -> R:
        """Store alerts for the changes in these records of the accounts table's stream.

        Direct invocation only.

        Args:
            records: Records of the accounts table's stream.
        """
        return self._call("notice", locals())

    def forward(self, *, records: Sequence[Fields]) -> R:
        """Send the alerts of these messages to all webhooks.

        Direct invocation only.

        Args:
            records: Messages of the queue of webhooks.
        """
        return self._call("forward", locals())
