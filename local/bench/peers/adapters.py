"""One form for all libraries that are compared: ask before a call, and pay after it.

Each is used as its own documentation says, with the storage of its own that keeps the most.
LiteLLM's proxy, which is a server, is in a module of its own.
"""

from __future__ import annotations

import importlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from local.bench.peers.litellm_proxy import LiteLLMProxy, litellm_with

UNIT = 1_000_000
"""Tokens that stand for 1 USD, where a library counts tokens only."""


RETRY_SECONDS = 0.05


class Peer(Protocol):
    """A budget of `limit` USD that callers share, stored in `folder` if the library stores."""

    def ask(self, cost: float) -> Any:  # noqa: ANN401 - each library's own handle
        """Return a handle if a call of this cost may be made, else None."""

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401 - the same
        """Record the cost of the call that was made."""


class BudgetMonitor:
    """Our own functions: reserve, then settle, on the database that the environment names."""

    def __init__(self, folder: Path, limit: float) -> None:
        os.environ["TENANT_MONTH_LIMIT_USD"] = f"{limit:.2f}"
        errors = importlib.import_module("budget_monitor.domain.errors")
        self._tenant, self._unavailable = folder.name, errors.UnavailableError
        self._checking = importlib.import_module("functions.checking.app").lambda_handler
        self._tracking = importlib.import_module("functions.tracking.app").lambda_handler

    def ask(self, cost: float) -> Any:  # noqa: ANN401
        """Reserve the cost."""
        named = {"reservation_id": uuid4().hex, "agent_execution_id": f"run-{os.getpid()}"}
        asked = {"operation": "reserve", "estimated_cost_usd": str(cost), **named}
        return self._sent(self._checking, asked)["reservation"]

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401
        """Settle the reservation."""
        given = {name: handle[name] for name in ("reservation_id", "receipt")}
        self._sent(self._tracking, {"operation": "settle", "cost_usd": str(cost), **given})

    def _sent(self, handler: Any, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
        """Return the answer; after a 503 the same request is sent again, as a client does."""
        event |= {"tenant_id": self._tenant, "include_gates": False}
        while True:
            try:
                return dict(handler(dict(event), None))
            except self._unavailable:
                time.sleep(RETRY_SECONDS)


class LiteLLM:
    """LiteLLM's BudgetManager, with the check of its quick start."""

    def __init__(self, folder: Path, limit: float) -> None:
        os.chdir(folder)  # it stores user_cost.json in the current folder
        self._library = litellm_with(output_cost_per_token=1e-6)
        self._manager = self._opened(folder / "user_cost.json")
        if not self._manager.is_valid_user("acme"):
            self._manager.create_budget(total_budget=limit, user="acme")

    def _opened(self, stored: Path) -> Any:  # noqa: ANN401
        """Return the manager, or end this process and say that its file cannot be read."""
        try:
            return self._library.BudgetManager(project_name="bench")
        except json.JSONDecodeError:
            left = f"its file was left incomplete, with {stored.stat().st_size} bytes"
            raise SystemExit(left) from None

    def ask(self, cost: float) -> Any:  # noqa: ANN401
        """Compare what was spent with the budget; the cost of the next call is not asked for."""
        del cost
        current = self._manager.get_current_cost(user="acme")
        return True if current <= self._manager.get_total_budget("acme") else None

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401
        """Update the cost from a response with so many tokens."""
        del handle
        usage = {"prompt_tokens": 0, "completion_tokens": round(cost * UNIT)}
        total = {**usage, "total_tokens": usage["completion_tokens"]}
        response = self._library.ModelResponse(model="bench", usage=self._library.Usage(**total))
        self._manager.update_cost(completion_obj=response, user="acme")


class AgentBudget:
    """agentbudget: a session in memory."""

    def __init__(self, folder: Path, limit: float) -> None:
        del folder
        library = importlib.import_module("agentbudget")
        self._session = library.AgentBudget(max_spend=limit).session()
        self._exhausted = library.BudgetExhausted

    def ask(self, cost: float) -> Any:  # noqa: ANN401
        """Ask whether the cost would exceed the budget."""
        return None if self._session.would_exceed(cost) else True

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401
        """Track the cost; what no longer fits is refused although the call was made."""
        del handle
        try:
            self._session.track(None, cost=cost)
        except self._exhausted:
            return


class FloeGuard:
    """floe-guard: reservations in its SQLite store."""

    def __init__(self, folder: Path, limit: float) -> None:
        library = importlib.import_module("floe_guard")
        store = library.SqliteStore(folder / "floe.db")
        self._guard = library.BudgetGuard(
            limit_usd=limit, window="utc-day", store=store, on_block=lambda *_: None
        )
        self._exceeded = library.BudgetExceeded

    def ask(self, cost: float) -> Any:  # noqa: ANN401
        """Reserve the cost of a paid call."""
        try:
            return self._guard.reserve_tool(cost)
        except self._exceeded:
            return None

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401
        """Settle the reservation."""
        self._guard.settle_tool("bench", cost, reserved=handle)


class TokenCap:
    """tokencap: tokens in its SQLite store, taken before the call as its wrapped clients do."""

    def __init__(self, folder: Path, limit: float) -> None:
        library = importlib.import_module("tokencap")
        types = importlib.import_module("tokencap.core.types")
        sqlite = importlib.import_module("tokencap.backends.sqlite")
        policy = library.Policy({"session": library.DimensionPolicy(limit=round(limit * UNIT))})
        self._backend = sqlite.SQLiteBackend(str(folder / "tokencap.db"))
        named = {"identifiers": {"session": "acme"}, "otel_enabled": False, "quiet": True}
        library.Guard(policy=policy, backend=self._backend, **named)
        self._keys = [types.BudgetKey(dimension="session", identifier="acme")]

    def ask(self, cost: float) -> Any:  # noqa: ANN401
        """Take the estimate if it fits."""
        result = self._backend.check_and_increment(self._keys, round(cost * UNIT))
        return True if result.allowed else None

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401
        """Nothing more: the actual tokens are those of the estimate."""


PEERS: dict[str, Callable[[Path, float], Peer]] = {
    "Budget Monitor": BudgetMonitor,
    "LiteLLM BudgetManager": LiteLLM,
    "LiteLLM proxy reservation": LiteLLMProxy,
    "agentbudget": AgentBudget,
    "floe-guard": FloeGuard,
    "tokencap": TokenCap,
}
PACKAGES = {
    "LiteLLM BudgetManager": "litellm",
    "LiteLLM proxy reservation": "litellm",
    "agentbudget": "agentbudget",
    "floe-guard": "floe-guard",
    "tokencap": "tokencap",
}
