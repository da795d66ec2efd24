"""The operations of workflow executions: pause, wait, resume."""

import re
from dataclasses import replace

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.workflows import (
    CALLBACK,
    callback_of,
    callback_token,
    workflow_document,
)
from budget_monitor.entrypoints.budgeting import history
from budget_monitor.entrypoints.budgeting.request import Services, who
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.usecases.approvals.awaited import AwaitedRequest
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.workflows.change import public_state
from budget_monitor.usecases.workflows.pause import WorkflowCommand, WorkflowResult

MAX_TOKEN, MAX_CALLBACK = 2048, 1024
_CALLBACK = re.compile(r"[A-Za-z0-9+/]+={0,2}")
STATE_MACHINE = "state machine"
"""The person named for a pause by a waiting workflow, unless the event names one."""
_WORKFLOW = "workflow_execution_id"

_Context = RequestContext[Services]


def pause(context: _Context, fields: Fields) -> Answer:
    """Pause a workflow execution: it cannot reserve until a person resumes it."""
    command = _order(fields, "pause")
    return _workflow(context, command, context.services.pausing.pause(command))


def resume(context: _Context, fields: Fields) -> Answer:
    """Resume a workflow execution and the state machines that wait for it."""
    limit = fields.optional_amount("limit_usd")
    command = _order(fields, "resume")
    if limit is not None:
        command = replace(command, owners=context.services.runs.owners(command.tenant_id))
    return _workflow(context, command, context.services.pausing.resume(command, limit))


def await_resume(context: _Context, fields: Fields) -> Answer:
    """Pause a workflow execution; a state machine or durable function waits for its resume."""
    tenant_id, workflow_id = fields.tenant(), fields.id_in_path(_WORKFLOW)
    token, pause_id = _token(fields), fields.count("pause_id", 1)
    request_id = fields.optional_id("request_id")
    said = fields.optional_text("by") or STATE_MACHINE
    waits = Who(said, "waits for a person", fields.principal)
    command = WorkflowCommand(tenant_id, workflow_id, waits, fields.finish())
    stored = context.services.approvals.stored
    awaited = (
        AwaitedRequest(stored, tenant_id, workflow_id, request_id).look if request_id else None
    )
    told = context.services.pausing.await_resume(command, token, pause_id, awaited)
    return _workflow(context, command, told)


def _token(fields: Fields) -> str:
    """The token by which the waiting party is called back: of one of the two services."""
    task = fields.optional_token("task_token", MAX_TOKEN)
    callback = fields.optional_token("callback_id", MAX_CALLBACK)
    if callback is not None and not _CALLBACK.fullmatch(callback):
        raise ValidationError("callback_id must be one of a durable function", "callback_id")
    if (task is None) == (callback is None):
        raise ValidationError("give one of task_token and callback_id", "task_token")
    if task is not None and callback_of(task) is not None:
        raise ValidationError(f"task_token must not begin with {CALLBACK}", "task_token")
    return task or callback_token(callback or "")


def workflow_history(context: _Context, fields: Fields) -> Answer:
    """List who paused and resumed a workflow execution, when and why; the latest first."""
    tenant_id, workflow_id = fields.tenant(), fields.id_in_path(_WORKFLOW)
    query = ("workflow_history", tenant_id, workflow_id)
    found = history.page(context, fields, workflow_document(tenant_id, workflow_id), query)
    if not found["items"]:
        context.services.runs.must_be_seen(tenant_id, workflow_id)
    return Answer(found)


def wake(context: _Context, fields: Fields) -> Answer:
    """Retry callbacks of resumed workflows; look at what time alone has changed.

    These are limits that fell, and requests for more limit that expired, that the authority's
    default decides, or that further people must answer.
    """
    fields.finish()
    alerts, expired = context.services.limit_watch.look(), context.services.approvals.due.look()
    woken = context.services.pausing.resume_due()
    return Answer({"woken": woken, "alerts": alerts, "expired": expired})


def _order(fields: Fields, operation: str) -> WorkflowCommand:
    tenant_id, workflow_id = fields.tenant(), fields.id_in_path(_WORKFLOW)
    decider, key = who(fields), fields.idempotency_key()
    request = {"operation": operation, **fields.finish()}
    return WorkflowCommand(tenant_id, workflow_id, decider, request, key)


def _workflow(context: _Context, command: WorkflowCommand, told: WorkflowResult) -> Answer:
    standing, run = (
        context.services.runs.workflow(command.tenant_id, command.workflow_id),
        told.state,
    )
    return Answer(
        {
            **render.status(standing),
            "agent_execution_id": None,
            "workflow_execution_id": command.workflow_id,
            **render.run_state(standing, run.terms),
            "by": run.by,
            "reason": run.reason,
            "at": run.at,
            "principal": run.principal,
            **{name: value for name, value in public_state(run).items() if name.startswith("wa")},
            "woken": told.woken,
            "gone": told.gone,
            "replayed": told.replayed,
        }
    )


_RUN = "/tenants/{tenant_id}/workflows/{id}"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("pause", "POST", f"{_RUN}/pause", pause),
    Operation("resume", "POST", f"{_RUN}/resume", resume),
    Operation("await_resume", DIRECT, "", await_resume),
    Operation("workflow_history", "GET", f"{_RUN}/history", workflow_history),
    Operation("wake", DIRECT, "", wake),
)
