"""An MCP server for agents: what they may spend, and requests to people for more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.errors import BudgetMonitorError
from budget_monitor_client.values import Answer

T = TypeVar("T")
NAME = "budget-monitor"
INSTRUCTIONS = """What this agent may spend, and what it spent. Amounts are decimal strings in USD.
Ask `headroom` before expensive work. If it is not enough, use a cheaper model or fewer tokens, or
ask people with `ask_for_more`; do not retry refused calls in a loop."""

Model = Annotated[str | None, Field(description="The model's name, if it matters.")]
Usd = Annotated[str, Field(description="USD, such as 2.50.", pattern=r"^\d{1,12}(\.\d{1,12})?$")]
Count = Annotated[int, Field(ge=0)]
Breakdown = Literal["agent", "model", "user", "tag", "workflow", "provider", "day"]


@dataclass(frozen=True)
class Caller:
    """For whom the server speaks. The agent cannot choose another tenant or run."""

    budget: BudgetMonitor
    tenant_id: str
    run_id: str
    labels: dict[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, Any]:
        """The run with its labels."""
        return {"agent_execution_id": self.run_id, **self.labels}

    async def ask(self, operation: Callable[..., Answer], **fields: Any) -> Answer:
        """Send an operation. An error is one that the agent can read."""
        try:
            return await anyio.to_thread.run_sync(lambda: operation(self.tenant_id, **fields))
        except BudgetMonitorError as error:
            code = f"{error.code}: " if error.code else ""
            raise ToolError(f"{code}{error}") from error


def server(caller: Caller) -> MCPServer[Any]:
    """Return the server."""
    made: MCPServer[Any] = MCPServer(NAME, instructions=INSTRUCTIONS)
    for add in (_reads, _quotes, _asks):
        add(made, caller)
    return made


def _reads(made: MCPServer[Any], caller: Caller) -> None:
    budget = caller.budget

    @made.tool()
    async def headroom(model: Model = None) -> Answer:
        """Return how much this run may still spend, and which budgets limit it."""
        found = await caller.ask(budget.headroom, **caller.named, model=model)
        names = ("remaining", "matched", "reason_code", "reason", "as_of")
        return {name: found[name] for name in names}

    @made.tool()
    async def usage(by: Breakdown | None = None) -> Answer:
        """What the tenant spent this month; with `by`, broken down by that label."""
        if by is None:
            return await caller.ask(budget.tenant_usage)
        word = "daily" if by == "day" else by
        return await caller.ask(getattr(budget, f"{word}_costs"), limit=20)

    @made.tool()
    async def my_run() -> Answer:
        """What this run spent and holds, and its last costs."""
        return await caller.ask(budget.execution, agent_execution_id=caller.run_id, limit=20)


def _quotes(made: MCPServer[Any], caller: Caller) -> None:
    @made.tool()
    async def quote(
        model: Annotated[str, Field(description="The model's name.")],
        input_tokens: Count,
        output_tokens: Count,
        provider: Annotated[str | None, Field(description="The model's provider.")] = None,
    ) -> Answer:
        """What a call would cost. Nothing is held or booked."""
        usage = {"input_tokens": input_tokens, "output_tokens": output_tokens}
        found = await caller.ask(
            caller.budget.quote, **caller.named, model=model, provider=provider, usage=usage
        )
        return {name: found[name] for name in ("cost_usd", "price", "warnings")}


def _asks(made: MCPServer[Any], caller: Caller) -> None:
    @made.tool()
    async def ask_for_more(
        amount_usd: Usd,
        reason: Annotated[str, Field(description="Why, for the people who decide.")],
        budget_id: Annotated[str | None, Field(description="Else the narrowest one.")] = None,
    ) -> Answer:
        """Ask people to raise the limit for this run. They answer later: see `my_request`."""
        return await caller.ask(
            caller.budget.request_raise,
            **caller.named,
            amount_usd=amount_usd,
            reason=reason,
            budget_id=budget_id,
        )

    @made.tool()
    async def my_request(
        request_id: Annotated[str, Field(description="The id that ask_for_more gave.")],
    ) -> Answer:
        """Whether a request for more is open, approved or denied."""
        return await caller.ask(caller.budget.get_request, request_id=request_id)
