"""A tenant's settings and its suspension.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import LEFT_OUT, Amount, Fields, LeftOut


class Tenants(Calling[R], Generic[R]):
    """A tenant's settings and its suspension."""

    def list_tenants(
        self,
        *,
        state: Literal["active", "suspended", "erased", "damaged"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List the tenants that held or spent anything recently, with their state.

        ``GET /tenants``

        Args:
            state: Only the tenants in this state.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("list_tenants", locals())

    def get_tenant(self, tenant_id: str) -> R:
        """Return a tenant's settings and state.

        ``GET /tenants/{tenant_id}``

        Args:
            tenant_id: The tenant.
        """
        return self._call("get_tenant", locals())

    def set_tenant(
        self,
        tenant_id: str,
        *,
        by: str,
        reason: str,
        time_zone: str | None = None,
        month_starts_on: int | None = None,
        owner: str | LeftOut | None = LEFT_OUT,
        owners: Sequence[str] | LeftOut | None = LEFT_OUT,
        fallback_price: Fields | LeftOut | None = LEFT_OUT,
        most_per_entry_usd: Amount | LeftOut | None = LEFT_OUT,
        trust: Literal["provider"] | LeftOut | None = LEFT_OUT,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Change a tenant's settings. Fields that are left out stay as they are.

        ``PUT /tenants/{tenant_id}``

        Args:
            tenant_id: The tenant.
            time_zone: The IANA time zone of its periods.
            month_starts_on: The day on which its months begin.
            owner: Who owns the tenant. Null: nobody.
            owners: Whose signature is the owner's: ARNs of IAM, where a star stands for any
                text, or `jwt:` and the subject of a token. Null: nobody's.
            fallback_price: The price of models that have no other. Null: none.
            most_per_entry_usd: The most that one cost may be. Null: the template's ceiling.
            trust: `provider`: costs that usage objects show are booked as they are. Null:
                only those of providers who bill by them.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_tenant", locals())

    def delete_tenant(
        self, tenant_id: str, *, by: str, reason: str, idempotency_key: str | None = None
    ) -> R:
        """Erase what names people and keep the sums. Repeat it until the state is `erased`.

        ``DELETE /tenants/{tenant_id}``

        Args:
            tenant_id: The tenant.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_tenant", locals())

    def suspend(
        self, tenant_id: str, *, by: str, reason: str, idempotency_key: str | None = None
    ) -> R:
        """Suspend a tenant (kill switch): new spend is refused, costs are still recorded.

        ``POST /tenants/{tenant_id}/suspend``

        Args:
            tenant_id: The tenant.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("suspend", locals())

    def reinstate(
        self, tenant_id: str, *, by: str, reason: str, idempotency_key: str | None = None
    ) -> R:
        """End a tenant's suspension.

        ``POST /tenants/{tenant_id}/reinstate``

        Args:
            tenant_id: The tenant.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("reinstate", locals())
