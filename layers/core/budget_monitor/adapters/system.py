"""The system clock, random ids, and metrics."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from time import sleep
from typing import Any
from uuid import uuid4

from budget_monitor.domain.money import render
from budget_monitor.ports.metrics import Figure

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
    """Metrics in CloudWatch's embedded metric format: JSON lines of the log.

    Their first dimension is the stack, so that two stacks of an account have metrics of their own.
    Powertools is not used for them: it adds a dimension where the platform sets
    `POWERTOOLS_SERVICE_NAME`, and then no alarm finds its metric.
    """

    def __init__(self, stack: str) -> None:
        self._stack = stack

    def count(self, name: str, found: int, month: str | None = None) -> None:
        """Add to the metric of this name."""
        self._print(name, "Count", found, month)

    def seconds(self, name: str, found: float, month: str | None = None) -> None:
        """Add a duration or an age, in seconds."""
        self._print(name, "Seconds", found, month)

    def add(self, figures: Sequence[Figure]) -> None:
        """Add to several metrics in one line; metrics of the same dimensions are one group."""
        told = _described(tuple((one.name, one.unit, *one.dimensions) for one in figures))
        line: dict[str, Any] = {"_aws": {"Timestamp": _now(), "CloudWatchMetrics": told}}
        line["Stack"] = self._stack
        for one in figures:
            line |= {**one.dimensions, one.name: [_number(one.value)]}
        print(json.dumps(line))  # noqa: T201 - the log is where CloudWatch reads it

    def _print(self, name: str, unit: str, value: float, month: str | None) -> None:
        told = {
            "Namespace": NAMESPACE,
            "Dimensions": [["Stack"]],
            "Metrics": [{"Name": name, "Unit": unit}],
        }
        line: dict[str, Any] = {"_aws": {"Timestamp": _now(), "CloudWatchMetrics": [told]}}
        line |= {"Stack": self._stack, name: [value]}
        if month is not None:
            line["month"] = month
        print(json.dumps(line))  # noqa: T201 - the log is where CloudWatch reads it


@lru_cache(maxsize=64)
def _described(figures: tuple[tuple[str, ...], ...]) -> list[dict[str, Any]]:
    """Return what the format says of these metrics; those of the same dimensions together."""
    groups = dict[tuple[str, ...], list[dict[str, str]]]()
    for name, unit, *dimensions in figures:
        groups.setdefault(("Stack", *dimensions), []).append({"Name": name, "Unit": unit})
    return [
        {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": metrics}
        for dimensions, metrics in groups.items()
    ]


def _number(value: Decimal) -> Any:  # noqa: ANN401 - CloudWatch keeps JSON numbers as floats
    text = render(value)
    return int(text) if text.isdigit() else json.loads(text)


def _now() -> int:
    """Milliseconds since 1970."""
    return int(datetime.now(UTC).timestamp() * 1000)
