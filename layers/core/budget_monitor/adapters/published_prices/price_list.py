"""Published prices from the genai-prices package. Its data is bundled; no network is used."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import CALLS, INPUT, SECONDS, Usage
from budget_monitor.domain.prices import LIST, Line, PriceSheet, UnitPrice

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider
    from genai_prices.units import UnitRegistry

    from budget_monitor.adapters.published_prices.responses import Responses

_KNOWN = 1000
_OURS = {"requests": CALLS, "audio_seconds": SECONDS}
"""Units with other names in the library. Calculations use its names, results use ours."""
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}
_LEAST_SECONDS = {("groq", "whisper-large-v3"): 10, ("groq", "whisper-large-v3-turbo"): 10}
"""Minimum billed seconds per call, by provider and model."""


class PublishedPrices:
    """The `PriceList` port. The library is loaded when the first price is requested."""

    def __init__(self) -> None:
        self._found = lru_cache(_KNOWN)(self._find)

    @cached_property
    def _providers(self) -> "list[Provider]":
        from genai_prices.data import providers  # noqa: PLC0415 - takes 0.5 s, so load on use

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
        from budget_monitor.adapters.published_prices.responses import Responses  # noqa: PLC0415 - the same

        return Responses(self._providers)

    def names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """Canonical (provider, model) of the price list; the provider is inferred if not given."""
        where, what = self._found(provider, model)
        return where.id if where else None, what.id if what else None

    def sheet(self, model: str, provider: str | None, at: datetime) -> PriceSheet | None:
        """Return the model's prices at that instant; None if it has none, or only zeros.

        A published zero is not used as a price: it may be a trial or a mistake. To charge nothing,
        set a price of zero.
        """
        where, what = self._found(provider, model)
        if where is None or what is None:
            return None
        prices = self._unit_prices(what.get_prices(at))
        return PriceSheet(LIST, self._version, what.id, where.id, prices) if prices else None

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """Return a used unit that has no price in the sheet, or None.

        If nothing was used: a given unit, if none of the given units has a price.
        """
        priced, units = {_theirs(one.unit) for one in sheet.prices}, self._units

        def has_price(unit: str) -> bool:
            name = _theirs(unit)
            known = units.ancestor_usage_keys(name) if name in units.units else ()
            return bool(priced & {name, *known})

        unpriced = [unit for unit in usage if not has_price(unit)]
        if not any(usage.counts.values()) and not any(map(has_price, usage.counts)):
            unpriced = list(usage.counts)
        return unpriced[0] if unpriced else None

    def lines(self, sheet: PriceSheet, usage: Usage) -> tuple[Line, ...]:
        """Return the usage by the sheet's units; each token counts in exactly one of them."""
        from genai_prices.decompose import compute_leaf_values  # noqa: PLC0415 - the same

        calls = usage.counts.get(CALLS, Decimal(1))  # zero only if the caller says so
        counts = {_theirs(unit): usage.of(unit) for unit in usage} | {_theirs(CALLS): calls}
        least = _LEAST_SECONDS.get((sheet.provider or "", sheet.model or ""))
        if least and _theirs(SECONDS) in counts:
            counts[_theirs(SECONDS)] = max(counts[_theirs(SECONDS)], Decimal(least))
        prices = {_theirs(one.unit): one for one in sheet.prices}
        parts = compute_leaf_values(set(prices), _Counts(counts), self._units.units)
        return tuple(
            Line(price.unit, Decimal(parts[name]), price.at(usage.of(INPUT)), price.per)
            for name, price in prices.items()
            if parts[name]
        )

    def read(self, response: Mapping[str, Any], labels: Labels, field: str) -> Usage:
        """Return the usage in a provider's own response.

        Raises ValueError if it contains no usage, and ValidationError naming `field` if a count is
        negative.
        """
        where = self._found(labels.provider, labels.model or "")[0]
        return self._responses.read(response, where, field)

    def _unit_prices(self, prices: "ModelPrice") -> tuple[UnitPrice, ...]:
        found = []
        for name, price in vars(prices).items():
            if not price or not getattr(price, "base", price):
                continue
            unit = self._units.unit_for_price_key(name)
            ours = _OURS.get(unit.usage_key, unit.usage_key)
            if isinstance(price, Decimal):
                found.append(UnitPrice(ours, price, unit.per))
            else:
                above = tuple((tier.start, tier.price) for tier in price.tiers)
                found.append(UnitPrice(ours, price.base, unit.per, above))
        return tuple(found)

    def _find(self, provider: str | None, model: str) -> "tuple[Provider | None, ModelInfo | None]":
        """Return the provider and the model with these names; None for each unknown one."""
        from genai_prices.data_snapshot import find_provider_by_id  # noqa: PLC0415 - the same

        providers, named = self._providers, model.casefold()
        if provider is not None:
            where = find_provider_by_id(providers, provider)
        else:
            where = next((one for one in providers if _answers_to(one, named)), None)
        what = where.find_model(named, all_providers=providers) if where and named else None
        return where, what


def _theirs(unit: str) -> str:
    return _THEIRS.get(unit, unit)


def _answers_to(provider: "Provider", model: str) -> bool:
    return provider.model_match is not None and provider.model_match.is_match(model)


class _Counts:
    """Counts as attributes, as the library reads them; 0 for units that were not used."""

    def __init__(self, counts: Mapping[str, Decimal]) -> None:
        self._counts = counts

    def __getattr__(self, unit: str) -> Decimal:
        return self._counts.get(unit, Decimal(0))
