"""Changes of a workflow's state: the transaction, its history record and the public view."""

import json
from datetime import datetime
from typing import Any

from budget_monitor.domain.accounting.accounts import workflow_key
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.domain.workflows import Denial, WorkflowState
from budget_monitor.ports import Document
from budget_monitor.usecases.accounting.postings import changing_terms
from budget_monitor.usecases.alerts.notices import of_run
from budget_monitor.usecases.authority import Who

REQUEST_DENIED = "RequestDenied"
"""Error of a wait for a request that was denied: `Catch` and callers match it."""


def read_workflow(document: Document | None) -> WorkflowState:
    """Return the stored workflow state. Raises UnavailableError if the document is damaged."""
    if document is None:
        return WorkflowState()
    try:
        return WorkflowState.load(document.version, document.body)
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError) as fault:
        raise UnavailableError("the stored state of the workflow is damaged") from fault


def change_transaction(
    name: DocumentKey,
    run: WorkflowState,
    after: WorkflowState,
    change: Request,
    key: IdempotencyKey | None = None,
) -> Transaction:
    """Return the transaction of a change: the new state, the account's terms, the alerts.

    If nothing changes, it only stores the idempotency key.
    """
    if after == run:
        return Transaction(idempotency=key)
    account, at = workflow_key(name.tenant_id, name.name), parse_instant(change["at"], "at")
    return Transaction(
        postings=changing_terms(account, run.terms, after.terms, at),
        document_change=DocumentChange(
            name, run.version + 1, after.dump(), change, due=bool(after.waking)
        ),
        idempotency=key,
        alerts=of_run(name, run, after, at),
    )


def change_of(
    operation: str, run: WorkflowState, after: WorkflowState, who: Who, now: datetime
) -> dict[str, Any]:
    """Return the history record: who, when, why, before and after."""
    return {
        "operation": operation,
        "at": render_instant(now),
        "by": who.by,
        "reason": who.reason,
        "principal": who.principal,
        "before": public_state(run),
        "after": public_state(after),
    }


def public_state(run: WorkflowState) -> dict[str, Any]:
    """The public workflow state, without task tokens."""
    return {
        "state": "paused" if run.paused else "active",
        "pause_id": run.pauses or None,
        "limit_usd": None if run.limit is None else render(run.limit),
        "waiting": len(run.waiting),
        "waking": len(run.waking),
    }


def output(name: DocumentKey, run: WorkflowState) -> str:
    """Return the task output for a waiting state machine: the state, who resumed it and why."""
    state = {"tenant_id": name.tenant_id, "workflow_execution_id": name.name, **public_state(run)}
    return json.dumps({**state, "by": run.by, "reason": run.reason, "at": run.at})


def cause(name: DocumentKey, denial: Denial) -> str:
    """Return the cause of a wait that fails: the request, who denied it and why."""
    run = {"tenant_id": name.tenant_id, "workflow_execution_id": name.name}
    return json.dumps({**run, "state": "denied", **denial.dump()})
