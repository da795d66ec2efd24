"""`python -m local COMMAND`: the commands behind `make up`, `down`, `clean`, `report` and so on."""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from local import top
from local.api import Api, ApiError
from local.exports import exports
from local.pages.browser import NoBrowserError
from local.pages.links import link
from local.pages.pictures import draw_pages
from local.pictures import CALLERS, draw
from local.replay import CLIENTS, ReplayError, replay, run_away
from local.report import ReportError, examples, report, runaway_lines, tenant_report
from local.settings import DEFAULT_PORT, STATE, TEMPLATE
from local.stack.build import BuildError
from local.stack.deploy import DeployError, Stack, deploy, find
from local.stack.emulator import Emulator, EmulatorError
from local.trace import read

LINE_EVERY = 500
KNOWN = (
    EmulatorError,
    DeployError,
    BuildError,
    ApiError,
    ReplayError,
    ReportError,
    NoBrowserError,
)
console = Console(highlight=False)


class Rate(ProgressColumn):
    """A progress column: calls per second."""

    def render(self, task: Task) -> Text:
        """The current rate."""
        return Text(f"{task.speed or 0:.0f}/s")


@contextmanager
def step(words: str) -> Iterator[None]:
    """Print the step and its duration; known errors become one clear message."""
    started = time.monotonic()
    try:
        with console.status(f"{words} ..."):
            yield
    except KNOWN as error:
        raise click.ClickException(str(error)) from error
    console.print(f"[green]done[/] {words} [dim]({time.monotonic() - started:.1f} s)[/]")


