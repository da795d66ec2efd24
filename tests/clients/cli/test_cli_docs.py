"""Each command of the pages is run, in order, and prints what the page says."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from budget_monitor_client.cli.app import app
from budget_monitor_client.cli.exits import Exit
from tests.clients.mcp_server.test_mcp_server import BEHIND, TOOLS, stdio
from tests.clients.test_calls import RESPONSE, TERMS
from tests.support.clients.command_line import CommandLine, Ran
from tests.support.clients.handlers import client
from tests.support.clients.served import served
from tests.support.docs.pages import DOCS, Fence, fences, is_command_line, pages, titled
from tests.support.times import at

WHY: dict[str, Any] = {"by": "lee", "reason": "a test"}
PAGES = [page for page in pages() if any(is_command_line(one) for one in fences(page))]
OF_PROCESSES = ("mcp", "mcp-guard")


@pytest.fixture
def line(cloud: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The tenant `shop` in November, with a cost, a request and a paused workflow."""
    monkeypatch.chdir(tmp_path)
    budget = client()
    with budget.run("shop", run_id="run-1", agent="researcher").call(**TERMS) as call:
        call.done(RESPONSE)
    budget.request_raise(
        "shop", request_id="ask-0001", agent_execution_id="run-1", amount_usd="5", reason="more"
    )
    budget.pause("shop", workflow_execution_id="flow-1", **WHY)

    def stop(seconds: float) -> None:
        del seconds
        raise KeyboardInterrupt

    monkeypatch.setattr("budget_monitor_client.cli.commands.costs.time.sleep", stop)
    return CommandLine()


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    """The clock of the pages."""
    with at("2026-11-22T10:05:00Z"):
        yield


def ran(line: CommandLine, block: Fence) -> Ran | None:
    """Run each line of the block; the last one's outcome. Servers are run elsewhere."""
    last = None
    for command in block.text.splitlines():
        words = shlex.split(command)
        assert words[0] == "budget-monitor"
        if words[1] not in OF_PROCESSES:
            last = line.run(*words[1:])
            assert last.code == (130 if "--follow" in words else Exit.DONE), (command, last)
    return last


def squeezed(text: str) -> list[str]:
    return [" ".join(one.split()) for one in text.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_each_command_of_a_page_prints_what_the_page_says(
    line: CommandLine, page: Path, tmp_path: Path
) -> None:
    blocks = fences(page)
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block.language == "yaml" and block.title:
            (tmp_path / block.title).write_text(block.text)
        if not is_command_line(block):
            continue
        last = ran(line, block)
        if after is not None and after.language == "text" and last is not None:
            printed = squeezed(last.out)
            for said in squeezed(after.text):
                assert any(one.startswith(said) for one in printed), (said, last.out)


def commands(typer_app: Any) -> set[str]:
    named = {one.name or one.callback.__name__ for one in typer_app.registered_commands}
    return named | {group.name for group in typer_app.registered_groups}


def test_every_command_and_every_exit_code_is_in_the_pages() -> None:
    text = "".join(one.read_text() for one in PAGES)
    missing = {name for name in commands(app) if f"budget-monitor {name}" not in text}
    assert missing - {"deny"} == set()
    assert "`deny`" in text
    page = (DOCS / "how-to" / "command-line.md").read_text()
    assert all(f"\n| {code.value} | " in page for code in Exit)


@pytest.mark.thorough
def test_the_servers_of_the_page_start_as_it_says(cloud: Any) -> None:
    """What stands behind the guard is the test's own server."""
    lines = [one for page in PAGES for block in fences(page) for one in block.text.splitlines()]
    (serving,) = (shlex.split(one) for one in lines if one.startswith("budget-monitor mcp "))
    (guarding,) = (shlex.split(one) for one in lines if one.startswith("budget-monitor mcp-guard "))
    guarding = [*guarding[: guarding.index("--") + 1], *BEHIND]

    async def tools(words: list[str], environment: dict[str, str]) -> list[str]:
        async with Client(stdio(environment, *words[1:])) as made:
            return [one.name for one in (await made.list_tools()).tools]

    with served() as environment:
        assert asyncio.run(tools(serving, environment)) == TOOLS
        assert "search" in asyncio.run(tools(guarding, environment))


def test_the_configuration_of_a_client_names_a_command_with_its_options() -> None:
    (server,) = json.loads(titled("mcp client"))["mcpServers"].values()
    assert server["command"] == "budget-monitor"
    assert CommandLine().run(*server["args"], "--help").code == 0
    assert all(f"{name}]" in CommandLine().run("--help").out for name in server["env"])
