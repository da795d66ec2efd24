"""Pause, ask a person, resume: nothing is lost, and nobody is woken twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounts import workflow_key
from budget_monitor.domain.decisions import Verdict
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import (
    Decided,
    DocumentKey,
    NamedOperation,
    Posting,
    Transaction,
)
from budget_monitor.domain.workflows import RunState, run_key
from budget_monitor.ports import Clock, Document, Store, Waiters
from budget_monitor.usecases.notices import of_run
from budget_monitor.usecases.plans import ROUNDS, Plan, gave_up
from budget_monitor.usecases.roles import Who, refuse_owner

Decide = Callable[[RunState, datetime], RunState]


@dataclass(frozen=True, slots=True)
class RunOrder:
    """A decision about a workflow run."""

    tenant_id: str
    workflow_id: str
    who: Who
    request: Request
    idempotency_key: str | None = None
    owner: str | None = None
    """Whom the tenant's money belongs to: he cannot give himself more."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a run, and of those who waited for it."""

    state: RunState
    woken: int = 0
    gone: int = 0
    """Those who waited no longer when they were to be told."""
    replayed: bool = False


class Pausing:
    """The use cases of pausing and resuming workflow runs."""

    def __init__(self, store: Store, clock: Clock, waiters: Waiters) -> None:
        self._store = store
        self._clock = clock
        self._waiters = waiters

    def state(self, tenant_id: str, workflow_id: str) -> RunState:
        """What was decided about the run so far."""
        name = run_key(tenant_id, workflow_id)
        return _read(self._store.documents([name]).get(name))

    def pause(self, order: RunOrder) -> Told:
        """Pause the run, also one that was never seen. Twice is once."""
        who = order.who
        return self._decide(order, "pause", lambda run, now: run.pause(who.by, who.reason, now))

    def resume(self, order: RunOrder, limit: Decimal | None) -> Told:
        """Let the run go on, with a limit of its own where one is given, and tell who waits.

        Raises NotFoundError for a run that was never seen, and ForbiddenError where the tenant's
        owner would give it a limit.
        """
        who = order.who

        def resume(run: RunState, now: datetime) -> RunState:
            account = workflow_key(order.tenant_id, order.workflow_id)
            if not run.version and not self._store.accounts([account])[account].seen:
                raise NotFoundError(f"no workflow {order.workflow_id}")
            if limit is not None and order.owner:
                refuse_owner(who, order.owner, order.tenant_id)
            return run.resume(who.by, who.reason, now, limit)

        return self._decide(order, "resume", resume)

    def await_resume(self, order: RunOrder, token: str, pause_id: int | None) -> Told:
        """Pause the run and wait with this task token; go on at once where its pause is over."""
        return self._decide(order, "await_resume", lambda run, now: run.wait(token, pause_id, now))

    def pause_for(self, plan: Plan, verdict: Verdict) -> int | None:
        """Pause the run that a budget refused; the pause's number, or None where others decided."""
        workflow = plan.workflow
        if workflow is None:
            return None
        name = run_key(plan.tenant_id, workflow.scope_id)
        run, by = _read(self._store.documents([name]).get(name)), f"budget {verdict.budget_id}"
        if run.terms != plan.terms:
            return None
        paused = run.pause(by, verdict.reason or "", plan.at)
        change = _change("pause", run, paused, Who(by, verdict.reason or ""), plan.at)
        done = self._store.commit(_transaction(name, run, paused, change))
        return paused.pauses if done else None

    def wake_due(self) -> int:
        """Tell all who were to be told and were not; how many were."""
        due = [(name, self.state(name.tenant_id, name.name)) for name in self._store.due()]
        return sum(self._tell(name, run).woken for name, run in due)

    def _tell(self, name: DocumentKey, run: RunState, *, replayed: bool = False) -> Told:
        """Let those go on who are to be told; one that fails is left for the next time."""
        woken, gone = list[str](), list[str]()
        for token in run.waking:
            try:
                (woken if self._waiters.wake(token, _output(name, run)) else gone).append(token)
            except UnavailableError:
                continue
        done = (*woken, *gone)
        if done:
            run = self._apply(name, "tell", lambda one, _: one.told(done), _SERVICE)
        return Told(run, len(woken), len(gone), replayed)

    def _decide(self, order: RunOrder, operation: str, decide: Decide) -> Told:
        name, names = run_key(order.tenant_id, order.workflow_id), _named(order)
        if names and self._known(names):
            return self._tell(name, self.state(name.tenant_id, name.name), replayed=True)
        return self._tell(name, self._apply(name, operation, decide, order.who, names))

    def _known(self, names: NamedOperation) -> bool:
        stored = self._store.operation(names.tenant_id, names.idempotency_key, of_people=True)
        if stored is not None:
            refuse_other_content(stored, names.request, "idempotency_key")
        return stored is not None

    def _apply(
        self,
        name: DocumentKey,
        operation: str,
        decide: Decide,
        who: Who,
        names: NamedOperation | None = None,
    ) -> RunState:
        """The run as decided. Decided again where somebody else was faster."""
        for _ in range(ROUNDS):
            now, run = self._clock.now(), self.state(name.tenant_id, name.name)
            after = decide(run, now)
            if after == run and names is None:
                return run
            change = _change(operation, run, after, who, now)
            if self._store.commit(_transaction(name, run, after, change, names)):
                return replace(after, version=run.version + 1)
            if names and self._known(names):
                return self.state(name.tenant_id, name.name)
        raise gave_up()


_SERVICE = Who("budget monitor", "told those who waited")


def _read(document: Document | None) -> RunState:
    return RunState() if document is None else RunState.load(document.version, document.body)


def _named(order: RunOrder) -> NamedOperation | None:
    if order.idempotency_key is None:
        return None
    return NamedOperation(order.tenant_id, order.idempotency_key, order.request, of_people=True)


def _transaction(
    name: DocumentKey,
    run: RunState,
    after: RunState,
    change: Request,
    names: NamedOperation | None = None,
) -> Transaction:
    """The decision, and with it the terms on the run's account where they change."""
    account = workflow_key(name.tenant_id, name.name)
    terms = Posting(terms=run.terms, new_terms=after.terms)
    return Transaction(
        postings={account: terms} if after.terms != run.terms else {},
        decided=Decided(name, run.version + 1, after.dump(), change, due=bool(after.waking)),
        names=names,
        alerts=of_run(name, run, after, parse_instant(change["at"], "at")),
    )


def _change(
    operation: str, run: RunState, after: RunState, who: Who, now: datetime
) -> dict[str, Any]:
    return {
        "operation": operation,
        "at": render_instant(now),
        "by": who.by,
        "reason": who.reason,
        "principal": who.principal,
        "before": shown(run),
        "after": shown(after),
    }


def shown(run: RunState) -> dict[str, Any]:
    """What of a run's state people see: no tokens."""
    return {
        "state": "paused" if run.paused else "active",
        "pause_id": run.pauses or None,
        "limit_usd": None if run.limit is None else render(run.limit),
        "waiting": len(run.waiting),
        "waking": len(run.waking),
    }


def _output(name: DocumentKey, run: RunState) -> str:
    """What a state machine that waited gets: how the run goes on, who decided it and why."""
    told = {"tenant_id": name.tenant_id, "workflow_execution_id": name.name, **shown(run)}
    return json.dumps({**told, "by": run.by, "reason": run.reason, "at": run.at})
