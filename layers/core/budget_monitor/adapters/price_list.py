"""The published prices of genai-prices, whose data came with it: nothing here goes online."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from budget_monitor.domain.prices import LIST, Line, PriceSheet, UnitPrice
from budget_monitor.domain.usage import CALLS, INPUT, SECONDS, Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider
    from genai_prices.units import UnitRegistry

    from budget_monitor.adapters.responses import Responses

_KNOWN = 1000
_REQUESTS, _AUDIO = "requests", "audio_seconds"
_LEAST_SECONDS = {("groq", "whisper-large-v3"): 10, ("groq", "whisper-large-v3-turbo"): 10}
"""Models that bill a short call as if it took this long."""


class PublishedPrices:
    """The `PriceList` port. The library is loaded when a price is asked for, not before."""

    def __init__(self) -> None:
        self._found = lru_cache(_KNOWN)(self._find)

    @cached_property
    def _providers(self) -> "list[Provider]":
        from genai_prices.data import providers  # noqa: PLC0415 - half a second, when it is needed

        return providers

    @cached_property
    def _units(self) -> "UnitRegistry":
        from genai_prices.data_units import unit_data  # noqa: PLC0415 - the same
        from genai_prices.units import UnitRegistry  # noqa: PLC0415

        return UnitRegistry(unit_data)

    @cached_property
    def _version(self) -> str:
        from genai_prices import __version__  # noqa: PLC0415 - the same

        return __version__

    @cached_property
    def _responses(self) -> "Responses":
        from budget_monitor.adapters.responses import Responses  # noqa: PLC0415 - the same

        return Responses(self._providers)

    def provider(self, provider: str | None, model: str) -> str | None:
        """The list's own name of a provider, or of whoever is known for such a model."""
        found = self._found(provider, model)[0]
        return found.id if found else None

    def sheet(self, model: str, provider: str | None, at: datetime) -> PriceSheet | None:
        """The model's prices at that moment; None for one that has none, or only zeros.

        A published zero may be a trial, a mistake or a gift: whoever means it sets it himself.
        """
        where, what = self._found(provider, model)
        if where is None or what is None:
            return None
        prices = self._unit_prices(what.get_prices(at))
        if not any(one.usd or one.above for one in prices):
            return None
        return PriceSheet(LIST, self._version, what.id, where.id, prices)

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """A unit of which something was used and which the sheet has no price for."""
        priced = {one.unit for one in sheet.prices}
        counts = self._counts(sheet, usage)
        return next((unit for unit in counts if not self._within(unit) & priced), None)

    def lines(self, sheet: PriceSheet, usage: Usage) -> tuple[Line, ...]:
        """The usage by the sheet's units, each token in one of them alone."""
        from genai_prices.decompose import compute_leaf_values  # noqa: PLC0415 - the same

        counts, priced = self._counts(sheet, usage), {one.unit for one in sheet.prices}
        known = self._units.units
        parts = compute_leaf_values(priced & known.keys(), _Counts(counts), known)
        each_call = usage.counts.get(CALLS, Decimal(1))  # none where the caller says none
        billed = {CALLS: each_call, _REQUESTS: each_call, SECONDS: counts.get(SECONDS, Decimal(0))}
        lines = []
        for one in sheet.prices:
            quantity = billed[one.unit] if one.unit in billed else Decimal(str(parts[one.unit]))
            if quantity:
                price = one.at(counts.get(INPUT, Decimal(0)))
                lines.append(Line(one.unit, quantity, price, one.per))
        return tuple(lines)

    def read(self, response: Mapping[str, Any], provider: str | None, model: str | None) -> Usage:
        """What a provider's own usage object says. Raises ValueError where it says nothing."""
        where = self._found(provider, model or "")[0]
        return self._responses.read(response, where)

    def _within(self, unit: str) -> set[str]:
        """The unit with all that it is a part of."""
        if unit == CALLS:
            return {CALLS, _REQUESTS}
        known = unit in self._units.units
        return {unit} | (set(self._units.ancestor_usage_keys(unit)) if known else set())

    def _counts(self, sheet: PriceSheet, usage: Usage) -> dict[str, Decimal]:
        """What was used, in the sheet's words for it."""
        counts = {unit: usage.of(unit) for unit in usage}
        priced = {one.unit for one in sheet.prices}
        if SECONDS in counts and SECONDS not in priced and _AUDIO in priced:
            counts[_AUDIO] = counts.pop(SECONDS)
        least = _LEAST_SECONDS.get((sheet.provider or "", sheet.model or ""))
        if least and sheet.source == LIST and _AUDIO in counts:
            counts[_AUDIO] = max(counts[_AUDIO], Decimal(least))
        return counts

    def _unit_prices(self, prices: "ModelPrice") -> tuple[UnitPrice, ...]:
        found = []
        for name, price in vars(prices).items():
            if price is None:
                continue
            unit = self._units.unit_for_price_key(name)
            if isinstance(price, Decimal):
                found.append(UnitPrice(unit.usage_key, price, unit.per))
            else:
                above = tuple((tier.start, tier.price) for tier in price.tiers)
                found.append(UnitPrice(unit.usage_key, price.base, unit.per, above))
        return tuple(found)

    def _find(self, provider: str | None, model: str) -> "tuple[Provider | None, ModelInfo | None]":
        """The provider and the model of these names, each where it is known."""
        from genai_prices.data_snapshot import find_provider_by_id  # noqa: PLC0415 - the same

        providers, named = self._providers, model.casefold()
        if provider is not None:
            where = find_provider_by_id(providers, provider)
        else:
            where = next((one for one in providers if _answers_to(one, named)), None)
        what = where.find_model(named, all_providers=providers) if where and named else None
        return where, what


def _answers_to(provider: "Provider", model: str) -> bool:
    return provider.model_match is not None and provider.model_match.is_match(model)


class _Counts:
    """Counts as the library reads them: as attributes, nothing where there was nothing."""

    def __init__(self, counts: Mapping[str, Decimal]) -> None:
        self._counts = counts

    def __getattr__(self, unit: str) -> Decimal:
        return self._counts.get(unit, Decimal(0))
