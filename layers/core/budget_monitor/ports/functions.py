"""Other functions that an interceptor invokes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Functions(Protocol):
    """Each raises the domain's error that the function raised, or UnavailableError."""

    def checking(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke checking with the operation."""

    def tracking(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke tracking with the operation."""

    def next_interceptor(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the next interceptor."""
