"""Draws that race each other and the end of their hold: every cost once, one terminal state."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.support.histories.gateway import Reply
from tests.support.histories.ledger_audit import differences
from tests.support.histories.many_callers import CALLERS, new_round, served, system
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import first, size
from tests.support.times import later

pytestmark = pytest.mark.usefixtures("hurried")

ENDINGS = int(os.environ.get("RACE_ENDINGS", size(30, 150))) // 3
GENEROUS = {"execution": "none", "workflow": "none", "tenant": "none", "system": "none"}


@pytest.mark.thorough
def test_64_draws_of_1_cent_from_a_hold_of_50_cents_are_all_booked(
    memory_cloud: MemoryCloud, callers: Any, record_property: Any
) -> None:
    memory_cloud.set_limits(**GENEROUS)
    new_round(memory_cloud, 1)
    fields = {"tenant_id": "acme", "reservation_id": "hold"}
    assert served("reserve", estimated_cost_usd="0.5", agent_execution_id="run", **fields).body
    draw = partial(served, "draw", cost_usd="0.01", include_gates=False, **fields)
    replies = callers(lambda n: draw(draw_id=f"draw-{n}"), CALLERS)
    assert [one.error for one in replies] == [None] * CALLERS
    shown = sorted(one.body["reservation"]["draws"] for one in replies)
    assert shown == list(range(1, CALLERS + 1))
    held = served("get_reservation", **fields).body
    assert (held["drawn_usd"], held["left_usd"], held["draws"]) == ("0.64", "0", 64)
    assert (system()["spent_usd"], system()["held_usd"]) == ("0.64", "0")
    assert not differences(memory_cloud.rows())
    record_property("races", f"{CALLERS} draws from one hold")


def test_one_draw_sent_by_64_callers_counts_once(memory_cloud: MemoryCloud, callers: Any) -> None:
    new_round(memory_cloud, 2)
    fields = {"tenant_id": "acme", "reservation_id": "hold"}
    assert served("reserve", estimated_cost_usd="1", agent_execution_id="run", **fields).body
    draw = partial(served, "draw", cost_usd="0.1", draw_id="draw", **fields)
    replies = callers(lambda _: draw(), CALLERS)
    assert Counter(one.body["entry"]["replayed"] for one in replies) == {False: 1, True: 63}
    assert (system()["spent_usd"], system()["held_usd"]) == ("0.1", "0.9")
    assert not differences(memory_cloud.rows())


@pytest.mark.parametrize("on_expiry", first(1, ["settle_at_estimate", "return"]))
def test_two_draws_race_a_settlement_a_release_and_an_expiry(
    memory_cloud: MemoryCloud, callers: Any, record_property: Any, on_expiry: str
) -> None:
    memory_cloud.set_limits(**GENEROUS)
    new_round(memory_cloud, 3)
    ends: Counter[str] = Counter()
    for turn in range(ENDINGS):
        fields = {"tenant_id": f"tenant-{turn % 50}", "reservation_id": f"hold-{turn}"}
        run = {"agent_execution_id": f"run-{turn}", "expires_in_seconds": 60}
        served("reserve", estimated_cost_usd="2", on_expiry=on_expiry, **fields, **run)
        acts = _contenders(fields, turn)
        with later(seconds=61 if turn % 2 else 1):
            order = [acts[(n + turn) % 5] for n in range(5)]
            replies = callers(lambda n, these=order: these[n](), 5)
            served("expire")
            held = served("get_reservation", **fields).body
        by_act = {(n + turn) % 5: one for n, one in enumerate(replies)}
        assert [by_act[n].error for n in (0, 1, 2)] == [None] * 3, by_act
        in_time = [one for n in (0, 1) if not (one := by_act[n]).body["entry"]["flags"]]
        assert (held["draws"], held["drawn_usd"]) == (
            len(in_time),
            {0: "0", 1: "0.5", 2: "1"}[len(in_time)],
        )
        ends[held["state"]] += 1
        assert served("tenant_usage", tenant_id=fields["tenant_id"]).body["held_usd"] == "0"
    assert not differences(memory_cloud.rows())
    booked = Decimal(system()["spent_usd"])
    assert booked == ENDINGS * Decimal("2.5"), "each turn: two draws of 0.5 and a cost of 1.5"
    record_property("races", f"{ENDINGS} endings with draws, {on_expiry}: {dict(ends)}")


def _contenders(fields: dict[str, str], turn: int) -> list[Callable[[], Reply]]:
    draw = partial(served, "draw", cost_usd="0.5", **fields)
    return [
        partial(draw, draw_id=f"draw-{turn}-1"),
        partial(draw, draw_id=f"draw-{turn}-2"),
        partial(served, "settle", cost_usd="1.5", **fields),
        partial(served, "release", **fields),
        partial(served, "expire"),
    ]
