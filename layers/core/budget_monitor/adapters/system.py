"""The system clock, random ids, and metrics."""

import json
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any
from uuid import uuid4

NAMESPACE = "BudgetMonitor"


class SystemClock:
    """The server's time."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        return datetime.now(UTC)

    def wait(self, duration: timedelta) -> None:
        """Sleep for this duration."""
        sleep(duration.total_seconds())


class RandomIds:
    """Random unique ids."""

    def new(self) -> str:
        """Return a random id of 32 hexadecimal digits."""
        return uuid4().hex


class PrintedMetrics:
    """Metrics in CloudWatch's embedded metric format: one JSON line of the log for each.

    Their one dimension is the stack, so that two stacks of an account have metrics of their own.
    Powertools is not used for them: it adds a dimension where the platform sets
    `POWERTOOLS_SERVICE_NAME`, and then no alarm finds its metric.
    """

    def __init__(self, stack: str) -> None:
        self._stack = stack

    def count(self, name: str, found: int, month: str | None = None) -> None:
        """Add to the metric of this name."""
        self._print(name, "Count", found, month)

    def seconds(self, name: str, found: float, month: str | None = None) -> None:
        """Say how long something took, or how old it is."""
        self._print(name, "Seconds", found, month)

    def _print(self, name: str, unit: str, value: float, month: str | None) -> None:
        told = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Stack"]],
            "Metrics": [{"Name": name, "Unit": unit}],
        }
        now = int(datetime.now(UTC).timestamp() * 1000)
        line: dict[str, Any] = {"_aws": {"Timestamp": now, "CloudWatchMetrics": [told]}}
        line |= {"Stack": self._stack, name: [value]}
        if month is not None:
            line["month"] = month
        print(json.dumps(line))  # noqa: T201 - the log is where CloudWatch reads it
