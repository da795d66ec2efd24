"""Checks and reservations.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount, Fields


class Holds(Calling[R], Generic[R]):
    """Checks and reservations."""

    def check(
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
        estimated_cost_usd: Amount | None = None,
        service_tier: str | None = None,
        batch: bool | None = None,
        estimated_usage: Fields | None = None,
        wrap_up: bool | None = None,
    ) -> R:
        """Return the answer that a reservation of the estimate would get. Nothing is changed.

        ``POST /tenants/{tenant_id}/checks``

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
            estimated_cost_usd: The most that the call may cost.
            service_tier: The provider's service tier, for example `flex` or `priority`. The
                tier's own prices hold; a tier without a known price has none.
            batch: True: the provider's prices of batch calls hold.
            estimated_usage: What the call may consume at most. It is priced, unless the
                cost is given, too.
            wrap_up: True: the call may use the part of the limits that budgets keep for
                wrapping up.
        """
        return self._call("check", locals())

    def reserve(
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
        estimated_cost_usd: Amount | None = None,
        service_tier: str | None = None,
        batch: bool | None = None,
        estimated_usage: Fields | None = None,
        wrap_up: bool | None = None,
        reservation_id: str | None = None,
        expires_in_seconds: int | None = None,
        on_expiry: Literal["return", "settle_at_estimate"] | None = None,
        include_gates: bool | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Hold the estimate against every budget that applies, or return which budget refuses.

        ``POST /tenants/{tenant_id}/reservations``

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
            estimated_cost_usd: The most that the call may cost.
            service_tier: The provider's service tier, for example `flex` or `priority`. The
                tier's own prices hold; a tier without a known price has none.
            batch: True: the provider's prices of batch calls hold.
            estimated_usage: What the call may consume at most. It is priced, unless the
                cost is given, too.
            wrap_up: True: the call may use the part of the limits that budgets keep for
                wrapping up.
            reservation_id: Your name for the reservation; else one is made.
            expires_in_seconds: The reservation expires so many seconds from now; 900 unless
                given.
            on_expiry: What expiry does to a reservation: `return` (unless given) makes its
                money available again, `settle_at_estimate` books what is left of it.
            include_gates: False saves the read behind the answer: `gates` and `status` are
                null.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("reserve", locals())

    def list_reservations(
        self,
        tenant_id: str,
        *,
        state: Literal["open", "settled", "released", "expired"] | None = None,
        agent: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List a tenant's reservations, the latest first.

        ``GET /tenants/{tenant_id}/reservations``

        Args:
            tenant_id: The tenant.
            state: Only those in this state now.
            agent: Only those of this agent.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("list_reservations", locals())

    def get_reservation(self, tenant_id: str, *, reservation_id: str) -> R:
        """Return a reservation as it is now.

        ``GET /tenants/{tenant_id}/reservations/{reservation_id}``

        Args:
            tenant_id: The tenant.
            reservation_id: The reservation.
        """
        return self._call("get_reservation", locals())

    def extend(
        self,
        tenant_id: str,
        *,
        reservation_id: str,
        expires_in_seconds: int,
        idempotency_key: str | None = None,
    ) -> R:
        """Give an open reservation more time.

        ``POST /tenants/{tenant_id}/reservations/{reservation_id}/extend``

        Args:
            tenant_id: The tenant.
            reservation_id: The reservation.
            expires_in_seconds: The reservation expires so many seconds from now; 900 unless
                given.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("extend", locals())

    def release(
        self, tenant_id: str, *, reservation_id: str, idempotency_key: str | None = None
    ) -> R:
        """Release a reservation: its money is available again.

        ``POST /tenants/{tenant_id}/reservations/{reservation_id}/release``

        Args:
            tenant_id: The tenant.
            reservation_id: The reservation.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("release", locals())
