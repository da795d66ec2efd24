"""What is no outage of the cache does not turn it off."""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.adapters.cache import server as cache_server
from budget_monitor.adapters.cache.breaker import PROBE_SECONDS
from budget_monitor.adapters.cache.server import CacheServer
from tests.support.builders import Tenant
from tests.support.cache.caching import RUN
from tests.support.cache.faulty_valkey import LATE, PASS, FaultyValkey
from tests.support.cache.valkey import Valkey
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import later


@pytest.fixture
def server(valkey: Valkey) -> CacheServer:
    """The server as the functions know it."""
    return CacheServer(valkey.url)


def test_one_odd_key_is_a_miss_and_is_thrown_away(server: CacheServer, valkey: Valkey) -> None:
    valkey.client.set("bm:good", "text")
    valkey.client.rpush("bm:odd", "a list")

    good, odd = server.values(["bm:good", "bm:odd"]) or ()

    assert (good, odd is None) == (b"text", False)
    assert server.leased([], ["bm:odd"], "lease") == {"bm:odd"}
    assert server.drop(["bm:good", "bm:odd"])


def test_a_request_without_time_left_says_nothing_of_the_server(server: CacheServer) -> None:
    with deadline.unit_of_work():
        deadline.optional_budget().left = PROBE_SECONDS / 2
        assert server.values(["bm:any"]) is None
    with deadline.unit_of_work():
        assert server.values(["bm:any"]) == [None]


def test_a_connection_is_not_trusted_after_a_long_silence(
    server: CacheServer, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = "total_connections_received"
    assert server.values(["bm:any"]) == [None]
    before = valkey.client.info("stats")[connections]
    assert server.values(["bm:any"]) == [None]
    assert valkey.client.info("stats")[connections] == before
    later_on = time.time() + cache_server.IDLE_SECONDS + 1
    monkeypatch.setattr(cache_server, "time", lambda: later_on)
    assert server.values(["bm:any"]) == [None]
    assert valkey.client.info("stats")[connections] == before + 1


def test_who_wakes_after_a_long_silence_leaves_alone_whom_others_wait_for(
    liar: FaultyValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, answers = CacheServer(liar.url), list[Any]()
    assert server.values(["bm:any"]) == [None]
    liar.mode = LATE
    liar.commands.clear()
    waiting = Thread(target=lambda: answers.append(server.values(["bm:any"])))
    waiting.start()
    while not liar.commands:
        time.sleep(0.001)
    later_on = time.time() + cache_server.IDLE_SECONDS + 1
    monkeypatch.setattr(cache_server, "time", lambda: later_on)
    liar.mode = PASS

    assert server.values(["bm:any"]) == [None]

    waiting.join()
    assert answers == [[None]]


def test_a_job_drops_the_copies_of_all_that_it_writes(
    cached: Tenant, memory_cloud: MemoryCloud, liar: FaultyValkey
) -> None:
    for number in range(5):
        cached.hold("0.1", **RUN, reservation_id=f"h{number}", expires_in_seconds=1)
    liar.commands.clear()

    with later(seconds=60), deadline.unit_of_work():
        deadline.optional_budget().left = 0.0
        assert cached.door.call("expire").body == {"expired": 5}

    assert len([one for one in liar.commands if one[0] == b"DEL"]) >= 5
