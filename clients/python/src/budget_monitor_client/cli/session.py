"""The session of a command: its client and its output."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from budget_monitor_client.cli.exits import CommandError
from budget_monitor_client.cli.places import Place
from budget_monitor_client.cli.tables import clean
from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.values import Answer

PIPED_WIDTH = 160
"""Columns of a table that goes into a file or a pipe, unless COLUMNS says more or less."""

Tenant = Annotated[
    str | None,
    typer.Option("--tenant", "-t", envvar="BUDGET_MONITOR_TENANT", help="The tenant."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Month = Annotated[str | None, typer.Option(help="A month such as 2026-11; else the present one.")]
By = Annotated[
    str | None,
    typer.Option("--by", envvar="BUDGET_MONITOR_BY", help="Who decides this; else your login."),
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why. It is kept in the history.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many rows.")]


@dataclass
class Session:
    """One invocation of the command line."""

    place: Place
    connect: Callable[[Place], BudgetMonitor] = Place.connect

    @cached_property
    def out(self) -> Console:
        """Where answers are printed."""
        return _console(stderr=False)

    @cached_property
    def error(self) -> Console:
        """Where errors and progress are printed."""
        return _console(stderr=True)

    @cached_property
    def budget(self) -> BudgetMonitor:
        """The client; it is made when a command first needs it."""
        return self.connect(self.place)

    def journalled(self, folder: Path | None) -> BudgetMonitor:
        """Return a client of its own, with a journal in the folder if one is given."""
        return self.connect(replace(self.place, journal=folder))

    def say(self, text: str) -> None:
        """Print one line of text, which may contain names and reasons from others."""
        self.out.print(Text(clean(text)))

    def print_json(self, answer: object) -> None:
        """Print JSON as it came: amounts stay strings."""
        self.out.file.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")

    def print_or_say(self, answer: Answer, text: str, *, as_json: bool) -> None:
        """Print the answer as JSON, or one line about it."""
        if as_json:
            self.print_json(answer)
        else:
            self.say(text)

    @contextmanager
    def waiting(self, words: str) -> Iterator[None]:
        """Show that a long request is running, on a terminal only."""
        with self.error.status(f"{words} ..."):
            yield

    @contextmanager
    def counting(self, words: str, total: int) -> Iterator[Callable[[], None]]:
        """Show how many of `total` steps are done, on a terminal only; call it after each step."""
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        shown = self.error.is_terminal
        with Progress(*columns, console=self.error, disable=not shown, transient=True) as bar:
            task = bar.add_task(words, total=total)
            yield lambda: bar.advance(task)


def session_of(context: typer.Context) -> Session:
    """Return the session of this invocation."""
    return cast("Session", context.obj)


def tenant_of(tenant: str | None) -> str:
    """Return the tenant. Raises CommandError if none was given."""
    if not tenant:
        hint = "Give --tenant, or set BUDGET_MONITOR_TENANT."
        raise CommandError("this command is about one tenant", hint=hint)
    return tenant


def decider(by: str | None) -> str:
    """Return who decides: the name given, or the login of this machine."""
    if by:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise CommandError("nothing says who you are", hint="Give --by.") from error


def pages(ask: Callable[[str | None], Answer], most: int | None = None) -> list[dict[str, Any]]:
    """Return the items of all pages, or the first `most` of them."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while most is None or len(found) < most:
        answer = ask(cursor)
        found += answer["items"]
        cursor = answer.get("cursor")
        if cursor is None:
            break
    return found if most is None else found[:most]


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED_WIDTH
    return console
