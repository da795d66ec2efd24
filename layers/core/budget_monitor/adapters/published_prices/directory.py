"""Who and which model a name means: aliases, dated names, and names with a route before them.

`openai/gpt-4o` is `gpt-4o` at `openai`; `us.anthropic.claude-sonnet-4-5-20250929-v1:0` is
Bedrock's name for `claude-sonnet-4-5`. Conventions: LiteLLM's `provider/model`, and the model ids
and inference profiles of the Amazon Bedrock user guide.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from genai_prices.data_snapshot import find_provider_by_id

from budget_monitor.domain.rules.matching import ListedNames

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

_KNOWN = 1000
"""How many names are remembered."""
_BEDROCK = "aws"
_VENDOR = re.compile(r"(?:[a-z][a-z-]*\.)?[a-z0-9-]*[a-z]\.(?=[a-z])", re.ASCII)
"""Bedrock's region and vendor, such as `us.anthropic.`; `gpt-4.1` has neither."""
_VERSION = re.compile(r"(?:-v[0-9]+)?(?::[0-9][0-9a-z]*)*$", re.ASCII)
"""Bedrock's version and context, such as `-v1:0` or `-v2:0:18k`."""


class Directory:
    """The providers and the models of the list, by every name that it knows for them."""

    def __init__(self, providers: "Sequence[Provider]") -> None:
        self._providers = list(providers)
        self.found = lru_cache(_KNOWN)(self._find)
        """The provider and the model of two names, each where it is known."""
        self.common_names = lru_cache(_KNOWN)(self._common_names)
        """One name for a provider, and one for a model wherever it is called."""

    def _find(self, provider: str | None, model: str) -> "tuple[Provider | None, ModelInfo | None]":
        """The whole name comes before one with a route in front: a gateway lists models so."""
        named = model.casefold()
        where = self._provider(provider) if provider is not None else self._maker(named)
        what = self._model(where, named)
        if what is not None or not named:
            return where, what
        if provider is None and _is_bedrocks(named):
            bedrock = self._provider(_BEDROCK)
            if known := self._model(bedrock, named):
                return bedrock, known
        route = _split_route(named)
        host = self._provider(route[0]) if route else None
        if route and host and (provider is None or host is where):
            return self._find(host.id, route[1])
        return where, what

    def _common_names(self, provider: str | None, model: str | None) -> ListedNames:
        where, what = self.found(provider, model or "")
        host = where.id if where else provider and provider.casefold()
        if not model:
            return ListedNames(host, None)
        named = what.id if what else self._unrouted(model.casefold())
        bare = _makers_name(named)
        made = self._model(self._maker(bare), bare)
        return ListedNames(host, (made.id if made else named).casefold())

    def _unrouted(self, model: str) -> str:
        """The name without the providers that stand before it as routes."""
        route = _split_route(model)
        return self._unrouted(route[1]) if route and self._provider(route[0]) else model

    def _provider(self, name: str) -> "Provider | None":
        return find_provider_by_id(self._providers, name)

    def _maker(self, model: str) -> "Provider | None":
        """Who is known for a model of this name."""
        return next((one for one in self._providers if _answers_to(one, model)), None)

    def _model(self, where: "Provider | None", model: str) -> "ModelInfo | None":
        return where.find_model(model, all_providers=self._providers) if where and model else None


def _answers_to(provider: "Provider", model: str) -> bool:
    return provider.model_match is not None and provider.model_match.is_match(model)


def _split_route(model: str) -> tuple[str, str] | None:
    """What stands before the first slash of a model's name, and the rest; None without one."""
    route, slash, rest = model.partition("/")
    return (route, rest) if slash and route and rest else None


def _is_bedrocks(model: str) -> bool:
    """Whether it looks like one of Bedrock's names: with a vendor before it, or an ARN."""
    return bool(_VENDOR.match(model)) or (model.startswith("arn:aws") and ":bedrock:" in model)


def _makers_name(model: str) -> str:
    """The model's name without its host's additions: route, region, vendor and version."""
    bare = model.rsplit("/", 1)[-1]
    vendor = _VENDOR.match(bare)
    return _VERSION.sub("", bare[vendor.end() :], count=1) if vendor else bare
