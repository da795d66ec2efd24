"""Read the usage of a call by unit. No count may stay unread."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from budget_monitor.adapters.usage_objects.counting import (
    Caller,
    Count,
    Counted,
    HalfError,
    count,
)
from budget_monitor.adapters.usage_objects.facts import facts_of, is_half
from budget_monitor.adapters.usage_objects.leaves import has_negative, is_count, leaves, numbers
from budget_monitor.adapters.usage_objects.names import HARMLESS, INPUT, OUTPUT, READ, WRITE, snake
from budget_monitor.adapters.usage_objects.tools import shown
from budget_monitor.adapters.usage_objects.wrappers import (
    Found,
    holders,
    models_used,
    opened,
    requests_of,
)
from budget_monitor.domain.costs.facts import Facts
from budget_monitor.domain.costs.usage import MOST, Usage
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import PLACES

_BILLED, _TOTALLED = "billed_units", ("totalUsage", "total_usage")
_COUNT_WORDS = (
    *("token", "search", "units", "pages", "seconds", "characters", "image", "requests"),
    *("cache", "audio", "video", "tool", "calls", "count"),
)
_NO_COUNTS = ("max_", "budget", "limit", "remaining", "reset", "window", "per_", "_per", "rate")
"""Words in names of settings and limits, which are not counts."""


def facts(response: Mapping[str, Any]) -> Facts:
    """Return the facts of the call in the object, other than counts."""
    return facts_of(numbers(response))


def read(response: Mapping[str, Any], caller: Caller, field: str) -> Usage:
    """The usage of the call.

    Raises ValueError where it is not understood, in part or as a whole, and ValidationError
    naming `field` for a negative count.
    """
    said = numbers(response)
    if is_half(said):
        raise ValueError("it is a part of a stream that has not ended")
    if len(models_used(said)) > 1:
        raise ValueError("its modelUsage names several models: send the usage of each as one cost")
    found = opened(said)
    readings = _readings(found, caller, field)
    tokens = [one for one in readings if any(unit.endswith("_tokens") for unit in one[1].units)]
    best = _agreed(tokens) if tokens else Counted({})
    tools = _tools(said, caller)
    for reading in readings:
        tools = tools if reading in tokens else _with_tools(reading[1].units, tools)
    if not readings and not tools:
        raise ValueError("it is not a known usage object")
    _refuse_unread(found, [one for one, _ in readings])
    units = _with_tools(best.units, tools)
    parts = _parts(said, caller, field, units)
    return parts or _usage(units, max(best.requests, _turns(said)))


def _turns(response: Mapping[str, Any]) -> int:
    """How many requests an agent made, if given beside its usage."""
    turns = [part.get("num_turns") for part in holders(response)]
    return max((int(one) for one in turns if is_count(one)), default=1)


def _usage(units: Mapping[str, Count], requests: int = 1, parts: tuple[Usage, ...] = ()) -> Usage:
    return Usage.of_counts(units, requests, parts)


def _readings(found: Sequence[Found], caller: Caller, field: str) -> list[tuple[Found, Counted]]:
    """Return the counts of each object that has any."""
    readings, damage = list[tuple[Found, Counted]](), list[ValueError]()
    half = list[HalfError]()
    for one in found:
        try:
            _refuse_absurd(one.usage, field)
            counted = count(one.usage, caller)
        except HalfError as fault:
            half.append(fault)
            continue
        except ValueError as fault:
            if has_negative(one.usage):
                raise ValidationError(f"{field} must not be negative", field) from fault
            damage.append(fault)
            continue
        if counted and has_negative(one.usage):
            raise ValidationError(f"{field} must not be negative", field)
        if counted:
            readings.append((one, counted))
    if damage or (half and not readings):
        raise (damage or half)[0]
    if not readings and any(has_negative(_unlisted(one.usage)) for one in found):
        raise ValidationError(f"{field} must not be negative", field)
    return readings


def _unlisted(value: Mapping[str, Any]) -> dict[str, Any]:
    """The object without its lists, which are content."""
    return {name: one for name, one in value.items() if not isinstance(one, list)}


def _refuse_absurd(usage: Mapping[str, Any], field: str) -> None:
    """Raise ValidationError for a count that no call can have."""
    for leaf in leaves(usage):
        places = -int(leaf.count.as_tuple().exponent) if isinstance(leaf.count, Decimal) else 0
        if (
            leaf.meaning
            and leaf.meaning.unit != HARMLESS
            and not (leaf.count <= MOST and places <= PLACES)
        ):
            raise ValidationError(
                f"{field} must count from 0 to {MOST} of each, with at most {PLACES} decimal "
                "places",
                field,
            )


def _agreed(readings: Sequence[tuple[Found, Counted]]) -> Counted:
    """Return the reading that explains most. Raises ValueError if another contradicts it.

    What a provider bills counts, not what it counted beside; the sum of steps counts, not the
    last of them.
    """
    for wanted in (_BILLED, *_TOTALLED):
        told = [one for found, one in readings if wanted in found.path]
        if told:
            return max(told, key=lambda one: one.size)
    best = max((one for _, one in readings), key=lambda one: one.size)
    for found, other in readings:
        if not _fits(other.units, best.units):
            raise ValueError(f"its {found.name or 'counts'} and another part of it differ")
    return best


def _fits(part: Mapping[str, Count], whole: Mapping[str, Count]) -> bool:
    """True if a reading agrees with the one that has more counts."""
    cached = whole.get(READ, 0) + whole.get(WRITE, 0)
    fresh = whole.get(INPUT, 0) - cached
    for unit, amount in part.items():
        allowed = {0, whole.get(unit, 0)} | ({fresh} if unit == INPUT else set())
        if amount not in allowed and not (unit == OUTPUT and amount < whole.get(OUTPUT, 0)):
            return False
    return True


def _tools(response: Mapping[str, Any], caller: Caller) -> dict[str, Count]:
    """The tools that the answer shows in its content, wherever it is wrapped."""
    counts: dict[str, Count] = {}
    for part in holders(response):
        for unit, amount in shown(part, caller.model).items():
            counts[unit] = max(counts.get(unit, 0), amount)
    return counts


def _with_tools(units: Mapping[str, Count], tools: Mapping[str, Count]) -> dict[str, Count]:
    """The units with those of tools: an answer that counts them twice must agree."""
    merged = dict(units)
    for unit, amount in tools.items():
        merged[unit] = max(merged.get(unit, 0), amount)
    return merged


def _refuse_unread(found: Sequence[Found], read_objects: Sequence[Found]) -> None:
    """Raise ValueError naming a count of unknown meaning beside the usage objects."""
    known = {one.path for one in read_objects}
    for one in found:
        if one.path in known:
            continue
        for leaf in leaves(_plain(one.usage)):
            name = snake(leaf.path[-1])
            counts = any(word in name for word in _COUNT_WORDS)
            setting = any(word in name for word in _NO_COUNTS)
            if leaf.count and leaf.meaning is None and counts and not setting:
                raise ValueError(
                    f"its {leaf.name} is not understood, and {leaf.count} of it may cost money"
                )


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers directly in it, and the objects of numbers, without content."""
    return {
        name: one
        for name, one in value.items()
        if is_count(one) or (isinstance(one, Mapping) and "usage" in snake(name))
    }


