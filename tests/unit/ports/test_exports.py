"""The bucket has the methods of the port, with the same parameters."""

from __future__ import annotations

import inspect

import pytest

from budget_monitor.adapters.aws.export_bucket import ExportBucket
from budget_monitor.ports.exports import ExportFiles


@pytest.mark.parametrize("name", ["put", "get"])
def test_the_bucket_is_export_files(name: str) -> None:
    wanted = inspect.signature(getattr(ExportFiles, name)).parameters
    assert list(inspect.signature(getattr(ExportBucket, name)).parameters) == list(wanted)
