"""Set, delete and list prices: discounts, private models and tools, each from an instant on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.errors import (
    ConflictError,
    NotFoundError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.periods import parse_instant
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.prices.set_prices import ANY_MODEL, Price, latest, line_of
from budget_monitor.domain.prices.sheets import PriceSheet
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.rulebook import MAX_PRICES, Rules
from budget_monitor.usecases.authority import refuse_owner
from budget_monitor.usecases.prices.pricing import Pricing
from budget_monitor.usecases.rules.rulebook import ChangeRules, Revise, Rulebook, RulesSnapshot

SET_PRICE, DELETE_PRICE = "set_price", "delete_price"


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A price as requested. Without rates and discount, the published price applies again."""

    model: str
    provider: str | None
    since: datetime | None
    """Instant from which it applies; None: now."""
    rates: Rates | None = None
    discount: Decimal | None = None

    @property
    def name(self) -> tuple[str, str | None]:
        """Key of the line of prices that it belongs to: model and provider."""
        return line_of(self.model, self.provider)


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Result of setting or deleting a price."""

    price: Price
    version: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class SetSheet:
    """Result of setting a sheet's prices."""

    prices: tuple[Price, ...]
    version: int
    replayed: bool


class PriceSetting:
    """The use cases of set prices."""

    def __init__(self, rulebook: Rulebook, pricing: Pricing) -> None:
        self._rulebook = rulebook
        self._pricing = pricing

    def set_price(self, command: ChangeRules, draft: PriceDraft) -> SetPrice:
        """Set a price from an instant on. It replaces a price from the same instant.

        Raises ValidationError, ConflictError for too many prices, and ForbiddenError if the caller
        is the tenant's owner.
        """
        return self._change(command, draft, self._setting(command, [draft]))

    def set_prices(self, command: ChangeRules, drafts: Sequence[PriceDraft]) -> SetSheet:
        """Set all prices of a sheet in one change, or none."""

        def show(ruling: RulesSnapshot) -> Mapping[str, Any]:
            shown = list[dict[str, Any]]()
            for draft in drafts:
                line = [one for one in ruling.rules.prices if one.name == draft.name]
                shown += [one.dump() for one in _touched(line, command, draft, ruling.at)]
            return {"prices": shown}

        done = self._rulebook.change(command, self._setting(command, drafts), show)
        rows = tuple(Price.load(one) for one in done.change["after"]["prices"])
        return SetSheet(rows, done.version, done.replayed)

    def _setting(self, command: ChangeRules, drafts: Sequence[PriceDraft]) -> Revise:
        def revise(before: RulesSnapshot) -> Rules:
            rules = before.rules
            refuse_owner(command.who, rules.owners, rules.tenant_id)
            kept = rules.prices
            for draft in drafts:
                made = _made(command, draft, before)
                self._refuse_no_discount(made)
                same = (made.name, made.since)
                kept = (*(one for one in kept if (one.name, one.since) != same), made)
            if len(_standing(kept)) > MAX_PRICES:
                raise ConflictError(
                    f"at most {MAX_PRICES} prices can be set: delete one, or set a discount for "
                    "all models of a provider"
                )
            return rules.with_prices(kept)

        return revise

    def delete_price(self, command: ChangeRules, draft: PriceDraft) -> SetPrice:
        """End the price from an instant on, and delete prices that would start later.

        Raises NotFoundError if none applies or will start later, and ForbiddenError if the caller
        is the tenant's owner.
        """

        def revise(before: RulesSnapshot) -> Rules:
            rules, ending = before.rules, _made(command, draft, before)
            refuse_owner(command.who, rules.owners, rules.tenant_id)
            line = [one for one in rules.prices if one.name == ending.name]
            if not _standing(line) and all(one.since < ending.since for one in line):
                where = f" at {draft.provider}" if draft.provider else ""
                raise NotFoundError(f"no price is set for the model {draft.model}{where}")
            others = [one for one in rules.prices if one.name != ending.name]
            kept = [one for one in line if one.since < ending.since]
            ended = (*kept, ending) if _standing(kept) else tuple(kept)
            return rules.with_prices((*others, *ended))

        return self._change(command, draft, revise)

    def _change(self, command: ChangeRules, draft: PriceDraft, revise: Revise) -> SetPrice:
        def show(ruling: RulesSnapshot) -> Mapping[str, Any]:
            line = [one for one in ruling.rules.prices if one.name == draft.name]
            return {"prices": [one.dump() for one in _touched(line, command, draft, ruling.at)]}

        done = self._rulebook.change(command, revise, show)
        change = done.change
        since = draft.since or parse_instant(change["at"], "at")
        rows = [Price.load(one) for one in change["after"]["prices"]]
        said = (change["by"], change["reason"], 0, change["principal"])
        ended = Price(draft.model, draft.provider, since, None, None, *said)
        price = next((one for one in rows if one.since == since), ended)
        return SetPrice(price, done.version, done.replayed)

    def list_prices(
        self, tenant_id: str, model: str | None, provider: str | None
    ) -> Sequence[tuple[str, Price]]:
        """Return all prices set for the owner and those of the system, with their source.

        With a model, only those that can apply to it.
        """
        ruling = self._rulebook.ruling(tenant_id)
        own = [(ruling.rules.source, one) for one in ruling.rules.prices]
        inherited = [("system", one) for one in ruling.system.prices]
        rows = own if ruling.rules.source == "system" else [*own, *inherited]
        if model is not None:
            wanted = {one.casefold() for one in (*self._pricing.models(model, provider), ANY_MODEL)}
            rows = [row for row in rows if row[1].name[0] in wanted]
        return sorted(rows, key=lambda row: (row[1].name[0], row[1].name[1] or "", row[1].since))

    def price(
        self, tenant_id: str, model: str, provider: str | None, at: datetime | None
    ) -> tuple[PriceSheet, datetime]:
        """Return the model's prices at that moment, or the fallback's. Raises UnknownPriceError."""
        ruling = self._rulebook.ruling(tenant_id)
        moment = at or ruling.at
        sheet = self._pricing.sheet(ruling.policy, model, provider, moment)
        sheet = sheet or self._pricing.fallback(ruling.policy, model, provider)
        if sheet is None:
            where = f" at {provider}" if provider else ""
            raise UnknownPriceError(f"no price is known for the model {model}{where}", "model")
        return sheet, moment

    def _refuse_no_discount(self, price: Price) -> None:
        """Raise ValidationError for a discount on a model without a published price."""
        if price.discount is None or price.model == ANY_MODEL:
            return
        if not self._pricing.is_published(price.model, price.provider, price.since):
            raise ValidationError(
                f"discount_percent: no price is published for {price.model}", "discount_percent"
            )


