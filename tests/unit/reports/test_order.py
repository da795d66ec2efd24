"""Pages of lines that were read together."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.usecases.reports.order import Line, ordered, page_of

NAMES = st.none() | st.sampled_from(["", "a", "b#c", "%23", "é", "n"])


def line(name: str | None, spent: str) -> Line:
    key = AccountKey("acme", "agent", name or "", "2026-11")
    return name, Account(key, Move(spent=Decimal(spent)))


def test_the_largest_comes_first_and_among_equals_the_one_without_a_name() -> None:
    lines = [line("b", "1"), line("a", "1"), line(None, "1"), line("c", "-2"), line("d", "3")]
    assert [name for name, _ in ordered(lines)] == ["d", None, "a", "b", "c"]


@given(
    st.dictionaries(NAMES, st.sampled_from(["0", "1", "-1", "0.000000000001"])),
    st.integers(1, 4),
)
def test_pages_have_each_line_once_in_order(spent: dict[str | None, str], limit: int) -> None:
    lines = ordered([line(name, amount) for name, amount in spent.items()])
    found, after = list[Line](), None
    while True:
        page, after = page_of(lines, limit, after)
        assert len(page) == limit or after is None
        found += page
        if after is None:
            break
    assert found == lines
