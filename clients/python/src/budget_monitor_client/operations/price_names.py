"""Names of a tenant's own for models, and newer price lists.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from typing import Generic

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Time


class PriceNames(Calling[R], Generic[R]):
    """Names of a tenant's own for models, and newer price lists."""

    def set_alias(
        self,
        tenant_id: str,
        *,
        alias: str,
        model: str,
        by: str,
        reason: str,
        provider: str | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Let a tenant's own name mean a model: its calls get that model's price.

        ``PUT /tenants/{tenant_id}/prices/aliases``

        Args:
            tenant_id: The tenant.
            alias: The tenant's own name, for example that of an Azure deployment.
            model: The model that it means.
            provider: The provider of that model; the call's unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_alias", locals())

    def delete_alias(
        self,
        tenant_id: str,
        *,
        alias: str,
        by: str,
        reason: str,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Remove an alias: the name means itself again.

        ``DELETE /tenants/{tenant_id}/prices/aliases``

        Args:
            tenant_id: The tenant.
            alias: The tenant's own name, for example that of an Azure deployment.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_alias", locals())

    def list_aliases(self, tenant_id: str) -> R:
        """The aliases that apply to the tenant, its own and the system's.

        ``GET /tenants/{tenant_id}/prices/aliases``

        Args:
            tenant_id: The tenant.
        """
        return self._call("list_aliases", locals())

    def set_price_list(
        self,
        *,
        key: str,
        by: str,
        reason: str,
        object_version: str | None = None,
        dated: str | None = None,
        from_: Time | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Put a newer edition of the published prices in place, from a moment on.

        ``PUT /system/prices/list``

        Args:
            key: The file's key in the stack's bucket of price lists.
            object_version: The file's version in the bucket; the latest one unless given.
            dated: The date of the file's prices; today unless given.
            from_: From when on the file is the price list; now unless given.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_price_list", locals())

    def list_price_lists(self) -> R:
        """The editions of the published prices, and the one in force.

        ``GET /system/prices/list``
        """
        return self._call("list_price_lists", locals())

    def watch_prices(self) -> R:
        """Return the age of the price list in force; store an alert if it is over 30 days.

        Direct invocation only.
        """
        return self._call("watch_prices", locals())
