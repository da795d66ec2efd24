"""A tenant's agent executions and workflow executions: by spend, or the latest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    EXECUTION,
    Account,
    listing,
    paused_list,
)
from budget_monitor.domain.accounting.labels import Labels, key, parts
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import RUN, parse_instant, render_instant
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.ports import Accounts, Clock, Policies
from budget_monitor.usecases.reports.order import refuse_foreign
from budget_monitor.usecases.workflows.runs import run_standing

SPEND, RECENT = "spend", "recent"
ORDERS = (SPEND, RECENT)
ACTIVE, EXCEEDED, PAUSED = "active", "exceeded", "paused"
STATES = (ACTIVE, EXCEEDED, PAUSED)
MAX_LOOKED_AT, _AT_ONCE = 1000, 100
"""Maximum of runs read for one page with a filter, and in one request."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs of a tenant are listed, and in which order."""

    scope: str
    order: str = RECENT
    state: str | None = None
    name: str | None = None
    """The first name of the execution's agent, or of the workflow."""
    paused: bool | None = None

    @property
    def is_selective(self) -> bool:
        """True if runs may be left out."""
        return (self.state, self.name, self.paused) != (None, None, None)

    @property
    def wants_paused(self) -> bool:
        """True if only paused workflows can be in the list."""
        return self.scope != EXECUTION and (self.paused is True or self.state == PAUSED)


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run, its standing and its state."""

    account: Account
    standing: Standing
    labels: Labels

    @property
    def began_at(self) -> str | None:
        """When it was first seen, in RFC 3339."""
        stored = self.account.began_at
        return stored and render_instant(parse_instant(stored, "began_at"))

    @property
    def state(self) -> str:
        """Paused, exceeded or active."""
        if self.account.terms.pause:
            return PAUSED
        return EXCEEDED if self.standing.exceeded else ACTIVE


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs and the next position. A page may have fewer items than requested, or none."""

    runs: Sequence[ListedRun]
    resume_at: str | None


class RunList:
    """The use cases of `list_executions` and `list_workflows`. None of them writes."""

    def __init__(self, store: Accounts, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def page(self, tenant_id: str, wanted: RunFilter, limit: int, after: str | None) -> RunPage:
        """Return at most `limit` runs. Raises ValidationError for a cursor of another list.

        One query and the accounts of the page; with a filter at most 1,000 runs are looked at, and
        the next page goes on behind them. Paused workflows have a list of their own.
        """
        refuse_foreign(listing(tenant_id, wanted.scope, RUN), after)
        self._policies.forget(tenant_id)
        policy = self._policies.for_tenant(tenant_id)
        found = list[ListedRun]()
        for count, (place, account, more) in enumerate(
            self._accounts(tenant_id, wanted, limit, after), 1
        ):
            run = self._run(policy, account)
            if _fits(run, wanted):
                found.append(run)
            if more and (len(found) == limit or count == MAX_LOOKED_AT):
                return RunPage(found, place)
            if not more:
                break
        return RunPage(found, None)

    def _run(self, policy: Policy, account: Account) -> ListedRun:
        name = account.key.scope_id
        of_execution = account.key.scope == EXECUTION
        labels = Labels(
            agent_execution_id=name if of_execution else None,
            workflow_execution_id=None if of_execution else name,
        )
        placed = labels.within(account.lineage) if account.lineage else labels
        return ListedRun(account, run_standing(policy, account, self._clock.now()), placed)

    def _accounts(
        self, tenant_id: str, wanted: RunFilter, limit: int, after: str | None
    ) -> Iterator[tuple[str, Account, bool]]:
        """Yield the list's accounts in order: position, account, and whether more follow."""
        if wanted.wants_paused:
            yield from self._paused(tenant_id, wanted.order, after)
            return
        ranking = listing(tenant_id, wanted.scope, RUN)
        read = self._store.ranked if wanted.order == SPEND else self._store.latest
        count, position, more = _AT_ONCE if wanted.is_selective else limit, after, True
        while more:
            found = read(ranking, count, position)
            accounts = self._store.accounts(one for _, one in found.items)
            for number, (position, one) in enumerate(found.items, 1):
                yield position, accounts[one], found.more or number < len(found.items)
            more = found.more

    def _paused(
        self, tenant_id: str, order: str, after: str | None
    ) -> Iterator[tuple[str, Account, bool]]:
        """Return all paused workflows after a position. They are few, and are read together."""
        found = self._store.accounts(self._store.listed(paused_list(tenant_id))).values()
        ordered = sorted(found, key=lambda one: _place(one, order), reverse=True)
        if after is not None:
            value, pk = parts(after)
            last = (Decimal(value) if order == SPEND else value, pk)
            ordered = [one for one in ordered if _place(one, order) < last]
        for number, account in enumerate(ordered, 1):
            value, pk = _place(account, order)
            text = value if isinstance(value, str) else render(value)
            yield key(text, pk), account, number < len(ordered)


def _place(account: Account, order: str) -> tuple[Any, str]:
    value = account.totals.spent if order == SPEND else account.began_at or ""
    return value, str(account.key)


def _fits(run: ListedRun, wanted: RunFilter) -> bool:
    return (
        run.account.seen
        and wanted.state in {None, run.state}
        and wanted.name in {None, run.account.name}
        and wanted.paused in {None, run.state == PAUSED}
    )
