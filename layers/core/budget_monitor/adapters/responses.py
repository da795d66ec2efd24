"""Providers' own usage objects, read by the extractors of genai-prices."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from genai_prices.types import Provider, UsageExtractor

from budget_monitor.adapters.bedrock import as_converse
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.usage import RESPONSE, Usage

_COMMON = ("openai", "anthropic", "google", "aws")
"""Whose form others speak: tried where a provider has none of its own that fits."""
_LESS = re.compile(r"-[0-9]", re.ASCII)
_NUMBER = re.compile(r"[0-9]+\.[0-9]+", re.ASCII)
_SNAKE = re.compile(r"_([a-z])")


class Responses:
    """Reads usage objects, whole answers with one inside, and both forms of Google's names."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = {one.id: one for one in providers}

    def read(self, response: Mapping[str, Any], provider: Provider | None) -> Usage:
        """The usage, by the form that reads most of it.

        Raises ValueError where none does, and ValidationError for a negative count.
        """
        _refuse_negative(response)
        numbers = _numbers(response)
        own = provider.extractors if provider else None
        usage = _best(own or (), numbers)
        if usage is None:
            others = [one for name in _COMMON for one in self._providers[name].extractors or ()]
            usage = _best(others, numbers)
        if usage is None:
            raise ValueError("it is no usage object that is known")
        return usage


def _best(extractors: Sequence[UsageExtractor], response: object) -> Usage | None:
    """What the form says that finds the most numbers in the response; None where none fits."""
    found, most = None, 0
    for one in extractors:
        for form in _forms(response, one):
            seen = _Seen(form)
            try:
                _, usage = one.extract(seen)
            except ValueError:
                continue
            if len(seen.read) > most:
                found, most = usage, len(seen.read)
    if found is None:
        return None
    counts = {unit: Decimal(str(count)) for unit, count in vars(found).items()}
    return Usage(counts)


def _forms(response: object, one: UsageExtractor) -> Iterator[dict[str, Any]]:
    """The response as this extractor may know it: whole, or wrapped as the answer wraps it."""
    root = [one.root] if isinstance(one.root, str) else list(one.root)
    for form in (response, as_converse(response), _camel(response)):
        wrapped = form
        for step in reversed(root):
            wrapped = {step: wrapped}
        for whole in (form, wrapped):
            if isinstance(whole, dict):
                yield whole


class _Seen(dict[str, Any]):
    """A response that notes which of its numbers were read."""

    def __init__(
        self, form: Mapping[str, Any], path: str = "", read: set[str] | None = None
    ) -> None:
        self.read = set[str]() if read is None else read
        self._path = path
        super().__init__({name: self._inner(name, value) for name, value in form.items()})

    def _inner(self, name: str, value: object) -> object:
        if isinstance(value, Mapping):
            return _Seen(value, f"{self._path}.{name}", self.read)
        if isinstance(value, list):
            return [self._inner(f"{name}.{place}", one) for place, one in enumerate(value)]
        return value

    def __getitem__(self, name: str) -> object:
        value = super().__getitem__(name)
        if isinstance(value, int | Decimal):
            self.read.add(f"{self._path}.{name}")
        return value


def _numbers(value: object) -> object:
    """The same with texts that stand for numbers with decimals as those."""
    if isinstance(value, Mapping):
        return {name: _numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_numbers(inner) for inner in value]
    return Decimal(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _refuse_negative(value: object) -> None:
    if isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            _refuse_negative(one)
    elif (isinstance(value, int) and value < 0) or (isinstance(value, str) and _LESS.match(value)):
        raise ValidationError(f"{RESPONSE} must not count less than nothing", RESPONSE)


def _camel(value: object) -> object:
    """The same with names as Google's HTTP interface has them; its Python library has others."""
    if isinstance(value, Mapping):
        return {
            _SNAKE.sub(lambda one: one[1].upper(), name): _camel(inner)
            for name, inner in value.items()
        }
    return [_camel(one) for one in value] if isinstance(value, list) else value
