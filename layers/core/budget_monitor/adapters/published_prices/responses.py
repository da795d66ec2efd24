"""Providers' own usage objects, read with what the price list knows of the provider."""

from collections.abc import Mapping, Sequence
from typing import Any

from genai_prices.types import Provider

from budget_monitor.adapters.usage_objects import reader
from budget_monitor.adapters.usage_objects.counting import Caller
from budget_monitor.domain.costs.usage import Usage

_EMBEDS = ("embed", "rerank", "voyage")
_EMBEDDERS = {"cohere", "voyageai"}
"""Providers whose usage objects may have input tokens only."""


class Responses:
    """Reads usage objects, alone or within the whole response, in all known field names."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = {one.id: one for one in providers}

    def read(
        self,
        response: Mapping[str, Any],
        provider: Provider | None,
        field: str,
        model: str | None = None,
        convention: str | None = None,
    ) -> Usage:
        """Return the usage in the object.

        Raises ValueError where it is not understood, and ValidationError naming `field` for a
        negative count.
        """
        where = provider.id if provider else None
        embeds = where in _EMBEDDERS or any(one in (model or "").casefold() for one in _EMBEDS)
        return reader.read(response, Caller(where, model, convention, embeds), field)
