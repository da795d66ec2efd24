"""The port of metrics for alarms and dashboards."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from decimal import Decimal
from typing import Protocol

from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a metric. Dimensions have few values each: every combination is a metric."""

    name: str
    value: Decimal
    unit: str = "Count"
    dimensions: Mapping[str, str] = field(default_factory=dict)


class Metrics(Protocol):
    """Metrics for alarms and dashboards."""

    def add(self, figures: Sequence[Figure]) -> None:
        """Add to several metrics at once."""

    def count(self, name: str, found: int, month: str | None = None) -> None:
        """Add to the metric of this name."""

    def seconds(self, name: str, found: float, month: str | None = None) -> None:
        """Add a duration or an age, in seconds."""
