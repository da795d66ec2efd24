"""Without CACHE_URL no Redis code is loaded; with one its password is never shown."""

from __future__ import annotations

import json
import logging

import pytest

from budget_monitor.adapters.cache.server import CacheServer
from budget_monitor.config import Config
from budget_monitor.domain.errors import ConfigurationError
from tests.support.builders import Tenant, new_id
from tests.support.cache.caching import RUN
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.environment import CREDENTIALS, function_environment
from tests.support.memory.fixture import MemoryCloud
from tests.support.processes.fresh_interpreter import printed_by

SECRET = "hunter2-hunter2"  # noqa: S105 - looked for in what is logged
FUNCTIONS = ("checking", "tracking", "reporting", "budgeting", "alerting", "resetting", "expiring")
SCRIPT = f"""
import importlib, json, os, sys
for name in {FUNCTIONS}:
    importlib.import_module(f"functions.{{name}}.app")
event = {{"operation": "check", "tenant_id": "acme", "agent_execution_id": "run",
          "estimated_cost_usd": "1"}}
from tests.support.doors.doors import Context
from budget_monitor.config import Config
sources = []
for url in ("", None):
    os.environ.pop("CACHE_URL", None) if url is None else os.environ.update(CACHE_URL=url)
    Config.from_environment.cache_clear()
    app = importlib.import_module("functions.checking.app")
    sources.append(app.lambda_handler(event, Context())["source"])
ours = [name for name in sys.modules if name.split(".")[0] == "redis" or "cache" in name
        and name.startswith("budget_monitor")]
print(json.dumps([sources, ours]))
"""


def test_nothing_of_redis_is_loaded_where_there_is_no_cache(
    emulator_cloud: Cloud, emulator: str
) -> None:
    """Its address is empty in one request and absent in the next one."""
    tables = function_environment(emulator_cloud.tables)
    environment = {**tables, **CREDENTIALS, "AWS_ENDPOINT_URL": emulator}
    printed = printed_by(SCRIPT, **environment).splitlines()[-1]
    assert json.loads(printed) == [["store", "store"], []]


@pytest.mark.parametrize(
    "url",
    ["http://cache", "cache:6379", "redis://", "redis://:6379", "redis://h:port", "rediss:h", " "],
)
def test_an_address_that_is_none_is_named_and_not_shown(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("CACHE_URL", url)

    with pytest.raises(ConfigurationError, match="CACHE_URL") as refused:
        Config.from_environment()
    assert url not in {"", " "} or "redis://host:port" in str(refused.value)


def test_the_password_is_in_no_log_and_no_picture_of_the_configuration(
    memory_cloud: MemoryCloud,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for url in (f"redis://user:{SECRET}@127.0.0.1:1", f"rediss://:{SECRET}@127.0.0.1:1/0"):
        monkeypatch.setenv("CACHE_URL", url)
        tenant = Tenant(DirectDoor(), new_id("tenant"))
        tenant.spend("1", **RUN)
        assert tenant.check("1", **RUN).body["source"] == "store"
        assert SECRET not in repr(Config.from_environment())

    heard = caplog.text + "".join(capfd.readouterr())
    assert "the cache is not used for a while" in heard
    assert SECRET not in heard


@pytest.mark.parametrize("options", ["db=none", "ssl_ca_certs=/no/such/file"])
def test_options_that_cannot_be_used_are_a_wrong_address(options: str) -> None:
    with pytest.raises(ConfigurationError, match="CACHE_URL") as refused:
        CacheServer(f"rediss://:{SECRET}@cache?{options}")
    assert SECRET not in str(refused.value)


def test_the_password_is_not_in_the_message_about_a_wrong_address(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_URL", f"http://:{SECRET}@cache:6379")

    with pytest.raises(ConfigurationError) as refused:
        Config.from_environment()
    assert SECRET not in str(refused.value)
