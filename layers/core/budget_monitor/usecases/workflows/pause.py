"""Pause and resume workflows, and call back the state machines that wait for a resume."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import workflow_key
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import NotFoundError, UnavailableError
from budget_monitor.domain.holds.decisions import Verdict
from budget_monitor.domain.requests import Request
from budget_monitor.domain.signers import NOBODY, Owners
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.values import dataclass
from budget_monitor.domain.workflows import Denial, WorkflowState, workflow_document
from budget_monitor.ports import Clock, Document, Store, TaskTokens
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.attempts import too_many_rounds
from budget_monitor.usecases.authority import Who, refuse_owner
from budget_monitor.usecases.idempotency import known_decision
from budget_monitor.usecases.workflows.change import (
    REQUEST_DENIED,
    cause,
    change_of,
    change_transaction,
    output,
    read_workflow,
)

Revise = Callable[[WorkflowState, datetime], WorkflowState]


@dataclass(frozen=True, slots=True)
class Look:
    """State of the request for which a workflow waits."""

    request_id: str
    is_over: bool = False
    denial: Denial | None = None
    proof: Mapping[DocumentKey, int] = field(default_factory=dict)
    """Versions of the documents that prove that it is still open."""


Awaited = Callable[[], Look]
"""Reads the request for which a workflow waits."""


@dataclass(frozen=True, slots=True)
class WorkflowCommand:
    """Command: pause, resume or wait for one workflow execution."""

    tenant_id: str
    workflow_id: str
    who: Who
    request: Request
    idempotency_key: str | None = None
    owners: Owners = NOBODY
    """The tenant's owners, who may not raise the workflow's limit."""


@dataclass(frozen=True, slots=True)
class WorkflowResult:
    """The workflow's state, and the callbacks to waiting state machines."""

    state: WorkflowState
    woken: int = 0
    gone: int = 0
    """Number of tasks that no longer waited when they were called back."""
    replayed: bool = False


