"""The accounts of a budget for each name: one page after another, the largest first in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.money import render
from budget_monitor.domain.names import EACH
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.ports import Accounts
from budget_monitor.usecases.rules.budgets import BudgetView

TOGETHER = 1000
"""How many names are read and put in order together; a list has no other order."""


@dataclass(frozen=True, slots=True)
class NamesPage:
    """Names of a budget with what each of them spent, and where to go on."""

    standings: Sequence[Standing]
    resume_at: str | None


class BudgetNames:
    """Reads the accounts of `*` budgets in their present period, strongly consistent."""

    def __init__(self, store: Accounts) -> None:
        self._store = store

    def one(self, view: BudgetView, name: str) -> Standing:
        """The account of one name; zeros where it was never seen. Raises ConflictError."""
        gate = _gate(view, name)
        return standings_of([gate], self._store.accounts([gate.account]))[0]

    def page(self, view: BudgetView, limit: int, after: str | None) -> NamesPage:
        """At most `limit` names. Raises ConflictError for a budget that is not for each name.

        Names are read in thousands, in the order of their list; the largest of a thousand comes
        first. Requests: one query and a batch read for each 100 names of the thousand.
        """
        first = _gate(view, EACH).account
        start, rank = _position(first, after)
        found = self._store.listed_page(first.listing or "", TOGETHER, start)
        command_of = sorted(self._store.accounts(found.accounts).values(), key=_rank)
        rest = [one for one in command_of if rank is None or _rank(one) > rank]
        page = rest[:limit]
        if len(rest) > limit:
            last = page[-1]
            resume_at = key(start or "", render(last.totals.spent), last.key.each_name or "")
            return NamesPage(_standings(view, page), resume_at)
        following = key(found.resume_at, "", "") if found.resume_at else None
        return NamesPage(_standings(view, page), following)


def _standings(view: BudgetView, accounts: Iterable[Account]) -> Sequence[Standing]:
    known = {one.key: one for one in accounts}
    return standings_of([_gate(view, one.each_name or "") for one in known], known)


def _gate(view: BudgetView, name: str) -> Gate:
    budget = view.budget
    if not budget.is_each or budget.period == RUN:
        raise ConflictError(f"{budget.budget_id} has no account for each name")
    period = view.calendar.name(budget.period, view.at)
    account = budget_account(budget, view.tenant_id, period, name)
    return Gate(budget.at(view.at, period), account, view.calendar, view.at, each=name)


def _position(
    first: AccountKey, after: str | None
) -> tuple[str | None, tuple[Decimal, str] | None]:
    """Where a thousand begins and the last name that was shown of it. Raises ValidationError."""
    if after is None:
        return None, None
    start, spent, name = parts(after)
    if start and not _is_of(first, start):
        raise ValidationError("cursor must be from an answer of the same list", "cursor")
    return start or None, (-Decimal(spent), name) if spent else None


def _is_of(first: AccountKey, account: str) -> bool:
    """True if it names an account of the same list."""
    try:
        return AccountKey.parse(account).listing == first.listing
    except (ValueError, TypeError):
        return False


def _rank(account: Account) -> tuple[Decimal, str]:
    return -account.totals.spent, account.key.each_name or ""
