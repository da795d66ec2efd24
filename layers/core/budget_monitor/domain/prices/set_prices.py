"""Decisions about prices: set prices, aliases, and newer price lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.costs.usage import provider_name
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.prices.rates import Rates
from budget_monitor.domain.prices.sheets import WHOLE
from budget_monitor.domain.signers import signed
from budget_monitor.domain.values import dataclass

ANY_MODEL = "*"
"""In a discount: every model of a provider."""


def line_of(model: str, provider: str | None) -> tuple[str, str | None]:
    """Return the name of a line. The prices of one line replace each other over time."""
    return model.casefold(), provider and provider_name(provider)


@dataclass(frozen=True, slots=True)
class Price:
    """A price set for a model from an instant on: rates, a discount, or none (published price)."""

    model: str
    provider: str | None
    since: datetime
    rates: Rates | None
    discount: Decimal | None
    """Percent off the published price."""
    by: str
    reason: str
    version: int
    """Version of the rules that it was set with."""
    principal: str | None = None

    @property
    def name(self) -> tuple[str, str | None]:
        """Name of the line that it is part of."""
        return line_of(self.model, self.provider)

    @property
    def ends(self) -> bool:
        """True if the published price applies again from then on."""
        return self.rates is None and self.discount is None

    def dump(self) -> dict[str, Any]:
        """The price as plain JSON."""
        return {
            "model": self.model,
            "provider": self.provider,
            "from": render_instant(self.since),
            **(self.rates or Rates({})).dump(),
            "discount_percent": None if self.discount is None else render(self.discount),
            "ends": self.ends,
            "by": self.by,
            "reason": self.reason,
            "version": self.version,
            **signed(self.principal),
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Price":
        """Return what `dump` wrote. Raises KeyError, TypeError, ValueError or ValidationError."""
        rates, off = Rates.load(dumped), dumped.get("discount_percent")
        discount = None if off is None else parse_amount(off, "discount_percent")
        if discount is not None and (rates.by_name or discount > WHOLE):
            raise ValueError("no discount")
        if not isinstance(dumped["model"], str) or not isinstance(
            dumped.get("provider"), str | None
        ):
            raise TypeError("not a price")
        return cls(
            model=dumped["model"],
            provider=dumped.get("provider"),
            since=parse_instant(dumped["from"], "from"),
            rates=rates if rates.by_name else None,
            discount=discount,
            by=dumped["by"],
            reason=dumped["reason"],
            version=dumped["version"],
            principal=dumped.get("principal"),
        )


def latest(prices: Iterable[Price]) -> dict[tuple[str, str | None], Price]:
    """The last price of each line, by the line's name."""
    return {one.name: one for one in sorted(prices, key=lambda price: price.since)}


def in_force(
    prices: Sequence[Price], models: Sequence[str], providers: Sequence[str], at: datetime
) -> Price | None:
    """The price for the model at that moment: of its provider before any, of it before all.

    `models` and `providers` are the call's names for them, the closest first.
    """
    if not prices:
        return None
    known = latest(one for one in prices if one.since <= at)
    wanted = [line_of(model, one) for model in models for one in (*providers, None)]
    wanted += [line_of(ANY_MODEL, one) for one in providers]
    found = (known[name] for name in wanted if name in known)
    return next((one for one in found if not one.ends), None)


@dataclass(frozen=True, slots=True)
class Alias:
    """A tenant's own name, such as an Azure deployment, and the model that it means."""

    name: str
    model: str
    provider: str | None
    by: str
    reason: str
    version: int
    principal: str | None = None

    def dump(self) -> dict[str, Any]:
        """The alias as plain JSON."""
        plain = {"alias" if key == "name" else key: one for key, one in asdict(self).items()}
        del plain["principal"]
        return plain | signed(self.principal)

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Alias":
        """Return the alias that `dump` wrote. Raises KeyError."""
        names = ("model", "provider", "by", "reason", "version")
        said = {name: dumped[name] for name in names}
        return cls(dumped["alias"], **said, principal=dumped.get("principal"))


def meant(aliases: Mapping[str, Alias], model: str, provider: str | None) -> tuple[str, str | None]:
    """Return the model and provider that a name means: itself, unless it is an alias."""
    alias = aliases.get(model.strip().casefold())
    return (alias.model, alias.provider or provider) if alias else (model, provider)


@dataclass(frozen=True, slots=True)
class PriceListEdition:
    """An edition of the published list in the stack's own bucket, from a moment on."""

    key: str
    """Its key in the bucket."""
    object_version: str
    sha256: str
    dated: date
    """Date of its data."""
    since: datetime
    by: str
    reason: str
    version: int
    principal: str | None = None

    def dump(self) -> dict[str, Any]:
        """The edition as plain JSON."""
        names = ("key", "object_version", "sha256", "by", "reason", "version")
        plain = {name: getattr(self, name) for name in names} | signed(self.principal)
        return {**plain, "dated": self.dated.isoformat(), "from": render_instant(self.since)}

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "PriceListEdition":
        """Return the edition that `dump` wrote. Raises KeyError, ValueError or ValidationError."""
        names = ("key", "object_version", "sha256", "by", "reason", "version")
        return cls(
            **{name: dumped[name] for name in names},
            dated=date.fromisoformat(dumped["dated"]),
            since=parse_instant(dumped["from"], "from"),
            principal=dumped.get("principal"),
        )


def edition_at(editions: Iterable[PriceListEdition], at: datetime) -> PriceListEdition | None:
    """The edition in force at that moment; None: the one that came with the code."""
    known = [one for one in editions if one.since <= at]
    return max(known, key=lambda one: (one.since, one.version), default=None)