class Pausing:
    """The use cases `pause`, `resume` and `await_resume`."""

    def __init__(self, store: Store, clock: Clock, task_tokens: TaskTokens) -> None:
        self._store = store
        self._clock = clock
        self._task_tokens = task_tokens

    def state(self, tenant_id: str, workflow_id: str) -> WorkflowState:
        """Return the workflow's state."""
        name = workflow_document(tenant_id, workflow_id)
        return read_workflow(self._store.documents([name]).get(name))

    def pause(self, command: WorkflowCommand) -> WorkflowResult:
        """Pause the workflow, even if it is unknown so far. A repeat changes nothing."""
        who = command.who

        def pause(run: WorkflowState, now: datetime) -> WorkflowState:
            return run.pause(who.by, who.reason, now, principal=who.principal)

        return self._decide(command, "pause", pause)

    def resume(self, command: WorkflowCommand, limit: Decimal | None) -> WorkflowResult:
        """Resume the workflow and call back the waiting state machines.

        `limit`: the workflow's own limit in USD from now on. Raises NotFoundError for an unknown
        workflow, and ForbiddenError if the tenant's owner gives a limit.
        """
        who = command.who

        def resume(run: WorkflowState, now: datetime) -> WorkflowState:
            account = workflow_key(command.tenant_id, command.workflow_id)
            if not run.version and not self._store.accounts([account])[account].seen:
                raise NotFoundError(f"no workflow {command.workflow_id}")
            if limit is not None:
                refuse_owner(who, command.owners, command.tenant_id)
            return run.resume(who.by, who.reason, now, limit, who.principal)

        return self._decide(command, "resume", resume)

    def await_resume(
        self,
        command: WorkflowCommand,
        token: str,
        pause_id: int | None,
        awaited: Awaited | None = None,
    ) -> WorkflowResult:
        """Pause the workflow and wait with this task token; return at once if its pause is over.

        `awaited`: the request whose answer ends the wait, too. A denial makes the wait fail.
        """
        who, proof = command.who, list[Mapping[DocumentKey, int]]()

        def wait(run: WorkflowState, now: datetime) -> WorkflowState:
            look = awaited() if awaited else None
            proof[:] = [look.proof if look else {}]
            if look and look.is_over:
                return run.wakes(token, look.denial)
            after = run.wait(token, pause_id, who.by, who.reason, now)
            after = after.asks(token, look.request_id) if look else after
            is_new = after.pauses > run.pauses
            return replace(after, principal=who.principal) if is_new else after

        return self._decide(command, "await_resume", wait, proof)

    def pause_for(self, plan: Plan, verdict: Verdict, decided: Document | None) -> int | None:
        """Pause the workflow that a budget refused; return the pause's number.

        `decided`: the workflow's document as of the refusal. Returns None, and changes nothing, if
        the workflow or a budget was changed since then.
        """
        name = plan.workflow_document
        if name is None:
            return None
        run, who = read_workflow(decided), Who(f"budget {verdict.budget_id}", verdict.reason or "")
        paused = run.pause(who.by, who.reason, plan.at, verdict.budget_id)
        change = change_of("pause", run, paused, who, plan.at)
        pausing = replace(change_transaction(name, run, paused, change), counts_on=plan.rules)
        return paused.pauses if self._store.commit(pausing) else None

    def call_back(self, tenant_id: str, workflow_id: str) -> None:
        """Call back the state machines that a resume made due; the schedule retries the rest."""
        name = workflow_document(tenant_id, workflow_id)
        self._call_back_all(name, self.state(tenant_id, workflow_id))

    def resume_due(self) -> int:
        """Retry callbacks to state machines that could not be reached; return how many succeeded.

        Stops when the invocation is about to end. A workflow that cannot be read or written is
        skipped; after all others, UnavailableError is raised for it.
        """
        woken, fault = 0, None
        for name in self._store.due():
            if woken and deadline.about_to_end():
                return woken
            try:
                woken += self._call_back_due(name)
            except UnavailableError as met:
                fault = met
        if fault:
            raise fault
        return woken

    @deadline.unit_of_work(of_a_job=True)
    def _call_back_due(self, name: DocumentKey) -> int:
        return self._call_back_all(name, self.state(name.tenant_id, name.name)).woken

    def _call_back_all(
        self, name: DocumentKey, run: WorkflowState, *, replayed: bool = False
    ) -> WorkflowResult:
        """Call back all tokens that are due; a token that fails is left for the next run."""
        woken, gone = list[str](), list[str]()
        for token in run.waking:
            if deadline.left() <= 0:
                break
            try:
                (woken if self._send(token, name, run) else gone).append(token)
            except UnavailableError:
                continue
        done = (*woken, *gone)
        if done:
            with deadline.unit_of_work():
                told = ("tell", _SERVICE)
                run = self._apply(name, told, lambda one, _: one.with_woken(done))
        return WorkflowResult(run, len(woken), len(gone), replayed)

    def _send(self, token: str, name: DocumentKey, run: WorkflowState) -> bool:
        """Call back one token; False if nobody waits with it any more."""
        denial = run.denials.get(token)
        if denial is None:
            return self._task_tokens.resume(token, output(name, run))
        return self._task_tokens.fail(token, REQUEST_DENIED, cause(name, denial))

    def _decide(
        self,
        command: WorkflowCommand,
        operation: str,
        revise: Revise,
        proof: Sequence[Mapping[DocumentKey, int]] = (),
    ) -> WorkflowResult:
        name, key = workflow_document(command.tenant_id, command.workflow_id), _key_of(command)
        if known_decision(self._store, key) is not None:
            return self._call_back_all(name, self.state(name.tenant_id, name.name), replayed=True)
        run = self._apply(name, (operation, command.who), revise, key, proof)
        return self._call_back_all(name, run)

    def _apply(
        self,
        name: DocumentKey,
        what: tuple[str, Who],
        revise: Revise,
        key: IdempotencyKey | None = None,
        proof: Sequence[Mapping[DocumentKey, int]] = (),
    ) -> WorkflowState:
        """Apply a change and return the new state; tries again while other writers are faster.

        `what`: the operation and who makes it. `proof`: the versions on which `decide` relied.
        """
        while deadline.left() > 0:
            now, run = self._clock.now(), self.state(name.tenant_id, name.name)
            after = revise(run, now)
            if after == run and key is None:
                return run
            change = change_of(what[0], run, after, what[1], now)
            made = change_transaction(name, run, after, change, key)
            if self._store.commit(replace(made, counts_on=proof[0] if proof else {})):
                return after if after == run else replace(after, version=run.version + 1)
            if known_decision(self._store, key) is not None:
                return self.state(name.tenant_id, name.name)
        raise too_many_rounds()


_SERVICE = Who("budget monitor", "called back the waiting state machines")


def _key_of(command: WorkflowCommand) -> IdempotencyKey | None:
    if command.idempotency_key is None:
        return None
    return IdempotencyKey(command.tenant_id, command.idempotency_key, command.request)
