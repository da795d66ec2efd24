"""What the functions print: request lines and metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_OF_ANY_LINE = {"level", "message", "timestamp", "service"}
_IS_REQUEST = '"message": "request"'


def requests(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What the line of each request says, without what every line of a log has."""
    found = [json.loads(one) for one in capsys.readouterr().out.splitlines() if _IS_REQUEST in one]
    return [{k: value for k, value in one.items() if k not in _OF_ANY_LINE} for one in found]


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The last value of each metric of jobs and outages since they were looked at last."""
    return _named([one for one in _lines(capsys) if "Operation" not in one])


def request_metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The metrics of each request about money since they were looked at last, with dimensions."""
    dimensions = ("Operation", "Outcome", "Reason", "Stack")
    return [
        _named([one]) | {name: one[name] for name in dimensions if name in one}
        for one in _lines(capsys)
        if "Operation" in one
    ]


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(one) for one in lines if '"_aws"' in one]


def _named(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        named["Name"]: one[named["Name"]][0]
        for one in found
        for told in one["_aws"]["CloudWatchMetrics"]
        for named in told["Metrics"]
    }
