"""What a call would cost, and which models have a price.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount, Fields, Time


class Quotes(Calling[R], Generic[R]):
    """What a call would cost, and which models have a price."""

    def quote(
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
        """Return what `record_cost` would book for this body, and why. Nothing is booked.

        ``POST /tenants/{tenant_id}/prices/quote``

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
            idempotency_key: Accepted, so that the body can be that of `record_cost`; a
                quote remembers nothing.
        """
        return self._call("quote", locals())

    def price_models(self, *, provider: str | None = None) -> R:
        """List every model of the price list, with the list's version and date.

        ``GET /prices/models``

        Args:
            provider: Only the models of this provider.
        """
        return self._call("price_models", locals())

    def match_prices(self, tenant_id: str, *, names: Sequence[Fields]) -> R:
        """Return the price that each of up to 100 names would get.

        ``POST /tenants/{tenant_id}/prices/match``

        Args:
            tenant_id: The tenant.
            names: The models, with the terms of their calls.
        """
        return self._call("match_prices", locals())
