"""Check that the list's rule for a model matches the whole name, not only its beginning.

genai-prices matches many models by the beginning of a name. A name that goes on with anything
but a date, a version or `latest` is an unknown model: it has no price.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, Provider

_SUFFIX = re.compile(
    r"(?:[-@:._/]?(?:latest|preview|exp|experimental|beta|stable|v\d+(?:[.:]\d+)*|\d{8}|\d{6}"
    r"|20\d\d-\d\d-\d\d|\d\d-20\d\d|\d\d-\d\d|\d{4}|\d{3}|0|default|\d+k))*"
)
_PREFIX = re.compile(r"(?:[a-z0-9_-]+[./])*")
_TUNED = re.compile(r":[a-z0-9_.:-]+")
_COMPACT = re.compile(r"-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[-:]|$)")
_NEAR = 3


def find(provider: "Provider", model: str, others: "Sequence[Provider]") -> "ModelInfo | None":
    """The model of that name at the provider, or at one whose models it offers, too."""
    names = (model, _COMPACT.sub(r"-\1-\2-\3", model))
    fallbacks = [
        one for name in provider.fallback_model_providers or () for one in others if one.id == name
    ]
    for where in (provider, *fallbacks):
        for name in dict.fromkeys(names):
            found = next((one for one in where.models if _means(one, name)), None)
            if found:
                return found
    return None


def near(provider: "Provider | None", model: str, others: "Sequence[Provider]") -> list[str]:
    """Names of models that look like this one."""
    known = [one.id for where in ([provider] if provider else others) for one in where.models]
    return get_close_matches(model, list(dict.fromkeys(known)), _NEAR)


def _means(model: "ModelInfo", name: str) -> bool:
    return name == model.id.casefold() or (
        model.is_match(name) and any(_is_all(one, name) for one in _clauses(model.match))
    )


def _clauses(match: object) -> Iterator[object]:
    for name in ("or_", "and_"):
        for one in getattr(match, name, ()):
            yield from _clauses(one)
    yield match


def _is_all(clause: object, name: str) -> bool:
    """True if the clause matches the whole name, except for a version."""
    said = {kind: getattr(clause, kind, None) for kind in ("equals", "starts_with", "contains")}
    if said["equals"]:
        return bool(said["equals"].casefold() == name)
    part = said["starts_with"] or said["contains"] or getattr(clause, "ends_with", None)
    if part:
        before, _, after = name.partition(part.casefold())
        whole = part.casefold() in name and (not before or not said["starts_with"])
        return whole and bool(_PREFIX.fullmatch(before)) and _is_version(part, after)
    regex = getattr(clause, "regex", None)
    found = re.search(regex, name) if regex else None
    return bool(
        found and found[0] and found.start() == 0 and _is_version(found[0], name[found.end() :])
    )


def _is_version(part: str, after: str) -> bool:
    tuned = part.startswith("ft:") or ".ft-" in part
    return bool(_SUFFIX.fullmatch(after)) or (tuned and bool(_TUNED.fullmatch(after)))
