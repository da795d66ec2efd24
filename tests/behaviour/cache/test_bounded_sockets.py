"""Whatever the cache does costs a request at most 250 ms, and 50 ms once the breaker is open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.adapters.cache import bounded_sockets
from budget_monitor.adapters.cache.bounded_sockets import BoundedSocket, within
from budget_monitor.adapters.cache.server import CacheServer
from tests.support.builders import Tenant
from tests.support.cache.caching import RUN, another_process, parts, told
from tests.support.cache.certificates import server_context
from tests.support.cache.faulty_valkey import CUTS, LATE, LATE_SECONDS, WAITING, FaultyValkey, lying
from tests.support.cache.stopwatch import Stopwatch
from tests.support.cache.valkey import HOST, Valkey

MOST, MAX_OPEN = 0.25, 0.05 + 0.02
"""The promises in seconds; the machine may take 20 ms to wake who waited 50."""
TRIES = 5
"""Where the code waited too long it would each time; a busy machine does not."""


REQUESTS: dict[str, Callable[[Tenant], Any]] = {
    "check": lambda tenant: tenant.check("0.1", **RUN).body["allowed"],
    "reserve": lambda tenant: tenant.reserve("0.1", **RUN).body["allowed"],
    "usage": lambda tenant: tenant.usage()["spent_usd"],
}


def soon(lap: Callable[[], float], most: float) -> bool:
    """Whether it takes so many seconds at most."""
    return any(lap() <= most for _ in range(TRIES))


def closed() -> None:
    """The breaker does not know that anything failed."""
    parts().store._server._breaker._tries_at = None  # noqa: SLF001 - as at the start


def half_open() -> None:
    """The breaker admits one probe."""
    parts().store._server._breaker._tries_at = 0.0  # noqa: SLF001 - a clock set forward


@pytest.mark.parametrize("mode", [*WAITING, *CUTS])
def test_a_request_waits_for_no_cache_that_does_not_answer(
    cached: Tenant, liar: FaultyValkey, stopwatch: Stopwatch, mode: str
) -> None:
    told(cached)

    def first(request: Callable[[Tenant], Any]) -> float:
        liar.mode = "pass"
        closed()
        parts().store._distrusts_until = None  # noqa: SLF001 - another process
        told(cached)
        liar.mode = mode
        stopwatch.lap()
        assert request(cached)
        return stopwatch.lap()

    def while_open() -> float:
        parts().store._server._breaker.failed()  # noqa: SLF001 - open, whatever was asked last
        stopwatch.lap()
        assert all(request(cached) for request in REQUESTS.values())
        return stopwatch.lap()

    def one_try() -> float:
        half_open()
        assert REQUESTS["reserve"](cached)
        return stopwatch.lap()

    for request in REQUESTS.values():
        assert soon(lambda: first(request), MOST)  # noqa: B023 - called here and now
    assert soon(while_open, 0.005)
    assert soon(one_try, MAX_OPEN)


def test_who_answers_late_is_asked_only_as_long_as_there_is_time(
    cached: Tenant, liar: FaultyValkey, stopwatch: Stopwatch, valkey: Valkey
) -> None:
    """A check that finds nothing asks six times, for its policy and its accounts."""
    cached.check("0.1", **RUN).body  # noqa: B018 - connected

    def lap() -> float:
        liar.mode = "pass"
        valkey.client.flushall()
        closed()
        another_process()
        liar.mode = LATE
        stopwatch.lap()
        assert cached.check("0.1", **RUN).body["source"] == "store"
        return stopwatch.lap()

    assert lap() > 2 * LATE_SECONDS
    assert soon(lap, MOST)


def test_a_cache_that_is_back_is_used_again(cached: Tenant, liar: FaultyValkey) -> None:
    assert told(cached)["source"] == "cache"
    liar.mode = "refuse"
    assert told(cached)["source"] == "store"
    liar.mode = "pass"
    assert told(cached)["source"] == "store"
    half_open()

    assert told(cached)["source"] == "cache"


def test_a_name_that_does_not_resolve_is_not_waited_for(
    cached: Tenant, stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def resolve(*_: Any, **__: Any) -> list[Any]:
        over.wait(30)
        return []

    monkeypatch.setenv("CACHE_URL", "redis://cache.invalid:6379")
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    def lap() -> float:
        closed()
        stopwatch.lap()
        assert cached.check("0.1", **RUN).body["source"] == "store"
        return stopwatch.lap()

    assert lap() > MOST / 2
    assert soon(lap, MOST)
    over.set()


def test_a_name_that_cannot_be_one_is_no_news_to_anybody(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for host in ("a" * 70, "a..b", "a%00b"):
        assert CacheServer(f"redis://{host}:6379").values(["anything"]) is None

    assert capfd.readouterr().err == ""


class Dripping:
    """A socket that sends a byte each time, just before it would be too late."""

    def __init__(self, hours: list[float]) -> None:
        self.hours = hours
        self.waits: list[float] = []

    def settimeout(self, seconds: float) -> None:
        self.waits.append(seconds)

    def recv(self, _: int) -> bytes:
        self.hours[0] += min(0.09, self.waits[-1])
        if self.waits[-1] <= 0.09:
            raise TimeoutError
        return b"+"


def test_a_drip_is_waited_for_as_long_as_the_call_may_take_and_not_byte_by_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hours = [100.0]
    monkeypatch.setattr(bounded_sockets, "monotonic", lambda: hours[0])
    dripping = Dripping(hours)
    drip = BoundedSocket(dripping)
    with within(0.2):
        assert [drip.recv(65536), drip.recv(65536)] == [b"+", b"+"]
        with pytest.raises(TimeoutError):
            drip.recv(65536)

    assert hours[0] == pytest.approx(100.2)
    assert dripping.waits == pytest.approx([0.2, 0.11, 0.02])


def test_all_units_of_work_within_a_request_share_one_time_to_spare() -> None:
    with deadline.unit_of_work():
        deadline.optional_budget().left -= 0.15
        with deadline.unit_of_work():
            deadline.optional_budget().left -= 0.04
        assert deadline.optional_budget().left == pytest.approx(0.01)
    with deadline.unit_of_work():
        assert deadline.optional_budget().left == deadline.OPTIONAL_SECONDS


def test_over_tls_it_works_where_the_certificate_is_trusted(valkey: Valkey, tmp_path: Path) -> None:
    context, trusted = server_context(tmp_path)
    with lying(valkey.port, context) as liar:
        trusting = CacheServer(f"{liar.url}?ssl_ca_certs={trusted}")
        assert trusting.drop(["nothing"])
        assert not CacheServer(liar.url).drop(["nothing"])


def test_a_handshake_is_not_waited_for_either() -> None:
    with socket.create_server((HOST, 0)) as silent:

        def lap() -> float:
            server = CacheServer(f"rediss://{HOST}:{silent.getsockname()[1]}")
            started = perf_counter()
            assert server.values(["anything"]) is None
            return perf_counter() - started

        assert soon(lap, MOST)
