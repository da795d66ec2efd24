"""What pricing needs from the world outside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import Usage
from budget_monitor.domain.prices import Line, PriceSheet
from budget_monitor.domain.rules.matching import ListedNames


class PriceList(Protocol):
    """The published prices. Never asks anybody: what it knows came with the code."""

    def names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """The list's own names of a provider, or of whoever is known for the model, and of it."""
        ...

    def common_names(self, provider: str | None, model: str | None) -> ListedNames:
        """One name for a provider, and one for a model wherever it is called."""
        ...

    def sheet(self, model: str, provider: str | None, at: datetime) -> PriceSheet | None:
        """The model's prices at that moment; None for one that has none, or only zeros."""
        ...

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """A unit of which something was used and which the sheet has no price for.

        Where nothing was used, one that was said, if there is a price for none of these.
        """
        ...

    def lines(self, sheet: PriceSheet, usage: Usage) -> tuple[Line, ...]:
        """The usage by the sheet's units, each token in one of them alone."""
        ...

    def read(self, response: Mapping[str, Any], labels: Labels, field: str) -> Usage:
        """What a provider's own usage object says. Raises ValueError where it says nothing.

        And ValidationError naming `field` where it says less than nothing.
        """
        ...
