"""Run a command in this process, with the handlers at the other end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner

from budget_monitor_client.cli.app import app
from budget_monitor_client.cli.places import Place
from budget_monitor_client.cli.session import Session
from budget_monitor_client.sending import Transport
from tests.support.clients.handlers import client

_OF_HANDLERS = ('{"level"', '{"_aws"')
"""Log lines and metrics of the handlers, which run in the same process here."""


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        """Return what it printed as JSON."""
        return json.loads(self.out)


@dataclass
class CommandLine:
    """A person at a terminal of 160 columns, who is `maria`."""

    transport: Transport | None = None
    place: Place = field(default_factory=Place)
    environment: dict[str, str] = field(default_factory=lambda: {"BUDGET_MONITOR_BY": "maria"})

    def run(self, *words: str, stdin: str | None = None) -> Ran:
        """Run the command. An exception that is no error of a command fails the test."""
        runner = CliRunner()
        environment = {"COLUMNS": "160", **self.environment}
        session = Session(self.place, connect=lambda _: client(self.transport))
        done = runner.invoke(app, list(words), obj=session, input=stdin, env=environment)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        lines = done.stdout.splitlines(keepends=True)
        printed = "".join(one for one in lines if not one.startswith(_OF_HANDLERS))
        return Ran(done.exit_code, printed, done.stderr)
