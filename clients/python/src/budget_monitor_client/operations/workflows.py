"""Lists of runs; pausing and resuming workflow executions.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount


class Workflows(Calling[R], Generic[R]):
    """Lists of runs; pausing and resuming workflow executions."""

    def list_executions(
        self,
        tenant_id: str,
        *,
        state: Literal["active", "exceeded"] | None = None,
        agent: str | None = None,
        order: Literal["spend", "recent"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List a tenant's agent executions, the latest or the largest first.

        ``GET /tenants/{tenant_id}/executions``

        Args:
            tenant_id: The tenant.
            state: Only those in this state now.
            agent: Only those whose first agent name is this.
            order: `recent`, unless given: the latest first. `spend`: the largest first.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("list_executions", locals())

    def list_workflows(
        self,
        tenant_id: str,
        *,
        state: Literal["active", "exceeded", "paused"] | None = None,
        workflow: str | None = None,
        paused: bool | None = None,
        order: Literal["spend", "recent"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List a tenant's workflow executions, the latest or the largest first.

        ``GET /tenants/{tenant_id}/workflows``

        Args:
            tenant_id: The tenant.
            state: Only those in this state now.
            workflow: Only those whose first workflow name is this.
            paused: True: only paused ones. False: only others.
            order: `recent`, unless given: the latest first. `spend`: the largest first.
            limit: Items of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("list_workflows", locals())

    def pause(
        self,
        tenant_id: str,
        *,
        workflow_execution_id: str,
        by: str,
        reason: str,
        idempotency_key: str | None = None,
    ) -> R:
        """Pause a workflow execution: it cannot reserve until a person resumes it.

        ``POST /tenants/{tenant_id}/workflows/{id}/pause``

        Args:
            tenant_id: The tenant.
            workflow_execution_id: The workflow execution.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("pause", locals())

    def resume(
        self,
        tenant_id: str,
        *,
        workflow_execution_id: str,
        by: str,
        reason: str,
        limit_usd: Amount | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Resume a workflow execution and the state machines that wait for it.

        ``POST /tenants/{tenant_id}/workflows/{id}/resume``

        Args:
            tenant_id: The tenant.
            workflow_execution_id: The workflow execution.
            limit_usd: A limit of this execution's own.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("resume", locals())

    def workflow_history(
        self,
        tenant_id: str,
        *,
        workflow_execution_id: str,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List who paused and resumed a workflow execution, when and why; the latest first.

        ``GET /tenants/{tenant_id}/workflows/{id}/history``

        Args:
            tenant_id: The tenant.
            workflow_execution_id: The workflow execution.
            limit: Changes of a page; 100 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("workflow_history", locals())

    def await_resume(
        self,
        tenant_id: str,
        *,
        workflow_execution_id: str,
        task_token: str | None = None,
        callback_id: str | None = None,
        request_id: str | None = None,
        pause_id: int | None = None,
        by: str | None = None,
    ) -> R:
        """Pause a workflow execution; a state machine or durable function waits for its resume.

        Direct invocation only.

        Args:
            tenant_id: The tenant.
            workflow_execution_id: The workflow execution.
            task_token: The task token of Step Functions.
            callback_id: The callback id of a Lambda durable function.
            request_id: A request of this workflow. A denial fails the wait with
                RequestDenied.
            pause_id: The pause that the decision named.
            by: Who waits; `state machine` unless given.
        """
        return self._call("await_resume", locals())

    def wake(self) -> R:
        """Retry callbacks of resumed workflows; look at what time alone has changed.

        Direct invocation only.
        """
        return self._call("wake", locals())
