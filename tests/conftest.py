"""What tests share: an account of their own in the cloud, and the two doors into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.support.alerts.topic import Topic
from tests.support.builders import Tenant
from tests.support.cache.caching import cached, unhurried
from tests.support.cache.faulty_valkey import FaultyValkey, lying
from tests.support.cache.stopwatch import stopwatch
from tests.support.cache.valkey import Valkey, running_valkey
from tests.support.cloud import CACHE, Cloud
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.dynamodb.botocore_once import botocore_set_up_once
from tests.support.dynamodb.moto_cloud import moto_cloud
from tests.support.environment import CREDENTIALS, REGION
from tests.support.histories.many_callers import callers, hurried
from tests.support.memory.fixture import memory_cloud
from tests.support.memory.watch import watch
from tests.support.prices.library import library_loaded, near_names_kept, priced_cloud
from tests.support.processes.emulator import running_emulator
from tests.support.template.grants import Recorder
from tests.support.thorough import door_of, without_thorough
from tests.support.workflows.machines import machines
from tests.support.workflows.waiting import waits

pytest_plugins = [
    "tests.support.processes.examples",
    "tests.support.processes.lost_workers",
    "tests.support.processes.garbage",
    "tests.support.processes.scheduling",
    "tests.support.processes.settings",
]

# Fixtures that live beside what they need, for every test.
__all__ = [
    "botocore_set_up_once",
    "cached",
    "callers",
    "hurried",
    "library_loaded",
    "machines",
    "memory_cloud",
    "moto_cloud",
    "near_names_kept",
    "priced_cloud",
    "stopwatch",
    "unhurried",
    "waits",
    "watch",
]


def pytest_configure(config: pytest.Config) -> None:
    """From here on it is noted what each function asks of AWS."""
    config.pluginmanager.register(Recorder(config), "grants")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `make thorough` runs, unless a test is named."""
    if not any("::" in name for name in config.args):
        items[:], left_out = without_thorough(items)
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """The endpoint of a ministack for this session (each xdist worker has its own)."""
    with running_emulator() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def dynamodb(emulator: str, botocore_set_up_once: None) -> Any:
    """The tests' own client, to make tables and to look into them."""
    return boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=emulator,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's settings reaches a test."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name == CACHE:
            monkeypatch.delenv(name)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture
def emulator_cloud(
    dynamodb: Any, emulator: str, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cloud]:
    """The project's tables, empty and this test's own, and the environment that leads there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator)
    cloud = Cloud(dynamodb, monkeypatch)
    yield cloud
    cloud.delete_tables()


@pytest.fixture
def cloud(emulator_cloud: Cloud) -> Cloud:
    """The tables on the emulator, unless a module says where its own are."""
    return emulator_cloud


@pytest.fixture
def topic(cloud: Cloud, emulator: str, monkeypatch: pytest.MonkeyPatch) -> Topic:
    """A topic and an event bus of this test's own, to which alerts go."""
    topic = Topic(emulator)
    monkeypatch.setenv("ALERT_TOPIC_ARN", topic.arn)
    monkeypatch.setenv("ALERT_BUS_NAME", topic.bus)
    return topic


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A Valkey for this session (each xdist worker has its own)."""
    with running_valkey() as valkey:
        yield valkey


@pytest.fixture
def liar(valkey: Valkey) -> Iterator[FaultyValkey]:
    """A proxy before an empty Valkey that gives wrong answers on request."""
    valkey.client.flushall()
    with lying(valkey.port) as liar:
        yield liar


DOORS = {"http": HttpDoor, "direct": DirectDoor}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test at both doors, at those that its mark `doors` names, or as it parametrizes."""
    own = metafunc.definition.iter_markers("parametrize")
    if "door" in metafunc.fixturenames and not any("door" in mark.args[0] for mark in own):
        mark = metafunc.definition.get_closest_marker("doors")
        names = mark.args if mark else door_of(metafunc.definition.nodeid, tuple(DOORS))
        metafunc.parametrize("door", [DOORS[name] for name in names], indirect=True, ids=names)


@pytest.fixture
def door(request: pytest.FixtureRequest, cloud: Cloud) -> Door:
    """Each door in turn, unless the mark `doors` names one."""
    opened: Door = request.param()
    return opened


@pytest.fixture
def forgetful_processes(door: Door, cloud: Cloud) -> None:
    """At the direct door each request meets a new process, at the other one answers them all.

    What a process remembers of earlier requests saves reads and must change nothing else.
    """
    if isinstance(door, DirectDoor):
        door.before_each = cloud.start_another_process


@pytest.fixture
def tenant(door: Door) -> Tenant:
    """A tenant that nobody else has, at each door in turn."""
    return Tenant(door)


@pytest.fixture
def direct_tenant(cloud: Cloud) -> Tenant:
    """A tenant that nobody else has, at the direct door alone."""
    return Tenant(DirectDoor())
