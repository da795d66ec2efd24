"""A call's cost and usage as the caller sent them, and the bill computed from them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.costs.facts import Facts
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.costs.usage import PROVIDER, RESPONSE
from budget_monitor.domain.money import render
from budget_monitor.domain.prices.sheets import FALLBACK, PROVIDER_SOURCE, Quote
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.units import Amounts
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """What a caller reports: the cost in USD, the usage, or both."""

    amount: Decimal | None
    usage: Mapping[str, Any] | None = None
    tokens: int | None = None
    """All tokens; None: those of the usage."""
    field: str = "usage"
    """The request's field with the usage."""
    service_tier: str | None = None
    batch: bool = False
    convention: str | None = None
    """How the usage counts cached tokens; None: as its form or its provider does."""
    request_id: str | None = None
    trusts_provider: bool = False
    """True if a cost in the usage object is booked."""

    @property
    def response(self) -> Mapping[str, Any] | None:
        """The provider's own usage object, where that is what was sent."""
        found: Mapping[str, Any] | None = (self.usage or {}).get(RESPONSE)
        return found


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost, usage and time of one call."""

    spent: Spent
    request: Request
    occurred_at: datetime | None = None
    principal: str | None = None
    """The signer of the request, if there is one."""


@dataclass(frozen=True, slots=True)
class Bill:
    """The amounts of a call, and the quote if the cost was computed."""

    amount: Decimal
    policy: Policy | None = None
    """The policy whose prices it was made by."""
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    quote: Quote | None = None
    """The computed cost. It is the amount, unless the provider's own cost is booked."""
    facts: Facts | None = None
    by_provider: bool = False
    """True if the amount is the provider's own cost."""
    differs: bool = False
    """True if the provider's cost and ours differ by more than the setting allows."""
    service_tier: str | None = None
    request_id: str | None = None

    calls: int | None = None
    """The number of calls in its usage; None if no usage was sent."""

    @property
    def amounts(self) -> Amounts:
        """The amounts that a request with this bill asks for."""
        return self.estimate or Amounts.uncounted(self.amount)

    @property
    def estimate(self) -> Amounts | None:
        """The amounts of an estimate whose usage is known."""
        if self.calls is None:
            return None
        tokens = (self.tokens, self.input_tokens, self.output_tokens)
        return Amounts(self.amount, *tokens, self.calls)

    @property
    def kept_quote(self) -> dict[str, Any] | None:
        """The source of the amount as plain JSON; None if the caller gave it."""
        ours = self.quote.dump() if self.quote else None
        if not self.by_provider:
            return ours
        computed = {**ours, "cost_usd": render(self.quote.amount)} if ours and self.quote else None
        known = {name: ours[name] if ours else None for name in ("model", "provider")}
        return {
            "source": PROVIDER_SOURCE,
            "version": None,
            **known,
            "lines": [],
            "computed": computed,
        }

    @property
    def call(self) -> dict[str, str]:
        """The known facts for a later comparison with the provider's bill."""
        facts = self.facts or Facts()
        said = {
            "provider_request_id": self.request_id or facts.request_id,
            "service_tier": self.service_tier,
            "region": facts.region or facts.inference_geo,
            "provider_cost_usd": None if facts.cost is None else render(facts.cost),
        }
        return {name: one for name, one in said.items() if one is not None}

    @property
    def guessed(self) -> bool:
        """True if the fallback price was used."""
        return self.quote is not None and self.quote.sheet.source == FALLBACK


def spent_of(entry: Entry) -> Spent:
    """Return what a priced cost was booked with, so that it can be priced again."""
    request = entry.request
    return Spent(
        None,
        entry.usage,
        service_tier=request.get("service_tier"),
        batch=request.get("batch") is True,
        convention=request.get("usage_convention"),
        request_id=request.get("provider_request_id"),
        trusts_provider=request.get("trust") == PROVIDER,
    )
