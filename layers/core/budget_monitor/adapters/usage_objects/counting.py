"""Convert the counts of one usage object to units, each token once.

Whether cached tokens stand in the input or beside it is decided, in this order, by what the
caller says, by the names, by the object's own total, and by the provider's rule. Where none of
them decides, the object is refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from budget_monitor.adapters.usage_objects.leaves import Leaf, Path, leaves
from budget_monitor.adapters.usage_objects.names import (
    APART,
    CALLS_SUMMED,
    FRESH,
    HARMLESS,
    INPUT,
    INSIDE,
    OUTPUT,
    READ,
    REASONING,
    TOTAL,
    WRITE,
    WRITE_1H,
    WRITE_5M,
    snake,
)
from budget_monitor.domain.costs.usage import (
    INCLUSIVE,
    PROVIDER,
    counts_cached_apart,
    provider_name,
)

_ALONE = {"prompt_tokens", "prompt_eval_count"}
"""Names of input counts that may come without output, as for embeddings."""
_INSIDE = {"databricks"}
"""Providers whose `prompt_tokens` include the cached tokens."""
_TITAN, _RESULTS = "inputTextTokenCount", "results"
_NOT_UNITS = {TOTAL, FRESH, HARMLESS, CALLS_SUMMED}

Count = int | Decimal


class HalfError(ValueError):
    """The input or the output is missing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What the caller reported about the call, for what the object leaves open."""

    provider: str | None = None
    """The price list's name of the provider, if it has one."""
    model: str | None = None
    convention: str | None = None
    embeds: bool = False
    """True if the model answers with no tokens."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The units of one usage object. `requests`: how many calls it is the sum of."""

    units: Mapping[str, Count]
    requests: int = 1

    @property
    def size(self) -> tuple[int, Count]:
        """How much it explains: the number of units with a count, then the input tokens."""
        return len([one for one in self.units.values() if one]), self.units.get(INPUT, 0)


def count(usage: Mapping[str, Any], caller: Caller) -> Counted | None:
    """Return the units of a usage object; None if it has no counts.

    Raises ValueError where a count is not understood, contradicts another or is damaged.
    """
    usage = _titan(usage)
    found = list(leaves(usage))
    said = {one.meaning.unit for one in found if one.meaning}
    if not said - _NOT_UNITS and not (caller.embeds and TOTAL in said):
        return None
    tally = _Tally(found, _pydantic(usage, caller))
    tally.refuse_unread()
    tally.refuse_half(usage)
    return Counted(tally.units(), tally.requests)


def _pydantic(usage: Mapping[str, Any], caller: Caller) -> Caller:
    """The caller's convention, or pydantic-ai's where the object is one of its: all inside."""
    is_its = isinstance(usage.get("details"), Mapping) or "cache_audio_read_tokens" in usage
    if caller.convention is None and is_its:
        return replace(caller, convention=INCLUSIVE)
    return caller


def _titan(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return Titan's results, each with its own count; embeddings have none."""
    if _TITAN not in usage or "outputTokens" in usage:
        return usage
    results = usage.get(_RESULTS, [])
    counts = [one.get("tokenCount") for one in results] if _are_mappings(results) else [None]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in counts):
        raise ValueError(f"its {_RESULTS} is not a number")
    rest = {name: one for name, one in usage.items() if name != _RESULTS}
    return {**rest, "outputTokens": sum(counts)}


def _are_mappings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


