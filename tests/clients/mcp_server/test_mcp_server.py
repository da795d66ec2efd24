"""An agent asks over MCP, and a guard holds the price of each call of a tool."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError, StdioServerParameters

from budget_monitor_client import AsyncBudgetMonitor, BudgetMonitor
from budget_monitor_client.mcp_server.guard import Guard
from budget_monitor_client.mcp_server.server import Caller, server
from local.stack.network import free_port
from tests.clients.test_calls import RESPONSE, TERMS
from tests.support.clients import mcp_tools
from tests.support.clients.command_line import CommandLine
from tests.support.clients.handlers import client, direct
from tests.support.clients.power import FaultyTransport
from tests.support.clients.served import served

WHY: dict[str, Any] = {"by": "maria", "reason": "a test"}
TOOLS = ["headroom", "usage", "my_run", "quote", "ask_for_more", "my_request"]
COMMAND = [sys.executable, "-m", "budget_monitor_client.cli"]
BEHIND = [sys.executable, "-m", "tests.support.clients.mcp_tools"]


@pytest.fixture
def budget(cloud: Any) -> BudgetMonitor:
    return client()


@pytest.fixture
def process(cloud: Any) -> Iterator[dict[str, str]]:
    with served() as environment:
        yield environment


def used(server_: Any, use: Callable[[Client], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with Client(server_) as made:
            return await use(made)

    return asyncio.run(go())


def called(server_: Any, tool: str, **arguments: Any) -> Any:
    return used(server_, lambda made: made.call_tool(tool, arguments))


def stdio(environment: dict[str, str], *words: str) -> StdioServerParameters:
    return StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], *words], env=environment)


@pytest.fixture
def caller(budget: BudgetMonitor, tenant_id: str) -> Caller:
    run = budget.run(tenant_id, run_id="run-1", agent="researcher")
    with run.call(**TERMS) as call:
        call.done(RESPONSE)
    return Caller(budget, tenant_id, "run-1", {"agent": "researcher"})


def test_an_agent_reads_its_headroom_its_usage_and_its_run(caller: Caller) -> None:
    made = server(caller)
    names = [one.name for one in used(made, lambda one: one.list_tools()).tools]
    assert names == TOOLS
    left = called(made, "headroom", model="gpt-4o").structured_content
    assert left["remaining"]["usd"] == "9.994"
    assert "execution" in left["matched"]
    assert called(made, "usage").structured_content["spent_usd"] == "0.006"
    for by in ("agent", "model", "user", "tag", "workflow", "provider", "day"):
        assert called(made, "usage", by=by).structured_content["total_usd"] == "0.006"
    assert called(made, "my_run").structured_content["spent_usd"] == "0.006"


def test_an_agent_gets_a_quote_and_nothing_is_booked(caller: Caller) -> None:
    quoted = called(server(caller), "quote", model="gpt-4o", input_tokens=1200, output_tokens=300)
    assert quoted.structured_content["cost_usd"] == "0.006"
    assert caller.budget.tenant_usage(caller.tenant_id)["spent_usd"] == "0.006"


def test_an_agent_asks_for_more_and_sees_the_answer(caller: Caller) -> None:
    made = server(caller)
    asked = called(made, "ask_for_more", amount_usd="2.50", reason="more pages")
    request_id = asked.structured_content["request_id"]
    assert asked.structured_content["state"] == "open"
    caller.budget.approve(caller.tenant_id, request_id=request_id, **WHY)
    answer = called(made, "my_request", request_id=request_id)
    assert answer.structured_content["state"] == "approved"
    assert called(made, "headroom").structured_content["remaining"]["usd"] == "12.494"


@pytest.mark.parametrize("amount", [2.5, "2.5e3", "-1", "much", "NaN"])
def test_an_amount_that_is_no_decimal_string_is_an_error_of_the_tool(
    caller: Caller, amount: Any
) -> None:
    assert called(server(caller), "ask_for_more", amount_usd=amount, reason="x").is_error


def test_an_error_of_the_service_is_one_that_the_agent_can_read(caller: Caller) -> None:
    made = server(caller)
    unknown = called(made, "quote", model="unknown-9", input_tokens=1, output_tokens=1)
    assert (unknown.is_error, "UNKNOWN_PRICE" in unknown.content[0].text) == (True, True)
    nothing = server(Caller(client(), "nobody", "run-9"))
    assert "NOT_FOUND" in called(nothing, "my_run").content[0].text
    down = server(Caller(client(FaultyTransport(direct(), is_down=True)), "acme", "run-1"))
    assert called(down, "usage").is_error


def test_the_command_serves_over_stdio(
    process: dict[str, str], caller: Caller, tenant_id: str
) -> None:
    behind = stdio(process, "mcp", "--tenant", tenant_id, "--run", "run-1", "--agent", "researcher")

    async def use(made: Client) -> None:
        assert [one.name for one in (await made.list_tools()).tools] == TOOLS
        found = await made.call_tool("headroom", {})
        assert (found.structured_content or {})["remaining"]["usd"] == "9.994"
        assert "decimal strings" in (made.instructions or "")

    used(behind, use)


@pytest.mark.thorough
def test_the_command_serves_over_http_on_loopback(
    process: dict[str, str], caller: Caller, tenant_id: str
) -> None:
    port = free_port()
    words = [*COMMAND, "mcp", "--http", "--port", str(port), "-t", tenant_id, "--run", "run-1"]
    with subprocess.Popen(words, env=process, stderr=subprocess.PIPE) as running:  # noqa: S603
        try:
            found = _patiently(f"http://127.0.0.1:{port}/mcp")
            assert found.structured_content["spent_usd"] == "0.006"
        finally:
            running.terminate()
            running.communicate(timeout=20)


def _patiently(url: str) -> Any:
    """The answer, once the server listens."""
    for _ in range(120):
        try:
            return called(url, "my_run")
        except BaseException:  # noqa: BLE001 - the client raises groups until it listens
            time.sleep(0.25)
    raise AssertionError(f"{url} does not answer")


def guarded(budget: BudgetMonitor, tenant_id: str, use: Callable[[Client], Awaitable[Any]]) -> Any:
    """Use a guard in this process: search costs 0.25 USD, token nothing, the others 1 USD."""
    prices = {"search": "0.25", "token": "0", "*": "1"}

    async def go() -> Any:
        run = AsyncBudgetMonitor(budget).run(tenant_id, run_id="run-1", agent="researcher")
        async with Client(mcp_tools.server) as upstream:
            made = Guard(upstream, run, prices, ("a",)).server()
            async with Client(made) as outer:
                return await use(outer)

    return asyncio.run(go())


def booked(budget: BudgetMonitor, tenant_id: str) -> list[str]:
    assert budget.tenant_usage(tenant_id)["held_usd"] == "0"
    return [one["cost_usd"] for one in budget.ledger(tenant_id)["items"]]


def test_the_price_of_each_tool_is_booked_with_its_name_as_a_tag(
    budget: BudgetMonitor, tenant_id: str
) -> None:
    async def use(made: Client) -> None:
        found = await made.call_tool("search", {"query": "money"})
        assert found.structured_content == {"found": "money"}
        again = await made.call_tool("search", {"query": "money"})
        assert not again.is_error
        assert (await made.call_tool("fails", {"query": "x"})).is_error

    guarded(budget, tenant_id, use)
    assert booked(budget, tenant_id) == ["0.25", "0.25", "1"]
    by_tag = {one["name"]: one["spent_usd"] for one in budget.tag_costs(tenant_id)["items"]}
    assert by_tag == {"a": "1.5", "tool:fails": "1", "tool:search": "0.5"}


def test_a_refusal_is_an_error_of_the_tool_which_is_not_called(
    budget: BudgetMonitor, tenant_id: str
) -> None:
    budget.set_budget(tenant_id, budget_id="tenant-month", limit_usd="0.3", **WHY)

    async def use(made: Client) -> Any:
        await made.call_tool("search", {"query": "money"})
        return await made.call_tool("search", {"query": "more"})

    refused = guarded(budget, tenant_id, use)
    assert refused.is_error
    assert "search was not called: Monthly budget exceeded" in refused.content[0].text
    said = {"called": False, "error": "REFUSED", "reason_code": "TENANT_MONTH_EXCEEDED"}
    assert refused.structured_content == said
    assert booked(budget, tenant_id) == ["0.25"]


def test_without_an_answer_of_the_service_the_tool_is_not_called(
    cloud: Any, tenant_id: str
) -> None:
    down = client(FaultyTransport(direct(), is_down=True))
    failed = guarded(down, tenant_id, lambda made: made.call_tool("search", {"query": "x"}))
    assert (failed.is_error, failed.structured_content["called"]) == (True, False)


@pytest.mark.parametrize("has_journal", [True, False])
def test_an_outage_after_the_call_gives_the_result_and_the_price_waits(
    cloud: Any, tenant_id: str, tmp_path: Path, *, has_journal: bool
) -> None:
    """Request 0 reserves; those after it are lost. Without a journal nothing can wait."""
    faulty = FaultyTransport(direct(), lost_before=set(range(1, 12)))
    budget = client(faulty, journal=tmp_path if has_journal else None)
    result = guarded(budget, tenant_id, lambda made: made.call_tool("search", {"query": "x"}))
    assert result.structured_content == {"found": "x"}
    faulty.lost_before.clear()
    budget.close()
    spent = [one["cost_usd"] for one in client().ledger(tenant_id)["items"]]
    assert spent == (["0.25"] if has_journal else [])


def test_a_tool_that_does_not_exist_costs_nothing_and_a_free_one_is_not_held(
    budget: BudgetMonitor, tenant_id: str
) -> None:
    async def use(made: Client) -> None:
        try:
            missing = await made.call_tool("missing", {})
        except MCPError:
            return
        assert missing.is_error

    guarded(budget, tenant_id, use)
    assert set(booked(budget, tenant_id)) <= {"1"}


def test_resources_and_prompts_pass_through(budget: BudgetMonitor, tenant_id: str) -> None:
    async def use(made: Client) -> None:
        assert (await made.read_resource("memo://one")).contents[0].text == "remember"  # type: ignore[union-attr]
        assert len((await made.list_resources()).resources) == 1
        assert (await made.list_resource_templates()).resource_templates == []
        assert [one.name for one in (await made.list_prompts()).prompts] == ["greet"]
        prompt = await made.get_prompt("greet", {"name": "Ada"})
        assert "Ada" in prompt.messages[0].content.text  # type: ignore[union-attr]
        assert made.instructions == "Tools that cost money."

    guarded(budget, tenant_id, use)
    assert booked(budget, tenant_id) == []


@pytest.mark.thorough
def test_the_guard_command_stands_before_another_server_over_stdio(
    process: dict[str, str], budget: BudgetMonitor, tenant_id: str, tmp_path: Path
) -> None:
    words = ["mcp-guard", "--tenant", tenant_id, "--run", "run-1", "--journal", str(tmp_path)]
    prices = ["--price", "search=0.25", "--price", "dies=1"]
    behind = stdio(process, *words, *prices, "--", *BEHIND)

    async def use(made: Client) -> None:
        names = {one.name for one in (await made.list_tools()).tools}
        assert names == {"search", "fails", "dies", "token"}
        found = await made.call_tool("search", {"query": "money"})
        assert found.structured_content == {"found": "money"}
        hidden = await made.call_tool("token", {})
        assert hidden.content[0].text == "none"  # type: ignore[union-attr]

    used(behind, use)
    assert booked(budget, tenant_id) == ["0.25"]


def test_a_server_that_dies_in_a_call_costs_the_price(
    process: dict[str, str], budget: BudgetMonitor, tenant_id: str
) -> None:
    behind = stdio(process, "mcp-guard", "-t", tenant_id, "--price", "*=1", "--", *BEHIND)

    async def use(made: Client) -> None:
        with pytest.raises(MCPError):
            await made.call_tool("dies", {})

    used(behind, use)
    assert booked(budget, tenant_id) == ["1"]


@pytest.mark.parametrize("price", ["search", "search=", "=1", "search=1e3", "search=-1"])
def test_a_price_that_is_none_is_wrong_usage(price: str) -> None:
    ran = CommandLine().run("mcp-guard", "-t", "acme", "--price", price, "--", "true")
    assert (ran.code, "--price is TOOL=USD" in ran.error) == (2, True)