@contextmanager
def counting(words: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar with rate and time left; without a terminal, one line per 500 calls."""
    if not console.is_terminal:
        yield _lines(words, total)
        return
    columns = TextColumn(words), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(words, total=total)
        yield lambda count: bar.advance(task, count)


def _lines(words: str, total: int) -> Callable[[int], None]:
    started, done = time.monotonic(), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if count == 1 and (done % LINE_EVERY == 0 or done == total):
            rate = done / max(time.monotonic() - started, 0.001)
            console.print(f"{words}: {done:,} of {total:,}, {rate:.0f}/s")

    return advance


@click.group()
def main() -> None:
    """The local environment: an emulated AWS with Budget Monitor deployed in it."""


def _emulator(port: int = DEFAULT_PORT) -> Emulator:
    return Emulator(STATE, port=port, persist=True)


@main.command()
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Where it listens.")
@click.option(
    "--replay",
    "replays",
    type=click.Choice(["yes", "no"]),
    default="yes",
    show_default=True,
    help="Whether to replay the trace when the stack is ready.",
)
@click.option("--rows", type=int, default=None, help="Replay only the first rows of the trace.")
@click.option("--clients", default=CLIENTS, show_default=True, help="Parallel clients.")
@click.option("--template", type=click.Path(path_type=Path), default=TEMPLATE, hidden=True)
def up(port: int, replays: str, rows: int | None, clients: int, template: Path) -> None:
    """Start, deploy, print the address; then replay the trace and report. It keeps running."""
    started = time.monotonic()
    emulator = _emulator(port)
    with step("start the emulated AWS"):
        emulator.start()
    with step("deploy the template with its layers"):
        stack = deploy(template, emulator.endpoint)
    _where(stack)
    console.print(f"Ready after {time.monotonic() - started:.1f} s. `make down` stops it.\n")
    if replays == "yes":
        _demonstrate(emulator, stack, rows, clients)


def _demonstrate(emulator: Emulator, stack: Stack, rows: int | None, clients: int) -> None:
    """Replay what is not booked yet, let an agent loop until it is refused, and report."""
    api = Api(stack.api_url)
    if not _replay(emulator, api, rows, clients):
        _report(stack, rows)
        return
    with step("let an agent loop until it is refused"):
        runaway = run_away(api, f"loop-{int(time.time())}")
    _report(stack, rows)
    console.print(runaway_lines(runaway), soft_wrap=True)


def _replay(emulator: Emulator, api: Api, rows: int | None, clients: int) -> bool:
    """Replay what is not booked yet; whether there was anything."""
    calls = read(rows)
    try:
        with counting("replay the trace", len(calls)) as advance:
            done = replay(api, rows, clients=clients, advance=advance)
    except KNOWN as error:
        tail = "" if emulator.healthy() else f"\nThe emulator died:\n{emulator.tail()}"
        raise click.ClickException(
            f"{error}{tail}\n`make up` continues from here; `make clean up` starts over."
        ) from error
    sent = done.calls - done.skipped
    words = f"replayed {sent:,} calls" if sent else f"all {done.calls:,} calls are booked"
    console.print(f"[green]done[/] {words} [dim]({done.seconds:.1f} s)[/]")
    return sent > 0


def _report(stack: Stack, rows: int | None) -> None:
    try:
        report(Api(stack.api_url), read(rows), console)
    except KNOWN as error:
        raise click.ClickException(str(error)) from error


def _where(stack: Stack) -> None:
    console.print(f"\nThe API: [bold]{stack.api_url}[/]\n", soft_wrap=True)
    click.echo(examples(stack.api_url) + "\n")


@main.command("report")
@click.option("--tenant", default=None, help="Report this tenant instead of the trace.")
@click.option("--rows", type=int, default=None, help="If only the first rows were replayed.")
def show_report(tenant: str | None, rows: int | None) -> None:
    """Show the trace's totals and compare them with it, or show any tenant's totals."""
    stack = _running_stack()
    if tenant is None:
        _report(stack, rows)
        return
    try:
        tenant_report(Api(stack.api_url), tenant, console)
    except KNOWN as error:
        raise click.ClickException(str(error)) from error


@main.command()
def status() -> None:
    """Print whether it runs, and where."""
    emulator = _emulator()
    running = emulator.running()
    if running is None:
        console.print("Not running. `make up` starts it.")
        return
    health = "healthy" if emulator.healthy() else f"not answering\n{emulator.tail()}"
    console.print(f"Process {running.pid} at {running.endpoint}: {health}")
    stack = find(running.endpoint)
    console.print(f"The API: {stack.api_url}" if stack else "Nothing is deployed. `make up` does.")


def _running_stack() -> Stack:
    try:
        stack = find(_emulator().endpoint)
    except KNOWN as error:
        raise click.ClickException(str(error)) from error
    if stack is None:
        raise click.ClickException("nothing is deployed: `make up` deploys it")
    return stack


@main.command()
def api() -> None:
    """Print the address of the API and nothing else, for the shell."""
    click.echo(_running_stack().api_url)


@main.command()
def env() -> None:
    """Print shell exports: the API, the functions, the emulator and its credentials."""
    for name, value in exports(_running_stack()).items():
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command("dashboard")
@click.option("--tenant", default=None, help="Only the pages of this tenant.")
def open_dashboard(tenant: str | None) -> None:
    """Print a link to the pages that is valid for 2 minutes, and open it on a desktop."""
    try:
        address = link(_running_stack().api_url, tenant)
    except KNOWN as error:
        raise click.ClickException(str(error)) from error
    click.echo(address)
    if console.is_terminal:
        click.launch(address)


@main.command("top")
@click.option("--once", is_flag=True, help="Draw it once and end.")
def show_top(once: bool) -> None:  # noqa: FBT001 - as click passes it
    """Show a live table of spend, holds and refusals."""
    try:
        top.show(Api(_running_stack().api_url), console, once=once)
    except KNOWN as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        console.print("ended")


@main.command()
def pictures() -> None:
    """Draw docs/pictures from the running stack; the trace must have been replayed."""
    api = Api(_running_stack().api_url, connections=CALLERS)
    with step("draw the pages"):
        draw_pages(api)
    with step("draw the pictures"):
        draw(api)


@main.command()
def down() -> None:
    """Stop it. The next `up` restores its state."""
    with step("save the state and stop"):
        stopped = _emulator().stop()
    if not stopped:
        console.print("It was not running.")


@main.command()
def clean() -> None:
    """Stop it and delete its state."""
    with step("stop and delete the state"):
        _emulator().forget()
        shutil.rmtree(STATE, ignore_errors=True)


if __name__ == "__main__":
    main()
