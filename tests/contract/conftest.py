"""The behaviours of the replaced monitor hold wherever its tables are."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from tests.support.cloud import Cloud
from tests.support.dynamodb.moto_cloud import MotoWatch, moto_cloud
from tests.support.memory.fixture import MemoryCloud, memory_cloud
from tests.support.memory.watch import Watch

__all__ = ["memory_cloud", "moto_cloud"]

ALERTED = ["memory", "moto"]
"""Where alerting runs in this process; on the emulator tests/end_to_end plays it, deployed."""
EVERYWHERE = ["emulator", *ALERTED]
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` runs a behaviour in memory, and at the one other place that its name chooses."""
    for one in items:
        if one.path.parent != HERE or not isinstance(one, pytest.Function):
            continue
        own = [mark.args[0] for mark in one.iter_markers("parametrize")]  # where alerting runs
        if "cloud" not in own and one.callspec.params["cloud"] == left_out(one.originalname):
            one.add_marker(pytest.mark.thorough)


def left_out(name: str) -> str:
    """The emulator or moto, half of the behaviours each."""
    return ("emulator", "moto")[zlib.crc32(name.encode()) % 2]


@pytest.fixture(params=EVERYWHERE)
def cloud(request: pytest.FixtureRequest) -> Cloud:
    """The project's tables on each backend in turn; the months have limits, and runs none."""
    found: Cloud = request.getfixturevalue(f"{request.param}_cloud")
    found.set_limits(execution="none", workflow="none")
    return found


@pytest.fixture
def watch(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Watch | MotoWatch:
    """Alerting over the same backend, in this process."""
    if isinstance(cloud, MemoryCloud):
        return Watch(cloud, monkeypatch)
    return MotoWatch(cloud, monkeypatch)
