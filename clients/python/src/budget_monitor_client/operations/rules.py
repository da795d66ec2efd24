"""Budgets, raises and their history.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import LEFT_OUT, Amount, Fields, LeftOut, Time


class Rules(Calling[R], Generic[R]):
    """Budgets, raises and their history."""

    def list_budgets(
        self, tenant_id: str, *, format: Literal["json", "csv", "jsonl"] | None = None
    ) -> R:
        """List every budget that applies to a tenant, with its present limit.

        ``GET /tenants/{tenant_id}/budgets``

        Args:
            tenant_id: The tenant.
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("list_budgets", locals())

    def get_budget(self, tenant_id: str, *, budget_id: str, name: str | None = None) -> R:
        """Return a budget as it applies now, with what is spent, held and left of it.

        ``GET /tenants/{tenant_id}/budgets/{budget_id}``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            name: Whose amounts: a run's id, or a name of a budget for each.
        """
        return self._call("get_budget", locals())

    def set_budget(
        self,
        tenant_id: str,
        *,
        budget_id: str,
        by: str,
        reason: str,
        limit_usd: Amount | LeftOut | None = LEFT_OUT,
        limit_tokens: Fields | int | LeftOut | None = LEFT_OUT,
        limit_calls: int | LeftOut | None = LEFT_OUT,
        scope: Literal[
            "system", "tenant", "workflow", "execution", "agent", "model", "user", "tag", "provider"
        ]
        | None = None,
        scope_id: str | None = None,
        period: Literal["run", "minute", "hour", "day", "week", "month", "quarter", "year", "total"]
        | None = None,
        action: Literal["block", "block_new", "pause", "alert", "ask"] | None = None,
        thresholds: Sequence[int] | None = None,
        enforcement: Literal["enforce", "shadow"] | None = None,
        reserve_percent: int | None = None,
        downgrade: Sequence[Fields] | LeftOut | None = LEFT_OUT,
        rollover_usd: Amount | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Create a budget, or replace the one with this id.

        ``PUT /tenants/{tenant_id}/budgets/{budget_id}``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            limit_usd: The most USD that may be committed in a period. Null: no limit.
            limit_tokens: The most tokens: of all kinds, or by kind. Null: no limit.
            limit_calls: The most calls. Null: no limit.
            scope: Whose money is limited.
            scope_id: The name of the workflow, agent, model, user, tag or provider; `*`: a
                budget for each.
            period: When the budget starts again.
            action: What happens when the next spend would pass the limit.
            thresholds: Percents of the limit at which an alert is sent.
            enforcement: `shadow` allows and reports what it would refuse.
            reserve_percent: The last percent of the limits, kept for requests with
                `wrap_up`.
            downgrade: Models, each cheaper than the one before. Null: none.
            rollover_usd: What a period leaves over is added to the limit of the next one,
                at most so much.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_budget", locals())

    def delete_budget(
        self,
        tenant_id: str,
        *,
        budget_id: str,
        by: str,
        reason: str,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Delete a budget. A default that it replaced applies again.

        ``DELETE /tenants/{tenant_id}/budgets/{budget_id}``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_budget", locals())

    def raise_limit(
        self,
        tenant_id: str,
        *,
        budget_id: str,
        amount_usd: Amount,
        by: str,
        reason: str,
        raise_id: str | None = None,
        until: Time | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Raise a limit for the present period, or until a moment.

        ``POST /tenants/{tenant_id}/budgets/{budget_id}/raises``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            raise_id: Your name for the raise; else one is made.
            amount_usd: How much is added to the limit; negative: taken off it.
            until: When the raise ends; with the period unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("raise_limit", locals())

    def budget_history(
        self, tenant_id: str, *, budget_id: str, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """List the changes of a budget, the latest first: who, when, why, before and after.

        ``GET /tenants/{tenant_id}/budgets/{budget_id}/history``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("budget_history", locals())

    def tenant_history(
        self, tenant_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """List all changes of a tenant's budgets, prices and settings, the latest first.

        ``GET /tenants/{tenant_id}/history``

        Args:
            tenant_id: The tenant.
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("tenant_history", locals())

    def list_system_budgets(self, *, format: Literal["json", "csv", "jsonl"] | None = None) -> R:
        """List the system's budgets and the defaults of all tenants.

        ``GET /system/budgets``

        Args:
            format: `csv` or `jsonl` (JSON Lines); over HTTP also with `Accept: text/csv` or
                `Accept: application/x-ndjson`. The header `x-next-cursor` then has the
                cursor.
        """
        return self._call("list_system_budgets", locals())

    def get_system_budget(self, *, budget_id: str, name: str | None = None) -> R:
        """Return a budget of the system, or a default that applies to each tenant.

        ``GET /system/budgets/{budget_id}``

        Args:
            budget_id: The budget.
            name: Whose amounts: a run's id, or a name of a budget for each.
        """
        return self._call("get_system_budget", locals())

    def set_system_budget(
        self,
        *,
        budget_id: str,
        by: str,
        reason: str,
        limit_usd: Amount | LeftOut | None = LEFT_OUT,
        limit_tokens: Fields | int | LeftOut | None = LEFT_OUT,
        limit_calls: int | LeftOut | None = LEFT_OUT,
        scope: Literal[
            "system", "tenant", "workflow", "execution", "agent", "model", "user", "tag", "provider"
        ]
        | None = None,
        scope_id: str | None = None,
        period: Literal["run", "minute", "hour", "day", "week", "month", "quarter", "year", "total"]
        | None = None,
        action: Literal["block", "block_new", "pause", "alert", "ask"] | None = None,
        thresholds: Sequence[int] | None = None,
        enforcement: Literal["enforce", "shadow"] | None = None,
        reserve_percent: int | None = None,
        downgrade: Sequence[Fields] | LeftOut | None = LEFT_OUT,
        rollover_usd: Amount | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Create or replace a budget of the system, or a default for all tenants.

        ``PUT /system/budgets/{budget_id}``

        Args:
            budget_id: The budget.
            limit_usd: The most USD that may be committed in a period. Null: no limit.
            limit_tokens: The most tokens: of all kinds, or by kind. Null: no limit.
            limit_calls: The most calls. Null: no limit.
            scope: Whose money is limited.
            scope_id: The name of the workflow, agent, model, user, tag or provider; `*`: a
                budget for each.
            period: When the budget starts again.
            action: What happens when the next spend would pass the limit.
            thresholds: Percents of the limit at which an alert is sent.
            enforcement: `shadow` allows and reports what it would refuse.
            reserve_percent: The last percent of the limits, kept for requests with
                `wrap_up`.
            downgrade: Models, each cheaper than the one before. Null: none.
            rollover_usd: What a period leaves over is added to the limit of the next one,
                at most so much.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_system_budget", locals())

    def delete_system_budget(
        self,
        *,
        budget_id: str,
        by: str,
        reason: str,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Delete a budget of the system. A default that it replaced applies again.

        ``DELETE /system/budgets/{budget_id}``

        Args:
            budget_id: The budget.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_system_budget", locals())

    def raise_system_limit(
        self,
        *,
        budget_id: str,
        amount_usd: Amount,
        by: str,
        reason: str,
        raise_id: str | None = None,
        until: Time | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Raise a limit of the system, or a default of all tenants, for a while.

        ``POST /system/budgets/{budget_id}/raises``

        Args:
            budget_id: The budget.
            raise_id: Your name for the raise; else one is made.
            amount_usd: How much is added to the limit; negative: taken off it.
            until: When the raise ends; with the period unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("raise_system_limit", locals())

    def system_budget_history(
        self, *, budget_id: str, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """List the changes of a budget of the system, the latest first.

        ``GET /system/budgets/{budget_id}/history``

        Args:
            budget_id: The budget.
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_budget_history", locals())

    def system_history(self, *, limit: int | None = None, cursor: str | None = None) -> R:
        """List all changes of the system's budgets and prices, the latest first.

        ``GET /system/history``

        Args:
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("system_history", locals())

    def budget_names(
        self, tenant_id: str, *, budget_id: str, limit: int | None = None, cursor: str | None = None
    ) -> R:
        """List what each name spent under a `*` budget, in its present period.

        ``GET /tenants/{tenant_id}/budgets/{budget_id}/names``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            limit: Names of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("budget_names", locals())
