"""Asking for more limit, answering, and who may.

Generated from the OpenAPI document by `make reference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal

from budget_monitor_client.calling import Calling, R
from budget_monitor_client.values import Amount, Fields


class Approvals(Calling[R], Generic[R]):
    """Asking for more limit, answering, and who may."""

    def request_raise(
        self,
        tenant_id: str,
        *,
        amount_usd: Amount,
        reason: str,
        request_id: str | None = None,
        agent_execution_id: str | None = None,
        workflow_execution_id: str | None = None,
        parent_execution_id: str | None = None,
        state_machine_execution_arn: str | None = None,
        workflow: str | None = None,
        agent: str | None = None,
        model: str | None = None,
        provider: str | None = None,
        user: str | None = None,
        tags: Sequence[str] | None = None,
        budget_id: str | None = None,
        by: str | None = None,
        expires_in_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Ask people for more limit. A run has one open request for each budget.

        ``POST /tenants/{tenant_id}/requests``

        Args:
            tenant_id: The tenant.
            request_id: Your id for the request; else one is made.
            agent_execution_id: The agent execution that spends.
            workflow_execution_id: The workflow execution that it belongs to.
            parent_execution_id: The agent execution that started this one.
            state_machine_execution_arn: The Step Functions execution that holds it.
            workflow: The workflow's name.
            agent: The agent's name.
            model: The model's name.
            provider: The model's provider.
            user: The user for whom the call is made.
            tags: Tags, a set.
            budget_id: The budget to raise. Unless given: the narrowest that refuses the
                amount, or the one with the least left.
            amount_usd: How much more the run needs.
            reason: Why.
            by: Who asks.
            expires_in_seconds: Life of the request; 7 days unless given. It also ends with
                the budget's period.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("request_raise", locals())

    def list_requests(
        self,
        tenant_id: str,
        *,
        state: Literal["open", "approved", "denied", "expired"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> R:
        """List the tenant's requests, the latest first, of one state or of all.

        ``GET /tenants/{tenant_id}/requests``

        Args:
            tenant_id: The tenant.
            state: Only requests in this state.
            limit: Requests of a page; 50 unless given.
            cursor: Where the list continues: the `cursor` of an earlier answer.
        """
        return self._call("list_requests", locals())

    def get_request(self, tenant_id: str, *, request_id: str) -> R:
        """Return one request: what was asked, what was left then, and who answered.

        ``GET /tenants/{tenant_id}/requests/{request_id}``

        Args:
            tenant_id: The tenant.
            request_id: The request.
        """
        return self._call("get_request", locals())

    def approve(
        self,
        tenant_id: str,
        *,
        request_id: str,
        by: str,
        reason: str,
        amount_usd: Amount | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Approve a request: raise the limit by what was asked, or by less.

        ``POST /tenants/{tenant_id}/requests/{request_id}/approve``

        Args:
            tenant_id: The tenant.
            request_id: The request.
            amount_usd: By how much to raise the limit; at most, and unless given, what was
                asked.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("approve", locals())

    def deny(
        self,
        tenant_id: str,
        *,
        request_id: str,
        by: str,
        reason: str,
        idempotency_key: str | None = None,
    ) -> R:
        """Deny a request. The limit stays, and a paused workflow stays paused.

        ``POST /tenants/{tenant_id}/requests/{request_id}/deny``

        Args:
            tenant_id: The tenant.
            request_id: The request.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("deny", locals())

    def get_authority(self, tenant_id: str) -> R:
        """Return who may approve a tenant's requests, and who set these rules.

        ``GET /tenants/{tenant_id}/authority``

        Args:
            tenant_id: The tenant.
        """
        return self._call("get_authority", locals())

    def set_authority(
        self,
        tenant_id: str,
        *,
        by: str,
        reason: str,
        approvers: Sequence[Fields] | None = None,
        four_eyes_above_usd: Amount | None = None,
        escalation: Fields | None = None,
        time_out: Fields | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Set who may approve a tenant's requests, four eyes, escalation and time-out.

        ``PUT /tenants/{tenant_id}/authority``

        Args:
            tenant_id: The tenant.
            approvers: Who may answer requests; unless given, everyone who may call
                `approve`.
            four_eyes_above_usd: Approvals of more need two different approvers; the second
                completes them.
            escalation: When an open request is sent to further people.
            time_out: What is decided if no one answers in time.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_authority", locals())

    def get_system_authority(self) -> R:
        """Return who may approve the requests of tenants that have no rules of their own.

        ``GET /system/authority``
        """
        return self._call("get_system_authority", locals())

    def set_system_authority(
        self,
        *,
        by: str,
        reason: str,
        approvers: Sequence[Fields] | None = None,
        four_eyes_above_usd: Amount | None = None,
        escalation: Fields | None = None,
        time_out: Fields | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> R:
        """Set who may approve the requests of all tenants that have no rules of their own.

        ``PUT /system/authority``

        Args:
            approvers: Who may answer requests; unless given, everyone who may call
                `approve`.
            four_eyes_above_usd: Approvals of more need two different approvers; the second
                completes them.
            escalation: When an open request is sent to further people.
            time_out: What is decided if no one answers in time.
            expected_version: The `version` of the rules that you read; a 409 if someone
                changed them since.
            by: Who decides this.
            reason: Why.
            idempotency_key: Names the whole request; the client makes one where it is left
                out.
        """
        return self._call("set_system_authority", locals())
