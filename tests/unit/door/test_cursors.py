"""A cursor leads on in the list that returned it, and in no other."""

from __future__ import annotations

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door.cursors import VERSION, read_cursor, write_cursor


def test_a_cursor_is_read_back_by_the_same_query() -> None:
    cursor = write_cursor("17", "acme", "history")
    assert read_cursor(cursor, VERSION, "acme", "history") == "17"


def test_the_end_of_a_list_has_no_cursor_and_the_first_page_needs_none() -> None:
    assert write_cursor(None, "acme") is None
    assert read_cursor(None, VERSION, "acme") is None


@pytest.mark.parametrize("cursor", ["", "x", "!!!!", write_cursor("17", "globex"), "e30"])
def test_any_other_cursor_is_refused_by_name(cursor: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_cursor(cursor, VERSION, "acme")
    assert refused.value.field == "cursor"


def test_a_position_of_another_form_is_refused() -> None:
    cursor = write_cursor("not-a-version", "acme")
    with pytest.raises(ValidationError):
        read_cursor(cursor, VERSION, "acme")
