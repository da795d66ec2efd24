"""The Valkey or Redis server of the cache: used only while optional time is left, never trusted.

No method raises an error. Commands sent: GET, SET of a lease, compare-and-set of an entry, DEL.
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
"""Maximum time of a reader; after that its copy is not stored."""
IDLE_SECONDS = 60.0
"""Connections are closed after this idle time."""
_SECONDS = deadline.OPTIONAL_SECONDS

_FILL = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] "
    "then return redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end return false"
)
"""Stores the entry if the key still has the reader's own lease."""

_ADDRESS = ("host", "port", "username", "password", "db")
"""The parts of the URL that are used, with `ssl_ca_certs`. All other settings are fixed here."""
_NO_VALUE = b"?"
"""Stands for an answer of an unexpected type; it is not a valid copy."""

logger = logging.getLogger(__name__)


class CacheServer:
    """One server and its connections, kept for the life of the process. Thread-safe."""

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
        """Return the values of the keys, or None if there is no answer in time. One round trip."""
        answers = self._asked(lambda pipeline: [pipeline.get(name) for name in names])
        return None if answers is None else [_value(answer) for answer in answers]

    def leased(self, free: Sequence[str], odd: Sequence[str], lease: str) -> set[str]:
        """Delete the odd keys, set the lease on all, and return the keys that now have it."""
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
        """Store the entries whose lease still exists: no writer has changed them meanwhile."""
        if not entries or milliseconds <= 0:
            return
        self._asked(
            lambda pipeline: [
                pipeline.eval(_FILL, 1, name, lease, entry, milliseconds)
                for name, entry in entries.items()
            ]
        )

    def drop(self, names: Iterable[str]) -> bool:
        """Delete the keys, including leases; True if that succeeded."""
        answers = self._asked(lambda pipeline: [pipeline.delete(name) for name in names])
        return answers is not None and all(answer in (0, 1) for answer in answers)

    def _asked(self, commands: Callable[[Pipeline], object]) -> list[Any] | None:
        """Return the answers to the commands, in one round trip; None if not in time."""
        spare = deadline.optional_budget()
        # With less time than a probe takes, a failure would say nothing about the server.
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
        except Exception as fault:  # noqa: BLE001 - any failure: the store answers instead
            spare.left = 0
            if self._breaker.failed():
                # Log only the type: the message may contain data that was sent.
                logger.warning("the cache is not used for a while: %s", type(fault).__name__)
            return None
        finally:
            spare.left -= monotonic() - started
        self._breaker.worked(call)
        return list(answers)

    def _wake(self) -> None:
        """Close idle connections: the network may have dropped them.

        - Uses the wall clock: the monotonic clock may stop while Lambda freezes a process.
        - Connections in use by another thread are kept.
        - Two threads may do it at the same time; that is harmless.
        """
        now = time()
        if not 0 <= now - self._used_at < IDLE_SECONDS:
            self._client.connection_pool.disconnect(inuse_connections=False)
        self._used_at = now


def _some(answers: list[Any]) -> list[Any]:
    """Return the answers. Raises the first error if all answers are errors.

    A single error concerns one key; if all fail, the server fails.
    """
    if answers and all(isinstance(one, ResponseError) for one in answers):
        raise answers[0]
    return answers


def _value(answer: object) -> bytes | None:
    return answer if answer is None or isinstance(answer, bytes) else _NO_VALUE


def _options(url: str) -> dict[str, Any]:
    """Return connection options of the URL. Raises ConfigurationError, without the URL's text."""
    try:
        address = parse_url(url)
        options = {name: address[name] for name in _ADDRESS if name in address}
        if url.startswith("rediss:"):
            options["tls"] = ssl.create_default_context(cafile=address.get("ssl_ca_certs"))
    except (ValueError, OSError) as fault:
        kind = type(fault).__name__
        raise ConfigurationError(f"CACHE_URL cannot be used: {kind}") from None
    return options
