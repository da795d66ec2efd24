"""Usage of a call. Each token is counted once, for every provider's way of counting."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import PLACES, parse_amount
from budget_monitor.domain.values import dataclass

INPUT, OUTPUT = "input_tokens", "output_tokens"
CACHE_READ, CACHE_WRITE = "cache_read_tokens", "cache_write_tokens"
CACHE_WRITE_1H = "cache_write_1h_tokens"
"""Cache writes with a lifetime of one hour: Anthropic has a separate price for them."""
CALLS, SECONDS, WEB_SEARCHES = "calls", "seconds", "web_searches"
RESPONSE = "provider_response"
PROVIDER, INCLUSIVE = "provider", "inclusive"
"""Conventions: as the provider counts, or cached tokens always inside `input_tokens`."""

TOKENS = (INPUT, OUTPUT, CACHE_READ, CACHE_WRITE)
MEDIA = (
    *("input_audio_tokens", "output_audio_tokens", "cache_audio_read_tokens"),
    *("input_image_tokens", "output_image_tokens", "cache_image_read_tokens"),
    *("input_video_tokens", "output_video_tokens", "output_reasoning_tokens"),
)
"""Tokens of one kind, which are part of the input, the output or the cached tokens."""
TOOLS = (
    *(WEB_SEARCHES, "social_searches", "storage_searches", "rerank_searches", "map_searches"),
    *("code_executions", "search_sources", "generated_images", "images", "classifications"),
    *("input_characters", "input_document_pages", "input_annotated_document_pages"),
)
"""What is counted apart from tokens: calls of tools, images, characters, pages."""
COUNTED = (*TOKENS, CACHE_WRITE_1H, *MEDIA, *TOOLS, CALLS)
"""What a caller counts in whole numbers; seconds may have decimals."""
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
    requests: int = 1
    """The number of calls that it sums."""
    parts: "tuple[Usage, ...]" = ()
    """Each of those calls, if they are known."""

    @classmethod
    def of_counts(
        cls,
        counts: Mapping[str, int | Decimal],
        requests: int = 1,
        parts: "tuple[Usage, ...]" = (),
    ) -> "Usage":
        """A usage of plain numbers."""
        return cls({unit: Decimal(count) for unit, count in counts.items()}, requests, parts)

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
    usage: Mapping[str, Any],
    provider: str | None,
    model: str | None,
    field: str = "usage",
    convention: str | None = None,
) -> Usage:
    """What a caller counted, by the rule of the provider or by the convention that is named.

    Raises ValidationError.
    """
    counts = {unit: Decimal(usage[unit]) for unit in COUNTED if unit in usage}
    if SECONDS in usage:
        counts[SECONDS] = parse_amount(usage[SECONDS], f"{field}.{SECONDS}")
    if counts.get(CACHE_WRITE_1H) and CACHE_WRITE not in counts:
        counts[CACHE_WRITE] = counts[CACHE_WRITE_1H]
    cached = counts.get(CACHE_READ, Decimal(0)) + counts.get(CACHE_WRITE, Decimal(0))
    if cached and convention != INCLUSIVE and counts_cached_apart(provider, model):
        counts[INPUT] = counts.get(INPUT, Decimal(0)) + cached
    return Usage(counts).checked(field)
