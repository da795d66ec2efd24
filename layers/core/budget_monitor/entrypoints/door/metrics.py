"""Metrics of scheduled jobs."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def count(name: str, found: int, month: str | None = None) -> None:
    """Emit a count."""
    _emit(name, MetricUnit.Count, found, month)


def seconds(name: str, found: float, month: str | None = None) -> None:
    """Emit a duration or an age, in seconds."""
    _emit(name, MetricUnit.Seconds, found, month)


def _emit(name: str, unit: MetricUnit, value: float, month: str | None) -> None:
    with single_metric(name=name, unit=unit, value=value, namespace="BudgetMonitor") as metric:
        if month is not None:
            metric.add_metadata("month", month)
