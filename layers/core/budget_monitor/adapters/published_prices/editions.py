"""Newer editions of the price list: files in the form that genai-prices publishes."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import Provider


def parse(data: bytes) -> "list[Provider]":
    """The providers in a file such as genai-prices' `prices/new_data/v2/data.json`.

    Raises ValueError for anything else. The library reads it in the same way when it updates
    itself; it has no public function for that.
    """
    from genai_prices.types import _providers_from_raw  # noqa: PLC0415 - see above

    raw = json.loads(data)
    if not isinstance(raw, list) or not raw:
        raise ValueError("it is not a list of providers")
    try:
        return _providers_from_raw(raw)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError("it is not a list of providers") from fault
