"""What a decision about a workflow run writes, and what people and state machines are shown."""

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
from budget_monitor.domain.workflows import WorkflowState
from budget_monitor.ports import Document
from budget_monitor.usecases.accounting.postings import changing_terms
from budget_monitor.usecases.alerts.notices import of_run
from budget_monitor.usecases.rules.authority import Who


def read_workflow(document: Document | None) -> WorkflowState:
    """What was decided so far. Raises UnavailableError where the document is damaged."""
    if document is None:
        return WorkflowState()
    try:
        return WorkflowState.load(document.version, document.body)
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError) as fault:
        raise UnavailableError("what was decided about the workflow is damaged") from fault


def deciding(
    name: DocumentKey,
    run: WorkflowState,
    after: WorkflowState,
    change: Request,
    names: IdempotencyKey | None = None,
) -> Transaction:
    """The decision, and with it the terms on the run's account; of no change the name alone."""
    if after == run:
        return Transaction(names=names)
    account = workflow_key(name.tenant_id, name.name)
    return Transaction(
        postings=changing_terms(account, run.terms, after.terms),
        decided=DocumentChange(name, run.version + 1, after.dump(), change, due=bool(after.waking)),
        names=names,
        alerts=of_run(name, run, after, parse_instant(change["at"], "at")),
    )


def change_of(
    operation: str, run: WorkflowState, after: WorkflowState, who: Who, now: datetime
) -> dict[str, Any]:
    """What the history keeps: who, when, why, before and after."""
    return {
        "operation": operation,
        "at": render_instant(now),
        "by": who.by,
        "reason": who.reason,
        "principal": who.principal,
        "before": shown(run),
        "after": shown(after),
    }


def shown(run: WorkflowState) -> dict[str, Any]:
    """What of a run's state people see: no tokens."""
    return {
        "state": "paused" if run.paused else "active",
        "pause_id": run.pauses or None,
        "limit_usd": None if run.limit is None else render(run.limit),
        "waiting": len(run.waiting),
        "waking": len(run.waking),
    }


def output(name: DocumentKey, run: WorkflowState) -> str:
    """What a state machine that waited gets: how the run goes on, who decided it and why."""
    told = {"tenant_id": name.tenant_id, "workflow_execution_id": name.name, **shown(run)}
    return json.dumps({**told, "by": run.by, "reason": run.reason, "at": run.at})