def _made(command: ChangeRules, draft: PriceDraft, before: RulesSnapshot) -> Price:
    """Return the requested price, with the next version of the rules."""
    return Price(
        model=draft.model,
        provider=draft.provider,
        since=draft.since or before.at,
        rates=draft.rates,
        discount=draft.discount,
        by=command.who.by,
        reason=command.who.reason,
        version=before.rules.version + 1,
        principal=command.who.principal,
    )


def _touched(
    line: Sequence[Price], command: ChangeRules, draft: PriceDraft, at: datetime
) -> Sequence[Price]:
    """Return the prices of a line that a change affects: the one in force and those deleted."""
    since = draft.since or at
    earlier = sorted((one for one in line if one.since <= since), key=lambda one: one.since)
    later = [one for one in line if one.since > since]
    return [*earlier[-1:], *(later if command.operation == DELETE_PRICE else ())]


def _standing(prices: Sequence[Price]) -> Sequence[Price]:
    """Return the prices of lines that have not ended. Ended lines only explain past bookings."""
    last = latest(prices)
    return [one for one in prices if not last[one.name].ends]


def is_of_prices(change: Request, model: str | None) -> bool:
    """True if a change of the rules sets or deletes a price; of that model, if one is given."""
    if change["operation"] not in {SET_PRICE, DELETE_PRICE}:
        return False
    rows = (*change["before"]["prices"], *change["after"]["prices"])
    return model is None or any(row["model"].casefold() == model.casefold() for row in rows)
