"""Statements, forecasts, and the monthly close.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R


class Months(Calling[R], Generic[R]):
    """Statements, forecasts, and the monthly close."""

    def statements(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """List a tenant's statements of closed months, the latest first.

        ``GET /tenants/{tenant_id}/statements``

        Args:
            tenant_id: The tenant.
            month: Only the statements of this month.
            limit: Statements of a page; 24 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("statements", locals())

    def system_statements(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """List the system's statements of closed months, the latest first.

        ``GET /system/statements``

        Args:
            month: Only the statements of this month.
            limit: Statements of a page; 24 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("system_statements", locals())

    def forecast(self, tenant_id: str) -> R:
        """Forecast a tenant's spend at the end of the month, with the method.

        ``GET /tenants/{tenant_id}/forecast``

        Args:
            tenant_id: The tenant.
        """
        return self._call("forecast", locals())

    def close_month(self, *, month: str | None = None, tenants: Sequence[str] | None = None) -> R:
        """Write a statement for every tenant whose month ended, and for the system.

        Direct invocation only.

        Args:
            month: The month; the one that ended in the last days unless given.
            tenants: Only these tenants. The function names them itself to share work.
        """
        return self._call("close_month", locals())

    def close_fiscal_months(
        self, *, month: str | None = None, tenants: Sequence[str] | None = None
    ) -> R:
        """Write the statements of tenants whose months begin on another day than the first.

        Direct invocation only.

        Args:
            month: The month; the last one of the calendar unless given.
            tenants: Only these tenants. The function names them itself to share work.
        """
        return self._call("close_fiscal_months", locals())

    def forecast_all(self, *, tenants: Sequence[str] | None = None) -> R:
        """Store an alert, once a month, for every tenant whose forecast is above its limit.

        Direct invocation only.

        Args:
            tenants: Only these tenants. The function names them itself to share work.
        """
        return self._call("forecast_all", locals())

    def export_month(
        self,
        *,
        tenant_id: str | None = None,
        month: str | None = None,
        tenants: Sequence[str] | None = None,
    ) -> R:
        """Write a month's ledger to the stack's bucket: CSV, JSON Lines and FOCUS, with a manifest.

        Direct invocation only.

        Args:
            tenant_id: The one tenant to export; all unless given.
            month: The month; the last one of the calendar unless given.
            tenants: Only these tenants. The function names them itself to share work.
        """
        return self._call("export_month", locals())
