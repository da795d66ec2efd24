"""Rungs of a downgrade ladder and the reserve, as they are kept and as damage is refused."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.rules.wind_down import Rung, below, load_reserve, share

LADDER = (Rung("Large"), Rung("small", "openai", 80), Rung("tiny", None, 95))


def test_a_rung_is_kept_as_it_was_set() -> None:
    dumped = {"model": "small", "provider": "openai", "at_percent": 80}
    assert LADDER[1].dump() == dumped
    assert [Rung.load(one.dump()) for one in LADDER] == [*LADDER]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ({"model": None}, TypeError),
        ({"model": 7}, TypeError),
        ({"provider": 7}, TypeError),
        ({"at_percent": 0}, ValueError),
        ({"at_percent": 101}, ValueError),
        ({"at_percent": True}, ValueError),
        ({"at_percent": "80"}, ValueError),
    ],
)
def test_a_damaged_rung_is_refused(damage: dict[str, Any], fault: type[Exception]) -> None:
    with pytest.raises(fault, match=r"^not a rung$"):
        Rung.load(LADDER[1].dump() | damage)


def test_a_rung_may_be_at_1_and_at_100_percent() -> None:
    for percent in (1, 100):
        assert Rung.load(LADDER[1].dump() | {"at_percent": percent}).at_percent == percent


@pytest.mark.parametrize("reserve", [0, 1, 99])
def test_a_reserve_is_0_to_99_percent_and_0_in_older_rows(reserve: int) -> None:
    assert load_reserve({"reserve_percent": reserve}) == reserve
    assert load_reserve({}) == 0


@pytest.mark.parametrize("reserve", [-1, 100, True, "5", None, 5.0])
def test_any_other_reserve_is_refused(reserve: object) -> None:
    with pytest.raises(ValueError, match=r"^not a reserve$"):
        load_reserve({"reserve_percent": reserve})


@pytest.mark.parametrize(
    ("model", "rungs"), [("LARGE", 2), ("small", 1), ("tiny", 0), ("other", 3), (None, 3)]
)
def test_the_rungs_below_a_model_are_those_after_its_own(model: str | None, rungs: int) -> None:
    assert [*below(LADDER, model)] == [*LADDER[3 - rungs :]]


def test_a_model_on_the_last_rung_may_use_all_but_the_reserve() -> None:
    assert share(LADDER, 10, "tiny", wrap_up=False) == 90
    assert share(LADDER, 10, "small", wrap_up=True) == 95
    assert share((), 0, None, wrap_up=False) == 100
