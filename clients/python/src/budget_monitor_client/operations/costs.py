"""Settling holds, recording and correcting costs.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount, Fields, Time


class Costs(Calling[R], Generic[R]):
    """Settling holds, recording and correcting costs."""

    def settle(
        self,
        tenant_id: str,
        *,
        reservation_id: str,
        entry_id: str | None = None,
        receipt: str | None = None,
        model: str | None = None,
        provider: str | None = None,
        at_estimate: bool | None = None,
        cost_usd: Amount | None = None,
        usage: Fields | None = None,
        provider_response: Fields | None = None,
        service_tier: str | None = None,
        batch: bool | None = None,
        usage_convention: Literal["provider", "inclusive"] | None = None,
        provider_request_id: str | None = None,
        trust: Literal["provider"] | None = None,
        tokens: int | None = None,
        occurred_at: Time | None = None,
        include_gates: bool | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Settle a reservation: replace what it holds by the true cost.

        ``POST /tenants/{tenant_id}/reservations/{reservation_id}/settle``

        Args:
            tenant_id: The tenant.
            reservation_id: The reservation.
            entry_id: Your name for the entry; else `settle:<reservation_id>`.
            receipt: The `receipt` of the reservation: saves one read.
            model: The model that was called, if not the reservation's.
            provider: Its provider, if not the reservation's.
            at_estimate: True: book what is left of the estimate, because the true cost is
                not known. The entry is flagged `estimated`; settle again with the true cost
                to correct it.
            cost_usd: The cost. A cost that is given is never repriced.
            usage: What the call consumed; the cost is computed from it. An object with
                `details` is read as the usage object of pydantic-ai.
            provider_response: The provider's usage object, as it came, or the answer that
                has it.
            service_tier: The provider's service tier, for example `flex` or `priority`. The
                tier's own prices hold; a tier without a known price has none.
            batch: True: the provider's prices of batch calls hold.
            usage_convention: How `usage` counts cached tokens: as the model's provider
                counts them, or `inclusive`: always within `input_tokens`. Unless given: as
                the object shows, else as the provider.
            provider_request_id: The provider's id of the call, to compare with its bill;
                else the object's.
            trust: `provider`: book the cost that the usage object shows, not the computed
                one.
            tokens: The tokens of the call, where `usage` does not say them.
            occurred_at: When the cost occurred; now unless given.
            include_gates: False saves the read behind the answer: `gates` and `status` are
                null.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("settle", locals())

    def draw(
        self,
        tenant_id: str,
        *,
        reservation_id: str,
        draw_id: str | None = None,
        receipt: str | None = None,
        at_estimate: bool | None = None,
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
        cost_usd: Amount | None = None,
        usage: Fields | None = None,
        provider_response: Fields | None = None,
        service_tier: str | None = None,
        batch: bool | None = None,
        usage_convention: Literal["provider", "inclusive"] | None = None,
        provider_request_id: str | None = None,
        trust: Literal["provider"] | None = None,
        tokens: int | None = None,
        occurred_at: Time | None = None,
        include_gates: bool | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Book a cost against an open reservation and keep the rest held.

        ``POST /tenants/{tenant_id}/reservations/{reservation_id}/draws``

        Args:
            tenant_id: The tenant.
            reservation_id: The reservation.
            draw_id: Your name for the entry; else one is made.
            receipt: The `receipt` of the reservation: saves one read.
            at_estimate: True: the cost is your estimate, because the true one is not known.
                The entry is flagged `estimated`; draw again with the same `draw_id` and the
                true cost to correct it.
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
            cost_usd: The cost. A cost that is given is never repriced.
            usage: What the call consumed; the cost is computed from it. An object with
                `details` is read as the usage object of pydantic-ai.
            provider_response: The provider's usage object, as it came, or the answer that
                has it.
            service_tier: The provider's service tier, for example `flex` or `priority`. The
                tier's own prices hold; a tier without a known price has none.
            batch: True: the provider's prices of batch calls hold.
            usage_convention: How `usage` counts cached tokens: as the model's provider
                counts them, or `inclusive`: always within `input_tokens`. Unless given: as
                the object shows, else as the provider.
            provider_request_id: The provider's id of the call, to compare with its bill;
                else the object's.
            trust: `provider`: book the cost that the usage object shows, not the computed
                one.
            tokens: The tokens of the call, where `usage` does not say them.
            occurred_at: When the cost occurred; now unless given.
            include_gates: False saves the read behind the answer: `gates` and `status` are
                null.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("draw", locals())

    def record_cost(
        self,
        tenant_id: str,
        *,
        entry_id: str | None = None,
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
        cost_usd: Amount | None = None,
        usage: Fields | None = None,
        provider_response: Fields | None = None,
        service_tier: str | None = None,
        batch: bool | None = None,
        usage_convention: Literal["provider", "inclusive"] | None = None,
        provider_request_id: str | None = None,
        trust: Literal["provider"] | None = None,
        tokens: int | None = None,
        occurred_at: Time | None = None,
        include_gates: bool | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Record a cost that was not reserved.

        ``POST /tenants/{tenant_id}/costs``

        Args:
            tenant_id: The tenant.
            entry_id: Your name for the entry; else one is made.
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
            cost_usd: The cost. A cost that is given is never repriced.
            usage: What the call consumed; the cost is computed from it. An object with
                `details` is read as the usage object of pydantic-ai.
            provider_response: The provider's usage object, as it came, or the answer that
                has it.
            service_tier: The provider's service tier, for example `flex` or `priority`. The
                tier's own prices hold; a tier without a known price has none.
            batch: True: the provider's prices of batch calls hold.
            usage_convention: How `usage` counts cached tokens: as the model's provider
                counts them, or `inclusive`: always within `input_tokens`. Unless given: as
                the object shows, else as the provider.
            provider_request_id: The provider's id of the call, to compare with its bill;
                else the object's.
            trust: `provider`: book the cost that the usage object shows, not the computed
                one.
            tokens: The tokens of the call, where `usage` does not say them.
            occurred_at: When the cost occurred; now unless given.
            include_gates: False saves the read behind the answer: `gates` and `status` are
                null.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("record_cost", locals())

    def record_costs(
        self,
        tenant_id: str,
        *,
        costs: Sequence[Fields],
        backfill: bool | None = None,
        by: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Record up to 100 costs. There is one result for each, in order.

        ``POST /tenants/{tenant_id}/costs/batch``

        Args:
            tenant_id: The tenant.
            costs: The costs, as in `record_cost`.
            backfill: True: import costs of months before the tenant's first statement. Each
                is booked in its own month and day, flagged `backfill`, and counts in no
                budget of today. Operators only: refused over HTTP, sent by direct
                invocation.
            by: Who imports: with `backfill` required, else not a field.
            reason: Why: with `backfill` required, else not a field.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("record_costs", locals())

    def adjust(
        self,
        tenant_id: str,
        *,
        entry_id: str,
        amount_usd: Amount,
        by: str,
        reason: str,
        adjustment_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Correct a recorded cost by a signed amount.

        ``POST /tenants/{tenant_id}/costs/{entry_id}/adjustments``

        Args:
            tenant_id: The tenant.
            entry_id: The ledger entry.
            adjustment_id: Your name for the adjustment; else one is made.
            amount_usd: What is added to the cost; negative: taken off.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("adjust", locals())

    def confirm_cost(
        self,
        tenant_id: str,
        *,
        entry_id: str,
        by: str,
        reason: str,
        idempotency_key: str | None = None,
    ) -> R:
        """Confirm a quarantined cost: it counts from now on.

        ``POST /tenants/{tenant_id}/costs/{entry_id}/confirm``

        Args:
            tenant_id: The tenant.
            entry_id: The ledger entry.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("confirm_cost", locals())

    def reject_cost(
        self,
        tenant_id: str,
        *,
        entry_id: str,
        by: str,
        reason: str,
        idempotency_key: str | None = None,
    ) -> R:
        """Reject a quarantined cost: it never counts.

        ``POST /tenants/{tenant_id}/costs/{entry_id}/reject``

        Args:
            tenant_id: The tenant.
            entry_id: The ledger entry.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("reject_cost", locals())

    def reprice(
        self,
        tenant_id: str,
        *,
        from_: Time,
        to: Time,
        by: str,
        reason: str,
        dry_run: bool | None = None,
        model: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Compute recorded costs again with the prices known now, and book the differences.

        Direct invocation only.

        Args:
            tenant_id: The tenant.
            from_: The first moment of the costs.
            to: The moment before which the costs occurred.
            by: Who decides this.
            reason: Why.
            dry_run: True: say what would change, book nothing.
            model: Only the costs of this model.
            limit: Entries of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
            idempotency_key: Names the whole request, so that a retry changes nothing. The
                header `Idempotency-Key` and the field `idempotency_key` mean the same.
        """
        return self._call("reprice", locals())
