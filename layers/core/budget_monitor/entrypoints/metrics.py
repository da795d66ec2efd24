"""Counting what jobs found, where nobody reads their answers."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def count(name: str, found: int, month: str | None = None) -> None:
    """Add to the metric of this name."""
    with single_metric(
        name=name, unit=MetricUnit.Count, value=found, namespace="BudgetMonitor"
    ) as metric:
        if month is not None:
            metric.add_metadata("month", month)
