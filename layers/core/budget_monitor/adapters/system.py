"""The system clock and random ids."""

from datetime import UTC, datetime, timedelta
from time import sleep
from uuid import uuid4


class SystemClock:
    """The server's time."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        return datetime.now(UTC)

    def wait(self, duration: timedelta) -> None:
        """Sleep for this duration."""
        sleep(duration.total_seconds())


class RandomIds:
    """Random unique ids."""

    def new(self) -> str:
        """Return a random id of 32 hexadecimal digits."""
        return uuid4().hex
