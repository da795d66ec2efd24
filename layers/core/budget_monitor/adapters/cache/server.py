"""The Valkey or Redis behind the cache: asked while there is time to spare, never trusted.

Nothing here raises, and nothing counts: what is sent is GET, SET of a lease, a compare-and-set of
an entry, and DEL.
"""

import logging
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic, time
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.client import Pipeline
from redis.connection import ConnectionPool, parse_url
from redis.exceptions import ResponseError
from redis.retry import Retry

from budget_monitor import deadline
from budget_monitor.adapters.cache.bounded_sockets import BoundedConnection, within
from budget_monitor.adapters.cache.breaker import PROBE_SECONDS, Breaker
from budget_monitor.domain.errors import ConfigurationError

LEASE_MILLISECONDS = 5000
"""How long a reader may take; after that its value is refused."""
IDLE_SECONDS = 60.0
"""After so long a silence a connection is not trusted any more."""
_SECONDS = deadline.SPARE_SECONDS

_FILL = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] "
    "then return redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end return false"
)
"""Puts the entry where the reader's own lease still stands."""

_ADDRESS = ("host", "port", "username", "password", "db")
"""The parts of an address that count, beside `ssl_ca_certs`: the rest is ours to say."""
_NO_VALUE = b"?"
"""Stands for an answer that no value has: like all that is odd it is no copy."""

logger = logging.getLogger(__name__)


class CacheServer:
    """One server and the connections to it, kept as long as the process lives. Any thread."""

    def __init__(self, url: str, breaker: Breaker | None = None) -> None:
        self._breaker = breaker or Breaker()
        pool = ConnectionPool(
            connection_class=BoundedConnection,
            **_options(url),
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # no handshake: the first command is the first round trip
            driver_info=None,
            health_check_interval=0,
        )
        self._client = Redis(connection_pool=pool)
        self._used_at = time()

    def values(self, names: Sequence[str]) -> Sequence[bytes | None] | None:
        """What stands under the names, or None where that is not to be had. One round trip."""
        answers = self._asked(lambda pipeline: [pipeline.get(name) for name in names])
        return None if answers is None else [_value(answer) for answer in answers]

    def leased(self, free: Sequence[str], odd: Sequence[str], lease: str) -> set[str]:
        """Those of the names under which the lease stands now. What is odd is thrown away."""
        names = [*odd, *free]

        def commands(pipeline: Pipeline) -> None:
            for name in odd:
                pipeline.delete(name)
            for name in names:
                pipeline.set(name, lease, nx=True, px=LEASE_MILLISECONDS)

        answers = self._asked(commands) if names else None
        taken = zip(names, (answers or [])[len(odd) :], strict=False)
        return {name for name, answer in taken if answer is True}

    def fill(self, entries: Mapping[str, str], lease: str, milliseconds: int) -> None:
        """Put the entries where the lease still stands: no writer moved them meanwhile."""
        if not entries or milliseconds <= 0:
            return
        self._asked(
            lambda pipeline: [
                pipeline.eval(_FILL, 1, name, lease, entry, milliseconds)
                for name, entry in entries.items()
            ]
        )

    def drop(self, names: Iterable[str]) -> bool:
        """Throw away what stands under the names, leases included; whether that was done."""
        answers = self._asked(lambda pipeline: [pipeline.delete(name) for name in names])
        return answers is not None and all(answer in (0, 1) for answer in answers)

    def _asked(self, commands: Callable[[Pipeline], object]) -> list[Any] | None:
        """The answers to the commands, in one round trip; None where there are none in time."""
        spare = deadline.spare()
        # With less than a try takes, a failure would be our haste and say nothing of the server.
        call = self._breaker.admits() if spare.left >= PROBE_SECONDS else None
        if call is None:
            return None
        self._wake()
        spare.left = min(spare.left, call.seconds)
        started = monotonic()
        try:
            with within(spare.left):
                pipeline = self._client.pipeline(transaction=False)
                commands(pipeline)
                answers = _some(pipeline.execute(raise_on_error=False))
        except Exception as fault:  # noqa: BLE001 - whatever it is, the store is there
            spare.left = 0
            if self._breaker.failed():
                # Its kind alone: the words of an error may quote what was sent.
                logger.warning("the cache is not used for a while: %s", type(fault).__name__)
            return None
        finally:
            spare.left -= monotonic() - started
        self._breaker.worked(call)
        return list(answers)

    def _wake(self) -> None:
        """Connect anew after a long silence: who stood between may have forgotten the connection.

        By the wall clock, since the other one may stand still while Lambda keeps a process frozen.
        Connections that another thread uses are not silent and stay. Two threads at once may both
        do it: each before it takes a connection, and the second for nothing.
        """
        now = time()
        if not 0 <= now - self._used_at < IDLE_SECONDS:
            self._client.connection_pool.disconnect(inuse_connections=False)
        self._used_at = now


def _some(answers: list[Any]) -> list[Any]:
    """The answers. Raises the first where all are refusals: a single one is about one name."""
    if answers and all(isinstance(one, ResponseError) for one in answers):
        raise answers[0]
    return answers


def _value(answer: object) -> bytes | None:
    return answer if answer is None or isinstance(answer, bytes) else _NO_VALUE


def _options(url: str) -> dict[str, Any]:
    """What a connection to the address needs. Raises ConfigurationError, without the address."""
    try:
        address = parse_url(url)
        options = {name: address[name] for name in _ADDRESS if name in address}
        if url.startswith("rediss:"):
            options["tls"] = ssl.create_default_context(cafile=address.get("ssl_ca_certs"))
    except (ValueError, OSError) as fault:
        kind = type(fault).__name__
        raise ConfigurationError(f"CACHE_URL cannot be used: {kind}") from None
    return options
