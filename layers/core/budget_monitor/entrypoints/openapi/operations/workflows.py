"""Lists of runs; pausing and resuming workflow executions."""

from budget_monitor.domain.accounting.accounts import EXECUTION, WORKFLOW
from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.entrypoints.budgeting.workflows import MAX_CALLBACK, MAX_TOKEN, STATE_MACHINE
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import Field, one_of, read
from budget_monitor.entrypoints.openapi.operations.reports import LIMIT
from budget_monitor.entrypoints.openapi.operations.rules import HISTORY, WHY
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    SIGNER,
    TEXT,
    TIME,
    Schema,
    nullable,
    page_of,
    ref,
    shape,
)
from budget_monitor.entrypoints.reporting.lists import RUN_STATES
from budget_monitor.usecases.reports.run_list import ORDERS

_WORKFLOW = read("id_in_path", "workflow_execution_id", "The workflow execution.")
_INVOICES = {"tenant_id": "acme", "workflow_execution_id": "invoices-2026-11-22"}
_ANSWER = ref("Workflow")

SCHEMAS: dict[str, Schema] = {
    "Workflow": shape(
        {
            **shared.STATUS,
            "agent_execution_id": nullable(TEXT),
            "workflow_execution_id": TEXT,
            **shared.RUN_STATE,
            "by": nullable(TEXT),
            "reason": nullable(TEXT),
            "at": nullable(TIME),
            "principal": SIGNER,
            **dict.fromkeys(("waiting", "waking", "woken", "gone"), COUNT),
            "replayed": FLAG,
        }
    )
}

_ORDER = read(
    "choice",
    "order",
    "`recent`, unless given: the latest first. `spend`: the largest first.",
    ORDERS,
)


def _listed(name: str) -> Schema:
    ids = ("agent_execution_id", "workflow_execution_id", "parent_execution_id")
    return shape(
        {
            **shared.STATUS,
            **dict.fromkeys((*ids, name), nullable(TEXT)),
            "began_at": nullable(TIME),
            **shared.RUN_STATE,
        }
    )


def _runs(scope: str, name: str, *more: Field, **asked: str | int) -> Declared:
    state = read("choice", "state", "Only those in this state now.", RUN_STATES[scope])
    called = read("name", name, f"Only those whose first {name} name is this.")
    return Declared(
        fields=(shared.TENANT, state, called, *more, _ORDER, LIMIT, shared.CURSOR),
        answer=page_of(_listed(name)),
        example=Example({"tenant_id": "acme", **asked}, after=("record_cost",)),
    )


DECLARED: dict[str, Declared] = {
    "list_executions": _runs(EXECUTION, "agent", order="spend", limit=10),
    "list_workflows": _runs(
        WORKFLOW,
        "workflow",
        read("truth", "paused", "True: only paused ones. False: only others."),
        order="recent",
    ),
    "pause": Declared(
        fields=(shared.TENANT, _WORKFLOW, *shared.BY_REASON, shared.KEY),
        answer=_ANSWER,
        errors=(NotFoundError, ConflictError),
        example=Example({**_INVOICES, **WHY}),
    ),
    "resume": Declared(
        fields=(
            shared.TENANT,
            _WORKFLOW,
            read("optional_amount", "limit_usd", "A limit of this execution's own."),
            *shared.BY_REASON,
            shared.KEY,
        ),
        answer=_ANSWER,
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_INVOICES, **WHY, "limit_usd": "80"}, after=("pause",)),
    ),
    "await_resume": Declared(
        fields=(
            shared.TENANT,
            _WORKFLOW,
            read("optional_token", "task_token", "The task token of Step Functions.", MAX_TOKEN),
            read(
                "optional_token",
                "callback_id",
                "The callback id of a Lambda durable function.",
                MAX_CALLBACK,
            ),
            read(
                "optional_id",
                "request_id",
                "A request of this workflow. A denial fails the wait with RequestDenied.",
            ),
            read("count", "pause_id", "The pause that the decision named.", 1),
            read("optional_text", "by", f"Who waits; `{STATE_MACHINE}` unless given."),
        ),
        needs=(one_of("task_token", "callback_id"),),
        answer=_ANSWER,
        errors=(ConflictError, NotFoundError),
        example=Example(
            {
                **_INVOICES,
                "task_token": "AQCEAAAAKgAAAAMAAAAA-a-task-token-of-step-functions",
                "pause_id": 1,
            },
            after=("pause",),
        ),
    ),
    "workflow_history": Declared(
        fields=(shared.TENANT, _WORKFLOW, *HISTORY),
        answer=page_of(ref("Change")),
        errors=(NotFoundError,),
        example=Example({**_INVOICES, "limit": 50}, after=("pause",)),
    ),
    "wake": Declared(fields=(), answer=shape(dict.fromkeys(("woken", "alerts", "expired"), COUNT))),
}
