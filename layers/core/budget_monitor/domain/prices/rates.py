"""The unit prices that people set, by their names in requests and answers."""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import Any

from budget_monitor.domain.costs.facts import BATCH
from budget_monitor.domain.costs.usage import (
    CACHE_READ,
    CACHE_WRITE,
    CACHE_WRITE_1H,
    CALLS,
    INPUT,
    OUTPUT,
    SECONDS,
    WEB_SEARCHES,
)
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.prices.sheets import MILLION, WHOLE, UnitPrice
from budget_monitor.domain.values import dataclass

CONTEXT_TIERS, SERVICE_TIERS, SURCHARGE = "context_tiers", "service_tiers", "surcharge_percent"
PERCENT = "percent"
"""Percent of the standard prices that a service tier costs, if it has no own prices."""
_RATES = {
    "input_usd_per_million": (INPUT, MILLION),
    "output_usd_per_million": (OUTPUT, MILLION),
    "cache_read_usd_per_million": (CACHE_READ, MILLION),
    "cache_write_usd_per_million": (CACHE_WRITE, MILLION),
    "cache_write_1h_usd_per_million": (CACHE_WRITE_1H, MILLION),
    "call_usd": (CALLS, 1),
    "second_usd": (SECONDS, 1),
    "web_search_usd": (WEB_SEARCHES, 1),
    "input_audio_usd_per_million": ("input_audio_tokens", MILLION),
    "output_audio_usd_per_million": ("output_audio_tokens", MILLION),
    "cache_audio_read_usd_per_million": ("cache_audio_read_tokens", MILLION),
    "input_image_usd_per_million": ("input_image_tokens", MILLION),
    "output_image_usd_per_million": ("output_image_tokens", MILLION),
    "input_video_usd_per_million": ("input_video_tokens", MILLION),
    "output_reasoning_usd_per_million": ("output_reasoning_tokens", MILLION),
    "generated_image_usd": ("generated_images", 1),
    "input_image_usd": ("images", 1),
    "page_usd": ("input_document_pages", 1),
    "annotated_page_usd": ("input_annotated_document_pages", 1),
    "characters_usd_per_million": ("input_characters", MILLION),
    "file_search_usd": ("storage_searches", 1),
    "rerank_search_usd": ("rerank_searches", 1),
    "social_search_usd": ("social_searches", 1),
    "map_search_usd": ("map_searches", 1),
    "search_source_usd": ("search_sources", 1),
    "code_execution_usd": ("code_executions", 1),
    "classification_usd": ("classifications", 1),
}
ALL_RATES = tuple(_RATES)
"""All prices that people can set, by their names in requests."""
RATES = ALL_RATES[:8]
"""The prices that every answer contains, even if they are not set."""
ABOVE = "above_input_tokens"

ByName = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Rates:
    """The prices that people set for one model or tool, in USD; None: no price is set."""

    by_name: ByName
    context: tuple[tuple[int, ByName], ...] = ()
    """Prices of calls with more input tokens than a limit, the lowest limit first."""
    tiers: Mapping[str, ByName] = field(default_factory=dict)
    """Prices of service tiers by their names, or `percent` of the standard ones."""
    surcharge: Decimal | None = None
    """Percent added to every price."""

    @property
    def prices(self) -> tuple[UnitPrice, ...]:
        """The standard prices by unit."""
        return self._priced(self.by_name, self.context)

    def under(self, terms: tuple[tuple[str, str], ...]) -> tuple[UnitPrice, ...] | None:
        """The prices by unit under these terms; None if none are set for them."""
        if not terms:
            return self.prices
        name = BATCH if terms == ((BATCH, "true"),) else terms[0][1]
        tier = self.tiers.get(name) if len(terms) == 1 else None
        if tier is None:
            return None
        if PERCENT in tier:
            return tuple(one.times(tier[PERCENT] / WHOLE) for one in self.prices)
        return self._priced({**self.by_name, **tier}, ())

    def dump(self) -> dict[str, Any]:
        """The prices by their names in requests and answers."""
        plain: dict[str, Any] = dict.fromkeys(RATES) | _dump(self.by_name)
        if self.context:
            plain[CONTEXT_TIERS] = [
                {ABOVE: start, **_dump(by_name)} for start, by_name in self.context
            ]
        if self.tiers:
            plain[SERVICE_TIERS] = {name: _dump(one) for name, one in self.tiers.items()}
        if self.surcharge is not None:
            plain[SURCHARGE] = render(self.surcharge)
        return plain

    @classmethod
    def load(cls, dumped: Mapping[str, Any]) -> "Rates":
        """Return the rates that `dump` wrote."""
        off = dumped.get(SURCHARGE)
        return cls(
            _load(dumped),
            tuple((int(one[ABOVE]), _load(one)) for one in dumped.get(CONTEXT_TIERS) or ()),
            {name: _load(one) for name, one in (dumped.get(SERVICE_TIERS) or {}).items()},
            None if off is None else parse_amount(off, SURCHARGE),
        )

    def _priced(
        self, by_name: ByName, context: tuple[tuple[int, ByName], ...]
    ) -> tuple[UnitPrice, ...]:
        found = []
        for name, (unit, per) in _RATES.items():
            if name in by_name:
                above = tuple((start, more[name]) for start, more in context if name in more)
                found.append(UnitPrice(unit, by_name[name], per, above))
        if self.surcharge is None:
            return tuple(found)
        return tuple(one.times((WHOLE + self.surcharge) / WHOLE) for one in found)


def _dump(by_name: ByName) -> dict[str, str]:
    return {name: render(usd) for name, usd in by_name.items()}


def _load(dumped: Mapping[str, Any]) -> dict[str, Decimal]:
    names = (*ALL_RATES, PERCENT)
    return {k: parse_amount(dumped[k], k) for k in names if dumped.get(k) is not None}
