"""Usage of a call. Each token is counted once, for every provider's way of counting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import PLACES, parse_amount

INPUT, OUTPUT = "input_tokens", "output_tokens"
CACHE_READ, CACHE_WRITE = "cache_read_tokens", "cache_write_tokens"
CACHE_WRITE_1H = "cache_write_1h_tokens"
"""Cache writes with a lifetime of one hour: Anthropic has a separate price for them."""
CALLS, SECONDS, WEB_SEARCHES = "calls", "seconds", "web_searches"
RESPONSE = "provider_response"

TOKENS = (INPUT, OUTPUT, CACHE_READ, CACHE_WRITE)
COUNTED = (*TOKENS, CALLS)
"""Units that are whole numbers in requests. Seconds may have decimals."""
MOST = 10**12
"""Largest valid count per unit in one call."""

_APART, _APART_IN = {"aws", "cursor", "minimax"}, ("anthropic", "bedrock", "amazon")
_RELAYS = ("google", "vertex", "gemini", "azure")
"""Clouds that serve Claude in Anthropic's format, and other models that count like OpenAI's."""
_BEDROCK = ("bedrock", "amazon", "amazon bedrock", "aws bedrock", "aws.bedrock")


def provider_name(provider: str) -> str:
    """Return the normalized name of a provider. Amazon Bedrock's is `aws`."""
    name = provider.strip().casefold()
    return "aws" if name.replace("-", " ").replace("_", " ") in _BEDROCK else name


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts by unit. `input_tokens` are all input tokens, including cached ones."""

    counts: Mapping[str, Decimal]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the units with a count above zero."""
        return (unit for unit, count in self.counts.items() if count > 0)

    def of(self, unit: str) -> Decimal:
        """Return the count of a unit, or 0."""
        return self.counts.get(unit, Decimal(0))

    def without(self, unit: str) -> "Usage":
        """Return the usage without that unit."""
        return Usage({name: count for name, count in self.counts.items() if name != unit})

    @property
    def input_tokens(self) -> int:
        """Return the number of input tokens, including cached ones."""
        return int(self.of(INPUT))

    @property
    def output_tokens(self) -> int:
        """Return the number of output tokens."""
        return int(self.of(OUTPUT))

    def checked(self, field: str) -> "Usage":
        """Return the usage. Raises ValidationError if a count is impossible."""
        if any(count < 0 or count > MOST for count in self.counts.values()):
            raise ValidationError(f"{field} must count from 0 to {MOST} of each", field)
        for unit, count in self.counts.items():
            if unit.endswith("_tokens") and count != count.to_integral_value():
                raise ValidationError(f"{field} must count whole tokens", field)
            if int(count.as_tuple().exponent) < -PLACES:
                raise ValidationError(f"{field} must have at most {PLACES} decimal places", field)
        cached = self.of(CACHE_READ) + self.of(CACHE_WRITE)  # exact: digits are limited above
        if cached > self.of(INPUT):
            raise ValidationError(f"{field}: cached tokens are part of input_tokens", field)
        return self


def counts_cached_apart(provider: str | None, model: str | None) -> bool:
    """True if the provider's `input_tokens` exclude cached tokens, as Anthropic's do.

    Amazon Bedrock excludes them too, and so does Claude on clouds that use Anthropic's format.
    OpenAI, Google and providers with their formats count cached tokens as input tokens.
    """
    where, what = (provider or "").casefold().strip(), (model or "").casefold()
    if where in _APART or any(name in where for name in _APART_IN):
        return True
    if not where:
        return any(name in what for name in ("claude", "minimax")) or _is_bedrocks(what)
    return "claude" in what and any(name in where for name in _RELAYS)


def _is_bedrocks(model: str) -> bool:
    """True if the model name is specific to Amazon Bedrock: an ARN, or an Amazon model."""
    return (model.startswith("arn:aws") and ":bedrock:" in model) or "amazon." in model


def said(
    usage: Mapping[str, Any], provider: str | None, model: str | None, field: str = "usage"
) -> Usage:
    """Return the usage that a caller counted by the provider's rule.

    Raises ValidationError if a count is impossible.
    """
    counts = {unit: Decimal(usage[unit]) for unit in COUNTED if unit in usage}
    if SECONDS in usage:
        counts[SECONDS] = parse_amount(usage[SECONDS], f"{field}.{SECONDS}")
    cached = counts.get(CACHE_READ, Decimal(0)) + counts.get(CACHE_WRITE, Decimal(0))
    if cached and counts_cached_apart(provider, model):
        counts[INPUT] = counts.get(INPUT, Decimal(0)) + cached
    return Usage(counts).checked(field)
