"""The breakdown by model: one line for a model, however its calls spelled it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import Account, Move
from budget_monitor.domain.rules.matching import ModelNames
from budget_monitor.usecases.reports.report import Breakdown


def by_model(spelled: Breakdown, models: ModelNames) -> Breakdown:
    """The accounts of one model added up, the largest first, with the spellings of each line."""
    groups = defaultdict[str | None, list[Account]](list)
    for name, account in spelled.items:
        groups[name and models(None, name).model].append(account)
    items, spellings = list[tuple[str | None, Account]](), dict[str | None, Sequence[str]]()
    for resolved, accounts in groups.items():
        said = [one.key.scope_id for one in accounts if one.key.scope_id]
        name = _shown(resolved, said)
        totals = sum((one.totals for one in accounts), Move())
        items.append((name, replace(accounts[0], totals=totals)))
        spellings[name] = said
    items.sort(key=lambda item: (-item[1].totals.spent, item[0] or ""))
    return Breakdown(spelled.month, items, spellings)


def _shown(resolved: str | None, spellings: Sequence[str]) -> str | None:
    """The common name, in the case in which most was spent where nobody says it so."""
    if resolved in spellings:
        return resolved
    return next((one for one in spellings if one.casefold() == resolved), resolved)
