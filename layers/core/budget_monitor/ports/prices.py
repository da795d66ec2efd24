"""Port of pricing: the published price list."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import Usage
from budget_monitor.domain.prices import Line, PriceSheet


class PriceList(Protocol):
    """The published prices. They are part of the deployed code; no network is used."""

    def names(self, provider: str | None, model: str) -> tuple[str | None, str | None]:
        """Canonical (provider, model) of the price list; the provider is inferred if not given."""
        ...

    def sheet(self, model: str, provider: str | None, at: datetime) -> PriceSheet | None:
        """Return the model's prices at that instant; None if it has none, or only zeros."""
        ...

    def missing(self, sheet: PriceSheet, usage: Usage) -> str | None:
        """Return a used unit that has no price in the sheet, or None.

        If nothing was used: a given unit, if none of the given units has a price.
        """
        ...

    def lines(self, sheet: PriceSheet, usage: Usage) -> tuple[Line, ...]:
        """Return the usage by the sheet's units; each token counts in exactly one of them."""
        ...

    def read(self, response: Mapping[str, Any], labels: Labels, field: str) -> Usage:
        """Return the usage in a provider's own response.

        Raises ValueError if it contains no usage, and ValidationError naming `field` if a count is
        negative.
        """
        ...
