"""Prices that people set: discounts, private models, tools; each from a moment on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.errors import ConflictError, UnknownPriceError, ValidationError
from budget_monitor.domain.periods import parse_instant
from budget_monitor.domain.prices import ANY_MODEL, Price, PriceSheet, Rates
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules import MOST_PRICES, Rules
from budget_monitor.usecases.governing import Governing, Order, Ruling
from budget_monitor.usecases.pricing import Pricing
from budget_monitor.usecases.roles import refuse_owner


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A price as it was asked for. Neither rates nor discount: the published price again."""

    model: str
    provider: str | None
    since: datetime | None
    """From when it holds; None: from now on."""
    rates: Rates | None = None
    discount: Decimal | None = None

    @property
    def name(self) -> tuple[str, str | None]:
        """Which prices stand in line with each other."""
        return self.model.casefold(), self.provider and self.provider.casefold()


@dataclass(frozen=True, slots=True)
class SetPrice:
    """A price once it is set."""

    price: Price
    version: int
    replayed: bool


class PriceSetting:
    """The use cases of prices that people set."""

    def __init__(self, governing: Governing, pricing: Pricing) -> None:
        self._governing = governing
        self._pricing = pricing

    def set_price(self, order: Order, draft: PriceDraft) -> SetPrice:
        """Have a price hold from a moment on, in place of one from the same moment.

        Raises ValidationError, ConflictError for too many, and ForbiddenError for the one who
        would set what his own tenant pays.
        """

        def decide(before: Ruling) -> Rules:
            rules = before.rules
            refuse_owner(order.who, rules.owner, rules.owner_id)
            made = Price(
                model=draft.model,
                provider=draft.provider,
                since=draft.since or before.at,
                rates=draft.rates,
                discount=draft.discount,
                by=order.who.by,
                reason=order.who.reason,
                version=rules.version + 1,
            )
            self._refuse_no_discount(made)
            kept = [one for one in rules.prices if (one.name, one.since) != (made.name, made.since)]
            if len(kept) >= MOST_PRICES:
                raise ConflictError(f"{MOST_PRICES} prices are set already: use a discount for all")
            return rules.with_prices((*kept, made))

        def show(ruling: Ruling) -> Mapping[str, Any]:
            line = [one for one in ruling.rules.prices if one.name == draft.name]
            return {"prices": [one.dump() for one in line]}

        done = self._governing.change(order, decide, show)
        since = draft.since or parse_instant(done.change["at"], "at")
        rows = map(Price.load, done.change["after"]["prices"])
        return SetPrice(next(o for o in rows if o.since == since), done.version, done.replayed)

    def list_prices(self, owner_id: str) -> Sequence[tuple[str, Price]]:
        """Every price that was set for the owner, and those of the system, with their source."""
        ruling = self._governing.ruling(owner_id)
        own = [(ruling.rules.source, one) for one in ruling.rules.prices]
        inherited = [("system", one) for one in ruling.system.prices]
        rows = own if ruling.rules.source == "system" else [*own, *inherited]
        return sorted(rows, key=lambda row: (row[1].name[0], row[1].name[1] or "", row[1].since))

    def price(
        self, owner_id: str, model: str, provider: str | None, at: datetime | None
    ) -> tuple[PriceSheet, datetime]:
        """What the model costs at that moment, the fallback last. Raises UnknownPriceError."""
        ruling = self._governing.ruling(owner_id)
        moment = at or ruling.at
        sheet = self._pricing.sheet(ruling.policy, model, provider, moment)
        sheet = sheet or self._pricing.fallback(ruling.policy, model, provider)
        if sheet is None:
            where = f" at {provider}" if provider else ""
            raise UnknownPriceError(f"no price is known for the model {model}{where}", "model")
        return sheet, moment

    def _refuse_no_discount(self, price: Price) -> None:
        """Raises ValidationError for a discount on what has no published price."""
        if price.discount is None or price.model == ANY_MODEL:
            return
        if not self._pricing.is_published(price.model, price.provider, price.since):
            raise ValidationError(
                f"discount_percent: no price is published for {price.model}", "discount_percent"
            )


def is_of_prices(change: Request, model: str | None) -> bool:
    """Whether a change of the rules is one of prices, and of that model's where one is named."""
    if change["operation"] not in {"set_price", "delete_price"}:
        return False
    rows = (*change["before"]["prices"], *change["after"]["prices"])
    return model is None or any(row["model"].casefold() == model.casefold() for row in rows)
