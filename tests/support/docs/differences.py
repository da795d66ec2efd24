"""Compare an answer with its example on a page."""

from __future__ import annotations

from typing import Any


def differences(said: Any, answered: Any, where: str = "") -> list[str]:
    """Return the differences from the page. Fields that the page omits are ignored."""
    if isinstance(said, dict) and isinstance(answered, dict):
        return [
            found
            for name, value in said.items()
            for found in differences(value, answered.get(name, "nothing"), f"{where}.{name}")
        ]
    if isinstance(said, list) and isinstance(answered, list) and len(said) == len(answered):
        pairs = enumerate(zip(said, answered, strict=True))
        return [
            found
            for place, (one, other) in pairs
            for found in differences(one, other, f"{where}[{place}]")
        ]
    return [] if said == answered else [f"{where} is {answered!r}, said {said!r}"]
