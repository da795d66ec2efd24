"""Convert usage to USD by set prices, the published list, or the fallback price."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.facts import STANDARD_TERMS, Facts, Terms
from budget_monitor.domain.costs.usage import CACHE_READ, CALLS, Usage, said
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError, ValidationError
from budget_monitor.domain.money import to_places
from budget_monitor.domain.prices.set_prices import Price, edition_at, in_force
from budget_monitor.domain.prices.sheets import (
    FALLBACK,
    SYSTEM_SOURCE,
    TENANT_SOURCE,
    WHOLE,
    PriceSheet,
    Quote,
)
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.values import dataclass
from budget_monitor.ports.prices import PriceList
from budget_monitor.usecases.prices.spent import Bill, Spent

_PASS_ON = {None, "azure"}
"""Providers with callers' own model names: there the answer's model decides the price."""
DEFAULT_TOLERANCE = Decimal(2)
"""Percent by which a provider's cost may differ from ours without a flag."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is known about a call: usage, the usage object's facts, and the terms of both."""

    usage: Usage
    labels: Labels
    facts: Facts
    terms: Terms


class Pricing:
    """Makes bills. A given cost is used as it is. Usage without a price is rejected, never zero."""

    def __init__(self, published: PriceList, tolerance: Decimal = DEFAULT_TOLERANCE) -> None:
        self._published = published
        self._tolerance = tolerance

    def bill(self, spent: Spent, labels: Labels, policy: Policy, at: datetime) -> Bill:
        """The bill of a call that happened at `at`. Raises UnknownPriceError, ValidationError."""
        read = self._read(spent, labels)
        bill = self._billed(spent, read, policy, at)
        usage = read.usage
        tokens = usage.input_tokens + usage.output_tokens
        return replace(
            bill,
            policy=policy,
            tokens=tokens if spent.tokens is None else spent.tokens,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            service_tier="batch" if read.terms.batch else read.terms.service_tier,
            request_id=spent.request_id,
            calls=None if spent.usage is None else int(spent.usage.get(CALLS, 1)),
        )

    def labelled(self, labels: Labels, spent: Spent) -> Labels:
        """The labels, with the model and provider that the answer names where they are left out."""
        if labels.model is not None or spent.response is None:
            return labels
        facts = self._facts(spent)
        if facts.model is None:
            return labels
        return replace(labels, model=facts.model, provider=labels.provider or facts.provider)

    def sheet(
        self,
        policy: Policy,
        model: str,
        provider: str | None,
        at: datetime,
        terms: Terms = STANDARD_TERMS,
    ) -> PriceSheet | None:
        """Return the model's prices at that instant, or None.

        Precedence: the tenant's, then the system's, then the published list's. The fallback price
        is not included.
        """
        model, provider = policy.meant(model, provider)
        prices_of = self._list(policy, at)
        known, listed = prices_of.canonical_names(provider, model)
        providers = [name for name in dict.fromkeys((provider, known)) if name]
        models = [model, listed] if listed else [model]
        published = prices_of.sheet(model, provider, at, terms)
        terms = terms.joined(prices_of.terms_in(provider, model))
        for source, prices in (
            (TENANT_SOURCE, policy.prices),
            (SYSTEM_SOURCE, policy.system_prices),
        ):
            price = in_force(prices, models, providers, at)
            if price is None:
                continue
            where, version = known or provider, str(price.version)
            empty = PriceSheet(source, version, model, where, (), terms.conditions)
            sheet = _set(price, empty, published)
            if sheet or price.rates:
                return sheet
        return published

    def models(self, model: str, provider: str | None) -> Sequence[str]:
        """Return the names that a price of the model may be set for: its own, then the list's."""
        listed = self._published.canonical_names(provider, model)[1]
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

    def why(
        self, policy: Policy, model: str, provider: str | None, at: datetime, terms: Terms
    ) -> str:
        """Return why a model has no price: the provider, the model or the terms are unknown."""
        model, provider = policy.meant(model, provider)
        return self._list(policy, at).explain(model, provider, at, terms)

    def edition(self, policy: Policy, at: datetime) -> tuple[str, date]:
        """The version of the price list in force at that moment, and the date of its data."""
        return self._list(policy, at).edition

    def known(self, policy: Policy, at: datetime) -> Iterable[tuple[str, str, bool]]:
        """Every model of the list: its provider, its name, and whether it has special terms."""
        return self._list(policy, at).models()

    def _list(self, policy: Policy, at: datetime) -> PriceList:
        return self._published.at(edition_at(policy.price_lists, at))

    def _billed(self, spent: Spent, read: _Reading, policy: Policy, at: datetime) -> Bill:
        """The amount: what the caller gave, what the provider bills, or what we compute."""
        facts = read.facts
        if spent.amount is not None:
            return Bill(spent.amount, facts=facts)
        if facts.cost is None or not self._is_billed(spent, read, policy):
            quote = self._quote(read, spent, policy, at)
            return Bill(quote.amount, quote=quote, facts=facts, differs=self._differs(facts, quote))
        try:
            quote = self._quote(read, spent, replace(policy, fallback=None), at)
        except (UnknownPriceError, ValidationError):
            return Bill(to_places(facts.cost, spent.field), facts=facts, by_provider=True)
        amount, differs = to_places(facts.cost, spent.field), self._differs(facts, quote)
        return Bill(amount, quote=quote, facts=facts, by_provider=True, differs=differs)

    def _is_billed(self, spent: Spent, read: _Reading, policy: Policy) -> bool:
        """True if the cost in the usage object is the one to book."""
        if spent.trusts_provider or policy.trusts_provider:
            return True
        billed_by, labels = read.facts.cost_billed_by, read.labels
        if billed_by is None:
            return False
        model, provider = policy.meant(labels.model or "", labels.provider)
        return self._published.canonical_names(provider, model)[0] == billed_by

    def _differs(self, facts: Facts, quote: Quote) -> bool:
        if facts.cost is None or quote.sheet.source == FALLBACK:
            return False
        return abs(facts.cost - quote.amount) * WHOLE > self._tolerance * abs(facts.cost)

    def _quote(self, read: _Reading, spent: Spent, policy: Policy, at: datetime) -> Quote:
        """Return the usage's cost and its prices. Raises UnknownPriceError naming the model."""
        if policy.damaged:
            raise UnavailableError("the tenant's prices are damaged: send cost_usd, or try again")
        usage, labels = read.usage, read.labels
        why = self._why(read, policy, at) if usage.counts else "the usage is missing"
        known = self._known_sheet(read, policy, at)
        for sheet in (known, self.fallback(policy, labels.model, labels.provider)):
            if sheet and usage.counts:
                missing = self._published.missing(sheet, usage)
                if missing is None:
                    return self._quoted(sheet, usage, spent.field)
                why = f"no price of {missing} is known for the model {labels.model}"
        raise UnknownPriceError(
            f"{why}: send the cost in USD, set its price, or set a fallback_price", spent.field
        )

    def _known_sheet(self, read: _Reading, policy: Policy, at: datetime) -> PriceSheet | None:
        """Return the prices of the labels' model, or of the answer's if providers rename it."""
        labels, answered = read.labels, read.facts.model
        if not labels.model:
            return None
        sheet = self.sheet(policy, labels.model, labels.provider, at, read.terms)
        if sheet or not answered or answered == labels.model:
            return sheet
        where, listed = self._list(policy, at).canonical_names(labels.provider, labels.model)
        if listed is not None or where not in _PASS_ON:
            return None
        return self.sheet(policy, answered, labels.provider if where else None, at, read.terms)

    def _why(self, read: _Reading, policy: Policy, at: datetime) -> str:
        labels = read.labels
        if not labels.model:
            return "no price is known for a cost without a model"
        reason = self.why(policy, labels.model, labels.provider, at, read.terms)
        return f"no price is known for the model {labels.model}: {reason}"

    def _quoted(self, sheet: PriceSheet, usage: Usage, field: str) -> Quote:
        try:
            return Quote(sheet, self._published.lines(sheet, usage), field)
        except ValueError as fault:
            if usage.of(CACHE_READ) and not usage.parts and usage.requests == 1:
                # Which of the cached tokens were of which modality is not said: none is cheaper.
                return self._quoted(sheet, usage.without(CACHE_READ), field)
            raise ValidationError(f"{field} contradicts itself: {fault}", field) from fault

    def _read(self, spent: Spent, labels: Labels) -> _Reading:
        """Return the usage by the provider's rules, and its terms."""
        if spent.response is None:
            usage = spent.usage or {}
            count = said(usage, labels.provider, labels.model, spent.field, spent.convention)
            terms = Terms.said(spent.service_tier, batch=spent.batch)
            return _Reading(count, labels, Facts(), terms)
        facts, named = self._facts(spent), self.labelled(labels, spent)
        terms = Terms.said(
            spent.service_tier or facts.service_tier,
            batch=spent.batch or facts.batch,
            speed=facts.speed,
            inference_geo=facts.inference_geo,
        )
        return _Reading(self._usage(spent, named), named, facts, terms)

    def _facts(self, spent: Spent) -> Facts:
        return self._published.facts(spent.response or {})

    def _usage(self, spent: Spent, labels: Labels) -> Usage:
        try:
            read = self._published.read(spent.response or {}, labels, spent.field, spent.convention)
        except ValueError as fault:
            if spent.amount is not None:
                return Usage({})
            raise ValidationError(
                f"{spent.field} cannot be read: {fault}; send usage with its tokens instead",
                spent.field,
            ) from fault
        return read.checked(spent.field)


def _set(price: Price, empty: PriceSheet, published: PriceSheet | None) -> PriceSheet | None:
    """The sheet of a price that people set; what it does not name of tools is as published.

    None if it has no price under these terms: the standard price is never taken for them.
    """
    listed = published.prices if published else ()
    if price.rates:
        own = price.rates.under(empty.terms)
        if own is None:
            return None
        named = {one.unit for one in own}
        others = (one for one in listed if not one.unit.endswith("_tokens"))
        return replace(empty, prices=(*own, *(one for one in others if one.unit not in named)))
    if published is None or price.discount is None:
        return None
    return replace(
        empty,
        model=published.model or empty.model,
        provider=published.provider,
        prices=tuple(one.less(price.discount) for one in listed),
        dated=published.dated,
    )
