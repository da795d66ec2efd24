"""The published prices of genai-prices, whose data came with it: nothing here goes online."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import CALLS, INPUT, SECONDS, Usage
from budget_monitor.domain.prices import LIST, Line, PriceSheet, UnitPrice
from budget_monitor.domain.rules.matching import ListedNames

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice, Provider
    from genai_prices.units import UnitRegistry

    from budget_monitor.adapters.published_prices.directory import Directory
    from budget_monitor.adapters.published_prices.responses import Responses

_OURS = {"requests": CALLS, "audio_seconds": SECONDS}
"""Units that the library calls otherwise. Sums are made in its words, and shown in ours."""
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}
_LEAST_SECONDS = {("groq", "whisper-large-v3"): 10, ("groq", "whisper-large-v3-turbo"): 10}
"""Models that bill a short call as if it took this long."""


class PublishedPrices:
    """The `PriceList` port. The library is loaded when a price is asked for, not before."""

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
    def _directory(self) -> "Directory":
        from budget_monitor.adapters.published_prices.directory import Directory  # noqa: PLC0415 - the same

        return Directory(self._providers)

    @cached_property
    def _responses(self) -> "Responses":
        from budget_monitor.adapters.published_prices.responses import Responses  # noqa: PLC0415 - the same

        return Responses(self._providers)

    def names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """The list's own names of a provider, or of whoever is known for the model, and of it."""
        where, what = self._directory.found(provider, model)
        return where.id if where else None, what.id if what else None

    def common_names(self, provider: str | None, model: str | None) -> ListedNames:
        """One name for a provider, and one for a model wherever it is called.

        A model has its maker's name, also where a gateway or another cloud answers for it. What
        the list does not know keeps the name that was said, without its route. All are in lower
        case.
        """
        return self._directory.common_names(provider, model)

    def sheet(self, model: str, provider: str | None, at: datetime) -> PriceSheet | None:
        """The model's prices at that moment; None for one that has none, or only zeros.

        A published zero is no price: it may be a trial, a mistake or a gift, and whoever means it
        sets it himself.
        """
        where, what = self._directory.found(provider, model)
        if where is None or what is None:
            return None
        prices = self._unit_prices(what.get_prices(at))
        return PriceSheet(LIST, self._version, what.id, where.id, prices) if prices else None

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """A unit of which something was used and which the sheet has no price for.

        Where nothing was used, one that was said, if there is a price for none of these.
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
        """The usage by the sheet's units, each token in one of them alone."""
        from genai_prices.decompose import compute_leaf_values  # noqa: PLC0415 - the same

        calls = usage.counts.get(CALLS, Decimal(1))  # none where the caller says none
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
        """What a provider's own usage object says. Raises ValueError where it says nothing.

        And ValidationError naming `field` where it says less than nothing.
        """
        where = self._directory.found(labels.provider, labels.model or "")[0]
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


def _theirs(unit: str) -> str:
    return _THEIRS.get(unit, unit)


class _Counts:
    """Counts as the library reads them: as attributes, nothing where there was nothing."""

    def __init__(self, counts: Mapping[str, Decimal]) -> None:
        self._counts = counts

    def __getattr__(self, unit: str) -> Decimal:
        return self._counts.get(unit, Decimal(0))