class _Tally:
    """The counts of one object by their meaning."""

    def __init__(self, found: Iterable[Leaf], caller: Caller) -> None:
        self._leaves = list(found)
        self._caller = caller
        self._known = [one for one in self._leaves if one.meaning]
        self.requests = int(max(self._plain(CALLS_SUMMED), default=1))

    def refuse_unread(self) -> None:
        """Raise ValueError naming a non-zero count of unknown meaning."""
        for one in self._leaves:
            if one.meaning is None and one.count and not self._repeats(one):
                raise ValueError(
                    f"its {one.name} is not understood, and {one.count} of it may cost money"
                )

    def refuse_half(self, usage: Mapping[str, Any]) -> None:
        """Raise ValueError if the input or the output is missing, as in half of a stream."""
        said = {one.meaning.unit for one in self._known if one.meaning}
        if INPUT in said or OUTPUT in said:
            if INPUT not in said:
                raise HalfError("it has no input counts")
            names = {snake(one.path[-1]) for one in self._known if one.meaning.unit == INPUT}  # type: ignore[union-attr]
            alone = names & _ALONE or self._caller.embeds or self._caller.provider == "google"
            if OUTPUT not in said and not alone and _TITAN not in usage:
                raise HalfError("it has no output counts")

    def units(self) -> dict[str, Count]:
        """Return each unit once. Raises ValueError if two counts of one unit differ."""
        units = {unit: self._one(unit) for unit in self._said() if unit not in _NOT_UNITS}
        if INPUT not in units and self._caller.embeds and self._plain(TOTAL):
            units[INPUT] = max(self._plain(TOTAL))
        self._complete_writes(units)
        for leaf in self._known:
            for whole in leaf.meaning.adds_to if leaf.meaning else ():
                units[whole] = units.get(whole, 0) + leaf.count
        self._add_cached(units)
        self._add_reasoning(units)
        self._refuse_more(units)
        return units

    def _said(self) -> list[str]:
        return list(dict.fromkeys(one.meaning.unit for one in self._known if one.meaning))

    def _plain(self, unit: str) -> list[Count]:
        return [one.count for one in self._known if one.meaning and one.meaning.unit == unit]

    def _one(self, unit: str) -> Count:
        """Return the count of a unit: parts of one list are added, other mentions must agree."""
        sums: dict[Path, Count] = defaultdict(int)
        for one in self._known:
            if one.meaning and one.meaning.unit == unit:
                sums[one.path[:1] if len(one.path) > 2 else one.path] += one.count  # noqa: PLR2004
        different = {amount for amount in sums.values() if amount}
        if len(different) > 1:
            names = " and ".join(".".join(path) for path in sums)
            raise ValueError(f"its {names} say different counts of {unit}")
        return different.pop() if different else 0

    def _repeats(self, leaf: Leaf) -> bool:
        """True if it is in `details` and repeats a count from elsewhere."""
        return leaf.path[0] == "details" and leaf.count in {one.count for one in self._known}

    def _complete_writes(self, units: dict[str, Count]) -> None:
        """All tokens written to the cache, if only the parts by lifetime are given."""
        parts = units.get(WRITE_5M, 0) + units.get(WRITE_1H, 0)
        if parts and not units.get(WRITE):
            units[WRITE] = parts

    def _add_cached(self, units: dict[str, Count]) -> None:
        cached = units.get(READ, 0) + units.get(WRITE, 0)
        if cached and units.keys() & {INPUT, OUTPUT} and self._apart(units, cached):
            units[INPUT] = units.get(INPUT, 0) + cached

    def _apart(self, units: Mapping[str, Count], cached: Count) -> bool:
        """True if the input leaves the cached tokens out. Raises ValueError if that is unknown."""
        caller, went_in = self._caller, units.get(INPUT, 0)
        if caller.convention == INCLUSIVE:
            return False
        fresh = max(self._plain(FRESH), default=None)
        styles = {
            one.meaning.style
            for one in self._known
            if one.meaning and one.count and one.meaning.unit in {READ, WRITE, WRITE_5M, WRITE_1H}
        }
        if INSIDE in styles or (fresh is not None and fresh + cached == went_in):
            return False
        if _is_openais_at_bedrock(caller) or (caller.provider in _INSIDE and self._is_chat()):
            return False
        said = self._by_total(units, cached)
        if said is not None:
            return said
        if caller.convention == PROVIDER or APART not in styles:
            return counts_cached_apart(caller.provider, caller.model)
        return True

    def _by_total(self, units: Mapping[str, Count], cached: Count) -> bool | None:
        """Return what follows from the object's own total; None if it has none.

        Frameworks that turn Anthropic's counts into `prompt_tokens` do so in both ways.
        """
        went_in, came_out = units.get(INPUT, 0), units.get(OUTPUT, 0)
        total = max(self._plain(TOTAL), default=None)
        if cached > went_in:
            return True
        if total is not None and total == went_in + came_out + cached:
            return True
        if self._caller.convention == PROVIDER:
            return None
        named = {one.path[-1] for one in self._known if one.meaning and one.meaning.unit == INPUT}
        renamed = named & {"prompt_tokens", "promptTokens"} and not named & {"input_tokens"}
        apart = {one.meaning.style for one in self._known if one.meaning and one.count}
        if APART in apart and (renamed or (total is not None and total == went_in + came_out)):
            raise ValueError(
                "it does not say whether the cached tokens are part of the input: send "
                "usage_convention"
            )
        return None if total is None or total != went_in + came_out else False

    def _add_reasoning(self, units: dict[str, Count]) -> None:
        """Reasoning that the output leaves out: xAI's in OpenAI's form, Perplexity's beside it."""
        reasoned = units.get(REASONING, 0)
        added = any(
            one.meaning and one.meaning.unit == REASONING and OUTPUT in one.meaning.adds_to
            for one in self._known
        )
        if not reasoned or added:
            return
        total = max(self._plain(TOTAL), default=0)
        went_in, came_out = units.get(INPUT, 0), units.get(OUTPUT, 0)
        beside = self._caller.provider == "perplexity" and self._is_top(REASONING)
        chat = self._caller.provider == "x-ai" and self._is_chat()
        langfuse = any(one.path == ("output",) for one in self._known)
        beside = beside or (langfuse and total == went_in + came_out + reasoned)
        if beside or (chat and total != went_in + came_out):
            units[OUTPUT] = came_out + reasoned

    def _is_top(self, unit: str) -> bool:
        return any(
            one.meaning and one.meaning.unit == unit and len(one.path) == 1 for one in self._known
        )

    def _is_chat(self) -> bool:
        return any(one.path[-1] == "prompt_tokens" for one in self._known)

    def _refuse_more(self, units: Mapping[str, Count]) -> None:
        known = units.get(INPUT, 0) + units.get(OUTPUT, 0)
        for one in self._known:
            cut = one.meaning and one.meaning.unit == TOTAL and one.count > known
            if cut and not _is_openais_at_bedrock(self._caller):
                raise ValueError(f"its {one.path[-1]} is more than the sum of its parts")


def _is_openais_at_bedrock(caller: Caller) -> bool:
    """True if it is OpenAI's model at Bedrock: its input has the cached tokens, its total twice."""
    at_bedrock = provider_name(caller.provider or "") == "aws"
    return at_bedrock and "openai." in (caller.model or "").casefold()
