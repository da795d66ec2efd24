"""Strands Agents: hooks that hold before each call of a model and settle after."""

# mypy: disallow-subclassing-any=False
from __future__ import annotations

from typing import Any

from strands.hooks import AfterModelCallEvent, BeforeModelCallEvent, HookProvider, HookRegistry

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, first, of_run

_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_CALL = "budget_monitor_call"


class BudgetHooks(HookProvider):
    """`Agent(model=..., hooks=[BudgetHooks(run)])`.

    A refusal ends the agent's invocation with RefusedError, and nothing is sent. `max_tokens` is
    the estimate of models that set no limit: set the same on the model.
    """

    def __init__(
        self,
        run: Run | AsyncRun,
        *,
        max_tokens: int = DEFAULT_MAX_TOKENS,
        count: Count = most_tokens,
        provider: str | None = None,
    ) -> None:
        self._terms = Terms(of_run(run), max_tokens, count, provider)

    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:
        """Register both hooks."""
        del kwargs
        registry.add_callback(BeforeModelCallEvent, self._hold)
        registry.add_callback(AfterModelCallEvent, self._end)

    def _hold(self, event: BeforeModelCallEvent) -> None:
        config: dict[str, Any] = dict(event.agent.model.get_config())
        params = config.get("params") or {}
        most = first(config, *_LIMITS) or first(params, *_LIMITS)
        agent = event.agent
        sent = [agent.system_prompt, agent.messages, agent.tool_registry.get_all_tool_specs()]
        call = self._terms.call(config["model_id"], sent, max_tokens=most)
        call.__enter__()
        event.invocation_state[_CALL] = call

    def _end(self, event: AfterModelCallEvent) -> None:
        call: Call | None = event.invocation_state.pop(_CALL, None)
        if call is None:
            return
        usage = event.stop_response and event.stop_response.message.get("metadata", {}).get("usage")
        if usage and (usage.get("inputTokens") or usage.get("outputTokens")):
            call.done({"usage": dict(usage)})
        else:
            call.end(event.exception)
