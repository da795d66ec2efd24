"""From usage to USD: by the prices that people set, the published ones, or the fallback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import CACHE_READ, CALLS, RESPONSE, Usage, said
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError, ValidationError
from budget_monitor.domain.prices import (
    FALLBACK,
    SYSTEM_SOURCE,
    TENANT_SOURCE,
    Price,
    PriceSheet,
    Quote,
    UnitPrice,
    in_force,
)
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.units import Amounts
from budget_monitor.ports.prices import PriceList


@dataclass(frozen=True, slots=True)
class Spent:
    """What a caller says of a call: its cost in USD, its usage, or both."""

    amount: Decimal | None
    usage: Mapping[str, Any] | None = None
    tokens: int | None = None
    """All tokens; None: those of the usage."""
    field: str = "usage"
    """Where the caller said the usage."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a call cost and consumed, and the quote where the cost was computed."""

    policy: Policy
    """The policy that it was made by."""
    amount: Decimal
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    quote: Quote | None = None
    calls: int | None = None
    """How many calls its usage says; None where no usage is said."""

    @property
    def amounts(self) -> Amounts:
        """What a request of this bill asks for."""
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
        """The quote as plain JSON."""
        return self.quote.dump() if self.quote else None

    @property
    def guessed(self) -> bool:
        """Whether it is the fallback price's."""
        return self.quote is not None and self.quote.sheet.source == FALLBACK


class Pricing:
    """Makes bills. A given cost stands as it is; an unknown price is never zero."""

    def __init__(self, published: PriceList) -> None:
        self._published = published

    def bill(self, spent: Spent, labels: Labels, policy: Policy, at: datetime) -> Bill:
        """The bill of a call that happened at `at`. Raises UnknownPriceError, ValidationError."""
        usage = self._usage(spent, labels)
        quote = None if spent.amount is not None else self.quote(usage, spent, labels, policy, at)
        amount = quote.amount if quote else (spent.amount or Decimal(0))
        tokens = usage.input_tokens + usage.output_tokens
        return Bill(
            policy,
            amount,
            tokens if spent.tokens is None else spent.tokens,
            usage.input_tokens,
            usage.output_tokens,
            quote,
            None if spent.usage is None else int(spent.usage.get(CALLS, 1)),
        )

    def sheet(
        self, policy: Policy, model: str, provider: str | None, at: datetime
    ) -> PriceSheet | None:
        """The prices of a model at that moment, the tenant's before the system's before the list's.

        The fallback price is not among them.
        """
        known, _ = self._published.names(provider, model)
        providers = [name for name in dict.fromkeys((provider, known)) if name]
        models = self.models(model, provider)
        published = self._published.sheet(model, provider, at)
        for source, prices in (
            (TENANT_SOURCE, policy.prices),
            (SYSTEM_SOURCE, policy.system_prices),
        ):
            price = in_force(prices, models, providers, at)
            sheet = price and _set(price, source, published, model, known or provider)
            if sheet:
                return sheet
        return published

    def models(self, model: str, provider: str | None) -> Sequence[str]:
        """The names under which a price for the model may be set: its own, then the list's."""
        listed = self._published.names(provider, model)[1]
        return [model, listed] if listed else [model]

    def is_published(self, model: str, provider: str | None, at: datetime) -> bool:
        """Whether the published list has a price for the model."""
        return self._published.sheet(model, provider, at) is not None

    def fallback(
        self, policy: Policy, model: str | None, provider: str | None
    ) -> PriceSheet | None:
        """The tenant's price for what has no other."""
        if policy.fallback is None:
            return None
        prices, version = policy.fallback.prices, str(policy.version)
        return PriceSheet(FALLBACK, version, model, provider, prices)

    def quote(
        self, usage: Usage, spent: Spent, labels: Labels, policy: Policy, at: datetime
    ) -> Quote:
        """What the usage costs, and by which prices. Raises UnknownPriceError naming the model."""
        if policy.damaged:
            raise UnavailableError("the tenant's prices are damaged: send cost_usd, or try again")
        why = "no price is known" if usage.counts else "no usage was said, and so no price is known"
        known = labels.model and self.sheet(policy, labels.model, labels.provider, at)
        for sheet in (known, self.fallback(policy, labels.model, labels.provider)):
            if sheet and usage.counts:
                missing = self._published.missing(sheet, usage)
                if missing is None:
                    return self._quoted(sheet, usage, spent.field)
                why = f"no price of {missing} is known"
        named = f"the model {labels.model}" if labels.model else "a cost without a model"
        where = f" at {labels.provider}" if labels.provider else ""
        raise UnknownPriceError(
            f"{why} for {named}{where}: send the cost in USD, set its price, or set a "
            "fallback_price",
            spent.field,
        )

    def _quoted(self, sheet: PriceSheet, usage: Usage, field: str) -> Quote:
        try:
            return Quote(sheet, self._published.lines(sheet, usage), field)
        except ValueError as fault:
            if usage.of(CACHE_READ):
                # Which of the cached tokens were of which modality is not said: none is cheaper.
                return self._quoted(sheet, usage.without(CACHE_READ), field)
            raise ValidationError(f"{field} contradicts itself: {fault}", field) from fault

    def _usage(self, spent: Spent, labels: Labels) -> Usage:
        """What was used, by the rules of the provider."""
        usage = spent.usage or {}
        if RESPONSE not in usage:
            return said(usage, labels.provider, labels.model, spent.field)
        try:
            read = self._published.read(usage[RESPONSE], labels, spent.field)
        except ValueError as fault:
            if spent.amount is not None:
                return Usage({})
            raise ValidationError(
                f"{spent.field} cannot be read: {fault}; send usage with its tokens instead",
                spent.field,
            ) from fault
        return read.checked(spent.field)


def _set(
    price: Price, source: str, published: PriceSheet | None, model: str, provider: str | None
) -> PriceSheet | None:
    """The sheet of a price that people set; what it does not name of tools is as published."""
    listed = published.prices if published else ()
    prices: tuple[UnitPrice, ...]
    if price.rates:
        others = (one for one in listed if not one.unit.endswith("_tokens"))
        named = {one.unit for one in price.rates.prices}
        prices = (*price.rates.prices, *(one for one in others if one.unit not in named))
    elif published and price.discount is not None:
        prices = tuple(one.less(price.discount) for one in listed)
        model, provider = published.model or model, published.provider
    else:
        return None
    return PriceSheet(source, str(price.version), model, provider, prices)
