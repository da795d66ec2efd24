"""What the functions print: request lines and metrics."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

_OF_ANY_RECORD = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}


def requests(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What the line of each request says, without what every line of a log has."""
    lines = [vars(one) for one in caplog.records if one.message == "request"]
    return [{k: value for k, value in one.items() if k not in _OF_ANY_RECORD} for one in lines]


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The last value of each metric since they were looked at last."""
    lines = capsys.readouterr().out.splitlines()
    found = [json.loads(one) for one in lines if '"_aws"' in one]
    return {
        named["Name"]: one[named["Name"]][0]
        for one in found
        for told in one["_aws"]["CloudWatchMetrics"]
        for named in told["Metrics"]
    }
