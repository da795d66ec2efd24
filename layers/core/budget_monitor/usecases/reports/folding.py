"""Merge lines of breakdowns that mean the same model or provider of the price list."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import MODEL, PROVIDER, Account, Move
from budget_monitor.domain.rules.matching import ModelNames
from budget_monitor.usecases.reports.order import Line

Spellings = Mapping[str | None, Sequence[str]]


CommonName = Callable[[str | None], str | None]


def folded(
    scope: str, lines: Sequence[Line], models: ModelNames
) -> tuple[Sequence[Line], Spellings]:
    """Add up the lines that name the same model or provider, and say how each was spelled.

    Names of any other scope are equal only letter by letter.
    """
    common = common_name(scope, models)
    return folded_by((common(line[0]), line) for line in lines)


def folded_by(lines: Iterable[tuple[str | None, Line]]) -> tuple[Sequence[Line], Spellings]:
    """Add up the lines that have the same common name."""
    groups = defaultdict[str | None, list[Line]](list)
    for common, line in lines:
        groups[common].append(line)
    merged, spellings = list[Line](), dict[str | None, Sequence[str]]()
    for common, group in groups.items():
        group.sort(key=lambda line: -line[1].totals.spent)
        said = list(dict.fromkeys(name for name, _ in group if name))
        name = _shown(common, said)
        merged.append((name, _sum([account for _, account in group])))
        spellings[name] = said
    return merged, spellings


def common_name(scope: str, models: ModelNames) -> CommonName:
    """Return a function from each name of the scope to its line's name."""
    if scope == MODEL:
        return lambda name: name and models(None, name).model
    if scope == PROVIDER:
        return lambda name: name and models(name, None).provider
    return lambda name: name


def _sum(accounts: Sequence[Account]) -> Account:
    return replace(accounts[0], totals=sum((one.totals for one in accounts), Move()))


def _shown(common: str | None, spellings: Sequence[str]) -> str | None:
    """The common name; if it was never given in that case, the spelling with the most spend."""
    if common in spellings:
        return common
    return next((one for one in spellings if one.casefold() == common), common)
