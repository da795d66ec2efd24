"""Pause, ask a person, resume: nothing is lost, and nobody is woken twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import workflow_key
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.holds.decisions import Verdict
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.workflows import WorkflowState, run_key
from budget_monitor.ports import Clock, Document, Store, TaskTokens
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.attempts import too_many_rounds
from budget_monitor.usecases.idempotency import known_decision
from budget_monitor.usecases.rules.authority import Who, refuse_owner
from budget_monitor.usecases.workflows.change import change_of, deciding, output, read_workflow

Decide = Callable[[WorkflowState, datetime], WorkflowState]


@dataclass(frozen=True, slots=True)
class WorkflowCommand:
    """A decision about a workflow run."""

    tenant_id: str
    workflow_id: str
    who: Who
    request: Request
    idempotency_key: str | None = None
    owner: str | None = None
    """Whom the tenant's money belongs to: he cannot give himself more."""


@dataclass(frozen=True, slots=True)
class WorkflowResult:
    """What became of a run, and of those who waited for it."""

    state: WorkflowState
    woken: int = 0
    gone: int = 0
    """Those who waited no longer when they were to be told."""
    replayed: bool = False


class Pausing:
    """The use cases of pausing and resuming workflow runs."""

    def __init__(self, store: Store, clock: Clock, waiters: TaskTokens) -> None:
        self._store = store
        self._clock = clock
        self._waiters = waiters

    def state(self, tenant_id: str, workflow_id: str) -> WorkflowState:
        """What was decided about the run so far."""
        name = run_key(tenant_id, workflow_id)
        return read_workflow(self._store.documents([name]).get(name))

    def pause(self, order: WorkflowCommand) -> WorkflowResult:
        """Pause the run, also one that was never seen. Twice is once."""
        who = order.who
        return self._decide(order, "pause", lambda run, now: run.pause(who.by, who.reason, now))

    def resume(self, order: WorkflowCommand, limit: Decimal | None) -> WorkflowResult:
        """Let the run go on, with a limit of its own where one is given, and tell who waits.

        Raises NotFoundError for a run that was never seen, and ForbiddenError where the tenant's
        owner would give it a limit.
        """
        who = order.who

        def resume(run: WorkflowState, now: datetime) -> WorkflowState:
            account = workflow_key(order.tenant_id, order.workflow_id)
            if not run.version and not self._store.accounts([account])[account].seen:
                raise NotFoundError(f"no workflow {order.workflow_id}")
            if limit is not None and order.owner:
                refuse_owner(who, order.owner, order.tenant_id)
            return run.resume(who.by, who.reason, now, limit)

        return self._decide(order, "resume", resume)

    def await_resume(
        self, order: WorkflowCommand, token: str, pause_id: int | None
    ) -> WorkflowResult:
        """Pause the run and wait with this task token; go on at once where its pause is over."""
        who = order.who

        def wait(run: WorkflowState, now: datetime) -> WorkflowState:
            return run.wait(token, pause_id, who.by, who.reason, now)

        return self._decide(order, "await_resume", wait)

    def pause_for(self, plan: Plan, verdict: Verdict, decided: Document | None) -> int | None:
        """Pause the run that a budget refused; the pause's number, or None where others decided.

        `decided`: the run's document as it was when the budget refused. Who resumed the run or
        changed a budget since then had the last word.
        """
        name = plan.run
        if name is None:
            return None
        run, who = read_workflow(decided), Who(f"budget {verdict.budget_id}", verdict.reason or "")
        paused = run.pause(who.by, who.reason, plan.at)
        change = change_of("pause", run, paused, who, plan.at)
        pausing = replace(deciding(name, run, paused, change), counts_on=plan.rules)
        return paused.pauses if self._store.commit(pausing) else None

    def wake_due(self) -> int:
        """Tell all who were to be told, while the invocation has time; how many were.

        A run that cannot be read or written stops no other one. Raises UnavailableError in the end.
        """
        woken, fault = 0, None
        for name in self._store.due():
            if woken and deadline.about_to_end():
                return woken
            try:
                woken += self._tell_due(name)
            except UnavailableError as met:
                fault = met
        if fault:
            raise fault
        return woken

    @deadline.unit_of_work(of_a_job=True)
    def _tell_due(self, name: DocumentKey) -> int:
        return self._tell(name, self.state(name.tenant_id, name.name)).woken

    def _tell(
        self, name: DocumentKey, run: WorkflowState, *, replayed: bool = False
    ) -> WorkflowResult:
        """Let those go on who are to be told; who cannot be now is left for the next time."""
        woken, gone = list[str](), list[str]()
        for token in run.waking:
            if deadline.left() <= 0:
                break
            try:
                (woken if self._waiters.wake(token, output(name, run)) else gone).append(token)
            except UnavailableError:
                continue
        done = (*woken, *gone)
        if done:
            with deadline.unit_of_work():
                run = self._apply(name, "tell", lambda one, _: one.told(done), _SERVICE)
        return WorkflowResult(run, len(woken), len(gone), replayed)

    def _decide(self, order: WorkflowCommand, operation: str, decide: Decide) -> WorkflowResult:
        name, names = run_key(order.tenant_id, order.workflow_id), _named(order)
        if known_decision(self._store, names) is not None:
            return self._tell(name, self.state(name.tenant_id, name.name), replayed=True)
        return self._tell(name, self._apply(name, operation, decide, order.who, names))

    def _apply(
        self,
        name: DocumentKey,
        operation: str,
        decide: Decide,
        who: Who,
        names: IdempotencyKey | None = None,
    ) -> WorkflowState:
        """The run as decided. Decided again as long as somebody else is faster."""
        while deadline.left() > 0:
            now, run = self._clock.now(), self.state(name.tenant_id, name.name)
            after = decide(run, now)
            if after == run and names is None:
                return run
            change = change_of(operation, run, after, who, now)
            if self._store.commit(deciding(name, run, after, change, names)):
                return after if after == run else replace(after, version=run.version + 1)
            if known_decision(self._store, names) is not None:
                return self.state(name.tenant_id, name.name)
        raise too_many_rounds()


_SERVICE = Who("budget monitor", "told those who waited")


def _named(order: WorkflowCommand) -> IdempotencyKey | None:
    if order.idempotency_key is None:
        return None
    return IdempotencyKey(order.tenant_id, order.idempotency_key, order.request)
