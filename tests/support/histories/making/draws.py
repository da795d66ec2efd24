"""Draws from the holds of a history: their ids collide, and their contents mostly agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

AMOUNTS = ("0.07", "0.5", "1", "1.00", "1.37", "3.000000000001", "0.000000000001")
OFTEN, ODD = 0.35, 0.1


def with_draws(seed: int) -> bool:
    """True for every fourth history; none of those is a seed that parted before draws came."""
    return seed % 4 == 1


def draws(chance: random.Random, tenants: list[str]) -> Iterator[dict[str, Any] | None]:
    """Yield the next draw, or None where there is none."""
    usual: dict[str, dict[str, Any]] = {}
    while True:
        if chance.random() >= OFTEN:
            yield None
            continue
        name, made = f"draw-{chance.randrange(8)}", _content(chance)
        content = usual.setdefault(name, made)
        if chance.random() < ODD:
            content = made
        yield {"tenant_id": chance.choice(tenants), "draw_id": name, **content}


def _content(chance: random.Random) -> dict[str, Any]:
    content: dict[str, Any] = {
        "reservation_id": f"hold-{chance.randrange(7)}",
        "cost_usd": chance.choice(AMOUNTS),
    }
    if chance.random() < 0.3:
        content["agent"] = "critic"
    if chance.random() < 0.3:
        content["model"] = "gpt-x"
    if chance.random() < 0.5:
        content["tokens"] = chance.randrange(99)
    return content
