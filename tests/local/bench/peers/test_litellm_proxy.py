"""The adapter of LiteLLM's proxy, with stand-ins for its modules: they are not installed here."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.bench.peers.litellm_proxy import REDIS_URL, LiteLLMProxy

URL = "redis://127.0.0.1:6379"


class ExceededError(Exception):
    """LiteLLM's own: the budget is exceeded."""


class Proxy:
    """Holds the most that a request can cost, on one thread as an event loop does."""

    def __init__(self) -> None:
        self.prices: dict[str, dict[str, Any]] = {}
        self.attached: list[str] = []
        self.threads: set[int] = set()
        self.held = 0.0
        self.reserves = True

    async def reserve_budget_for_request(self, **given: Any) -> dict[str, float] | None:
        """Hold max_tokens at the price of the model, if it fits."""
        self.threads.add(threading.get_ident())
        body = given["request_body"]
        cost = body["max_tokens"] * self.prices[body["model"]]["output_cost_per_token"]
        if not self.reserves:
            return None
        if self.held + cost > given["valid_token"].max_budget + 1e-12:
            raise ExceededError
        self.held += cost
        return {"reserved_cost": cost}

    async def reconcile_budget_reservation(
        self, reservation: dict[str, float], *, actual_cost: float
    ) -> None:
        """Correct what is held to the cost."""
        self.held += actual_cost - reservation["reserved_cost"]


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Proxy:
    """Stand-ins for the modules of LiteLLM that the adapter imports."""
    made = Proxy()
    library = SimpleNamespace(register_model=made.prices.update, BudgetExceededError=ExceededError)
    server = SimpleNamespace(
        build_redis_usage_cache=lambda given: given["url"],
        _attach_redis_usage_cache=lambda url, **_: made.attached.append(url),
        user_api_key_cache=None,
        proxy_logging_obj=None,
    )
    modules = {
        "litellm": library,
        "litellm.proxy": SimpleNamespace(),
        "litellm.proxy.proxy_server": server,
        "litellm.proxy._types": SimpleNamespace(UserAPIKeyAuth=SimpleNamespace),
        "litellm.proxy.spend_tracking": SimpleNamespace(),
        "litellm.proxy.spend_tracking.budget_reservation": made,
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv(REDIS_URL, URL)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return made


def test_10_of_64_callers_hold_10_cents_of_1_usd_on_one_event_loop(
    proxy: Proxy, tmp_path: Path
) -> None:
    peer = LiteLLMProxy(tmp_path, 1.0)
    with ThreadPoolExecutor(64) as pool:
        handles = [one for one in pool.map(peer.ask, [0.1] * 64) if one is not None]
    assert handles == [{"reserved_cost": 0.1}] * 10
    assert proxy.attached == [URL]
    assert len(proxy.threads) == 1


def test_paying_4_of_10_cents_leaves_96_cents(proxy: Proxy, tmp_path: Path) -> None:
    peer = LiteLLMProxy(tmp_path, 1.0)
    peer.pay(peer.ask(0.1), 0.04)
    assert proxy.held == pytest.approx(0.04)
    assert peer.ask(0.97) is None
    assert peer.ask(0.96) is not None


def test_a_call_that_the_proxy_lets_pass_without_a_hold_is_no_refusal(
    proxy: Proxy, tmp_path: Path
) -> None:
    peer = LiteLLMProxy(tmp_path, 1.0)
    proxy.reserves = False
    with pytest.raises(RuntimeError, match="nothing was reserved"):
        peer.ask(0.1)
