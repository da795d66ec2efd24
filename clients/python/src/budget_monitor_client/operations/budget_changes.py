"""Changes of a budget that keep the rest of it: its fields, raises and grants.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import LEFT_OUT, Amount, Fields, LeftOut, Time


class BudgetChanges(Calling[R], Generic[R]):
    """Changes of a budget that keep the rest of it: its fields, raises and grants."""

    def update_budget(
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
        rollover_usd: Amount | LeftOut | None = LEFT_OUT,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Change the fields of a budget that are given; the others stay, and so do live raises.

        ``PATCH /tenants/{tenant_id}/budgets/{budget_id}``

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
                at most so much. Null: nothing is added.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("update_budget", locals())

    def update_system_budget(
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
        rollover_usd: Amount | LeftOut | None = LEFT_OUT,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Change fields of a budget of the system, or of a default for every tenant.

        ``PATCH /system/budgets/{budget_id}``

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
                at most so much. Null: nothing is added.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("update_system_budget", locals())

    def add_grant(
        self,
        tenant_id: str,
        *,
        budget_id: str,
        amount_usd: Amount,
        by: str,
        reason: str,
        grant_id: str | None = None,
        expires_at: Time | None = None,
        priority: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Add prepaid money to a budget of period total, with who and why.

        ``POST /tenants/{tenant_id}/budgets/{budget_id}/grants``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            grant_id: Your name for the grant; else one is made.
            amount_usd: The prepaid USD.
            expires_at: When the rest of it expires; never unless given.
            priority: Grants with lower numbers are spent first; 0 unless given.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("add_grant", locals())

    def delete_raise(
        self,
        tenant_id: str,
        *,
        budget_id: str,
        raise_id: str,
        by: str,
        reason: str,
        until: Time | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Remove a raise, at once or from `until` on, with who and why.

        ``DELETE /tenants/{tenant_id}/budgets/{budget_id}/raises/{raise_id}``

        Args:
            tenant_id: The tenant.
            budget_id: The budget.
            raise_id: The raise.
            until: From when on the raise is gone; now unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_raise", locals())

    def delete_system_raise(
        self,
        *,
        budget_id: str,
        raise_id: str,
        by: str,
        reason: str,
        until: Time | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Remove a raise of a system budget, or of a default for every tenant.

        ``DELETE /system/budgets/{budget_id}/raises/{raise_id}``

        Args:
            budget_id: The budget.
            raise_id: The raise.
            until: From when on the raise is gone; now unless given.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("delete_system_raise", locals())
