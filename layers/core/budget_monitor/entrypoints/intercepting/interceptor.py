"""Holds the price of a tool before the gateway calls it, and settles it by the tool's answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budget_monitor.domain.errors import (
    BudgetMonitorError,
    ConflictError,
    IdempotencyMismatchError,
    NotFoundError,
    UnavailableError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.entrypoints.intercepting.messages import (
    Json,
    ToolCall,
    answers_itself,
    call_of,
    is_response,
    passed,
    refused,
    reported,
    was_called,
)
from budget_monitor.entrypoints.intercepting.tools import ToolPrices
from budget_monitor.ports.functions import Functions

MAX_ATTEMPTS = 20
"""Calls with the same id and content that may follow one another."""
_log = logging.getLogger("budget_monitor")


@dataclass(frozen=True)
class Interceptor:
    """Answers the gateway's interceptor events.

    Args:
        functions: Checking and tracking, and the interceptor that comes after this one.
        prices: What the calls of tools cost.
        tenant_claim: The claim that names the tenant.
        user_claim: The claim that names the user.
        chains: True if another interceptor comes after this one.

    """

    functions: Functions
    prices: ToolPrices
    tenant_claim: str
    user_claim: str
    chains: bool = False

    def answer(self, event: Mapping[str, Any]) -> Json:
        """Answer one event. Raises what the next interceptor raised, which stops the request."""
        if "mcp" not in event:
            raise ValidationError("only targets that speak MCP are guarded", "mcp")
        call = call_of(event)
        if is_response(event):
            if call is not None:
                self._settle(event, call)
            return self._next(event)
        if call is None:
            return self._next(event)
        return self._guarded(event, call)

    def _guarded(self, event: Mapping[str, Any], call: ToolCall) -> Json:
        try:
            hold = self._held(call)
        except BudgetMonitorError as error:
            return refused(call.rpc_id, error.code, error.message)
        if not hold["allowed"]:
            return refused(call.rpc_id, hold["reason_code"], hold["reason"], hold)
        named = {name: hold["reservation"][name] for name in ("tenant_id", "reservation_id")}
        try:
            output = self._next(event)
        except BudgetMonitorError:
            self.functions.checking({"operation": "release", **named})
            raise
        if answers_itself(output):
            self.functions.checking({"operation": "release", **named})
        return output

    def _held(self, call: ToolCall) -> Json:
        """Hold the tool's price. A call that ended before, and comes again, is a call of its own.

        Within a session ids are unique, so that a repetition of one is the gateway's retry.
        """
        price = self.prices.of(call.tool)
        if price is None:
            raise UnknownPriceError(f"no price is set for the tool {call.tool}")
        request = {
            **self._labels(call),
            "operation": "reserve",
            "estimated_cost_usd": str(price),
            "on_expiry": "settle_at_estimate",
            "include_gates": False,
        }
        for name in _names(call):
            try:
                hold = self.functions.checking({**request, "reservation_id": name})
            except (ConflictError, IdempotencyMismatchError):
                continue
            if call.session is not None or not hold["replayed"]:
                return hold
        raise ConflictError(f"the call {call.rpc_id} has come {MAX_ATTEMPTS} times")

    def _labels(self, call: ToolCall) -> Json:
        tenant_id, user = call.claims.get(self.tenant_claim), call.claims.get(self.user_claim)
        if not isinstance(tenant_id, str) or not tenant_id:
            raise ValidationError(f"the token has no claim {self.tenant_claim}", self.tenant_claim)
        labels = {
            "tenant_id": tenant_id,
            "agent_execution_id": f"gateway-{call.session or call.digest}"[:100],
            "agent": call.claims.get("client_id"),
            "user": user,
            "tags": [f"tool:{call.tool}"],
        }
        return {name: one for name, one in labels.items() if one is not None}

    def _settle(self, event: Mapping[str, Any], call: ToolCall) -> None:
        """Settle the open hold of this call. Without one it was refused before.

        An outage changes no answer: the hold is settled at its estimate when it expires.
        """
        try:
            tenant_id = self._labels(call)["tenant_id"]
            for name in _names(call):
                hold = {"tenant_id": tenant_id, "reservation_id": name}
                if self._state(hold) == "open":
                    self._end(event, hold)
                    return
        except NotFoundError:
            return
        except BudgetMonitorError as error:
            _log.warning("a tool's cost is settled when its hold expires: %s", error.message)

    def _state(self, hold: Json) -> str:
        found = self.functions.checking({"operation": "get_reservation", **hold})
        return str(found.get("reservation", found)["state"])

    def _end(self, event: Mapping[str, Any], hold: Json) -> None:
        if not was_called(event):
            self.functions.checking({"operation": "release", **hold})
            return
        spent = reported(event) or {"at_estimate": True}
        try:
            self.functions.tracking({"operation": "settle", **hold, **spent})
        except (ValidationError, UnknownPriceError) as error:
            _log.warning("a tool's report is not understood: %s", error.message)
            self.functions.tracking({"operation": "settle", **hold, "at_estimate": True})

    def _next(self, event: Mapping[str, Any]) -> Json:
        if not self.chains:
            return passed(event)
        output = self.functions.next_interceptor(event)
        if not isinstance(output, dict) or "mcp" not in output:
            raise UnavailableError(
                "the next interceptor returned no answer of interceptor version 1.0"
            )
        return output


def _names(call: ToolCall) -> list[str]:
    return [f"gateway-{call.digest}.{number}" for number in range(1, MAX_ATTEMPTS + 1)]
