"""Read providers' usage objects with the extractors of genai-prices."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from genai_prices.types import ArrayMatch, Provider, UsageExtractor, UsageExtractorMapping

from budget_monitor.adapters.published_prices.bedrock import as_converse
from budget_monitor.domain.costs.usage import INPUT, OUTPUT, Usage
from budget_monitor.domain.errors import ValidationError

_COMMON = ("openai", "anthropic", "google", "aws")
"""Providers whose formats are tried for every response: other providers use them too."""
_SAYS_NO_ZEROS = {"google"}
"""Providers that omit zero counts, so output tokens may be missing."""
_TOTALS = ("total_tokens", "totalTokens", "totalTokenCount")
"""Field names of the total number of tokens."""
_BILLED = "billed_units"
"""If a response has billed units, they are used instead of its other counts."""
_SNAKE = re.compile(r"_([a-z])")
_LIVE = {
    "responseTokenCount": "candidatesTokenCount",
    "responseTokensDetails": "candidatesTokensDetails",
}
"""Google's field names in its Live API, mapped to those of its other APIs."""
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)

_Steps = Sequence[str | ArrayMatch]
_Renaming = Callable[[Mapping[str, Any]], dict[str, Any]]


class Responses:
    """Reads usage objects, alone or within the whole response, in all known field names."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = {one.id: one for one in providers}

    def read(self, response: Mapping[str, Any], provider: Provider | None, field: str) -> Usage:
        """Return the usage, read by the format that finds most values in the response.

        If formats find equally many, the provider's own is used.

        Raises ValueError if no format fits or a count is not a number, and ValidationError naming
        `field` if a count is negative.
        """
        names = dict.fromkeys((*([provider.id] if provider else []), *_COMMON))
        said = _numbers(response)
        readings = [one for name in names for one in _readings(self._providers[name], said)]
        best = max(readings, key=lambda one: one.weight, default=None)
        if _has_negative(best.usage if best else response):
            raise ValidationError(f"{field} must not count less than nothing", field)
        if best is None:
            raise ValueError("it is no usage object that is known")
        return best.counted()


@dataclass(frozen=True, slots=True)
class _Reading:
    """The counts that one format finds in a response."""

    form: UsageExtractor
    whole: Mapping[str, Any]
    usage: Mapping[str, Any]
    found: Mapping[tuple[str, ...], object]
    """The value at each path of the format that exists in the response."""

    @property
    def weight(self) -> tuple[bool, int]:
        """Return a sort key: billed units rank highest, then the number of nonzero values."""
        return _BILLED in self.form.root, sum(value != 0 for value in self.found.values())

    def counted(self) -> Usage:
        """Return the usage as the library counts it.

        Raises ValueError if a count is not a number, or if the total is more than the tokens found.
        """
        odd = next((path[-1] for path, value in self.found.items() if not _is_count(value)), None)
        if odd is not None:
            raise ValueError(f"its {odd} is no number")
        _, read = self.form.extract(self.whole)
        usage = Usage({unit: Decimal(str(count)) for unit, count in vars(read).items()})
        for name in _TOTALS:
            total = self.usage.get(name)
            if _is_count(total) and total > usage.input_tokens + usage.output_tokens:
                raise ValueError(f"its {name} is more than all that is known of it")
        return usage


def _readings(provider: Provider, response: dict[str, Any]) -> Iterator[_Reading]:
    """Yield a reading for each format of the provider that fits the response."""
    for form in provider.extractors or ():
        root = _steps(form.root)
        for whole in _wholes(response, root, _OTHER_NAMES.get(provider.id)):
            usage = _at(whole, root)
            if not isinstance(usage, Mapping):
                continue
            values = [(one, _at(usage, _steps(one.path))) for one in form.mappings]
            there = [(one, it) for one, it in values if it is not None]
            found = {tuple(map(str, _steps(one.path))): it for one, it in there}
            lacks = _lacks(provider, form, [one for one, _ in there])
            if not lacks and any(map(_is_count, found.values())):
                yield _Reading(form, whole, usage, found)


def _lacks(
    provider: Provider, form: UsageExtractor, there: Sequence[UsageExtractorMapping]
) -> bool:
    """True if a field is missing that the format requires.

    A format without required fields requires input and output tokens. Otherwise half of a stream's
    usage would be taken for all of it.
    """
    if any(one.required for one in form.mappings):
        return any(one not in there for one in form.mappings if one.required)
    needed = {INPUT} if provider.id in _SAYS_NO_ZEROS else {INPUT, OUTPUT}
    return not needed <= {one.dest for one in there}


def _wholes(
    response: dict[str, Any], root: _Steps, renamed: _Renaming | None
) -> Iterator[dict[str, Any]]:
    """Yield the response as is, and wrapped in the format's root as part of a whole response."""
    inner = response.get("response")  # the last event of a stream wraps the response
    parts = [response, inner] if isinstance(inner, dict) else [response]
    for part in [*parts, *(renamed(one) for one in parts if renamed)]:
        for depth in range(len(root) + 1):
            whole = part
            for step in reversed(root[:depth]):
                whole = {str(step): whole}
            yield whole


def _steps(path: str | _Steps) -> _Steps:
    return [path] if isinstance(path, str) else path


def _at(value: object, path: _Steps) -> object:
    """Return the value at the path; None if missing, or the first value that has no such path."""
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(step, ArrayMatch) and isinstance(value, list):
            named = [one.get(step.field) for one in value if isinstance(one, Mapping)]
            plain = all(isinstance(name, str | None) for name in named)
            value = step.extract(value) if plain else value  # the library requires string names
        else:
            return value
    return value


def _is_count(value: object) -> TypeGuard[int | Decimal]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _has_negative(value: object) -> bool:
    """True if a named number in the value is negative. Plain lists of numbers are not counts."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        named = isinstance(value, dict)
        return any(_has_negative(one) for one in inner if named or isinstance(one, dict | list))
    return isinstance(value, int | Decimal) and value < 0


def _numbers(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the response with numeric strings as numbers: decimals and headers are strings."""

    def read(value: object) -> object:
        if isinstance(value, dict):
            return {name: read(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [read(inner) for inner in value]
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return Decimal(value) if "." in value else int(value)
        return value

    return {name: read(inner) for name, inner in response.items()}


def _camel(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the response with Google's HTTP field names; its Python library uses snake case."""

    def read(value: object) -> object:
        if isinstance(value, dict):
            return _camel(value)
        return [read(one) for one in value] if isinstance(value, list) else value

    names = {name: _SNAKE.sub(lambda one: one[1].upper(), name) for name in response}
    usual = {names[name]: read(inner) for name, inner in response.items()}
    for live, name in _LIVE.items():
        if usual.get(name) is None and live in usual:
            usual[name] = usual[live]
    return usual


_OTHER_NAMES: Mapping[str, _Renaming] = {"google": _camel, "aws": as_converse}
"""Converters for alternative field names, by provider."""
