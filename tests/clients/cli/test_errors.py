"""Errors are one message, what to do next, and an exit code; nothing is a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from budget_monitor_client import ForbiddenError, LambdaTransport, RefusedError, errors
from budget_monitor_client.cli.exits import Exit, outcome_of
from budget_monitor_client.cli.places import Place, local_endpoint
from budget_monitor_client.cli.session import Session
from budget_monitor_client.sending import Transport
from budget_monitor_client.values import Answer, Fields
from local.stack.emulator import Emulator
from tests.support.clients.command_line import CommandLine
from tests.support.clients.handlers import direct
from tests.support.clients.power import FaultyTransport

DECISION: Answer = {"reason": "no", "reason_code": "TENANT_MONTH_EXCEEDED"}


class Failing:
    """A transport that fails."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def request(self, operation: str, fields: Fields) -> Answer:
        del operation, fields
        raise self.error


@pytest.mark.parametrize("kind", errors.CODED.values(), ids=lambda one: one.__name__)
def test_each_error_has_an_exit_code_and_says_what_to_do_next(
    kind: type[errors.BudgetMonitorError],
) -> None:
    ran = CommandLine(Failing(kind("it is so", "limit_usd"))).run("status", "-t", "acme")
    assert ran.code == outcome_of(kind("x")).code != 0
    assert f"error: {kind.code}: it is so (field limit_usd)" in ran.error
    assert "next: " in ran.error
    assert ran.out == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError(DECISION), Exit.REFUSED),
        (errors.NoAnswerError("x"), Exit.UNAVAILABLE),
        (errors.NotFoundError("x"), Exit.NOT_FOUND),
        (errors.ConflictError("x"), Exit.CONFLICT),
        (errors.IdempotencyMismatchError("x"), Exit.CONFLICT),
        (ForbiddenError("x"), Exit.FORBIDDEN),
        (errors.ValidationError("x"), Exit.USAGE),
        (errors.UnexpectedAnswerError("x"), Exit.USAGE),
    ],
)
def test_exit_codes_are_those_of_the_documents(
    error: errors.BudgetMonitorError, code: Exit
) -> None:
    assert CommandLine(Failing(error)).run("status").code == code


def test_an_outage_exits_with_3(cloud: Any) -> None:
    down: Transport = FaultyTransport(direct(), is_down=True)
    assert CommandLine(down).run("usage", "-t", "acme").code == 3


def test_what_a_command_needs_is_named() -> None:
    ran = CommandLine().run("requests")
    assert (ran.code, "BUDGET_MONITOR_TENANT" in ran.error) == (2, True)
    assert CommandLine().run("raise", "daily", "5", "-t", "acme").code == 2
    assert CommandLine().run("usage", "--by", "moon").code == 2


def test_jobs_over_http_say_that_they_need_the_stack() -> None:
    ran = CommandLine(place=Place(url="https://x.example.com")).run("close")
    assert (ran.code, "--stack" in ran.error) == (2, True)


def test_a_function_that_nothing_names_is_wrong_usage() -> None:
    ran = CommandLine(LambdaTransport({}, client=object())).run("close")
    assert (ran.code, "RESETTING_FUNCTION_ARN" in ran.error, "--stack" in ran.error) == (
        2,
        True,
        True,
    )


def test_without_a_place_the_command_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [one for one in os.environ if one.endswith("_FUNCTION_ARN")]:
        monkeypatch.delenv(name)
    session = Session(Place())
    with pytest.raises(Exception, match="no Budget Monitor was named"):
        _ = session.budget


def test_an_address_that_is_no_https_is_refused() -> None:
    with pytest.raises(Exception, match="https://"):
        Place(url="http://example.com", token="x").connect()  # noqa: S106


def test_the_local_stack_is_found_from_a_folder_inside_it_while_it_runs(tmp_path: Path) -> None:
    """The emulator holds a lock on its file as long as it lives."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".local").mkdir()
    lock = tmp_path / ".local" / "emulator.lock"
    lock.write_text('{"pid": 1, "port": 4571}')
    assert local_endpoint(inner) is None
    holding = f"""
import fcntl, sys
file = open({str(lock)!r})
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
    words = [sys.executable, "-c", holding]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert local_endpoint(inner) == "http://127.0.0.1:4571"
        assert Emulator(tmp_path / ".local").endpoint == "http://127.0.0.1:4571"
        process.communicate(b"")
    assert local_endpoint(inner) is None


def test_completion_offers_commands_and_choices() -> None:
    """As a shell asks for it, in a process of its own."""

    def offered(words: str) -> str:
        environment = {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "_BUDGET_MONITOR_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }
        script = "from budget_monitor_client.cli.__main__ import main; main()"
        done = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert {"status", "usage", "costs", "plan"} <= set(offered("budget-monitor ").split())
    assert {"agent", "model", "day"} <= set(offered("budget-monitor usage --by ").split())
