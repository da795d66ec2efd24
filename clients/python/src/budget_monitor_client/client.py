"""The synchronous client."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from budget_monitor_client.errors import BudgetMonitorError, UnavailableError
from budget_monitor_client.guard.calls import Guarding, OnUnavailable
from budget_monitor_client.guard.journal import Journal
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.operations import Operations
from budget_monitor_client.sending import Retry, Sender, Transport
from budget_monitor_client.transports.tokens import Token, from_file
from budget_monitor_client.values import Answer, Fields

_log = logging.getLogger("budget_monitor_client")


class BudgetMonitor(Operations[Answer]):
    """Budget Monitor at one place. It is safe to share between threads.

    Args:
        transport: How to reach it: HttpTransport or LambdaTransport.
        journal: A folder of this machine for what cannot be delivered now. It is delivered when
            a client opens the folder next, or by `flush`. Without one an outage after a call is
            an error.
        on_unavailable: What happens to a call if no hold can be had because the service is
            unavailable: `deny` raises the error, `allow` goes on and books the cost later.
        retry: How often a request is sent.

    """

    def __init__(
        self,
        transport: Transport,
        *,
        journal: str | os.PathLike[str] | None = None,
        on_unavailable: OnUnavailable = "deny",
        retry: Retry | None = None,
    ) -> None:
        if on_unavailable not in {"deny", "allow"}:
            raise ValueError("on_unavailable must be deny or allow")
        self._sender = Sender(transport, retry or Retry())
        self._journal = Journal(journal) if journal is not None else None
        self._guarding = Guarding(self.send, self._journal, on_unavailable)
        if self._journal is not None:
            self._journal.adopt()
            self.flush()

    @classmethod
    def http(
        cls, url: str, *, token: Token | None = None, region: str | None = None, **options: Any
    ) -> BudgetMonitor:
        """Return a client of the HTTP API: with a bearer token, or signed by AWS credentials.

        `token` is a text, or a function that returns the present one; see HttpTransport.
        """
        from budget_monitor_client.transports.http import HttpTransport  # noqa: PLC0415 - loads urllib3

        return cls(HttpTransport(url, token=token, region=region), **options)

    @classmethod
    def from_environment(cls, **options: Any) -> BudgetMonitor:
        """Return a client of BUDGET_MONITOR_URL, or else of the functions in the environment.

        With BUDGET_MONITOR_TOKEN_FILE, a file whose token another process renews, or with
        BUDGET_MONITOR_TOKEN, requests to the address carry a token; else they are signed.
        """
        url, file = map(os.environ.get, ("BUDGET_MONITOR_URL", "BUDGET_MONITOR_TOKEN_FILE"))
        if not url:
            return cls.direct(**options)
        token = from_file(file) if file else os.environ.get("BUDGET_MONITOR_TOKEN")
        return cls.http(url, token=token, **options)

    @classmethod
    def direct(cls, functions: Mapping[str, str] | None = None, **options: Any) -> BudgetMonitor:
        """Return a client that invokes the functions; see LambdaTransport."""
        from budget_monitor_client.transports.direct import LambdaTransport  # noqa: PLC0415 - loads boto3

        return cls(LambdaTransport(functions), **options)

    def send(self, operation: str, fields: Fields) -> Answer:
        """Send the operation with these fields and return its answer."""
        return self._sender.send(operation, fields)

    def run(
        self,
        tenant_id: str,
        *,
        run_id: str | None = None,
        agent: str | None = None,
        workflow: str | None = None,
        workflow_execution_id: str | None = None,
        parent_execution_id: str | None = None,
        state_machine_execution_arn: str | None = None,
        user: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Run:
        """Return a run of an agent, whose calls are guarded.

        Give `run_id` if a run may be repeated: its calls then find the holds that they had.
        """
        labels = {
            "agent_execution_id": run_id or f"run-{os.urandom(16).hex()}",
            "workflow_execution_id": workflow_execution_id,
            "parent_execution_id": parent_execution_id,
            "state_machine_execution_arn": state_machine_execution_arn,
            "workflow": workflow,
            "agent": agent,
            "user": user,
            "tags": list(tags) if tags else None,
        }
        given = {name: one for name, one in labels.items() if one is not None}
        return Run(self._guarding, tenant_id, given)

    def flush(self) -> int:
        """Deliver what waits in the journal. Return how much still waits.

        An outage ends it. What the service refuses is logged and stays.
        """
        for step in self._journal.undelivered() if self._journal else []:
            try:
                self._guarding.deliver(step)
            except UnavailableError as error:  # noqa: PERF203 - each is a request
                _log.warning("the journal is not empty: %s", error)
                break
            except BudgetMonitorError:
                _log.exception("%s was refused and stays in the journal", step.key)
        return len(self._journal.undelivered()) if self._journal else 0

    def close(self) -> None:
        """Deliver what waits, and give up the journal."""
        self.flush()
        if self._journal is not None:
            self._journal.close()

    def __enter__(self) -> BudgetMonitor:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the client."""
        self.close()
