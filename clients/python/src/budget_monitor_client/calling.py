"""What generated methods call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

R = TypeVar("R")
"""What a method returns: an answer, or an awaitable of it."""


class Calling(Generic[R]):
    """Sends operations: the synchronous client at once, the asynchronous one when awaited."""

    @abstractmethod
    def send(self, operation: str, fields: Mapping[str, Any]) -> R:
        """Send the operation with these fields, retrying what may be retried."""

    def _call(self, operation: str, given: Mapping[str, Any]) -> R:
        """Send what a method was given: its `locals()`. A parameter `from_` is the field `from`."""
        fields = {name.rstrip("_"): one for name, one in given.items() if name != "self"}
        return self.send(operation, fields)
