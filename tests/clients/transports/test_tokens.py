"""Bearer tokens: a text, or a function that is asked for the present one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from budget_monitor_client import (
    BudgetMonitor,
    ForbiddenError,
    HttpTransport,
    UnavailableError,
)
from tests.support.clients.handlers import URL, HandlerPool, RawAnswer, client


def test_a_token_may_be_made_for_each_request(cloud: Any) -> None:
    pool, tokens = HandlerPool(), iter(["first", "second"])
    budget = BudgetMonitor(HttpTransport(URL, token=lambda: next(tokens), pool=pool))  # type: ignore[arg-type]
    budget.tenant_usage("acme")
    budget.tenant_usage("acme")
    assert [one["authorization"] for one in pool.seen] == ["Bearer first", "Bearer second"]


class Expiring(HandlerPool):
    """A gateway that accepts one token only, as API Gateway's authorizer does."""

    accepted = "Bearer second"

    def request(self, method: str, url: str, *, body: bytes, headers: dict[str, str]) -> RawAnswer:
        if headers["authorization"] == self.accepted:
            return super().request(method, url, body=body, headers=headers)
        self.seen.append(headers)
        json_type = {"content-type": "application/json"}
        return RawAnswer(401, json_type, b'{"message": "Unauthorized"}')


def sent(pool: HandlerPool) -> list[str]:
    return [one["authorization"] for one in pool.seen]


def test_a_token_that_has_ended_is_renewed_once_and_the_cost_is_booked_once(tenant_id: str) -> None:
    pool, tokens = Expiring(), iter(["first", "second\n", "second"])
    budget = client(HttpTransport(URL, token=lambda: next(tokens), pool=pool))  # type: ignore[arg-type]
    budget.record_cost(tenant_id, agent_execution_id="run-1", cost_usd="1")
    assert sent(pool) == ["Bearer first", "Bearer second"]
    assert client().tenant_usage(tenant_id)["entries"] == 1


@pytest.mark.parametrize(
    ("token", "asked"), [("first", 1), (lambda: "first", 2)], ids=["text", "function"]
)
def test_a_token_that_is_not_accepted_is_forbidden_and_not_asked_for_again(
    cloud: Any, token: Any, asked: int
) -> None:
    pool = Expiring()
    with pytest.raises(ForbiddenError, match="401"):
        client(HttpTransport(URL, token=token, pool=pool)).tenant_usage("acme")  # type: ignore[arg-type]
    assert sent(pool) == ["Bearer first"] * asked


def failing() -> str:
    raise ConnectionError("https://login.example/?secret=5")


@pytest.mark.parametrize("token", [failing, lambda: "", lambda: None, lambda: "secret 5"])
def test_without_a_token_nothing_is_sent_and_the_call_is_unavailable(
    cloud: Any, token: Any
) -> None:
    pool = HandlerPool()
    with pytest.raises(UnavailableError, match="no token could be had") as raised:
        client(HttpTransport(URL, token=token, pool=pool)).tenant_usage("acme")  # type: ignore[arg-type]
    assert (pool.seen, "secret" in str(raised.value)) == ([], False)


@pytest.mark.parametrize("token", ["a b", "a\nb", "ä"])
def test_a_text_that_is_no_token_is_refused_at_once_and_not_repeated(token: str) -> None:
    with pytest.raises(ValueError, match="one word of text") as raised:
        HttpTransport(URL, token=token)
    assert token not in str(raised.value)


def test_the_environment_says_where_the_service_is_and_a_file_has_the_present_token(
    cloud: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, file = HandlerPool(), tmp_path / "token"
    monkeypatch.setattr("urllib3.PoolManager", lambda **_: pool)
    monkeypatch.setenv("BUDGET_MONITOR_URL", URL)
    monkeypatch.setenv("BUDGET_MONITOR_TOKEN", "first")
    BudgetMonitor.from_environment().tenant_usage("acme")
    monkeypatch.setenv("BUDGET_MONITOR_TOKEN_FILE", str(file))
    budget = BudgetMonitor.from_environment()
    for token in ("second", "third"):
        file.write_text(f"{token}\n")
        budget.tenant_usage("acme")
    assert sent(pool) == ["Bearer first", "Bearer second", "Bearer third"]
    monkeypatch.setenv("BUDGET_MONITOR_URL", "")
    monkeypatch.delenv("REPORTING_FUNCTION_ARN", raising=False)
    with pytest.raises(ValueError, match="REPORTING_FUNCTION_ARN"):
        BudgetMonitor.from_environment().tenant_usage("acme")
