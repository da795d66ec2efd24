"""Convert usage to USD by set prices, the published list, or the fallback price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import CACHE_READ, RESPONSE, Usage, said
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
from budget_monitor.ports.prices import PriceList


@dataclass(frozen=True, slots=True)
class Spent:
    """Reported cost of a call: its amount in USD, its usage, or both."""

    amount: Decimal | None
    usage: Mapping[str, Any] | None = None
    tokens: int | None = None
    """Number of all tokens; None: those of the usage."""
    field: str = "usage"
    """Request field that contains the usage; errors name it."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Cost of a call in USD, its tokens, and the quote if the cost was computed."""

    policy: Policy
    """Policy whose prices were used."""
    amount: Decimal
    tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    quote: Quote | None = None

    @property
    def kept_quote(self) -> dict[str, Any] | None:
        """The quote as plain JSON, or None."""
        return self.quote.dump() if self.quote else None

    @property
    def guessed(self) -> bool:
        """True if the fallback price was used."""
        return self.quote is not None and self.quote.sheet.source == FALLBACK


class Pricing:
    """Makes bills. A given cost is used as it is. Usage without a price is rejected, never zero."""

    def __init__(self, published: PriceList) -> None:
        self._published = published

    def bill(self, spent: Spent, labels: Labels, policy: Policy, at: datetime) -> Bill:
        """Return the bill of a call at `at`. Raises UnknownPriceError and ValidationError.

        Raises UnavailableError if the cost must be computed and the tenant's prices are damaged.
        """
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
        )

    def sheet(
        self, policy: Policy, model: str, provider: str | None, at: datetime
    ) -> PriceSheet | None:
        """Return the model's prices at that instant, or None.

        Precedence: the tenant's, then the system's, then the published list's. The fallback price
        is not included.
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
        """Return the names that a price of the model may be set for: its own, then the list's."""
        listed = self._published.names(provider, model)[1]
        return [model, listed] if listed else [model]

    def is_published(self, model: str, provider: str | None, at: datetime) -> bool:
        """True if the published list has a price for the model."""
        return self._published.sheet(model, provider, at) is not None

    def fallback(
        self, policy: Policy, model: str | None, provider: str | None
    ) -> PriceSheet | None:
        """Return the tenant's fallback price, for usage without another price, or None."""
        if policy.fallback is None:
            return None
        prices, version = policy.fallback.prices, str(policy.version)
        return PriceSheet(FALLBACK, version, model, provider, prices)

    def quote(
        self, usage: Usage, spent: Spent, labels: Labels, policy: Policy, at: datetime
    ) -> Quote:
        """Return the cost of the usage and the prices used.

        Raises UnknownPriceError naming the model, and UnavailableError if the prices are damaged.
        """
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
                # The cached tokens' modality is unknown: bill them without the cache price.
                return self._quoted(sheet, usage.without(CACHE_READ), field)
            raise ValidationError(f"{field} contradicts itself: {fault}", field) from fault

    def _usage(self, spent: Spent, labels: Labels) -> Usage:
        """Return the usage by the provider's rules.

        Raises ValidationError if a provider's response cannot be read and no cost was given.
        """
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
    """Return the sheet of a set price, or None if it sets nothing.

    Units other than tokens that have no set rate keep their published price.
    """
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
