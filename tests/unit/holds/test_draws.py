"""What was drawn from a hold is one text in its row and its receipt."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.holds.draws import Drawn
from budget_monitor.domain.units import Amounts


def test_what_was_drawn_is_read_as_it_was_written() -> None:
    drawn = Drawn().plus(Amounts(Decimal("0.25"), 30, 10, 20, 1)).plus(Amounts(Decimal(1)))
    assert drawn.draws == 2
    assert drawn.amounts.usd == Decimal("1.25")
    assert Drawn.read(str(drawn)) == drawn


@pytest.mark.parametrize("text", ["", "1/1", "x/1/0/0/0/0", "1/-1/0/0/0/0", "01/1/0/0/0/0"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Drawn.read(text)


@pytest.mark.parametrize("text", ["1/1/0/0/0", "1/1/0/0/0/0/0", "1/1.50/0/0/0/0", "1/x/0/0/0/0"])
def test_a_text_of_5_counts_7_counts_or_another_amount_is_not_what_was_drawn(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not what was drawn$|^zip"):
        Drawn.read(text)


def test_an_amount_that_is_none_is_named_in_the_cause() -> None:
    with pytest.raises(ValueError, match=r"^not what was drawn$") as refused:
        Drawn.read("1/x/0/0/0/0")
    cause = refused.value.__cause__
    assert isinstance(cause, ValidationError)
    assert cause.field == "drawn"
