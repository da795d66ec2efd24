"""Published prices from the genai-prices package. Its data is bundled; no network is used."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.facts import STANDARD_TERMS, Facts, Terms
from budget_monitor.domain.costs.usage import CALLS, INPUT, SECONDS, Usage
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.prices.set_prices import PriceListEdition
from budget_monitor.domain.prices.sheets import Line, PriceSheet, UnitPrice
from budget_monitor.domain.rules.matching import ListedNames
from budget_monitor.ports.prices import PriceFiles

if TYPE_CHECKING:
    from genai_prices.units import UnitRegistry

    from budget_monitor.adapters.published_prices.catalogue import Catalogue
    from budget_monitor.adapters.published_prices.responses import Responses

_OURS = {"requests": CALLS, "audio_seconds": SECONDS}
_WIDE = Context(prec=60)
_THEIRS = {ours: theirs for theirs, ours in _OURS.items()}
_LEAST_SECONDS = {("groq", "whisper-large-v3"): 10, ("groq", "whisper-large-v3-turbo"): 10}
"""Minimum billed seconds per call, by provider and model."""


class PublishedPrices:
    """The `PriceList` port. The library is loaded when the first price is requested."""

    def __init__(self, files: Callable[[], PriceFiles] | None = None) -> None:
        self._files = files
        self._editions = dict[str, PublishedPrices]()

    @property
    def edition(self) -> tuple[str, date]:
        """The version of the list, and the date of its data."""
        return self.catalogue.version, self.catalogue.dated

    def at(self, edition: PriceListEdition | None) -> "PublishedPrices":
        """Return the list of that edition; None: the one that came with the code.

        It is read once for a process. Raises UnavailableError where its file cannot be read.
        """
        if edition is None:
            return self
        known = self._editions.get(edition.sha256)
        if known is None:
            known = PublishedPrices()
            known.catalogue = self._loaded(edition)
            self._editions = {edition.sha256: known}
        return known

    def models(self) -> Iterable[tuple[str, str, bool]]:
        """Every model: its provider, its name, and whether it has prices of special terms."""
        return self.catalogue.models()

    def checked(self, data: bytes) -> None:
        """Raise ValueError for a file that is no price list, or that lost half of its models."""
        from budget_monitor.adapters.published_prices.editions import parse  # noqa: PLC0415

        found = sum(len(one.models) for one in parse(data))
        known = sum(len(one.models) for one in self.catalogue.providers)
        if found * 2 < known:
            raise ValueError(f"it has {found} models, and the present list has {known}")

    def _loaded(self, edition: PriceListEdition) -> "Catalogue":
        from budget_monitor.adapters.published_prices.catalogue import Catalogue  # noqa: PLC0415
        from budget_monitor.adapters.published_prices.editions import parse  # noqa: PLC0415

        if self._files is None:
            raise UnavailableError("this function cannot read price lists")
        try:
            data = self._files().read(edition.key, edition.object_version)
        except NotFoundError as fault:
            raise UnavailableError(
                "the price list in force was not found: install one at /system/prices/list"
            ) from fault
        if sha256(data).hexdigest() != edition.sha256:
            raise UnavailableError(
                "the price list in force has changed since it was installed: install it again"
            )
        version = f"{edition.key}@{edition.sha256[:12]}"
        return Catalogue(parse(data), self._units, version, edition.dated)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """The edition of the list that came with the library."""
        from genai_prices import __version__  # noqa: PLC0415 - half a second, when it is needed
        from genai_prices.data import providers  # noqa: PLC0415 - the same

        from budget_monitor.adapters.published_prices.catalogue import Catalogue  # noqa: PLC0415
        from budget_monitor.adapters.published_prices.corrections import DATES  # noqa: PLC0415

        return Catalogue(providers, self._units, __version__, DATES[__version__])

    @cached_property
    def _units(self) -> "UnitRegistry":
        from genai_prices.data_units import unit_data  # noqa: PLC0415 - when it is needed
        from genai_prices.units import UnitRegistry  # noqa: PLC0415

        return UnitRegistry(unit_data)

    @cached_property
    def _responses(self) -> "Responses":
        from budget_monitor.adapters.published_prices.responses import Responses  # noqa: PLC0415

        return Responses(self.catalogue.providers)

    def canonical_names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """Canonical (provider, model) of the price list.

        The provider is inferred from the model if not given; None for what is not in the list.
        """
        place = self.catalogue.find(provider, model)
        return (
            place.provider.id if place.provider else None,
            place.model.id if place.model else None,
        )

    def common_names(self, provider: str | None, model: str | None) -> ListedNames:
        """Return one name for a provider, and one for a model with all of its providers.

        A model has its maker's name, also where a gateway or another cloud answers for it. What
        the list does not know keeps the name that was said, without its route. All are in lower
        case.
        """
        return self.catalogue.common_names(provider, model)

    def terms_in(self, provider: str | None, model: str) -> Terms:
        """The terms in a model's name, such as `:flex` at Bedrock."""
        return self.catalogue.find(provider, model).terms

    def sheet(
        self, model: str, provider: str | None, at: datetime, terms: Terms = STANDARD_TERMS
    ) -> PriceSheet | None:
        """The model's prices at that moment under these terms; None if none are known."""
        return self.catalogue.sheet(model, provider, at, terms)

    def explain(self, model: str, provider: str | None, at: datetime, terms: Terms) -> str:
        """Return why there is no price: the provider, the model or the terms are unknown."""
        return self.catalogue.explain(model, provider, at, terms)

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
        """The usage by the sheet's units, each token in one of them alone.

        The length of a call decides on its prices. Where `usage` is the sum of several calls,
        each of them counts by its own length. Raises ValueError where that is not known.
        """
        if usage.parts:
            return tuple(line for part in usage.parts for line in self.lines(sheet, part))
        from genai_prices.decompose import compute_leaf_values  # noqa: PLC0415 - when needed

        calls = usage.counts.get(CALLS, Decimal(1))  # zero only if the caller says so
        counts = {_theirs(unit): usage.of(unit) for unit in usage} | {_theirs(CALLS): calls}
        least = _LEAST_SECONDS.get((sheet.provider or "", sheet.model or ""))
        if least and _theirs(SECONDS) in counts:
            counts[_theirs(SECONDS)] = max(counts[_theirs(SECONDS)], Decimal(least))
        prices = {_theirs(one.unit): one for one in sheet.prices}
        known = {**self._units.units}
        parts = compute_leaf_values(set(prices) & known.keys(), _Counts(counts), known)
        parts |= {name: counts.get(name, Decimal(0)) for name in prices if name not in known}
        length = _length(usage, sheet.prices)
        return tuple(
            Line(price.unit, Decimal(parts[name]), price.at(length), price.per)
            for name, price in prices.items()
            if parts[name]
        )

    def read(
        self,
        response: Mapping[str, Any],
        labels: Labels,
        field: str,
        convention: str | None = None,
    ) -> Usage:
        """Return the usage in a provider's own usage object. Raises ValueError if it has none.

        Raises ValueError if it contains no usage, and ValidationError naming `field` if a count is
        negative.
        """
        where = self.catalogue.find(labels.provider, labels.model or "").provider
        return self._responses.read(response, where, field, labels.model, convention)

    def facts(self, response: Mapping[str, Any]) -> Facts:
        """Return the facts of the call in the object, other than counts."""
        from budget_monitor.adapters.usage_objects.reader import facts  # noqa: PLC0415 - when needed

        return facts(response)


def _length(usage: Usage, prices: tuple[UnitPrice, ...]) -> Decimal:
    """The tokens that went into one call: of a sum of calls the average.

    Raises ValueError where the average is already above a threshold: then some of the calls were
    long, and which is unknown.
    """
    length = usage.of(INPUT)
    if usage.requests <= 1:
        return length
    average = _WIDE.divide(length, Decimal(usage.requests))
    starts = [start for one in prices for start, _ in one.above]
    if any(average > start for start in starts):
        raise ValueError(f"it is the sum of {usage.requests} long requests: send the usage of each")
    return average


def _theirs(unit: str) -> str:
    return _THEIRS.get(unit, unit)


class _Counts:
    """Counts as attributes, as the library reads them; 0 for units that were not used."""

    def __init__(self, counts: Mapping[str, Decimal]) -> None:
        self._counts = counts

    def __getattr__(self, unit: str) -> Decimal:
        return self._counts.get(unit, Decimal(0))
