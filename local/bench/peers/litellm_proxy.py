"""LiteLLM's proxy: the reservation of its auth, and the settling of its cost callback.

Its functions are called in this process, without its HTTP server and without its database. The
counter of a key is in Redis, as it is for proxies with more than one worker.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

REDIS_URL = "REDIS_URL"
TOKENS_A_USD = 100_000
"""0.10 USD are 10,000 tokens for 1e-5 USD each: exactly 0.1, also as a product of floats."""
ROUTE, MODEL = "/v1/chat/completions", "bench"


def litellm_with(**price: float) -> Any:  # noqa: ANN401 - the library
    """Import LiteLLM, which then knows the model `bench` of this price; its input is free."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    library: Any = importlib.import_module("litellm")
    free = {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 0.0}
    library.register_model({MODEL: {**free, **price}})
    return library


class LiteLLMProxy:
    """The budget of a key of LiteLLM's proxy."""

    def __init__(self, folder: Path, limit: float) -> None:
        library = litellm_with(
            output_cost_per_token=1 / TOKENS_A_USD, max_output_tokens=TOKENS_A_USD
        )
        self._exceeded = library.BudgetExceededError
        self._proxy: Any = importlib.import_module("litellm.proxy.proxy_server")
        self._budgets: Any = importlib.import_module(
            "litellm.proxy.spend_tracking.budget_reservation"
        )
        redis = self._proxy.build_redis_usage_cache({"url": os.environ[REDIS_URL]})
        # Its server calls this at its start. What it attaches differs from version to version.
        self._proxy._attach_redis_usage_cache(redis, enable_redis_auth_cache=False)  # noqa: SLF001
        types: Any = importlib.import_module("litellm.proxy._types")
        self._key = types.UserAPIKeyAuth(token=folder.name, max_budget=limit)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def ask(self, cost: float) -> Any:  # noqa: ANN401
        """Reserve the most that a request with so many tokens can cost."""
        message = {"role": "user", "content": "hello"}
        body = {"model": MODEL, "messages": [message], "max_tokens": round(cost * TOKENS_A_USD)}
        try:
            reservation = self._done(self._reserved(body))
        except self._exceeded:
            return None
        if reservation is None:
            raise RuntimeError("nothing was reserved, and the proxy would let the call pass")
        return reservation

    def pay(self, handle: Any, cost: float) -> None:  # noqa: ANN401
        """Correct the reservation to the cost."""
        self._done(self._budgets.reconcile_budget_reservation(handle, actual_cost=cost))

    def _reserved(self, body: dict[str, Any]) -> Coroutine[Any, Any, dict[str, Any] | None]:
        """Reserve with the arguments of a key that has no team, user or router."""
        reserve = self._budgets.reserve_budget_for_request
        none = ("llm_router", "team_object", "user_object", "prisma_client")
        reserving: Coroutine[Any, Any, dict[str, Any] | None] = reserve(
            request_body=body,
            route=ROUTE,
            valid_token=self._key,
            user_api_key_cache=self._proxy.user_api_key_cache,
            proxy_logging_obj=self._proxy.proxy_logging_obj,
            **dict.fromkeys(none),
        )
        return reserving

    def _done(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        """Run it on the event loop, which all callers share as in the proxy."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
