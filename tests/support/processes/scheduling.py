"""How tests are dealt to workers: groups whole, each file in up to four parts.

`--dist loadgroup` alone deals each test for itself, and looks at all earlier ones before each:
with 10,000 tests that takes a minute of one core, in which workers wait.
"""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

PARTS = 4
"""Parts of a file: a few, so that a long file does not keep one worker busy at the end."""


class FilesInParts(LoadGroupScheduling):  # type: ignore[misc]
    """The scheduling of `--dist loadgroup` with fewer, larger units."""

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        if group != nodeid:
            return group
        return f"{nodeid.partition('::')[0]} {zlib.crc32(nodeid.encode()) % PARTS}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadGroupScheduling | None:
    """Use it where the run asks for `--dist loadgroup`."""
    return FilesInParts(config, log) if config.getoption("dist") == "loadgroup" else None
