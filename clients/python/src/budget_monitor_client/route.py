"""What a transport needs to know about an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budget_monitor_client.values import LEFT_OUT


@dataclass(frozen=True)
class Route:
    """The function of an operation, and its route over HTTP if it has one."""

    function: str
    method: str | None = None
    path: str | None = None
    is_keyed: bool = False
    """True if the operation takes an idempotency key."""
    own_id: str | None = None
    """The field with the caller's own id for what is made."""
    nullable: tuple[str, ...] = ()
    """Fields for which null has a meaning; elsewhere null is a field left out."""

    @property
    def is_named_by_path(self) -> bool:
        """True if the path names what changes, so that a repetition changes nothing."""
        return "{reservation_id}" in (self.path or "")

    def given(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields without those that are left out."""
        return {
            name: value
            for name, value in fields.items()
            if value is not LEFT_OUT and (value is not None or name in self.nullable)
        }
