"""Port of pricing: the published price list."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Protocol

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.facts import Facts, Terms
from budget_monitor.domain.costs.usage import Usage
from budget_monitor.domain.prices.set_prices import PriceListEdition
from budget_monitor.domain.prices.sheets import Line, PriceSheet
from budget_monitor.domain.rules.matching import ListedNames


class PriceFiles(Protocol):
    """Files of price lists in the stack's own bucket."""

    def latest(self, key: str) -> str:
        """The version of the file now. Raises NotFoundError, UnavailableError."""
        ...

    def read(self, key: str, version: str) -> bytes:
        """The file as it was at that version. Raises NotFoundError, UnavailableError."""
        ...


class PriceList(Protocol):
    """The published prices: those of the code, or of a newer file that people installed."""

    @property
    def edition(self) -> tuple[str, date]:
        """The version of the list, and the date of its data."""
        ...

    def at(self, edition: PriceListEdition | None) -> "PriceList":
        """The list of that edition; None: the one that came with the code.

        Raises UnavailableError where its file cannot be read: an older list is never used instead.
        """
        ...

    def models(self) -> Iterable[tuple[str, str, bool]]:
        """Every model: its provider, its name, and whether it has prices of special terms."""
        ...

    def checked(self, data: bytes) -> None:
        """Raise ValueError for a file that is no price list, or that lost half of its models."""
        ...

    def canonical_names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """Canonical (provider, model) of the price list.

        The provider is inferred from the model if not given; None for what is not in the list.
        """
        ...

    def terms_in(self, provider: str | None, model: str) -> Terms:
        """The terms in a model's name, such as `:flex` at Bedrock."""
        ...

    def sheet(
        self, model: str, provider: str | None, at: datetime, terms: Terms = ...
    ) -> PriceSheet | None:
        """Return the model's prices at that moment under these terms; None if none are known."""
        ...

    def explain(self, model: str, provider: str | None, at: datetime, terms: Terms) -> str:
        """Return why there is no price: the provider, the model or the terms are unknown."""
        ...

    def common_names(self, provider: str | None, model: str | None) -> ListedNames:
        """Return one name for a provider, and one for a model with all of its providers."""
        ...

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """Return a used unit that has no price in the sheet, or None.

        If nothing was used: a given unit, if none of the given units has a price.
        """
        ...

    def lines(self, sheet: PriceSheet, usage: Usage) -> tuple[Line, ...]:
        """Return the usage by the sheet's units, each token in exactly one.

        Raises ValueError where parts of it are more than the whole.
        """
        ...

    def read(
        self,
        response: Mapping[str, Any],
        labels: Labels,
        field: str,
        convention: str | None = None,
    ) -> Usage:
        """Return the usage in a provider's own usage object.

        Raises ValueError where it is not understood, and ValidationError naming `field` where it
        says less than nothing.
        """
        ...

    def facts(self, response: Mapping[str, Any]) -> Facts:
        """Return the facts of the call in the object, other than counts."""
        ...
