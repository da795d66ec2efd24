"""What pricing needs from the world outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.facts import Facts, Terms
from budget_monitor.domain.costs.usage import Usage
from budget_monitor.domain.prices.sheets import Line, PriceSheet


class PriceList(Protocol):
    """The published prices. They come with the code, or from a file that people put in place."""

    def names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """Canonical (provider, model) of the price list.

        The provider is inferred from the model if not given; None for what is not in the list.
        """
        ...

    def sheet(
        self, model: str, provider: str | None, at: datetime, terms: Terms = ...
    ) -> PriceSheet | None:
        """The model's prices at that moment under these terms; None where none are known."""
        ...

    def explain(self, model: str, provider: str | None, at: datetime, terms: Terms) -> str:
        """Why there is no price: the provider, the model or the terms are unknown."""
        ...

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """A unit of which something was used and which the sheet has no price for.

        Where nothing was used, one that was said, if there is a price for none of these.
        """
        ...

    def lines(self, sheet: PriceSheet, usage: Usage) -> tuple[Line, ...]:
        """The usage by the sheet's units, each token in one of them alone.

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
        """What a provider's own usage object says.

        Raises ValueError where it is not understood, and ValidationError naming `field` where it
        says less than nothing.
        """
        ...

    def facts(self, response: Mapping[str, Any]) -> Facts:
        """What the object says of its call beside the counts."""
        ...
