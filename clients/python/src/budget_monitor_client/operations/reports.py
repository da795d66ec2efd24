"""What was spent: months, runs, breakdowns and the ledger.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Time


class Reports(Calling[R], Generic[R]):
    """What was spent: months, runs, breakdowns and the ledger."""

    def ledger(
        self,
        tenant_id: str,
        *,
        from_: Time | None = None,
        to: Time | None = None,
        month: str | None = None,
        recorded_from: Time | None = None,
        user: str | None = None,
        agent: str | None = None,
        model: str | None = None,
        workflow: str | None = None,
        tag: str | None = None,
        flags: Literal[
            "late",
            "unreserved",
            "late_settlement",
            "fallback_price",
            "price_differs",
            "quarantined",
            "relabelled",
            "estimated",
            "backfill",
        ]
        | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List a tenant's ledger entries, the oldest first, as JSON, CSV or JSON Lines.

        ``GET /tenants/{tenant_id}/costs``

        Args:
            tenant_id: The tenant.
            from_: The first moment of the entries.
            to: The moment before which the entries occurred.
            month: Everything booked in this month, such as `2026-11`, in the order of
                booking: with late costs and corrections, as its statement counts them.
            recorded_from: Everything recorded since then, in the order of booking, whatever
                it is dated. `recorded_until` is where the next export begins.
            user: Only the entries of this user.
            agent: Only the entries of this agent.
            model: Only the entries of this model.
            workflow: Only the entries of this workflow.
            tag: Only the entries with this tag.
            flags: Only the entries with this flag.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("ledger", locals())

    def tenant_usage(self, tenant_id: str, *, month: str | None = None) -> R:
        """Return what a tenant spent and holds in a month, and its limit.

        ``GET /tenants/{tenant_id}/usage``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
        """
        return self._call("tenant_usage", locals())

    def system_usage(
        self, *, month: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Return what all tenants together spent and hold in a month, with a page of tenants.

        ``GET /system/usage``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_usage", locals())

    def agent_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by agent.

        ``GET /tenants/{tenant_id}/usage/agents``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("agent_costs", locals())

    def model_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by model.

        ``GET /tenants/{tenant_id}/usage/models``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("model_costs", locals())

    def daily_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by day.

        ``GET /tenants/{tenant_id}/usage/days``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("daily_costs", locals())

    def user_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by user.

        ``GET /tenants/{tenant_id}/usage/users``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("user_costs", locals())

    def tag_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by tag.

        ``GET /tenants/{tenant_id}/usage/tags``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("tag_costs", locals())

    def workflow_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by workflow name.

        ``GET /tenants/{tenant_id}/usage/workflows``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("workflow_costs", locals())

    def provider_costs(
        self,
        tenant_id: str,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
    ) -> R:
        """Break a tenant's month down by provider.

        ``GET /tenants/{tenant_id}/usage/providers``

        Args:
            tenant_id: The tenant.
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("provider_costs", locals())

    def system_agent_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by agent: tenants' agents of one name are one line.

        ``GET /system/usage/agents``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_agent_costs", locals())

    def system_model_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by model.

        ``GET /system/usage/models``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_model_costs", locals())

    def system_daily_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by day, each day in its tenant's time zone.

        ``GET /system/usage/days``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_daily_costs", locals())

    def system_user_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by user: tenants' users of one name are one line.

        ``GET /system/usage/users``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_user_costs", locals())

    def system_tag_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by tag.

        ``GET /system/usage/tags``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_tag_costs", locals())

    def system_workflow_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by workflow name: those of one name are one line.

        ``GET /system/usage/workflows``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_workflow_costs", locals())

    def system_provider_costs(
        self,
        *,
        month: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        format: Literal["json", "csv", "jsonl"] | None = None,
        group_by: Literal["tenant"] | None = None,
    ) -> R:
        """Break the system's month down by provider.

        ``GET /system/usage/providers``

        Args:
            month: A month such as `2026-11`; the present one unless given.
            limit: Items of a page; 1000 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
            group_by: A line for each name of each tenant, with `tenant_id`.
        """
        return self._call("system_provider_costs", locals())

    def execution(
        self,
        tenant_id: str,
        *,
        agent_execution_id: str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Return one agent execution: its total with its children's, and its own entries.

        ``GET /tenants/{tenant_id}/executions/{id}``

        Args:
            tenant_id: The tenant.
            agent_execution_id: The agent execution.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("execution", locals())

    def workflow(
        self,
        tenant_id: str,
        *,
        workflow_execution_id: str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """Return one workflow execution: its total, and its own and its agents' entries.

        ``GET /tenants/{tenant_id}/workflows/{id}``

        Args:
            tenant_id: The tenant.
            workflow_execution_id: The workflow execution.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("workflow", locals())

    def shadow_report(
        self,
        tenant_id: str,
        *,
        days: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List the runs that shadow budgets would have refused, with the amounts.

        ``GET /tenants/{tenant_id}/shadow-report``

        Args:
            tenant_id: The tenant.
            days: The last so many days; 30 unless given.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("shadow_report", locals())

    def system_shadow_report(
        self, *, days: int | None = None, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """Report what shadow budgets would have blocked, by tenant: runs and amounts.

        ``GET /system/shadow-report``

        Args:
            days: The last so many days; 30 unless given.
            limit: Tenants of a page; 25 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_shadow_report", locals())

    def openapi(self) -> R:
        """Return this API's OpenAPI document.

        ``GET /openapi.json``
        """
        return self._call("openapi", locals())

    def headroom(
        self,
        tenant_id: str,
        *,
        agent_execution_id: str | None = None,
        workflow_execution_id: str | None = None,
        parent_execution_id: str | None = None,
        state_machine_execution_arn: str | None = None,
        workflow: str | None = None,
        agent: str | None = None,
        model: str | None = None,
        provider: str | None = None,
        user: str | None = None,
        tags: Sequence[str] | None = None,
        wrap_up: bool | None = None,
    ) -> R:
        """Return how much is left for these labels.

        ``GET /tenants/{tenant_id}/headroom``

        Args:
            tenant_id: The tenant.
            agent_execution_id: The agent execution that spends.
            workflow_execution_id: The workflow execution that it belongs to.
            parent_execution_id: The agent execution that started this one.
            state_machine_execution_arn: The Step Functions execution that holds it.
            workflow: The workflow's name.
            agent: The agent's name.
            model: The model's name.
            provider: The model's provider.
            user: The user for whom the call is made.
            tags: Tags, a set.
            wrap_up: True: the call may use the part of the limits that budgets keep for
                wrapping up.
        """
        return self._call("headroom", locals())

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
