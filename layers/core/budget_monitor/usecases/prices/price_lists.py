"""Put newer editions of the price list in place without a deployment; list and watch them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.prices.set_prices import PriceListEdition, edition_at
from budget_monitor.domain.rules.rulebook import Rules
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Policies, Transactions
from budget_monitor.ports.prices import PriceFiles, PriceList
from budget_monitor.usecases.alerts.notices import old_prices
from budget_monitor.usecases.rules.rulebook import ChangeRules, Rulebook, RulesSnapshot

MAX_EDITIONS = 50
OLD_DAYS = 30
"""An alert is sent if the prices' data is older than this."""


@dataclass(frozen=True, slots=True)
class PutInPlace:
    """Result of putting an edition in place."""

    edition: PriceListEdition
    version: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class Editions:
    """All editions, the one in force, and the one that came with the code."""

    bundled: tuple[str, date]
    in_force: PriceListEdition | None
    items: Sequence[PriceListEdition]


class PriceLists:
    """The use cases of editions of the price list."""

    def __init__(self, rulebook: Rulebook, files: PriceFiles, published: PriceList) -> None:
        self._rulebook = rulebook
        self._files = files
        self._published = published

    def put(
        self,
        command: ChangeRules,
        key: str,
        version: str | None,
        dated: date | None,
        since: datetime | None,
    ) -> PutInPlace:
        """Use the file as the price list from an instant on, after reading and checking it.

        Raises ValidationError for a file that is missing or no price list.
        """
        try:
            version = version or self._files.latest(key)
            data = self._files.read(key, version)
            self._published.checked(data)
        except NotFoundError as fault:
            raise ValidationError(f"key: {fault.message}", "key") from fault
        except ValueError as fault:
            raise ValidationError(f"key names no price list: {fault}", "key") from fault
        digest = sha256(data).hexdigest()

        def revise(before: RulesSnapshot) -> Rules:
            rules, who, day = before.rules, command.who, dated or before.at.date()
            if day > before.at.date():
                raise ValidationError("dated must not be ahead", "dated")
            if len(rules.price_lists) >= MAX_EDITIONS:
                raise ConflictError(f"at most {MAX_EDITIONS} price lists can be installed")
            edition = PriceListEdition(
                key=key,
                object_version=version,
                sha256=digest,
                dated=day,
                since=since or before.at,
                by=who.by,
                reason=who.reason,
                version=rules.version + 1,
                principal=who.principal,
            )
            return replace(rules, price_lists=(*rules.price_lists, edition))

        done = self._rulebook.change(command, revise, _shown)
        last = PriceListEdition.load(done.change["after"]["price_list"])
        return PutInPlace(last, done.version, done.replayed)

    def editions(self) -> Editions:
        """All editions that were put in place, the latest first."""
        ruling = self._rulebook.ruling(SYSTEM)
        items = sorted(ruling.rules.price_lists, key=lambda one: one.since, reverse=True)
        return Editions(self._published.edition, edition_at(items, ruling.at), items)


class PriceWatch:
    """Watches the age of the price list in force."""

    def __init__(
        self, store: Transactions, policies: Policies, published: PriceList, clock: Clock
    ) -> None:
        self._store = store
        self._policies = policies
        self._published = published
        self._clock = clock

    def watch(self) -> tuple[str, date, int]:
        """The version, date and age in days of the list in force; an alert is left if it is old."""
        now = self._clock.now()
        self._policies.forget(SYSTEM)
        edition = edition_at(self._policies.for_tenant(SYSTEM).price_lists, now)
        version, dated = self._published.edition
        if edition:
            version, dated = f"{edition.key}@{edition.sha256[:12]}", edition.dated
        days = (now.date() - dated).days
        if days > OLD_DAYS:
            alert = old_prices(version, dated, days, now)
            self._store.commit(Transaction(alerts=(alert,)))
        return version, dated, days


def _shown(ruling: RulesSnapshot) -> dict[str, Any]:
    editions = ruling.rules.price_lists
    last = max(editions, key=lambda one: one.version, default=None)
    return {"price_list": last.dump() if last else None}
