"""The system's own clock and random ids."""

from datetime import UTC, datetime, timedelta
from time import sleep
from uuid import uuid4


class SystemClock:
    """The server's time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)

    def wait(self, duration: timedelta) -> None:
        """Let that much time pass."""
        sleep(duration.total_seconds())


class RandomIds:
    """Ids that nobody had before."""

    def new(self) -> str:
        """A random id of 32 hexadecimal digits."""
        return uuid4().hex
