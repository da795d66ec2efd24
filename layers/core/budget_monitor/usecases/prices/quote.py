"""Price a cost without booking it; list the known prices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.facts import Terms
from budget_monitor.domain.money import render
from budget_monitor.domain.prices.sheets import PriceSheet
from budget_monitor.ports import Clock, Policies
from budget_monitor.usecases.prices.pricing import Pricing
from budget_monitor.usecases.prices.spent import Bill, Spent

OLD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Quoted:
    """The bill that a cost would have, with warnings."""

    bill: Bill
    labels: Labels
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A model's name and the terms of its calls."""

    model: str
    provider: str | None
    terms: Terms


class Quoting:
    """The use cases of `quote`, `price_models` and `match_prices`."""

    def __init__(self, policies: Policies, clock: Clock, pricing: Pricing) -> None:
        self._policies = policies
        self._clock = clock
        self._pricing = pricing

    def quote(self, tenant_id: str, spent: Spent, labels: Labels, at: datetime | None) -> Quoted:
        """Return what the cost would be booked as. Raises the errors of `record_cost`."""
        pricing, now = self._pricing, self._clock.now()
        moment, named = at or now, pricing.labelled(labels, spent)
        self._policies.forget(tenant_id)
        policy = self._policies.for_tenant(tenant_id)
        bill = pricing.bill(spent, named, policy, moment)
        warnings = list(_of_bill(bill))
        if policy.is_above_ceiling(bill.amount):
            ceiling = render(policy.entry_ceiling or bill.amount)
            warnings.append(f"Quarantined: it is above the ceiling per entry, {ceiling} USD")
        if bill.quote is not None:
            dated = pricing.edition(policy, moment)[1]
            age = (now.date() - dated).days
            if age > OLD_DAYS:
                warnings.append(f"Old: the price list is of {dated.isoformat()}")
        return Quoted(bill, named, tuple(warnings))

    def models(self) -> Iterable[tuple[str, str, bool]]:
        """Every model of the price list in force: provider, name, whether it has special terms."""
        return self._pricing.known(self._policies.for_tenant(SYSTEM), self._clock.now())

    def edition(self) -> tuple[str, str]:
        """The version of the price list in force, and the date of its data."""
        policy = self._policies.for_tenant(SYSTEM)
        version, dated = self._pricing.edition(policy, self._clock.now())
        return version, dated.isoformat()

    def match(self, tenant_id: str, names: Sequence[Named]) -> list[tuple[PriceSheet | None, str]]:
        """Return the prices of each name, or why it has none."""
        pricing, now = self._pricing, self._clock.now()
        policy = self._policies.for_tenant(tenant_id)
        found = list[tuple[PriceSheet | None, str]]()
        for one in names:
            sheet = pricing.sheet(policy, one.model, one.provider, now, one.terms)
            why = "" if sheet else pricing.why(policy, one.model, one.provider, now, one.terms)
            found.append((sheet, why))
        return found


def _of_bill(bill: Bill) -> Iterable[str]:
    if bill.guessed:
        yield "Fallback: no price is known, and the tenant's fallback price is used"
    if bill.differs and bill.quote and bill.facts and bill.facts.cost is not None:
        ours, theirs = render(bill.quote.amount), render(bill.facts.cost)
        yield f"Differs: the provider says {theirs} USD, the price list gives {ours} USD"