def _parts(
    response: Mapping[str, Any], caller: Caller, field: str, whole: Mapping[str, Count]
) -> Usage | None:
    """The requests that the object is the sum of, each by itself, where it lists them."""
    listed = [found for part in holders(response) if (found := requests_of(part))]
    if not listed:
        return None
    name, requests = listed[0]
    if not all(isinstance(one, Mapping) for one in requests):
        raise ValueError(f"its {name} lists something else than usage objects")
    units = [_part(name, one, caller, field) for one in requests]
    sums = _sum(units)
    if name == "iterations":
        kept = [units[i] for i, one in enumerate(requests) if one.get("type") != "compaction"]
        same = _same(_sum(kept), whole) or _same(sums, whole)
    else:
        same = _same(sums, whole)
    if not same:
        raise ValueError(f"its {name} do not add up to what is said beside them")
    rest = {unit: amount for unit, amount in whole.items() if unit not in sums}
    usages = [_usage(one) for one in units]
    if rest:
        usages[-1] = _usage({**units[-1], **rest})
    return _usage({**rest, **sums}, len(usages), tuple(usages))


def _part(name: str, one: Mapping[str, Any], caller: Caller, field: str) -> Mapping[str, Count]:
    """The units of one of the requests. Raises ValueError for one of another model."""
    model = one.get("model")
    if isinstance(model, str) and caller.model and not _is_same_model(model, caller.model):
        raise ValueError(f"its {name} names the model {model}: send its usage as one cost more")
    if has_negative(one):
        raise ValidationError(f"{field} must not be negative", field)
    counted = count({key: inner for key, inner in one.items() if key != "model"}, caller)
    if counted is None:
        raise ValueError(f"its {name} lists something else than usage objects")
    return counted.units


def _is_same_model(one: str, other: str) -> bool:
    a, b = one.casefold(), other.casefold()
    return a in b or b in a


def _sum(many: Sequence[Mapping[str, Count]]) -> dict[str, Count]:
    sums: dict[str, Count] = {}
    for one in many:
        for unit, amount in one.items():
            sums[unit] = sums.get(unit, 0) + amount
    return sums


def _same(sums: Mapping[str, Count], whole: Mapping[str, Count]) -> bool:
    """True if both have the same input, output and cached tokens."""
    return all(sums.get(unit, 0) == whole.get(unit, 0) for unit in (INPUT, OUTPUT, READ, WRITE))
