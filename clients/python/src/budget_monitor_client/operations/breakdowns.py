"""Where a month's money went: by agent, model, day, user, tag, workflow name or provider.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from typing import Generic

from budget_monitor_client.calling import Calling, R


class Breakdowns(Calling[R], Generic[R]):
    """Where a month's money went: by agent, model, day, user, tag, workflow name or provider."""

    def agent_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by agent.

        ``GET /tenants/{tenant_id}/usage/agents``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("agent_costs", locals())

    def model_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by model.

        ``GET /tenants/{tenant_id}/usage/models``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("model_costs", locals())

    def daily_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by day.

        ``GET /tenants/{tenant_id}/usage/days``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("daily_costs", locals())

    def user_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by user.

        ``GET /tenants/{tenant_id}/usage/users``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("user_costs", locals())

    def tag_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by tag.

        ``GET /tenants/{tenant_id}/usage/tags``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("tag_costs", locals())

    def workflow_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by workflow name.

        ``GET /tenants/{tenant_id}/usage/workflows``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("workflow_costs", locals())

    def provider_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Break a tenant's month down by provider.

        ``GET /tenants/{tenant_id}/usage/providers``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("provider_costs", locals())

    def system_agent_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by agent: tenants' agents of one name are one line.

        ``GET /system/usage/agents``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_agent_costs", locals())

    def system_model_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by model.

        ``GET /system/usage/models``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_model_costs", locals())

    def system_daily_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by day, each day in its tenant's time zone.

        ``GET /system/usage/days``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_daily_costs", locals())

    def system_user_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by user: tenants' users of one name are one line.

        ``GET /system/usage/users``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_user_costs", locals())

    def system_tag_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by tag.

        ``GET /system/usage/tags``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_tag_costs", locals())

    def system_workflow_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by workflow name: those of one name are one line.

        ``GET /system/usage/workflows``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_workflow_costs", locals())

    def system_provider_costs(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Break the system's month down by provider.

        ``GET /system/usage/providers``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_provider_costs", locals())
