"""One edition of the price list: its providers, models and unit prices, under all terms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from budget_monitor.adapters.published_prices import matching, spellings
from budget_monitor.adapters.published_prices.corrections import ADDED, ALIASES, FACTORS
from budget_monitor.adapters.published_prices.routes import makers_name, split_route
from budget_monitor.domain.costs.facts import BATCH, STANDARD_TERMS, Terms
from budget_monitor.domain.costs.usage import CALLS, SECONDS
from budget_monitor.domain.prices.sheets import LIST, PriceSheet, UnitPrice
from budget_monitor.domain.rules.matching import ListedNames

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider
    from genai_prices.units import UnitRegistry

_KNOWN = 1000
OURS = {"requests": CALLS, "audio_seconds": SECONDS}
"""Units with another name in the library: sums use its names, answers use ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """Meaning of a name: the provider, the model, and the terms in the name."""

    provider: "Provider | None"
    model: "ModelInfo | None"
    terms: Terms = STANDARD_TERMS
    correct: str | None = None
    """Its name in the corrections, if the list does not have it."""


class Catalogue:
    """The providers of one edition of the list, with corrections."""

    def __init__(
        self, providers: "Sequence[Provider]", units: "UnitRegistry", version: str, dated: date
    ) -> None:
        self.providers, self.units = providers, units
        self.version, self.dated = version, dated
        self.find = lru_cache(_KNOWN)(self._find)
        self.common_names = lru_cache(_KNOWN)(self._common_names)

    def sheet(
        self, model: str, provider: str | None, at: datetime, terms: Terms = STANDARD_TERMS
    ) -> PriceSheet | None:
        """The model's prices at that moment under these terms; None if none are known.

        A published zero is no price: it may be a trial, a mistake or a gift, and a person who
        means it sets it.
        """
        place = self.find(provider, model)
        terms = terms.joined(place.terms)
        where = place.provider.id if place.provider else None
        if place.model is None and place.correct is None:
            return None
        prices = self._prices(place, at, terms)
        name = place.model.id if place.model else place.correct
        added = [one for one in ADDED if (one.provider, one.model) == (where, name)]
        prices = (*prices, *(UnitPrice(one.unit, one.usd, one.per) for one in added))
        if not prices:
            return None
        return PriceSheet(
            LIST, self.version, name, where, prices, terms.conditions, self.dated.isoformat()
        )

    def explain(self, model: str, provider: str | None, at: datetime, terms: Terms) -> str:
        """Return why there is no price: the provider, the model or the terms are unknown."""
        place = self.find(provider, model)
        if provider is not None and place.provider is None:
            return f"the provider {provider} is not in the price list"
        if place.model is None:
            names = matching.near(place.provider, model.casefold(), self.providers)
            hint = f"; near names: {', '.join(names)}" if names else ""
            where = f" of {place.provider.id}" if place.provider else ""
            return f"the model {model} is not in the price list{where}{hint}"
        asked = terms.joined(place.terms)
        if asked.conditions and self.sheet(model, provider, at):
            return f"the price list has no price of {model} under {asked.words}"
        return f"the price list has no price of {model}"

    def models(self) -> Iterator[tuple[str, str, bool]]:
        """Every model: its provider, its name, and whether it has prices of special terms."""
        for one in self.providers:
            for model in one.models:
                yield one.id, model.id, bool(model.price_variants)

    def _prices(self, place: Place, at: datetime, terms: Terms) -> tuple[UnitPrice, ...]:
        if place.model is None or place.provider is None:
            return ()
        own = any(one is place.model for one in place.provider.models)
        context, factor = dict[str, str](), Decimal(1)
        for condition in terms.conditions:
            key = _in_context(condition)
            if own and _has_variant(place.model, key, at):
                context |= dict([key])
                continue
            found = _factor(place.provider.id, place.model.id, condition)
            if found is None:
                return ()
            factor *= found
        prices = place.model.get_prices(at, context or None)
        zero = factor == 0
        return (
            self._unit_prices(prices)
            if factor == 1
            else tuple(
                one.times(factor) if zero or one.unit.endswith("_tokens") else one
                for one in self._unit_prices(prices)
            )
        )

    def _unit_prices(self, prices: "ModelPrice") -> tuple[UnitPrice, ...]:
        found = []
        for name, price in vars(prices).items():
            if not price or not getattr(price, "base", price):
                continue
            unit = self.units.unit_for_price_key(name)
            ours = OURS.get(unit.usage_key, unit.usage_key)
            if isinstance(price, Decimal):
                found.append(UnitPrice(ours, price, unit.per))
            else:
                above = tuple((tier.start, tier.price) for tier in price.tiers)
                found.append(UnitPrice(ours, price.base, unit.per, above))
        return tuple(found)

    def _find(self, provider: str | None, model: str) -> Place:
        """Return the first meaning of the name that the list has; else the provider alone."""
        place = Place(None, None)
        for where, name in self._readings(provider, model):
            found = self._look(where, name)
            if found.model or found.correct:
                return found
            place = place if place.provider else Place(found.provider, None)
        tiered = spellings.tier_in(model)
        if tiered:
            inner = self._find(provider, tiered[0])
            if inner.model and _sells(inner, tiered[1]):
                return replace(inner, terms=inner.terms.joined(tiered[1]))
        return place

    def _common_names(self, provider: str | None, model: str | None) -> ListedNames:
        """See `PublishedPrices.common_names`."""
        place = self.find(provider, model or "")
        host = place.provider.id if place.provider else provider and provider.casefold()
        if not model:
            return ListedNames(host, None)
        known = place.model.id if place.model else place.correct
        bare = makers_name((known or self._unrouted(model)).casefold())
        made = self._look(self._makers(bare), bare).model
        return ListedNames(host, (made.id if made else known or bare).casefold())

    def _unrouted(self, model: str) -> str:
        """Return the name without the route before it."""
        route = split_route(model.casefold())
        return self._unrouted(route[1]) if route and self._provider(route[0]) else model

    def _readings(
        self, provider: str | None, model: str
    ) -> "Iterator[tuple[Provider | None, str]]":
        """Return the possible meanings of provider and model, the closest first."""
        where = self._provider(provider) if provider else None
        for name in spellings.bare(model):
            if provider is None or (where is None and spellings.is_gateway(provider)):
                yield self._makers(name), name
            else:
                yield where, name
            prefixed = spellings.with_prefix(name)
            if prefixed and self._may_name(prefixed[0], provider, where):
                for rest in spellings.bare(prefixed[1]):
                    yield self._provider(prefixed[0]), rest

    def _may_name(self, prefix: str, provider: str | None, where: "Provider | None") -> bool:
        """True if a model's prefix may name its provider: it must not contradict the label."""
        if where is not None:
            return self._provider(prefix) is where
        return provider is None or spellings.is_gateway(provider)

    def _look(self, where: "Provider | None", name: str) -> Place:
        if where is None or not name:
            return Place(where, None)
        meant = {(one.provider, one.name): one.model for one in ALIASES}.get((where.id, name), name)
        found = matching.find(where, meant, self.providers)
        added = any((one.provider, one.model) == (where.id, name) for one in ADDED)
        return Place(where, found, correct=name if added and not found else None)

    def _provider(self, name: str) -> "Provider | None":
        from genai_prices.data_snapshot import find_provider_by_id  # noqa: PLC0415 - with the list

        exact = next((one for one in self.providers if one.id == name.strip().casefold()), None)
        if exact:
            return exact
        known = spellings.provider_of(name)
        return find_provider_by_id(list(self.providers), known or name)

    def _makers(self, model: str) -> "Provider | None":
        """Return the providers that are known for a model of that name."""
        if spellings.is_bedrocks(model):
            return self._provider("aws")
        for one in self.providers:
            if one.model_match is not None and one.model_match.is_match(model):
                return one
        return None


def _sells(place: Place, terms: Terms) -> bool:
    """True if the model was ever sold under these terms; if not, the name is another model's."""
    model, provider = place.model, place.provider
    if model is None or provider is None:
        return False
    known = [one.when for one in model.price_variants or ()]
    return all(
        dict([_in_context(one)]) in known or _factor(provider.id, model.id, one) is not None
        for one in terms.conditions
    )


def _in_context(condition: tuple[str, str]) -> tuple[str, str]:
    """The condition as the library's price context names it."""
    return ("processing", "batch") if condition[0] == BATCH else condition


def _has_variant(model: "ModelInfo", key: tuple[str, str], at: datetime) -> bool:
    return any(
        one.when == dict([key]) and (one.constraint is None or one.constraint.active(at))
        for one in model.price_variants or ()
    )


def _factor(provider: str, model: str, condition: tuple[str, str]) -> Decimal | None:
    for one in FACTORS:
        meant = not one.models or model.startswith(one.models)
        if (one.provider, one.condition) == (provider, condition) and meant:
            return one.factor
    return None
